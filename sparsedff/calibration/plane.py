"""The table frame from depth alone: the plane that the cameras look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sparsedff.calibration.lens import undistort_pixels
from sparsedff.capture.files.camera_folder import read_depth, read_distortion, read_intrinsics
from sparsedff.capture.model import RigCamera
from sparsedff.errors import CalibrationError
from sparsedff.geometry import Float, apply, inverse, transform

_TRIES = 500
_MIDDLE = 0.7  # of each image's width and height: the table is where the cameras look, walls and floor are around it
_STEPS = 120  # rows and columns of depth readings that are looked at
_FEWEST_SHARE = 0.2  # of the points must lie in the plane


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane n . x = offset; `share` of the points lie in it, at `rms_m` from it."""

    normal: Float
    offset: float
    share: float
    rms_m: float


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
    u, v = (
        np.unique(np.linspace((1 - _MIDDLE) / 2 * n, (1 + _MIDDLE) / 2 * (n - 1), _STEPS).astype(int)) for n in size
    )
    pixels = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)
    readings = depth[pixels[:, 1], pixels[:, 0]].astype(np.float64)
    pixels, readings = pixels[readings > 0], readings[readings > 0]
    rays = undistort_pixels(pixels.astype(np.float64), intrinsics, distortion)
    points = np.column_stack([rays, np.ones(len(rays))]) * readings[:, None]
    return apply(inverse(camera.camera_from_cam0), points)


def fit_plane(points: Float, tolerance_m: float, rng: np.random.Generator) -> Plane:
    """The plane with most points within the tolerance: RANSAC, then least squares over its points until they stay.

    Args:
        points: (N, 3) [m].
        tolerance_m: how far a point of the plane may lie from it [m].
        rng: draws the tries.

    Raises:
        CalibrationError: no plane holds a fifth of the points.
    """
    if len(points) < 100:
        raise CalibrationError(f"table: only {len(points)} depth readings in the middle of the images; capture again")
    triples = points[rng.integers(0, len(points), (_TRIES, 3))]
    normals = np.cross(triples[:, 1] - triples[:, 0], triples[:, 2] - triples[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    normals, triples = normals[lengths > 1e-9] / lengths[lengths > 1e-9, None], triples[lengths > 1e-9]
    thinned = points[:: max(1, len(points) // 4000)]
    away = np.abs(thinned @ normals.T - np.einsum("ij,ij->i", triples[:, 0], normals))
    best = int((away < tolerance_m).sum(axis=0).argmax())
    normal, offset = normals[best], float(triples[best, 0] @ normals[best])
    inside: NDArray[np.bool_] = np.abs(points @ normal - offset) < tolerance_m
    for _ in range(20):
        middle = points[inside].mean(axis=0)
        normal = np.linalg.svd(points[inside] - middle, full_matrices=False)[2][2]
        offset = float(middle @ normal)
        again = np.abs(points @ normal - offset) < tolerance_m
        if (again == inside).all():
            break
        inside = again
    share = float(inside.mean())
    if share < _FEWEST_SHARE:
        raise CalibrationError(
            f"table: the best plane holds {100 * share:.0f} % of the depth readings in the middle of the images; clear "
            "the table, or use a board: sparsedff calibrate table --stills DIR"
        )
    return Plane(normal, offset, share, float(np.sqrt(np.mean((points[inside] @ normal - offset) ** 2))))


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
