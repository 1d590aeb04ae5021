"""A first lens from the board alone, for cameras whose factory calibration is not at hand."""

from __future__ import annotations

import cv2
import numpy as np

from sparsedff.calibration.observations import Observations
from sparsedff.calibration.view_pose import flat_inliers
from sparsedff.errors import CalibrationError
from sparsedff.geometry import Float

_LENS_SHARE = 0.005  # of the image's width: how far a lens bends a board away from what a homography makes of it
_MOST_VIEWS = 25  # enough for a start, and OpenCV's solver slows with their square
_FEWEST_CORNERS = 8


def first_lens(
    camera: int, seen: Observations, corners: Float, image_size: tuple[int, int], min_stills: int
) -> tuple[Float, Float]:
    """Intrinsics (3, 3) [px] and distortion (8,) by OpenCV's calibrateCamera, from the corners that fit their planes.

    Args:
        camera: index into `seen.serials`.
        seen: what all cameras saw.
        corners: `Board.corners`.
        image_size: (width, height) [px].
        min_stills: fewer are refused.

    Raises:
        CalibrationError: too few stills with enough of the board in them; names the camera.
    """
    objects, images = [], []
    for at, _, rows in seen.views():
        if at != camera:
            continue
        flat, pixels = corners[seen.corner[rows]], seen.pixels[rows]
        right = flat_inliers(flat[:, :2], pixels, _LENS_SHARE * image_size[0])
        if right.sum() >= _FEWEST_CORNERS:
            objects.append(flat[right].astype(np.float32))
            images.append(pixels[right].astype(np.float32))
    if len(objects) < min_stills:
        raise CalibrationError(
            f"camera {seen.serials[camera]}: a lens needs the board in {min_stills} stills, it is in {len(objects)}; "
            "take more at many tilts and places of the image, or use --intrinsics factory"
        )
    chosen = sorted(range(len(objects)), key=lambda index: -len(objects[index]))[:_MOST_VIEWS]
    # Radial terms beyond the first two wait for the adjustment, which knows wrong corners.
    _, intrinsics, distortion, _, _ = cv2.calibrateCamera(
        [objects[index] for index in chosen],
        [images[index] for index in chosen],
        image_size,
        None,
        None,
        flags=cv2.CALIB_FIX_K3 | cv2.CALIB_ZERO_TANGENT_DIST,
    )
    filled = np.zeros(8)
    filled[: min(5, distortion.size)] = distortion.reshape(-1)[:5]
    return np.asarray(intrinsics, dtype=np.float64), filled
