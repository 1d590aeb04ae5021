"""A picture of one pair of a benchmark: the demonstration, and what the method made of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from sparsedff.config import Config
from sparsedff.evaluate.methods import sparse_dff
from sparsedff.evaluate.pair import make_problem
from sparsedff.evaluate.suite import PairSpec
from sparsedff.hands.pose import HandPose
from sparsedff.hands.shadow import ShadowHand
from sparsedff.progress import quiet
from sparsedff.synthetic.pairs import make_pair
from sparsedff.synthetic.scene import PlacedObject
from sparsedff.visualize.hand import hand_item
from sparsedff.visualize.result import draw_result
from sparsedff.visualize.scene import Mesh, Scene


def draw_pair(spec: PairSpec, config: Config, folder: Path) -> Path:
    """Run the method on a pair again and draw both true objects with their hands; an existing picture is kept."""
    path = folder / "pictures" / f"{spec.name}.png"
    if path.exists():
        return path
    path.parent.mkdir(exist_ok=True)
    scenes = make_pair(spec.family, spec.task, spec.seed, spec.kind)
    config = replace(config, seed=spec.seed)
    hand = ShadowHand(config.hand_model.pt_nums, config.hand_model.tip_aug, spec.seed)
    with quiet():
        pose = sparse_dff(make_problem(scenes, config, hand)).pose
    reference = _scene(scenes.truth.reference, hand, scenes.demonstration, "Demonstration")
    test = _scene(scenes.truth.test, hand, pose, f"Transfer: {spec.name}")
    draw_result(reference, test, path, width=1200)
    return path


def _scene(placed: PlacedObject, hand: ShadowHand, pose: HandPose, title: str) -> Scene:
    mesh = placed.mesh_world
    colors = (255 * placed.albedo(mesh.vertices).clip(0, 1)).astype(np.uint8)
    parts = [(link.link, len(link.vertices)) for link in hand.model.meshes]
    item = Mesh(mesh.vertices, mesh.faces, colors, "object")
    return Scene((item, hand_item(*hand.mesh(pose), parts)), title)
