"""Signed distances of capsules and boxes: closed forms, dense surfaces, gradients that lead to the nearest point."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from torch import Tensor

from sparsedff.hands.distance import box_distance, capsule_distance

CAPSULE, BOX = torch.tensor([0.02, 0.05, 0.0]), torch.tensor([0.03, 0.02, 0.05])
SHAPES = [pytest.param(capsule_distance, CAPSULE, id="capsule"), pytest.param(box_distance, BOX, id="box")]
Distance = Callable[[Tensor, Tensor], Tensor]


def dense_surface(distance: Distance, half_size: Tensor, count: int = 60_000) -> np.ndarray:
    """Points (count, 3) spread over the surface, made from its parts, not from the distance."""
    rng = np.random.default_rng(0)
    if distance is capsule_distance:
        radius, half_length = half_size[:2].tolist()
        ball = rng.normal(size=(count // 2, 3))
        ball *= radius / np.linalg.norm(ball, axis=1, keepdims=True)
        ball[:, 2] += np.sign(ball[:, 2]) * half_length
        angle = rng.uniform(0, 2 * np.pi, count // 2)
        z = rng.uniform(-half_length, half_length, count // 2)
        return np.concatenate([ball, np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=1)])
    size = half_size.numpy().astype(float)
    points = rng.uniform(-size, size, (count, 3))
    areas = size.prod() / size  # of the faces across each axis
    axis = rng.choice(3, count, p=areas / areas.sum())
    points[np.arange(count), axis] = size[axis] * rng.choice([-1, 1], count)
    return points


def places(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.09, 0.09, (count, 3))


@pytest.mark.parametrize(("distance", "half_size"), SHAPES)
def test_equals_the_distance_to_a_dense_surface(distance: Distance, half_size: Tensor) -> None:
    surface, points = dense_surface(distance, half_size), places(400)
    nearest, _ = cKDTree(surface).query(points)
    found = distance(torch.tensor(points), half_size.double()).numpy()
    # The nearest sample is no nearer than the surface and at most its spacing further.
    assert (nearest >= np.abs(found) - 1e-9).all() and (nearest - np.abs(found)).max() < 1e-3
    assert distance(torch.tensor(surface), half_size.double()).abs().max() < 1e-8
    x, y, z = np.abs(points).T
    if distance is capsule_distance:
        inside = np.hypot(np.hypot(x, y), np.maximum(z - float(half_size[1]), 0)) < float(half_size[0])
    else:
        inside = (np.abs(points) < half_size.numpy()).all(axis=1)
    assert (inside == (found < 0)).all() and inside.sum() > 5


def test_closed_forms() -> None:
    at = torch.tensor([[0.0, 0, 0], [0.05, 0, 0], [0, 0, 0.1], [0.03, 0.04, 0.05], [0, 0.01, 0.02]]).double()
    capsule = capsule_distance(at, CAPSULE.double())
    np.testing.assert_allclose(capsule, [-0.02, 0.03, 0.03, 0.03, -0.01], atol=1e-8)
    box = box_distance(at, BOX.double())
    np.testing.assert_allclose(box, [-0.02, 0.02, 0.05, 0.02, -0.01], atol=1e-8)
    corner = box_distance(torch.tensor([[0.03 + 0.03, 0.02 + 0.04, 0.05 + 0.12]]).double(), BOX.double())
    assert float(corner) == pytest.approx(0.13)


@pytest.mark.parametrize(("distance", "half_size"), SHAPES)
def test_the_gradient_is_the_unit_normal_and_leads_to_the_surface(distance: Distance, half_size: Tensor) -> None:
    size = half_size.double()
    points = torch.tensor(places(4000, 1), requires_grad=True)
    found = distance(points, size)
    (normal,) = torch.autograd.grad(found.sum(), points)
    # Away from the medial axis, where the nearest point is not one.
    x, y, z = points.detach().abs().T
    gaps = torch.sort(torch.stack([x - size[0], y - size[1], z - size[2]]), dim=0).values
    regular = (x**2 + y**2 > 1e-8) if distance is capsule_distance else (found > 0) | (gaps[2] - gaps[1] > 1e-4)
    found, normal, points = found.detach()[regular], normal[regular], points.detach()[regular]
    assert len(points) > 3500 and (found < 0).sum() > 30
    assert (normal.norm(dim=1) - 1).abs().max() < 1e-6
    nearest = points - found[:, None] * normal
    assert distance(nearest, size).abs().max() < 1e-9
    beyond = distance(points + 0.01 * normal, size)
    outside = found > 0
    assert (beyond[outside] - found[outside] - 0.01).abs().max() < 1e-9


@pytest.mark.parametrize(("distance", "half_size"), SHAPES)
def test_gradients_are_finite_everywhere(distance: Distance, half_size: Tensor) -> None:
    ticks = torch.tensor([-0.07, -0.05, -0.03, -0.02, 0.0, 0.01, 0.02, 0.03, 0.05])
    points = torch.cartesian_prod(ticks, ticks, ticks).requires_grad_()  # centre, axes, edges, corners, faces
    found = distance(points, half_size)
    found.sum().backward()
    assert points.grad is not None and points.grad.isfinite().all() and found.isfinite().all()
    assert (points.grad.norm(dim=1) < 1 + 1e-5).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_batches_and_symmetry(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = torch.tensor(rng.uniform(-0.1, 0.1, (4, 5, 20, 3)))
    sizes = torch.tensor(rng.uniform(0.005, 0.06, (5, 3)))
    signs = torch.tensor(rng.choice([-1.0, 1.0], 3))
    for distance in (capsule_distance, box_distance):
        found = distance(points, sizes)
        assert found.shape == (4, 5, 20)
        torch.testing.assert_close(found[2, 3], distance(points[2, 3], sizes[3]))
        torch.testing.assert_close(distance(points * signs, sizes), found)
        torch.testing.assert_close(distance(2 * points, 2 * sizes), 2 * found, rtol=1e-6, atol=1e-9)
    turned = torch.stack([-points[..., 1], points[..., 0], points[..., 2]], dim=-1)
    torch.testing.assert_close(capsule_distance(turned, sizes), capsule_distance(points, sizes))
