"""The feature field against brute force in float64, closed forms, its own invariances and the authors' numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from sparsedff import sweep as kernel
from sparsedff.field import FeatureField, build_field
from tests.support.paths import golden

EPS32 = 1.2e-7


def random_scene(n: int, c: int, q: int, seed: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, ...]:
    """Points (n, 3) of a 20 cm object, features (n, c), queries (q, 3) on and around it, upstream gradient (q, c)."""
    rng = np.random.default_rng(seed)
    shapes = (0.1, (n, 3)), (1.0, (n, c)), (0.15, (q, 3)), (1.0, (q, c))
    return tuple(torch.tensor(rng.uniform(-size, size, shape), dtype=dtype) for size, shape in shapes)


def brute_force(points: Tensor, features: Tensor, queries: Tensor, power: float) -> Tensor:
    """The field as docs/method.md, eq. 9 has it, in float64, differentiable by autograd: (Q, N, 3) and all."""
    points, features = points.double(), features.double()
    distance = (queries.double()[:, None] - points).square().sum(-1).add(kernel.SOFTENING).sqrt()
    weights = distance**-power
    return (weights @ features) / weights.sum(1, keepdim=True)


def gradient_of(function, queries: Tensor, upstream: Tensor) -> tuple[Tensor, Tensor]:
    """Values and the gradient of sum(values * upstream), both float64."""
    queries = queries.clone().requires_grad_()
    values = function(queries)
    (values * upstream).sum().backward()
    return values.detach().double(), queries.grad.double()


def rounding_scale(points: Tensor, features: Tensor, queries: Tensor, upstream: Tensor, power: float) -> Tensor:
    """What float32 cannot resolve of the gradient (Q,): its terms' sizes before they cancel, times one rounding."""
    points, features, queries = points.double(), features.double(), queries.double()
    distance = (queries[:, None] - points).norm(dim=-1).clamp(min=1e-7)
    weights = distance**-power
    weights = weights / weights.sum(1, keepdim=True)
    size = upstream.double().abs() @ features.abs().T
    size = size + (weights * size).sum(1, keepdim=True)
    return EPS32 * power * (weights * size / distance).sum(1)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 600), st.integers(1, 100), st.integers(1, 60), st.sampled_from((2.0, 4.0)), st.integers(0, 2**32))
def test_value_and_gradient_equal_brute_force(n: int, c: int, q: int, power: float, seed: int) -> None:
    points, features, queries, upstream = random_scene(n, c, q, seed)
    field = build_field(points, features, power)
    value, gradient = gradient_of(field.values, queries, upstream)
    true_value, true_gradient = gradient_of(lambda x: brute_force(points, features, x, power), queries, upstream)
    # 1e-4 relative, plus what is lost where opposite features (gradients) cancel.
    assert ((value - true_value).norm(dim=1) <= 1e-4 * true_value.norm(dim=1) + 4 * EPS32 * c**0.5).all()
    error, size = (gradient - true_gradient).norm(dim=1), true_gradient.norm(dim=1)
    assert (error <= 1e-4 * size + 4 * rounding_scale(points, features, queries, upstream, power)).all()


@pytest.mark.parametrize("power", [2.0, 4.0])
def test_a_whole_step_equals_brute_force_to_1e_4(power: float) -> None:
    """As the optimiser asks it: the gradient of the energy of a hand, at the scale of the gradient itself."""
    points, features, queries, _ = random_scene(2000, 96, 300, 7)
    targets = random_scene(1, 96, 300, 8)[3]
    field = build_field(points, features, power)
    loss, gradient = gradient_of(lambda x: field.l1(x[None], targets), queries, torch.ones(1))

    def true_energy(x: Tensor) -> Tensor:
        return (brute_force(points, features, x, power) - targets.double()).abs().mean()[None]

    true_loss, true_gradient = gradient_of(true_energy, queries, torch.ones(1))
    assert float((loss - true_loss).abs() / true_loss) < 1e-5
    assert float((gradient - true_gradient).norm() / true_gradient.norm()) < 1e-4
    # Of single points only those whose gradient nearly cancels are off by more.
    assert ((gradient - true_gradient).norm(dim=1) <= 1e-4 * true_gradient.norm(dim=1)).float().mean() > 0.98


