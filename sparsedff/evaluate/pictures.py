"""Pictures of one pair of a benchmark: the demonstration beside what a method made of it, and its lift as a film."""

from __future__ import annotations

import difflib
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray

from sparsedff.common.progress import quiet
from sparsedff.config.config import Config
from sparsedff.errors import ConfigError
from sparsedff.evaluate.bounds import ALL_METHODS
from sparsedff.evaluate.film import save_film
from sparsedff.evaluate.measure import lift_answer
from sparsedff.evaluate.methods import sparse_dff
from sparsedff.evaluate.pair import one_thread, pose_problem
from sparsedff.evaluate.suites.base import PairSpec
from sparsedff.evaluate.suites.registry import SUITES, families_of
from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.prepare.writable import check_writable
from sparsedff.synthetic.grasping.reference_grasps import committed_tasks
from sparsedff.synthetic.rendering.scene import PlacedObject
from sparsedff.visualize.drawing import Drawing, Mesh
from sparsedff.visualize.hand import posed_hand
from sparsedff.visualize.pictures.result import draw_result


def draw_pair(spec: PairSpec, config: Config, folder: Path) -> Path:
    """Run the method on a pair again and draw both true objects with their hands; an existing picture is kept."""
    path = folder / "pictures" / f"{spec.name}.png"
    if path.exists():
        return path
    path.parent.mkdir(exist_ok=True)
    with one_thread(), quiet():
        scenes, problem = pose_problem(spec, config)
        pose = sparse_dff(problem).pose
    reference = _drawing(scenes.truth.reference, problem.hand, scenes.demonstration, "Demonstration")
    test = _drawing(scenes.truth.test, problem.hand, pose, f"Transfer: {spec.name}")
    draw_result(reference, test, path, width=1200)
    return path


def film_pair(name: str, method: str, config: Config, folder: Path) -> tuple[Path, Path]:
    """Run one method on a pair and film its lift trial.

    Args:
        name: of a pair of any suite.
        method: name in ALL_METHODS.
        config: of transfer and physics.
        folder: gets pictures/NAME-METHOD.png, a strip of key moments, and .gif, the same moving.

    Raises:
        ConfigError: there is no such pair or method.
    """
    if method not in ALL_METHODS:
        raise ConfigError(f"--methods: no {method!r}; there are {', '.join(ALL_METHODS)}")
    suites = (SUITES.load(suite)(committed_tasks(families_of(suite)), config.pairs) for suite in SUITES.names)
    pairs = {pair.name: pair for suite in suites for pair in suite}
    if name not in pairs:
        near = difflib.get_close_matches(name, pairs, n=3, cutoff=0)
        raise ConfigError(f"--film: there is no pair {name!r}; some there are: {', '.join(near)}")
    check_writable(folder / "pictures", "--output")
    with one_thread(), quiet():
        scenes, problem = pose_problem(pairs[name], config)
        report = lift_answer(scenes, problem, ALL_METHODS[method](problem), record=True)
    test = scenes.truth.test
    mesh = trimesh.Trimesh(test.mesh.vertices, test.mesh.faces, process=False)
    colors = _colors(test, test.mesh_world.vertices)
    stem = folder / "pictures" / f"{name}-{method.replace(' ', '_')}"
    stem.parent.mkdir(parents=True, exist_ok=True)
    paths = stem.with_suffix(".png"), stem.with_suffix(".gif")
    for path in paths:
        save_film(report.frames, mesh, path, problem.hand, colors=colors)
    return paths


def _drawing(placed: PlacedObject, hand: Hand, pose: HandPose, title: str) -> Drawing:
    mesh = placed.mesh_world
    item = Mesh(mesh.vertices, mesh.faces, _colors(placed, mesh.vertices), "object")
    return Drawing((item, posed_hand(hand, pose)), title)


def _colors(placed: PlacedObject, vertices_world: NDArray[np.float64]) -> NDArray[np.uint8]:
    return (255 * placed.albedo(vertices_world).clip(0, 1)).astype(np.uint8)
