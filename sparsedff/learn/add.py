"""Teach the network a lab's own things without forgetting the families: `sparsedff learn add`.

Half of every step's looks show the own things, half random members of the families. The families' points keep the
coordinates that the network gives them in a full view; the own things' get coordinates of their own (own.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.common.progress import bar
from sparsedff.config.config import Config
from sparsedff.distill.backbones.learned.backbone import NORMAL, weights_of
from sparsedff.distill.backbones.learned.describe import describe
from sparsedff.distill.backbones.learned.network import PointNetwork
from sparsedff.distill.backbones.learned.weights import load_network
from sparsedff.learn.disturb import CLEAN, Disturbance, look_at_scene
from sparsedff.learn.own import MESHES, OwnThing, coordinates_of_scene, own_coordinates, thing_of_cloud, thing_of_mesh
from sparsedff.learn.robustness import about_vote, distance_moved
from sparsedff.learn.scenes import LearnScene, make_scenes
from sparsedff.learn.settings import LearnSettings
from sparsedff.learn.training import Run, start, train
from sparsedff.prepare.distiller import REFERENCE, make_distiller
from sparsedff.prepare.inputs import open_capture
from sparsedff.synthetic.held_out import training_families

Float32 = NDArray[np.float32]

MEMBERS = 3
"""Random members of each family that keep the network from forgetting it."""
FINE_TUNING = LearnSettings(members=MEMBERS, steps=600, learning_rate=5e-4, warm_up=30)
LOOKS, MEASURED = 12, 99
"""Looks by which the things are measured, at least, and their seed, which no training step has."""


@dataclass(frozen=True)
class Moved:
    """How far the nearest feature of a disturbed look leads from the true point, means [m].

    Attributes:
        own_m: on the own things.
        families_m: on the families.
    """

    own_m: float
    families_m: float


@dataclass(frozen=True, eq=False)
class Added:
    """What came of it.

    Attributes:
        network: that knows the own things.
        before, after: how it was, and how it is.
    """

    network: PointNetwork
    before: Moved
    after: Moved


def add_things(things: Sequence[str], config: Config, settings: LearnSettings = FINE_TUNING) -> Added:
    """Fine-tune the configured network on meshes and captures.

    Args:
        things: files of meshes, and names or folders of captures.
        config: where captures are, how they are distilled, and which weights to begin with.
        settings: of the training.

    Raises:
        SparseDFFError: a mesh or a capture that cannot be used.
    """
    network = load_network(weights_of(config.distil.features))
    own = [read_thing(name, config, settings.seed) for name in things]
    families = training_families()
    with bar(len(families) * settings.members, "members", "member") as shown:
        kept = make_scenes(families, settings.members, settings.seed, lambda _: shown.update())
    scenes, coordinates = data(network, own, kept)
    run = _from(network, settings)
    with bar(settings.steps, "train", "step") as shown:

        def told(now: Run) -> None:
            shown.set_postfix_str(f" L1 {now.curve[-1][1]:.3f}")
            shown.update(now.step - shown.n)

        train(run, scenes, coordinates, every=told)
    tuned = run.network.requires_grad_(False).eval()
    return Added(tuned, measured(network, own, kept), measured(tuned, own, kept))


def read_thing(name: str, config: Config, seed: int) -> OwnThing:
    """A thing of a mesh's file, or of a capture's name or folder."""
    if Path(name).suffix.lower() in MESHES or Path(name).is_file():
        return thing_of_mesh(Path(name), seed)
    capture = open_capture(name, config)
    distiller = make_distiller(replace(config, distil=replace(config.distil, backbone="learned")))
    cloud = distiller.distil(capture, REFERENCE).cloud
    eyes = np.stack([view.world_from_camera[:3, 3] for view in capture.views])
    return thing_of_cloud(capture.name, cloud, cloud.features[:, -NORMAL:], eyes)


def data(
    network: PointNetwork, own: Sequence[OwnThing], kept: Sequence[LearnScene]
) -> tuple[list[LearnScene], list[Float32]]:
    """Scenes and the coordinates of their points; own things and families make half of them each, about."""
    scenes = list(kept)
    coordinates = [describe(network, scene.points, scene.normals) for scene in kept]
    mine = [(scene, found) for thing in own for scene, found in _taught(network, thing)]
    for index in range(max(len(kept), len(mine))):
        scene, found = mine[index % len(mine)]
        scenes.append(scene)
        coordinates.append(found)
    return scenes, coordinates


def measured(network: PointNetwork, own: Sequence[OwnThing], kept: Sequence[LearnScene]) -> Moved:
    """Both measures, on looks that no training step draws."""
    mine = [scene for thing in own for scene in thing.scenes]
    return Moved(_moved(network, mine), _moved(network, kept))


def _moved(network: PointNetwork, scenes: Sequence[LearnScene]) -> float:
    rows = []
    for number in range(max(LOOKS, len(scenes))):
        scene, rng = scenes[number % len(scenes)], np.random.default_rng([MEASURED, number])
        clean, other = look_at_scene(scene, CLEAN, rng), look_at_scene(scene, Disturbance(stretch=0.0), rng)
        rows.append(distance_moved(about_vote(network), clean, other))
    return float(np.mean(rows))


def _taught(network: PointNetwork, thing: OwnThing) -> Iterator[tuple[LearnScene, Float32]]:
    known = describe(network, thing.points - [0.0, 0.0, thing.points[:, 2].min()], thing.normals)
    coordinates = own_coordinates(thing, known)
    for scene in thing.scenes:
        yield scene, coordinates_of_scene(thing, coordinates, scene)


def _from(network: PointNetwork, settings: LearnSettings) -> Run:
    run = start(settings)
    run.network.load_state_dict({name: tensor.clone() for name, tensor in network.state_dict().items()})
    run.network.train()
    torch.manual_seed(settings.seed)
    return run
