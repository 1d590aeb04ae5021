"""Rigid transforms and pinhole projection on NumPy arrays: pure functions, no state, no torch.

Conventions: column vectors; a transform `target_from_source` is a (4, 4) float64 matrix that maps homogeneous source
coordinates to target coordinates; lengths in metres, angles in radians; camera axes x right, y down, z forward;
pixel (u, v) = (column, row), integer values at pixel centres.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.errors import CalibrationError

Float = NDArray[np.float64]


def transform(rotation: NDArray[np.floating], translation: NDArray[np.floating]) -> Float:
    """Assemble a (4, 4) transform from a (3, 3) rotation and a (3,) translation [m]."""
    target_from_source = np.eye(4)
    target_from_source[:3, :3] = rotation
    target_from_source[:3, 3] = translation
    return target_from_source


def inverse(target_from_source: Float) -> Float:
    """Invert a rigid transform in closed form: R^T and -R^T t."""
    rotation = target_from_source[:3, :3]
    return transform(rotation.T, -rotation.T @ target_from_source[:3, 3])


def apply(target_from_source: Float, points: NDArray[np.floating]) -> Float:
    """Map points (..., 3) [m] through a rigid transform."""
    return np.asarray(points) @ target_from_source[:3, :3].T + target_from_source[:3, 3]


def check_rigid(target_from_source: NDArray[np.floating], what: str, tolerance: float = 1e-3) -> Float:
    """Return the transform as float64 after checking that it is rigid.

    Args:
        target_from_source: (4, 4).
        what: how an error names it (file and entry).
        tolerance: largest allowed |R^T R - I|.

    Raises:
        CalibrationError: wrong shape, not finite, not orthonormal, or a reflection.
    """
    matrix = np.asarray(target_from_source, dtype=np.float64)
    if matrix.shape != (4, 4):
        raise CalibrationError(f"{what}: a transform is 4x4, got shape {matrix.shape}; recalibrate or mend the file")
    if not np.isfinite(matrix).all():
        raise CalibrationError(f"{what}: contains NaN or infinity; recalibrate or mend the file")
    rotation = matrix[:3, :3]
    if np.abs(rotation.T @ rotation - np.eye(3)).max() > tolerance or np.linalg.det(rotation) < 0:
        raise CalibrationError(f"{what}: is singular or no rotation (R^T R is not the identity); recalibrate")
    return matrix


def check_intrinsics(intrinsics: NDArray[np.floating], what: str) -> Float:
    """Return a pinhole matrix (3, 3) [px] as float64 after checking that it can be inverted.

    Raises:
        CalibrationError: wrong shape, not finite, focal length not positive, last row not (0, 0, 1).
    """
    matrix = np.asarray(intrinsics, dtype=np.float64)
    if matrix.shape != (3, 3):
        raise CalibrationError(f"{what}: intrinsics are 3x3, got shape {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise CalibrationError(f"{what}: intrinsics contain NaN or infinity; recalibrate the camera")
    if matrix[0, 0] <= 0 or matrix[1, 1] <= 0 or not np.allclose(matrix[2], (0, 0, 1)):
        raise CalibrationError(f"{what}: singular intrinsics, focal lengths must be positive and the last row 0 0 1")
    return matrix


def rotation_from_quaternion(xyzw: NDArray[np.floating]) -> Float:
    """Rotation matrix (3, 3) of a quaternion (4,) in x, y, z, w order; its length is normalised away.

    Raises:
        CalibrationError: the quaternion is zero or not finite.
    """
    quaternion = np.asarray(xyzw, dtype=np.float64)
    norm = np.linalg.norm(quaternion)
    if quaternion.shape != (4,) or not np.isfinite(norm) or norm < 1e-9:
        raise CalibrationError(f"a quaternion has four finite numbers, not all zero; got {quaternion.tolist()}")
    return np.asarray(Rotation.from_quat(quaternion).as_matrix(), dtype=np.float64)


def nearest_rotation(matrix: NDArray[np.floating]) -> Float:
    """The rotation (3, 3) nearest to a matrix (3, 3) in the sum of squared differences: its polar factor.

    A matrix whose polar factor is a reflection gives the nearest proper rotation.
    """
    u, _, vt = np.linalg.svd(matrix)
    return np.asarray((u * [1.0, 1.0, np.sign(np.linalg.det(u @ vt))]) @ vt, dtype=np.float64)


def rigid_fit(source: Float, target: Float) -> Float:
    """target_from_source (4, 4) that minimises the squared distances of paired points (N, 3) [m] (Kabsch, 1976).

    Points on a line, or fewer than three, leave the turn about it open; one of the best transforms is returned.
    """
    source_middle, target_middle = source.mean(axis=0), target.mean(axis=0)
    centred_source, centred_target = source - source_middle, target - target_middle
    if not centred_source.any() or not centred_target.any():  # one place: SciPy gives no number for the turn
        return transform(np.eye(3), target_middle - source_middle)
    with warnings.catch_warnings():  # SciPy's warning of points on a line; random draws may hold a point twice
        warnings.simplefilter("ignore", UserWarning)
        rotation = Rotation.align_vectors(centred_target, centred_source)[0].as_matrix()
    return transform(rotation, target_middle - rotation @ source_middle)


def look_at(
    eye: NDArray[np.floating], target: NDArray[np.floating], up: tuple[float, float, float] = (0, 0, 1)
) -> Float:
    """world_from_camera of a camera at `eye` (3,) [m] that looks at `target` (3,) [m] with world `up` upwards."""
    forward = np.asarray(target, dtype=np.float64) - np.asarray(eye, dtype=np.float64)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, up)
    if np.linalg.norm(right) < 1e-9:  # looking straight along `up`: any right vector will do
        right = np.cross(forward, (0.0, 1.0, 0.0))
    right /= np.linalg.norm(right)
    return transform(np.stack([right, np.cross(forward, right), forward], axis=1), np.asarray(eye))


def backproject(depth: NDArray[np.floating], intrinsics: NDArray[np.floating]) -> Float:
    """Points in the camera frame (H, W, 3) [m] of an undistorted depth image (H, W) [m]; depth 0 gives the origin."""
    height, width = depth.shape
    u, v = np.meshgrid(np.arange(width), np.arange(height))
    return unproject(np.stack([u, v], axis=-1), depth, intrinsics)


def unproject(pixels: NDArray, depth: NDArray[np.floating], intrinsics: NDArray[np.floating]) -> Float:
    """Camera-frame points (..., 3) [m] of pixels (..., 2) (u, v) at depths (...) [m] along the optical axis."""
    k = np.asarray(intrinsics, dtype=np.float64)
    y = (pixels[..., 1] - k[1, 2]) / k[1, 1]
    x = (pixels[..., 0] - k[0, 2] - k[0, 1] * y) / k[0, 0]
    return np.stack([x * depth, y * depth, np.broadcast_to(depth, x.shape)], axis=-1).astype(np.float64)


def project(points_camera: NDArray[np.floating], intrinsics: NDArray[np.floating]) -> Float:
    """Pixels (..., 2) (u, v) of camera-frame points (..., 3) [m] with positive z."""
    k = np.asarray(intrinsics, dtype=np.float64)
    xy = points_camera[..., :2] / points_camera[..., 2:]
    u = k[0, 0] * xy[..., 0] + k[0, 1] * xy[..., 1] + k[0, 2]
    return np.stack([u, k[1, 1] * xy[..., 1] + k[1, 2]], axis=-1)


def one_a_cell(points: Float, cell_m: float) -> Float:
    """Of points (N, 3) [m] the first (M, 3) in every cell of a grid: a surface counts alike however densely seen."""
    _, first = np.unique(np.floor(np.asarray(points) / cell_m).astype(np.int64), axis=0, return_index=True)
    return points[np.sort(first)]
