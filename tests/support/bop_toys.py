"""A small BOP data set on disk: one box in two scenes, written by the package's own writers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import trimesh
from scipy.spatial.transform import Rotation

from sparsedff.bop.captures import save_views
from sparsedff.bop.frame import Instance
from sparsedff.bop.metrics.silhouette import Silhouette
from sparsedff.bop.models import info_of, mesh_path, write_mesh, write_models_info
from sparsedff.bop.visibility import visibility_of
from sparsedff.capture.model import View
from sparsedff.geometry import Float, inverse, look_at, transform

SIZE = (48, 36)
LENS = np.array([[60.0, 0.0, 23.5], [0.0, 61.0, 17.0], [0.0, 0.0, 1.0]])
BOX_M = (0.08, 0.06, 0.1)
HALF_TURN = transform(np.diag([-1.0, -1.0, 1.0]), np.zeros(3))


def box() -> trimesh.Trimesh:
    return trimesh.creation.box(BOX_M)


def random_pose(rng: np.random.Generator, far_m: float = 0.5) -> Float:
    """camera_from_model in front of the camera."""
    turn = Rotation.random(random_state=int(rng.integers(1 << 31))).as_matrix()
    return transform(turn, np.array([*rng.uniform(-0.05, 0.05, 2), far_m]))


def see(mesh: trimesh.Trimesh, camera_from_model: Float) -> Float:
    """Depth (H, W) [m] of a mesh alone."""
    distance = Silhouette(mesh).distance(camera_from_model, LENS, SIZE)
    rows, columns = np.indices(distance.shape)
    x, y = (columns - LENS[0, 2]) / LENS[0, 0], (rows - LENS[1, 2]) / LENS[1, 1]
    return distance / np.sqrt(1 + x * x + y * y)


def box_view(world_from_model: Float, world_from_camera: Float, serial: str) -> tuple[View, Instance]:
    """A view of the box before a wall 2 m away."""
    pose = inverse(world_from_camera) @ world_from_model
    depth = see(box(), pose)
    mask = depth > 0
    color = np.where(mask[..., None], np.uint8([200, 30, 60]), np.uint8([10, 90, 40])).astype(np.uint8)
    whole = np.where(mask, depth, 2.0).astype(np.float32)
    view = View(serial, color, whole, LENS, np.zeros(8), world_from_camera)
    return view, replace(Instance(1, pose), visibility=visibility_of(mask, mask, whole))


def make_dataset(folder: Path, scenes: int = 2, images: int = 2) -> Path:
    """Object 1 is a box that looks the same after half a turn about z."""
    (folder / "models").mkdir(parents=True)
    write_models_info({1: info_of(box(), (HALF_TURN,))}, folder / "models")
    write_mesh(box(), mesh_path(folder / "models", 1))
    rng = np.random.default_rng(0)
    for number in range(1, scenes + 1):
        scene = folder / "test" / f"{number:06d}"
        scene.mkdir(parents=True)
        stands = transform(Rotation.from_euler("z", rng.uniform(0, 3)).as_matrix(), np.array([0.0, 0.0, 0.05]))
        eyes = [look_at(rng.uniform((-0.4, -0.4, 0.3), (-0.2, 0.4, 0.5)), (0.0, 0.0, 0.05)) for _ in range(images)]
        seen = [box_view(stands, eye, str(index)) for index, eye in enumerate(eyes)]
        save_views([view for view, _ in seen], scene, [[instance] for _, instance in seen])
    return folder
