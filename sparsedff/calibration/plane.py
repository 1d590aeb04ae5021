"""The table frame from depth alone: the plane that the cameras look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.files.camera_folder import read_depth, read_distortion, read_intrinsics
from sparsedff.capture.lens import rays
from sparsedff.capture.model import RigCamera
from sparsedff.capture.plane import Plane, PlaneSearch, fit_plane
from sparsedff.errors import CalibrationError
from sparsedff.geometry import Float, apply, inverse, transform

_TRIES, _REFITS = 500, 20
_COUNTED = 4000  # points that decide between the tries
_FEWEST_POINTS = 100
_MIDDLE = 0.7  # of each image's width and height; the cameras look at the table, and walls and floor are around it
_STEPS = 120  # rows and columns of depth readings that are used
_FEWEST_SHARE = 0.2  # of the points must lie in the plane


def depth_points(camera: RigCamera, folder: Path) -> Float:
    """Points (N, 3) [m] in cam0's frame that a capture's camera folder shows in the middle of its image.

    Args:
        camera: lens and pose; intrinsic.npy and distortion.npy in the folder win over its lens.
        folder: CAPTURE/SERIAL with depth.npy.

    Raises:
        CaptureError, CalibrationError: a file is missing or damaged, or depth is of another size than the lens.
    """
    depth = read_depth(folder / "depth.npy")
    size = (depth.shape[1], depth.shape[0])
    intrinsics, distortion = np.array(camera.intrinsics), np.array(camera.distortion)
    if (folder / "intrinsic.npy").exists():
        intrinsics, distortion = read_intrinsics(folder / "intrinsic.npy"), read_distortion(folder / "distortion.npy")
        distortion = np.concatenate([distortion, np.zeros(8 - distortion.size)])
    elif size != camera.image_size:
        raise CalibrationError(
            f"{folder / 'depth.npy'}: is {size[0]} x {size[1]} but {camera.name} was calibrated at "
            f"{camera.image_size[0]} x {camera.image_size[1]}; capture at that size"
        )
    return apply(inverse(camera.camera_from_cam0), middle_points(depth, intrinsics, distortion))


def middle_points(depth: NDArray[np.floating], intrinsics: Float, distortion: Float) -> Float:
    """Points (N, 3) [m] in the camera's frame of readings spread over the middle of a depth image (H, W) [m]."""
    v, u = (
        np.unique(np.linspace((1 - _MIDDLE) / 2 * n, (1 + _MIDDLE) / 2 * (n - 1), _STEPS).astype(int))
        for n in depth.shape
    )
    pixels = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)
    readings = depth[pixels[:, 1], pixels[:, 0]].astype(np.float64)
    pixels, readings = pixels[readings > 0], readings[readings > 0]
    return rays(pixels.astype(np.float64), intrinsics, distortion) * readings[:, None]


def find_table(points: Float, tolerance_m: float, rng: np.random.Generator) -> Plane:
    """The plane of the table among points in the middle of the images.

    Args:
        points: (N, 3) [m].
        tolerance_m: farthest that a point of the plane lies from it [m].
        rng: draws the tries.

    Raises:
        CalibrationError: too few points, or no plane holds a fifth of them.
    """
    if len(points) < _FEWEST_POINTS:
        raise CalibrationError(f"table: only {len(points)} depth readings in the middle of the images; capture again")
    plane = fit_plane(points, PlaneSearch(tolerance_m, _TRIES, _REFITS, _COUNTED), rng)
    share = float(plane.inliers.mean()) if plane is not None else 0.0
    if plane is None or share < _FEWEST_SHARE:
        raise CalibrationError(
            f"table: the best plane holds {100 * share:.0f} % of the depth readings in the middle of the images; clear "
            "the table, or use a board: sparsedff calibrate table --stills DIR"
        )
    return plane


def cam0_from_plane(plane: Plane, cameras: Sequence[RigCamera]) -> Float:
    """(4, 4): the table frame on a plane given in cam0's frame.

    z points to the cameras' side; the origin is the middle of where their optical axes meet the plane; x is to the
    right as cam0 sees it, and y away from it.

    Raises:
        CalibrationError: no camera looks at the plane, or cam0's x stands upright on it.
    """
    eyes = np.stack([inverse(camera.camera_from_cam0)[:3, 3] for camera in cameras])
    looks = np.stack([camera.camera_from_cam0[2, :3] for camera in cameras])
    heights = eyes @ plane.normal - plane.offset
    normal, heights = (plane.normal, heights) if heights.sum() > 0 else (-plane.normal, -heights)
    towards = -looks @ normal
    meets = (towards > 0.05) & (heights > 0)
    if not meets.any():
        raise CalibrationError("table: no camera looks at the plane found in depth; turn the cameras to the table")
    origin = (eyes[meets] + (heights[meets] / towards[meets])[:, None] * looks[meets]).mean(axis=0)
    x = np.array([1.0, 0.0, 0.0]) - normal[0] * normal
    if np.linalg.norm(x) < 0.1:
        raise CalibrationError("table: cam0 is turned on its side, so 'right' means nothing; use a board for the table")
    x /= np.linalg.norm(x)
    return transform(np.stack([x, np.cross(normal, x), normal], axis=1), origin)