@settings(max_examples=40, deadline=None)
@given(st.data(), st.integers(2, 200), st.integers(2, 40), st.integers(1, 30), st.integers(0, 2**32))
def test_factored_fields_stay_within_their_bound(data: st.DataObject, n: int, c: int, q: int, seed: int) -> None:
    rank = data.draw(st.integers(1, min(n, c)))
    power = data.draw(st.sampled_from((2.0, 4.0)))
    points, features, queries, upstream = random_scene(n, c, q, seed)
    queries[: min(q, n)] = points[: min(q, n)]  # on the points nothing averages the residual away
    exact, field = build_field(points, features, power), build_field(points, features, power, rank)
    assert field.channels == c and (field.basis is None) == (rank >= min(n, c))
    off = (field.values(queries) - exact.values(queries)).abs().mean(dim=1)
    assert float(off.max()) <= field.truncation + 1e-5
    if field.basis is not None:
        assert field.truncation > 0 or rank == min(n, c)
        factored = field.coefficients @ field.basis
        value, gradient = gradient_of(field.values, queries[n:], upstream[n:])
        true_value, true_gradient = gradient_of(
            lambda x: brute_force(points, factored, x, power), queries[n:], upstream[n:]
        )
        # Rounding acts in the factors' space, where numbers are up to sqrt(C) times larger.
        allowed = 4 * c**0.5 * rounding_scale(points, features, queries[n:], upstream[n:], power)
        assert torch.allclose(value, true_value, atol=1e-5)
        assert ((gradient - true_gradient).norm(dim=1) <= 1e-4 * true_gradient.norm(dim=1) + allowed).all()


def test_truncation_is_the_bound_that_the_residual_gives() -> None:
    points, features, _, _ = random_scene(80, 20, 1, 0, torch.float64)
    field = build_field(points, features, rank=5)
    residual = (features - field.coefficients @ field.basis).abs().mean(dim=1)
    assert field.truncation == pytest.approx(float(residual.max()), rel=1e-12) and field.truncation > 0.1
    assert build_field(points, features[:, :4] @ features[:4], rank=4).truncation < 1e-12


@pytest.mark.parametrize("rank", [None, 3])
@pytest.mark.parametrize("power", [1.0, 2.0, 3.0, 4.0, 8.0])
def test_gradcheck(power: float, rank: int | None) -> None:
    points, features, queries, targets = random_scene(12, 5, 6, 3, torch.float64)
    field = build_field(points, features, power, rank)
    assert torch.autograd.gradcheck(field.values, (queries.reshape(2, 3, 3).requires_grad_(),), eps=1e-7, atol=1e-5)
    poses = queries.detach().reshape(2, 3, 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: field.l1(x, targets[:3]), (poses,), eps=1e-7, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 4), st.integers(1, 20), st.integers(1, 80), st.integers(1, 30), st.integers(0, 2**32))
def test_l1_is_the_mean_absolute_difference(b: int, q: int, n: int, c: int, seed: int) -> None:
    points, features, queries, _ = random_scene(n, c, b * q, seed)
    targets = random_scene(1, c, q, seed + 1)[3]
    queries, weights = queries.reshape(b, q, 3), torch.arange(1.0, b + 1)
    field = build_field(points, features)
    losses, gradient = gradient_of(lambda x: field.l1(x, targets), queries, weights)
    values, true_gradient = gradient_of(lambda x: (field.values(x) - targets).abs().mean(dim=(1, 2)), queries, weights)
    torch.testing.assert_close(losses, values, rtol=1e-5, atol=1e-6)
    scale = rounding_scale(points, features, queries.reshape(-1, 3), torch.ones(b * q, c) / (q * c), 2.0) * b
    assert ((gradient - true_gradient).reshape(-1, 3).norm(dim=1) <= 1e-5 * true_gradient.norm() + 4 * scale).all()


def test_l1_of_every_query_by_itself() -> None:
    """Queries may weigh differently: value and gradient are each query's own."""
    points, features, queries, _ = random_scene(60, 7, 24, 3, torch.float64)
    targets, weights = random_scene(1, 7, 12, 4, torch.float64)[3], torch.rand(2, 12, dtype=torch.float64)
    field = build_field(points, features)
    poses = queries.reshape(2, 12, 3)
    each, gradient = gradient_of(lambda x: field.l1_each(x, targets), poses, weights)
    expected, true_gradient = gradient_of(lambda x: (field.values(x) - targets).abs().mean(dim=2), poses, weights)
    torch.testing.assert_close(each, expected)
    torch.testing.assert_close(gradient, true_gradient)
    torch.testing.assert_close(field.l1(poses, targets), each.mean(dim=1))


@pytest.mark.parametrize("power", [1.0, 2.0, 3.0, 4.0, 6.0, 8.0])
def test_on_a_point_the_field_is_its_feature_and_the_gradient_finite(power: float) -> None:
    points, features, _, upstream = random_scene(300, 40, 300, 5)
    features, upstream = 100 * features, 100 * upstream
    field = build_field(points, features, power)
    for queries in (points, points + 1e-7, points + torch.tensor([1e-6, 0, 0])):
        value, gradient = gradient_of(field.values, queries, upstream)
        # With power 1 the other 299 points together still weigh 3e-3 at a micrometre.
        tolerance = 1.0 if power == 1 else 1e-2
        np.testing.assert_allclose(value.numpy(), features.numpy(), atol=tolerance)
        assert gradient.isfinite().all()
    losses, gradient = gradient_of(lambda x: field.l1(x[None], features), points, torch.ones(1))
    assert float(losses) < tolerance and gradient.isfinite().all()


