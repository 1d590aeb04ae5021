"""A plane with a box on it, seen by an ideal camera: depth and the true mask in closed form, no renderer involved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from sparsedff.capture.model import Capture, View
from sparsedff.distill.distil import SegmentedView, segment_views
from sparsedff.distill.segmentation.physics import PhysicsSegmenter
from sparsedff.distill.settings import Workspace
from sparsedff.geometry import apply, inverse, look_at, transform
from sparsedff.synthetic.rendering.rays import pixel_grid

BOX_M = np.array([[-0.05, -0.04, 0.0], [0.05, 0.04, 0.12]])
SIZE = (400, 300)
INTRINSICS = np.array([[450.0, 0, 199.5], [0, 450.0, 149.5], [0, 0, 1]])


@dataclass(frozen=True)
class Seen:
    """A view, and what it truly shows.

    Attributes:
        view: with the noise that was asked for.
        on_box: (H, W) bool, pixels whose ray ends on the box.
        height_m: (H, W) true height over the plane.
    """

    view: View
    on_box: np.ndarray
    height_m: np.ndarray


def box_scene(
    azimuth: float = 0.3,
    noise_m: float = 0.0,
    tilt_deg: float = 0.0,
    box: np.ndarray | None = BOX_M,
    seed: int = 0,
    serial: str = "a",
    lift_m: float = 0.0,
    distance_m: float = 0.7,
    others: tuple[np.ndarray, ...] = (),
    look_at_m: tuple[float, float, float] = (0.0, 0.0, 0.04),
) -> Seen:
    """One view of the table. The table and the boxes on it lean by `tilt_deg` about x, and stand `lift_m` too high.

    `others` are further boxes; they are red.
    """
    eye = distance_m * np.array([np.cos(azimuth) * 0.8, np.sin(azimuth) * 0.8, 0.7])
    pose = look_at(eye, np.array(look_at_m))
    world_from_table = transform(Rotation.from_euler("x", tilt_deg, degrees=True).as_matrix(), np.array([0, 0, lift_m]))
    homogeneous = np.concatenate([pixel_grid(SIZE), np.ones((SIZE[0] * SIZE[1], 1))], axis=1)
    table_from_camera = inverse(world_from_table) @ pose
    rays = homogeneous @ np.linalg.inv(INTRINSICS).T @ table_from_camera[:3, :3].T
    start = table_from_camera[:3, 3]
    depth = np.where(rays[:, 2] < 0, -start[2] / np.minimum(rays[:, 2], -1e-9), 0)
    shown = np.full(len(rays), -1)
    for index, one in enumerate((box, *others)):
        if one is None:
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            sides = (one[:, None] - start) / rays
        enter, leave = sides.min(axis=0).max(axis=1), sides.max(axis=0).min(axis=1)
        hit = (enter < leave) & (enter > 0) & ((depth == 0) | (enter < depth))
        shown[hit], depth = index, np.where(hit, enter, depth)
    on_box = shown == 0
    height = (start + depth[:, None] * rays)[:, 2].reshape(SIZE[::-1])
    rng = np.random.default_rng(seed)
    noisy = np.clip(depth + noise_m * rng.standard_normal(len(depth)), 0, 10) * (depth > 0)
    color = np.where(on_box[:, None], 200, 90) + rng.integers(-20, 20, (len(depth), 3))
    color[shown > 0, 0] += 110
    view = View(
        serial,
        color.astype(np.uint8).reshape(*SIZE[::-1], 3),
        noisy.astype(np.float32).reshape(SIZE[::-1]),
        INTRINSICS,
        np.zeros(8),
        pose,
    )
    return Seen(view, on_box.reshape(SIZE[::-1]), height)


def capture_of(*seen: Seen, name: str = "box") -> Capture:
    return Capture(name, tuple(one.view for one in seen))


def heights(view: View) -> np.ndarray:
    """World z of the whole depth image, for those who doubt the helper."""
    rays = np.concatenate([pixel_grid(view.image_size), np.ones((view.depth_m.size, 1))], axis=1)
    points = rays @ np.linalg.inv(view.intrinsics).T * view.depth_m.reshape(-1, 1)
    return apply(view.world_from_camera, points)[:, 2].reshape(view.depth_m.shape)


def standing_box(x: float, y: float, half_x: float, half_y: float, top: float, bottom: float = 0.0) -> np.ndarray:
    """Corners (2, 3) [m] of an upright box with its middle at (x, y)."""
    return np.array([[x - half_x, y - half_y, bottom], [x + half_x, y + half_y, top]])


def segmented(*boxes: np.ndarray, azimuths: tuple[float, ...] = (0.3, 1.9, 3.5, 5.1)) -> tuple[SegmentedView, ...]:
    """Views of boxes with masks by height; the first box is the one that `box_scene` says is shown."""
    capture = capture_of(
        *(box_scene(a, box=boxes[0], others=boxes[1:], serial=f"c{i}", distance_m=0.9) for i, a in enumerate(azimuths))
    )
    return segment_views(capture, PhysicsSegmenter(), Workspace((-0.4, 0.4), (-0.4, 0.4), (-0.1, 0.4)))
