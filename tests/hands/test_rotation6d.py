"""6D rotations: the polar factor, symmetric in both vectors, invariant as the docstring says, equal to the authors'."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from torch import Tensor

from sparsedff.hands.rotation6d import rotation_from_6d, rotation_to_6d
from tests.support.hand_oracle import check_gradient
from tests.support.paths import golden

SEEDS = st.integers(0, 2**32)


def vectors(seed: int, count: int = 20) -> Tensor:
    """(count, 6) float64 of any length, neither short nor nearly parallel."""
    rng = np.random.default_rng(seed)
    pairs = rng.normal(size=(20 * count, 2, 3))
    unit = pairs / np.linalg.norm(pairs, axis=2, keepdims=True)
    good = np.abs((unit[:, 0] * unit[:, 1]).sum(1)) < 0.98
    good &= np.linalg.norm(pairs, axis=2).min(axis=1) > 0.1
    return torch.tensor(pairs[good][:count].reshape(count, 6))


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_is_the_nearest_rotation_with_these_columns(seed: int) -> None:
    """Polar factor of the two unit vectors: the orthonormal pair with the least squared distance to them."""
    columns = vectors(seed)
    rotation = rotation_from_6d(columns)
    unit = columns.reshape(-1, 2, 3) / columns.reshape(-1, 2, 3).norm(dim=-1, keepdim=True)
    u, _, vt = np.linalg.svd(unit.numpy().transpose(0, 2, 1), full_matrices=False)
    np.testing.assert_allclose(rotation[..., :2], u @ vt, atol=1e-9)
    torch.testing.assert_close(rotation.mT @ rotation, torch.eye(3).double().expand(20, 3, 3))
    torch.testing.assert_close(torch.linalg.det(rotation), torch.ones(20).double())


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_symmetries(seed: int, first: float, second: float) -> None:
    columns = vectors(seed)
    rotation = rotation_from_6d(columns)
    a, b = columns[:, :3], columns[:, 3:]
    # Neither vector is privileged: swapped inputs give swapped columns, and the third turns round.
    swapped = rotation_from_6d(torch.cat([b, a], dim=1))
    torch.testing.assert_close(swapped, torch.stack([rotation[..., 1], rotation[..., 0], -rotation[..., 2]], dim=-1))
    # Lengths do not matter, a turn of both vectors turns the result.
    torch.testing.assert_close(rotation_from_6d(torch.cat([first * a, second * b], dim=1)), rotation)
    turn = torch.tensor(Rotation.random(random_state=seed % 2**32).as_matrix())
    turned = rotation_from_6d(torch.cat([a @ turn.T, b @ turn.T], dim=1))
    torch.testing.assert_close(turned, turn @ rotation)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_round_trip(seed: int) -> None:
    rotations = torch.tensor(Rotation.random(10, random_state=seed % 2**32).as_matrix()).reshape(2, 5, 3, 3)
    six = rotation_to_6d(rotations)
    assert six.shape == (2, 5, 6)
    torch.testing.assert_close(rotation_from_6d(six), rotations)
    torch.testing.assert_close(six[1, 2], torch.cat([rotations[1, 2, :, 0], rotations[1, 2, :, 1]]))


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.floats(0.01, np.pi - 0.01))
def test_both_vectors_are_turned_by_the_same_angle(seed: int, angle: float) -> None:
    rng = np.random.default_rng(seed)
    a, other = rng.normal(size=(2, 3))
    a /= np.linalg.norm(a)
    across = other - (other @ a) * a
    assume(np.linalg.norm(across) > 1e-3)
    b = np.cos(angle) * a + np.sin(angle) * across / np.linalg.norm(across)
    rotation = rotation_from_6d(torch.tensor(np.concatenate([a, b]))).numpy()
    off = [np.arccos(np.clip(rotation[:, 0] @ a, -1, 1)), np.arccos(np.clip(rotation[:, 1] @ b, -1, 1))]
    np.testing.assert_allclose(off, abs(np.pi / 2 - angle) / 2, atol=1e-6)


def test_gradient() -> None:
    check_gradient(rotation_from_6d, vectors(3, 5))
    assert torch.autograd.gradcheck(rotation_from_6d, (vectors(4, 3).requires_grad_(),))


@pytest.mark.parametrize(("suffix", "dtype", "tolerance"), [("", torch.float32, 2e-6), ("_f64", torch.float64, 1e-13)])
def test_golden_matrices_and_gradients(suffix: str, dtype: torch.dtype, tolerance: float) -> None:
    data = {name: torch.tensor(array) for name, array in golden("ortho6d.npz").items()}
    poses = data["poses"].to(dtype).clone().requires_grad_()
    matrices = rotation_from_6d(poses)
    (matrices * data["weights"].to(dtype)).sum().backward()
    torch.testing.assert_close(matrices, data[f"matrices{suffix}"], rtol=0, atol=tolerance)
    torch.testing.assert_close(poses.grad, data[f"grad_poses{suffix}"], rtol=2e-6, atol=10 * tolerance)


def test_golden_special_rows() -> None:
    """Scaled, nearly parallel and tiny vectors give rotations; parallel and zero ones give none, as published."""
    data = golden("ortho6d.npz")
    found = rotation_from_6d(torch.tensor(data["special_poses"])).numpy()
    np.testing.assert_allclose(found, data["special_matrices"], atol=1e-6)
    determinant = np.linalg.det(found)
    np.testing.assert_allclose(determinant[[0, 1, 2, 3, 4, 5, 11, 12]], 1, atol=1e-5)
    np.testing.assert_allclose(determinant[6:11], 0, atol=1e-6)
