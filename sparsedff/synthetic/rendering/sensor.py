"""The images that a time-of-flight camera takes of true depth and colour; all numbers of its noise are here."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Float = NDArray[np.float64]


@dataclass(frozen=True)
class SensorNoise:
    """A consumer time-of-flight camera. `NOISELESS` switches everything off.

    Attributes:
        depth_sigma_m: standard deviation of depth at 0 m [m], to which
        depth_sigma_per_m2: [1/m] times depth squared is added, both divided by the cosine of incidence (at least 0.3).
        depth_bias_m: amplitude of a smooth, fixed error over the image [m].
        edge_jump_m: neighbours that differ by more than this are an edge [m]. At edges,
        flying_share: of the pixels lie anywhere between near and far surface, and
        edge_drop_share: of the pixels have no reading.
        grazing_cosine: surfaces seen under a smaller cosine of incidence lose readings, all of them at zero.
        drop_share: of all other pixels have no reading.
        depth_eye_m: how far right of the colour camera the depth camera sits [m]; what it cannot see has no reading.
        color_sigma: standard deviation of colour, of 255.
        blur_px: standard deviation of the lens' blur [px].
        exposure_sigma: standard deviation of each view's brightness, relative.
    """

    depth_sigma_m: float = 0.0006
    depth_sigma_per_m2: float = 0.0010
    depth_bias_m: float = 0.0010
    edge_jump_m: float = 0.015
    flying_share: float = 0.35
    edge_drop_share: float = 0.25
    grazing_cosine: float = 0.22
    drop_share: float = 0.001
    depth_eye_m: float = 0.032
    color_sigma: float = 2.5
    blur_px: float = 0.6
    exposure_sigma: float = 0.02


NOISELESS = SensorNoise(0.0, 0.0, 0.0, 1e9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def noisy_depth(
    depth: Float, cosine: Float, seen: NDArray[np.bool_], noise: SensorNoise, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Depth as the sensor reports it.

    1. Gaussian error that grows with distance and obliqueness, plus a smooth error over the image.
    2. Flying pixels: at depth edges some readings mix near and far.
    3. No reading (0): where the depth camera does not see, at some edge pixels, on grazing surfaces, now and then.

    Args:
        depth: (H, W) true depth [m], infinity where nothing is hit.
        cosine: (H, W) cosine between the ray back to the camera and the surface normal.
        seen: (H, W) whether the depth camera, beside the colour camera, sees the point.
        noise: how much of each.
        rng: all randomness comes from here, in a fixed order.

    Returns:
        (H, W) [m], 0 where there is no reading.
    """
    shape = depth.shape
    hit = np.isfinite(depth)
    true = np.where(hit, depth, 0.0)
    sigma = (noise.depth_sigma_m + noise.depth_sigma_per_m2 * true**2) / np.clip(cosine, 0.3, 1.0)
    reading = true + sigma * rng.standard_normal(shape) + noise.depth_bias_m * _smooth_field(shape, rng)

    near = ndimage.minimum_filter(true, size=3)
    far = ndimage.maximum_filter(true, size=3)
    edge = far - near > noise.edge_jump_m
    flying = edge & (rng.random(shape) < noise.flying_share)
    reading = np.where(flying, near + (far - near) * rng.random(shape), reading)

    draw = rng.random(shape)
    grazing = np.clip(1.0 - cosine / noise.grazing_cosine, 0.0, 1.0) if noise.grazing_cosine > 0 else np.zeros(shape)
    chance = np.maximum(np.where(edge, noise.edge_drop_share, noise.drop_share), grazing)
    return np.where(hit & seen & (draw >= chance), np.maximum(reading, 0.0), 0.0).astype(np.float32)


def noisy_color(linear: Float, noise: SensorNoise, rng: np.random.Generator) -> NDArray[np.uint8]:
    """An 8-bit image (H, W, 3) of linear colour (H, W, 3) in [0, 1]: lens blur, exposure, gamma 2.2, Gaussian noise."""
    blurred = cv2.GaussianBlur(linear, (0, 0), noise.blur_px) if noise.blur_px > 0 else linear
    exposed = blurred * (1.0 + noise.exposure_sigma * rng.standard_normal())
    encoded = 255.0 * np.clip(exposed, 0.0, 1.0) ** (1.0 / 2.2)
    return np.clip(np.rint(encoded + noise.color_sigma * rng.standard_normal(linear.shape)), 0, 255).astype(np.uint8)


def _smooth_field(shape: tuple[int, ...], rng: np.random.Generator) -> Float:
    """A field (H, W) in about [-1, 1] that changes over a sixth of the image."""
    knots = rng.uniform(-1.0, 1.0, (5, 7))
    return np.asarray(cv2.resize(knots, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), dtype=np.float64)
