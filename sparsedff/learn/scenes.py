"""Training scenes: a random member of a family at rest on the table, seen by eight cameras, every point with its truth.

They hold no noise and no loss: what cameras there are, what they lose and how far they are off is drawn anew each time
a scene is used (disturb.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.geometry import apply, inverse, transform
from sparsedff.learn.views import Seen, cameras_around, see
from sparsedff.synthetic.families.posture import POSABLE, postures
from sparsedff.synthetic.families.registry import family_of, sample_member
from sparsedff.synthetic.shapes.correspondence import correspond, shared_parts
from sparsedff.synthetic.shapes.mesh import build_mesh

Float32 = NDArray[np.float32]

CAMERAS = 8
CELL_M = 0.003
VARIATIONS = (0.05, 0.3)
"""Range of the variation of members that are drawn."""
WIDE_SHARE = 0.6
"""Of the members are drawn `wide`, the others `near`."""
BENT_SHARE = 0.5
"""Of the members with joints have another posture."""
LYING_SHARE = 0.2
TILT_RAD = float(np.deg2rad(4.0))
"""Standard deviation of the tilt of the others, as of a table that is not level."""


@dataclass(frozen=True, eq=False)
class LearnScene:
    """What eight cameras see of a member, and the truth about it.

    Attributes:
        family: its name.
        points, normals: (N, 3) [m] in the world, exact.
        camera: (N,) which camera saw a point.
        eyes: (8, 3) [m] of the cameras.
        template: (N, 3) [m] where each point lies on the family's reference member, in that member's frame.
        middle_xy: (2,) [m] the middle of the whole surface, seen or not.
    """

    family: str
    points: Float32
    normals: Float32
    camera: NDArray[np.int8]
    eyes: Float32
    template: Float32
    middle_xy: Float32


def make_scenes(
    families: Sequence[str], members: int, seed: int, progress: Callable[[str], object] = lambda family: None
) -> list[LearnScene]:
    """Scenes of so many random members of each family; the same arguments give the same scenes on every machine."""
    scenes = []
    for family in families:
        for member in range(members):
            scenes.append(make_scene(family, np.random.default_rng([seed, member, *family.encode()])))
            progress(family)
    return scenes


def make_scene(family: str, rng: np.random.Generator) -> LearnScene:
    """One random member of a family, seen."""
    kind = family_of(family)
    manner = "wide" if rng.random() < WIDE_SHARE else "near"
    parameters = sample_member(family, rng, float(rng.uniform(*VARIATIONS)), manner)
    if family in POSABLE and rng.random() < BENT_SHARE:
        parameters = postures(parameters, rng)[0]
    shape = kind.build(parameters)
    mesh = build_mesh(shape, CELL_M)
    turn = pose_on_table(rng)
    return scene_on_table(
        family,
        (mesh.vertices, mesh.faces),
        turn,
        rng,
        lambda local: correspond(*shared_parts(shape, kind.build(kind.reference)), local),
    )


def scene_on_table(
    name: str,
    mesh: tuple[NDArray[np.float64], NDArray[np.integer]],
    turn: NDArray[np.float64],
    rng: np.random.Generator,
    template_of: Callable[[NDArray[np.float64]], NDArray[np.float64]] = lambda local: local,
) -> LearnScene:
    """A thing set down on the table and seen by eight cameras.

    Args:
        name: of the family, or of the thing.
        mesh: vertices (V, 3) [m] in the thing's frame, faces (F, 3).
        turn: world_from_thing (3, 3).
        rng: of the cameras.
        template_of: the template of seen points (N, 3) [m], given in the thing's frame.
    """
    vertices = mesh[0] @ turn.T
    lift = np.array([0.0, 0.0, -vertices[:, 2].min()])
    placed = trimesh.Trimesh(vertices + lift, mesh[1], process=False)
    seen = see(placed, cameras_around(CAMERAS, placed.bounds.mean(axis=0), rng), rng)
    template = template_of(apply(inverse(transform(turn, lift)), seen.points))
    middle = np.average(placed.triangles_center, axis=0, weights=placed.area_faces)
    return compact_scene(name, seen, template, middle)


def compact_scene(name: str, seen: Seen, template: NDArray[np.floating], middle: NDArray[np.floating]) -> LearnScene:
    """What was seen, in the small types in which scenes are kept; template (N, 3) [m], middle (2,) or (3,) [m]."""
    return LearnScene(
        name,
        seen.points.astype(np.float32),
        seen.normals.astype(np.float32),
        seen.camera.astype(np.int8),
        seen.eyes.astype(np.float32),
        template.astype(np.float32),
        middle[:2].astype(np.float32),
    )


def pose_on_table(rng: np.random.Generator, lying: float = LYING_SHARE) -> NDArray[np.float64]:
    """world_from_object (3, 3): upright but for a tilt, or with some chance on its side; any yaw."""
    angle, yaw = rng.uniform(-np.pi, np.pi, 2)
    lies = rng.random() < lying
    tilt = 0.5 * np.pi if lies else TILT_RAD * rng.normal()
    tipped = Rotation.from_rotvec(tilt * np.array([np.cos(angle), np.sin(angle), 0.0]))
    return np.asarray((Rotation.from_euler("z", yaw) * tipped).as_matrix())
