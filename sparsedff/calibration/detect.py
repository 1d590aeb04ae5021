"""Corners of the board in one image."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.calibration.board import Board
from sparsedff.calibration.view_pose import flat_inliers
from sparsedff.geometry import Float

_STOP = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 1e-3)
_WINDOW_SHARE = 0.8  # of the white rim between a corner and the nearest marker, whose edges would draw the corner away
_WINDOW_PX = (2, 15)
_LENS_SHARE = 0.005  # of the image's width: how far a lens bends a board away from what a homography makes of it


@dataclass(frozen=True, eq=False)
class Detection:
    """Board corners found in an image.

    Attributes:
        ids: (N,) indices into `Board.corners`, each at most once.
        pixels: (N, 2) where they are, (u, v) in the distorted image, integers at pixel centres.
    """

    ids: NDArray[np.int64]
    pixels: Float

    def __len__(self) -> int:
        return len(self.ids)


def detect(board: Board, image: NDArray[np.uint8]) -> Detection:
    """Find the board, or the part of it that can be seen.

    1. OpenCV finds the markers, which say which corner is which, and the corners beside them.
    2. Each corner is moved to the saddle point of the brightness around it once more, in a window that ends before the
       nearest marker begins: on a tilted or distant board OpenCV's own windows reach into the markers and leave
       corners off by pixels (measured on rendered boards: 17 % over half a pixel, with this step 6 %).

    Args:
        board: what to look for.
        image: (H, W) grey or (H, W, 3) BGR or RGB.

    Returns:
        What was found, possibly nothing. Some of it may be wrong.
    """
    grey = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    # A marker half outside the image or under a finger still tells of corners of its other side.
    parameters = cv2.aruco.CharucoParameters()
    parameters.minMarkers = 1
    detector = cv2.aruco.CharucoDetector(board.opencv(), parameters)
    seen_at, seen_ids, _, _ = detector.detectBoard(grey)
    if seen_ids is None or not len(seen_ids):
        return Detection(np.zeros(0, dtype=np.int64), np.zeros((0, 2)))
    ids = np.asarray(seen_ids, dtype=np.int64).reshape(-1)
    pixels = np.asarray(seen_at, dtype=np.float64).reshape(-1, 2)
    return Detection(ids, _refined(board, grey, ids, pixels))


def _refined(board: Board, grey: NDArray[np.uint8], ids: NDArray[np.int64], pixels: Float) -> Float:
    """Corners (N, 2) at their saddle points; as they are where they fit no plane."""
    flat = board.corners[ids, :2]
    tolerance = _LENS_SHARE * grey.shape[1]
    inliers = flat_inliers(flat, pixels, tolerance)
    if not inliers.any():
        return pixels
    image_from_board, _ = cv2.findHomography(flat[inliers], pixels[inliers], 0)
    rim = _WINDOW_SHARE * (board.square_m - board.marker_m) / 2
    shifts = np.array([[0.0, 0.0], [rim, 0.0], [0.0, rim]])
    places = cv2.perspectiveTransform((flat[:, None] + shifts).reshape(-1, 1, 2), image_from_board).reshape(-1, 3, 2)
    arms = np.linalg.norm(places[:, 1:] - places[:, :1], axis=2).min(axis=1)
    windows = np.clip(np.nan_to_num(arms), *_WINDOW_PX).astype(int)
    refined = np.array(pixels)
    for index, window in enumerate(windows):
        corner = pixels[index].reshape(1, 1, 2).astype(np.float32)
        found = cv2.cornerSubPix(grey, corner, (int(window), int(window)), (-1, -1), _STOP).reshape(2)
        if np.linalg.norm(found - pixels[index]) <= tolerance:
            refined[index] = found
    return refined
