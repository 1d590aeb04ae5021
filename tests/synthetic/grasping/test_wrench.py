"""The holding effort against cases whose answer is known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sparsedff.synthetic.grasping import wrench
from sparsedff.synthetic.grasping.wrench import holding_effort

CENTER = np.zeros(3)


def _ring(count: int, radius: float, height: float) -> tuple[np.ndarray, np.ndarray]:
    angle = 2 * np.pi * np.arange(count) / count
    normals = np.stack([np.cos(angle), np.sin(angle), np.zeros(count)], axis=1)
    return radius * normals + [0.0, 0.0, height], normals


def test_two_opposed_fingers_need_weight_over_friction(monkeypatch):
    """Friction carries the weight: 2 mu f = W, so the forces add up to W / mu."""
    monkeypatch.setattr(wrench, "PUSH", 0.0)
    points, normals = _ring(2, 0.03, 0.0)
    assert holding_effort(points, normals, CENTER, friction=0.5) == pytest.approx(2.0, rel=1e-6)
    assert holding_effort(points, normals, CENTER, friction=1.0) == pytest.approx(1.0, rel=1e-6)


def test_a_hook_below_needs_just_the_weight(monkeypatch):
    monkeypatch.setattr(wrench, "PUSH", 0.0)
    points = np.array([[0.02, 0.0, -0.03], [-0.02, 0.0, -0.03]])
    normals = np.tile([0.0, 0.0, -1.0], (2, 1))
    assert holding_effort(points, normals, CENTER) == pytest.approx(1.0, rel=1e-6)


def test_what_cannot_hold_is_infinite():
    points, normals = _ring(5, 0.03, 0.0)
    assert holding_effort(points[:1], normals[:1], CENTER) == np.inf
    one_side = normals[:, 0] > 0.5
    assert holding_effort(points[one_side], normals[one_side], CENTER) == np.inf


def test_more_friction_and_lower_pushes_need_less():
    points, normals = _ring(5, 0.03, 0.02)
    rough, smooth = (holding_effort(points, normals, CENTER, friction) for friction in (1.0, 0.5))
    assert rough < smooth < np.inf