def test_coincident_points_share() -> None:
    points = torch.tensor([[0.0, 0, 0], [0, 0, 0], [0.1, 0, 0]])
    field = build_field(points, torch.tensor([[1.0], [3.0], [50.0]]))
    value, gradient = gradient_of(field.values, points[:1], torch.ones(1, 1))
    assert float(value) == pytest.approx(2.0, abs=1e-4) and gradient.isfinite().all()


@pytest.mark.parametrize("power", [2.0, 4.0, 5.0])
@pytest.mark.parametrize("rank", [None, 4])
def test_constant_features_give_that_constant_and_no_gradient(power: float, rank: int | None) -> None:
    points, features, queries, upstream = random_scene(200, 8, 50, 2)
    features = features[:1].expand(200, 8).contiguous()
    field = build_field(points, features, power, rank)
    value, gradient = gradient_of(field.values, queries, upstream)
    assert torch.allclose(value, features[:50].double(), atol=1e-5)
    # The nearest query is 5 mm off; one rounding of u.A over that distance is what may remain.
    assert (gradient.norm(dim=1) <= 4 * rounding_scale(points, features, queries, upstream, power)).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 200), st.integers(1, 20), st.floats(1, 8), st.floats(0.01, 10), st.integers(0, 2**32))
def test_values_are_convex_combinations(n: int, c: int, power: float, reach: float, seed: int) -> None:
    points, features, queries, _ = random_scene(n, c, 40, seed)
    values = build_field(points, features, power).values(queries * reach)
    assert (values >= features.amin(0) - 1e-5).all() and (values <= features.amax(0) + 1e-5).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from((2.0, 4.0)))
def test_order_and_frame_do_not_matter(seed: int, power: float) -> None:
    points, features, queries, upstream = random_scene(150, 12, 30, seed, torch.float64)
    value, gradient = gradient_of(build_field(points, features, power).values, queries, upstream)
    rng = np.random.default_rng(seed)
    order = torch.tensor(rng.permutation(150))
    again, same = gradient_of(build_field(points[order], features[order], power).values, queries, upstream)
    torch.testing.assert_close(again, value)
    torch.testing.assert_close(same, gradient)
    turn, shift = torch.tensor(Rotation.random(random_state=rng).as_matrix()), torch.tensor(rng.normal(size=3))
    moved = build_field(points @ turn.T + shift, features, power)
    value_moved, gradient_moved = gradient_of(moved.values, queries @ turn.T + shift, upstream)
    torch.testing.assert_close(value_moved, value)
    torch.testing.assert_close(gradient_moved, gradient @ turn.T, rtol=1e-5, atol=1e-8)


def test_far_away_the_field_is_the_mean() -> None:
    points, features, _, _ = random_scene(500, 6, 1, 0)
    value = build_field(points, features).values(torch.tensor([[1000.0, 0, 0]]))
    torch.testing.assert_close(value[0], features.mean(0), rtol=0, atol=1e-3)


@pytest.mark.parametrize("rank", [None, 5])
def test_the_size_of_a_slice_changes_nothing(monkeypatch: pytest.MonkeyPatch, rank: int | None) -> None:
    points, features, queries, upstream = random_scene(50, 9, 60, 11, torch.float64)
    targets = upstream[:20]
    field = build_field(points, features, 2.0, rank)
    results = []
    for elements in (1, 50, 149, 7 * 50, 60 * 50, 10**9):
        monkeypatch.setattr(kernel, "CPU_SLICE", elements)
        poses, weights = queries.reshape(3, 20, 3), torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
        energy = gradient_of(lambda x: field.l1(x, targets), poses, weights)
        results.append([*gradient_of(field.values, queries, upstream), *energy])
    for other in results[1:]:
        for a, b in zip(other, results[0], strict=True):
            torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("rank", [None, 5])
def test_the_number_of_workers_changes_no_bit(monkeypatch: pytest.MonkeyPatch, rank: int | None) -> None:
    points, features, queries, upstream = random_scene(50, 9, 60, 12)
    monkeypatch.setattr(kernel, "CPU_SLICE", 7 * 50)
    poses, weights = queries.reshape(3, 20, 3), torch.tensor([1.0, 2.0, 3.0])
    results = []
    for workers in (1, 2, 5, 40):
        field = build_field(points, features, 4.0, rank, workers)
        energy = gradient_of(lambda x, field=field: field.l1(x, upstream[:20]), poses, weights)
        results.append([*gradient_of(field.values, queries, upstream), *energy])
        assert field.values(queries[:0]).shape == (0, 9)
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(other, results[0], strict=True))


