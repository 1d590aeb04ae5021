"""The board's pose in one image, found in spite of wrong corners."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.lens import rays
from sparsedff.geometry import Float, transform

_FEWEST = 4  # a plane's pose needs four points


@dataclass(frozen=True)
class ViewPose:
    """The board as one image shows it.

    Attributes:
        camera_from_board: (4, 4).
        inliers: (N,) which of the given corners it explains.
    """

    camera_from_board: Float
    inliers: NDArray[np.bool_]


def flat_inliers(board_xy: Float, image_xy: Float, tolerance: float) -> NDArray[np.bool_]:
    """(N,) which points of a plane (N, 2) lie where one homography (RANSAC) puts them in the image (N, 2).

    `tolerance` is in units of the image coordinates; none are inliers where there is no such homography.
    """
    nobody = np.zeros(len(board_xy), dtype=bool)
    if len(board_xy) < _FEWEST or np.linalg.matrix_rank(board_xy - board_xy.mean(axis=0), tol=1e-6) < 2:
        return nobody
    found, mask = cv2.findHomography(board_xy, image_xy, cv2.RANSAC, tolerance, None, 2000, 0.9999)
    inliers = nobody if found is None else mask.reshape(-1).astype(bool)
    spread = board_xy[inliers] - board_xy[inliers].mean(axis=0) if inliers.any() else np.zeros((1, 2))
    return inliers if inliers.sum() >= _FEWEST and np.linalg.matrix_rank(spread, tol=1e-6) == 2 else nobody


def view_pose(
    corners: Float, pixels: Float, intrinsics: Float, distortion: Float, tolerance_px: float, min_corners: int
) -> ViewPose | None:
    """The board's pose from its corners in one image.

    1. Undistorted, a plane and its image differ by a homography: RANSAC tells which corners follow one.
    2. Its two possible poses (infinitesimal plane-based pose estimation, OpenCV) are polished; the better one stays.

    Args:
        corners: (N, 3) [m] in the board frame, z = 0.
        pixels: (N, 2) where they were found.
        intrinsics: (3, 3) [px].
        distortion: (8,).
        tolerance_px: farthest that a right corner lies from where the homography puts it [px].
        min_corners: fewer right corners are no view.

    Returns:
        None where no pose explains enough corners.
    """
    xy = rays(pixels, intrinsics, distortion)[:, :2]
    inliers = flat_inliers(corners[:, :2], xy, tolerance_px / float(intrinsics[0, 0]))
    if inliers.sum() < max(min_corners, _FEWEST):
        return None
    flat, seen, pinhole = corners[inliers], xy[inliers].reshape(-1, 1, 2), np.eye(3)
    _, turns, shifts, _ = cv2.solvePnPGeneric(flat, seen, pinhole, None, flags=cv2.SOLVEPNP_IPPE)
    best, best_error = None, np.inf
    for turn, shift in zip(turns, shifts, strict=True):
        turn, shift = cv2.solvePnPRefineLM(flat, seen, pinhole, None, turn, shift)
        pose = transform(np.asarray(cv2.Rodrigues(turn)[0], float), np.asarray(shift, float).reshape(3))
        points = flat @ pose[:3, :3].T + pose[:3, 3]
        error = np.abs(points[:, :2] / points[:, 2:] - seen.reshape(-1, 2)).sum() if points[:, 2].min() > 0 else np.inf
        if error < best_error:
            best, best_error = pose, error
    return ViewPose(best, inliers) if best is not None else None
