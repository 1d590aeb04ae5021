"""Camera rays through a lens with distortion, and rig cameras at another image size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.model import Rig, RigCamera
from sparsedff.errors import CalibrationError

Float = NDArray[np.float64]

_ACCURACY = 1e-8  # of normalised coordinates; a hundred-thousandth of a pixel
_MOST_STEPS = 8
_WIDEST = 2.0  # normalised radius up to which lenses are looked at: 63 degrees off the axis


def resize_rig(rig: Rig, width_px: int) -> Rig:
    """The same rig with images `width_px` wide; heights follow, distortion (unit-free) stays.

    Pixel centres have integer coordinates, so an image's left edge is at -0.5 and the principal point scales about it.

    Raises:
        CalibrationError: a width below 16 pixels.
    """
    if width_px < 16:
        raise CalibrationError(f"simulated rig: images must be at least 16 px wide, got {width_px}")
    cameras = []
    for camera in rig.cameras:
        height_px = round(camera.image_size[1] * width_px / camera.image_size[0])
        ratio = np.array([width_px / camera.image_size[0], height_px / camera.image_size[1]])
        intrinsics = np.array(camera.intrinsics)
        intrinsics[:2] *= ratio[:, None]
        intrinsics[:2, 2] += 0.5 * ratio - 0.5
        cameras.append(replace(camera, image_size=(width_px, height_px), intrinsics=intrinsics))
    return Rig(tuple(cameras), rig.cam0_from_world)


def pixel_grid(image_size: tuple[int, int]) -> Float:
    """Pixel centres (H * W, 2) as (u, v), row by row, of an image of (width, height)."""
    u, v = np.meshgrid(np.arange(image_size[0]), np.arange(image_size[1]))
    return np.stack([u.ravel(), v.ravel()], axis=1).astype(np.float64)


def rays_camera(camera: RigCamera, pixels: Float) -> tuple[Float, NDArray[np.bool_]]:
    """Rays through *distorted* pixels (N, 2): the lens model inverted.

    1. Invert the radial part by a table of r -> distorted r, up to the radius where it folds over. Fitted lens models
       do fold, some within the corners of their own image: no point projects to the pixels beyond.
    2. Refine with Newton steps on the whole model, tangential part included.

    Returns:
        rays: (N, 3) in the camera frame with z = 1; the point at parameter d has depth d.
        valid: (N,) False for pixels beyond the fold; their rays are extrapolated, for a picture but not for depth.
    """
    distortion = camera.distortion
    homogeneous = np.concatenate([pixels, np.ones((len(pixels), 1))], axis=1)
    wanted = (homogeneous @ np.linalg.inv(camera.intrinsics).T)[:, :2]
    radius = np.linspace(0.0, _WIDEST, 4001)
    image_radius = distort(np.stack([radius, np.zeros_like(radius)], axis=1), _radial_only(distortion))[:, 0]
    rising = np.append(np.diff(image_radius) > 0, False)
    fold = int(np.argmin(rising))
    length = np.hypot(wanted[:, 0], wanted[:, 1])
    inverted = np.interp(length, image_radius[: fold + 1], radius[: fold + 1])
    xy = wanted * (inverted / np.maximum(length, 1e-12))[:, None]
    valid = length < image_radius[fold]
    wrong = np.flatnonzero(valid)
    for _ in range(_MOST_STEPS):
        miss = wanted[wrong] - distort(xy[wrong], distortion)
        far = np.maximum(np.abs(miss[:, 0]), np.abs(miss[:, 1])) > _ACCURACY
        wrong = wrong[far]
        if not len(wrong):
            break
        xy[wrong] += _newton_step(xy[wrong], miss[far], distortion)
    valid[wrong] = False
    valid &= np.hypot(xy[:, 0], xy[:, 1]) < radius[fold]
    xy[~valid] = wanted[~valid] * (radius[fold] / image_radius[fold])
    return np.concatenate([xy, np.ones((len(xy), 1))], axis=1), valid


def _newton_step(xy: Float, miss: Float, distortion: Float) -> Float:
    """The change (N, 2) of xy that a linear model of the lens wants; the 2 x 2 systems are solved by Cramer's rule."""
    step = 1e-6
    along_x, along_y = (
        (distort(xy + step * axis, distortion) - distort(xy - step * axis, distortion)) / (2 * step)
        for axis in np.eye(2)
    )
    determinant = along_x[:, 0] * along_y[:, 1] - along_x[:, 1] * along_y[:, 0]
    determinant = np.where(np.abs(determinant) < 1e-3, 1e-3, determinant)
    change_x = (miss[:, 0] * along_y[:, 1] - miss[:, 1] * along_y[:, 0]) / determinant
    change_y = (along_x[:, 0] * miss[:, 1] - along_x[:, 1] * miss[:, 0]) / determinant
    return np.clip(np.stack([change_x, change_y], axis=1), -0.1, 0.1)


def _radial_only(distortion: Float) -> Float:
    return distortion * np.array([1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0])


def distort(xy: Float, distortion: Float) -> Float:
    """OpenCV's rational lens model on normalised coordinates (N, 2), coefficients k1 k2 p1 p2 k3 k4 k5 k6."""
    k1, k2, p1, p2, k3, k4, k5, k6 = distortion
    x, y = xy.T
    r2 = x * x + y * y
    radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)))
    return np.stack(
        [
            x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
            y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
        ],
        axis=1,
    )
