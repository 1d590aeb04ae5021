"""The time-of-flight model does what its numbers say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparsedff.synthetic.rendering.sensor import NOISELESS, SensorNoise, noisy_color, noisy_depth

SHAPE = (200, 300)
ONES, SEEN = np.ones(SHAPE), np.ones(SHAPE, dtype=bool)


def _rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.mark.parametrize("depth_m, cosine", [(0.5, 1.0), (1.0, 1.0), (2.0, 0.6), (1.0, 0.31)])
def test_depth_noise_grows_with_distance_and_obliqueness(depth_m, cosine):
    noise = replace(NOISELESS, depth_sigma_m=0.0006, depth_sigma_per_m2=0.001)
    reading = noisy_depth(depth_m * ONES, cosine * ONES, SEEN, noise, _rng())
    expected = (0.0006 + 0.001 * depth_m**2) / cosine
    assert reading.std() == pytest.approx(expected, rel=0.03)
    assert reading.mean() == pytest.approx(depth_m, abs=5e-5)


def test_smooth_error_is_bounded_and_smooth():
    reading = noisy_depth(ONES, ONES, SEEN, replace(NOISELESS, depth_bias_m=0.001), _rng())
    assert 2e-4 < np.abs(reading - 1).max() < 2e-3
    assert np.abs(np.diff(reading, axis=1)).max() < 1e-4


def test_flying_pixels_lie_between_near_and_far_and_only_at_edges():
    depth = np.where(np.arange(SHAPE[1]) < 150, 0.6, 1.0) * ONES
    reading = noisy_depth(depth, ONES, SEEN, replace(NOISELESS, edge_jump_m=0.015, flying_share=0.35), _rng())
    edge = np.zeros(SHAPE, dtype=bool)
    edge[:, 149:151] = True
    np.testing.assert_allclose(reading[~edge], depth[~edge], rtol=1e-6)
    flying = np.abs(reading - depth) > 1e-6
    assert flying[edge].mean() == pytest.approx(0.35, abs=0.06)
    assert (reading >= 0.6 - 1e-6).all() and (reading <= 1.0 + 1e-6).all()


def test_readings_are_lost_where_documented():
    noise = SensorNoise()
    depth = ONES.copy()
    depth[:, :20] = np.inf
    seen = SEEN.copy()
    seen[:20] = False
    reading = noisy_depth(depth, ONES, seen, noise, _rng())
    assert (reading[:, :20] == 0).all() and (reading[:20] == 0).all()
    rest = reading[20:, 25:]
    assert (rest == 0).mean() == pytest.approx(noise.drop_share, abs=0.001)
    for cosine in (0.5, 0.11, 0.0):
        lost = (noisy_depth(ONES, cosine * ONES, SEEN, noise, _rng()) == 0).mean()
        assert lost == pytest.approx(max(0.0, 1 - cosine / noise.grazing_cosine), abs=0.01)


def test_without_noise_depth_is_exact_and_colour_is_gamma():
    depth = np.random.default_rng(0).uniform(0.4, 2.0, SHAPE)
    np.testing.assert_array_equal(noisy_depth(depth, ONES, SEEN, NOISELESS, _rng()), depth.astype(np.float32))
    grey = np.full((*SHAPE, 3), 0.5)
    assert (noisy_color(grey, NOISELESS, _rng()) == round(255 * 0.5 ** (1 / 2.2))).all()


def test_colour_noise_has_the_stated_deviation():
    noise = replace(NOISELESS, color_sigma=2.5)
    image = noisy_color(np.full((*SHAPE, 3), 0.4), noise, _rng()).astype(float)
    assert image.std() == pytest.approx(np.hypot(2.5, np.sqrt(1 / 12)), rel=0.03)