def test_shapes_and_the_empty_query() -> None:
    points, features, queries, _ = random_scene(30, 7, 24, 1)
    field = build_field(points, features)
    torch.testing.assert_close(field.values(queries.reshape(2, 3, 4, 3)).reshape(24, 7), field.values(queries))
    assert field.values(queries[:0]).shape == (0, 7)
    assert field.l1(queries.reshape(2, 12, 3), torch.zeros(12, 7)).shape == (2,)


class _Allocations(TorchDispatchMode):
    """Notes the most elements that any tensor has that an operation returns."""

    most = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, (tuple, list)) else [result]:
            if isinstance(tensor, Tensor):
                self.most = max(self.most, tensor.untyped_storage().nbytes() // tensor.element_size())
        return result


@contextmanager
def allocations() -> Iterator[_Allocations]:
    with _Allocations() as watched:
        yield watched


@pytest.mark.parametrize("rank", [None, 16])
def test_nothing_as_large_as_queries_times_points_is_made(rank: int | None) -> None:
    points, features, queries, upstream = random_scene(3000, 32, 2500, 0)
    field = build_field(points, features, 2.0, rank)
    with allocations() as watched:
        gradient_of(field.values, queries, upstream)
        gradient_of(lambda x: field.l1(x.reshape(5, 500, 3), upstream[:500]), queries, torch.ones(5))
    assert watched.most <= kernel.CPU_SLICE < 2500 * 3000 / 9
    with allocations() as control:  # the watch is awake: brute force on a tenth is seen
        gradient_of(lambda x: brute_force(points[:300], features[:300], x, 2.0), queries, upstream)
    assert control.most >= 2500 * 300 * 3


def test_golden_values_losses_and_gradients() -> None:
    data = {name: torch.tensor(array) for name, array in golden("interpolator.npz").items()}
    field = build_field(data["points"], data["features"])
    # In float64 the softening shows: 1e-14 m^2 against squared distances of 1e-6 m^2 and more.
    for dtype, suffix, tolerance in ((torch.float32, "", 2e-6), (torch.float64, "_f64", 2e-8)):
        typed = FeatureField(field.points.to(dtype), field.coefficients.to(dtype))
        queries = data["query"].to(dtype).clone().requires_grad_()
        values, losses = typed.values(queries), typed.l1(queries, data["ref_features"][0].to(dtype))
        losses.mean().backward()
        torch.testing.assert_close(values, data[f"values{suffix}"], rtol=0, atol=tolerance)
        torch.testing.assert_close(losses.float(), data["losses"], rtol=0, atol=2e-6)
        torch.testing.assert_close(losses.mean().float(), data["loss"], rtol=0, atol=2e-6)
        torch.testing.assert_close(queries.grad, data[f"grad_query{suffix}"], rtol=0, atol=tolerance)


def test_golden_special_places() -> None:
    """On points, beside them and far away: as published, but for the gradient on a point, which there is NaN."""
    data = {name: torch.tensor(array) for name, array in golden("interpolator.npz").items()}
    queries = data["special_query"].clone().requires_grad_()
    values = build_field(data["points"], data["features"]).values(queries)
    (values * torch.linspace(-1, 1, 24)).sum().backward()
    torch.testing.assert_close(values, data["special_values"], rtol=0, atol=5e-6)
    published = data["special_grad_of_weighted_sum"]
    assert published[0, :4].isnan().all() and published[0, 4:].isfinite().all()
    assert queries.grad.isfinite().all()
    assert queries.grad[0, :4].norm() < 1e-6  # the top of a point's weight is flat
    upstream = torch.linspace(-1, 1, 24).expand(16, 24)
    resolved = rounding_scale(data["points"], data["features"], data["special_query"][0], upstream, 2.0)
    off = (queries.grad[0] - published[0]).norm(dim=1)[4:]
    assert (off <= 1e-5 * published[0, 4:].norm(dim=1) + 4 * resolved[4:]).all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_an_accelerator_gives_the_same() -> None:
    points, features, queries, upstream = random_scene(500, 40, 200, 4)
    value, gradient = gradient_of(build_field(points, features).values, queries, upstream)
    there = build_field(points.cuda(), features.cuda())
    value_there, gradient_there = gradient_of(there.values, queries.cuda(), upstream.cuda())
    torch.testing.assert_close(value_there.cpu(), value, rtol=1e-3, atol=1e-4)
    assert float((gradient_there.cpu() - gradient).norm() / gradient.norm()) < 1e-3
