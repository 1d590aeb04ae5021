"""The published loss to the numbers of the authors' code; ours by closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sparsedff.refine.losses.field import masked_loss
from sparsedff.refine.losses.published import published_logits, published_loss, sample_keys
from tests.support.golden_probe import golden_probe
from tests.support.paths import golden


@pytest.mark.parametrize(("name", "temperature"), [("T0007", 0.007), ("T05", 0.5)])
def test_a_published_step(name: str, temperature: float) -> None:
    """Draws, logits, loss, gradients, and parameters after the step, from the recorded random numbers."""
    data = golden("infonce.npz")
    pairs, uniforms = torch.from_numpy(data["pairs"]), torch.from_numpy(data["uniforms"])
    anchors, keys = sample_keys(pairs, uniforms)
    np.testing.assert_array_equal(anchors, data["q_index"])
    np.testing.assert_array_equal(keys, data["k_index"])
    probe = golden_probe()
    optimiser = torch.optim.Adam(probe.parameters(), lr=1e-4)
    outputs = [probe(torch.from_numpy(data[f"features{i}"]), torch.zeros(1, dtype=torch.int64))[1] for i in (0, 1)]
    q, k = outputs[0][anchors], outputs[1][keys]
    logits = published_logits(q, k, temperature)
    np.testing.assert_allclose(logits.detach(), data[f"{name}_logits"], rtol=2e-5, atol=1e-5 / temperature)
    loss = published_loss(q, k, temperature)
    assert loss.item() == pytest.approx(float(data[f"{name}_loss"]), rel=1e-5)
    loss.backward()
    for parameter, value in probe.named_parameters():
        wanted = data[f"{name}_grad_{parameter}"]
        np.testing.assert_allclose(value.grad, wanted, atol=1e-5 * np.abs(wanted).max() + 1e-9, err_msg=parameter)
    optimiser.step()
    for parameter, value in probe.named_parameters():
        np.testing.assert_allclose(value.detach(), data[f"{name}_after_{parameter}"], atol=2e-6, err_msg=parameter)


def test_the_masked_loss_is_a_softmax_over_what_is_left() -> None:
    logits = torch.tensor([[1.0, 2.0, 3.0, 5.0], [0.5, 0.0, -1.0, 9.0]])
    positive, forbidden = torch.tensor([1, 0]), torch.tensor([[False, True, True, False], [False, False, False, True]])
    first = -2 + np.log(np.exp(2) + np.exp(1) + np.exp(5))  # the own key stays although it is forbidden
    second = -0.5 + np.log(np.exp(0.5) + 1 + np.exp(-1))
    assert masked_loss(logits, positive, forbidden).item() == pytest.approx((first + second) / 2, rel=1e-6)


def test_forbidden_columns_get_no_gradient() -> None:
    logits = torch.randn(5, 7, generator=torch.Generator().manual_seed(0), requires_grad=True)
    forbidden = torch.rand(5, 7, generator=torch.Generator().manual_seed(1)) < 0.5
    positive = torch.arange(5)
    masked_loss(logits, positive, forbidden).backward()
    assert logits.grad is not None and torch.isfinite(logits.grad).all()
    left_out = forbidden.scatter(1, positive[:, None], False)
    assert (logits.grad[left_out] == 0).all() and (logits.grad[~left_out] != 0).all()


def test_every_key_of_an_anchor_is_drawn_alike() -> None:
    pairs = torch.tensor([[0, 5], [2, 1], [2, 3], [2, 4], [7, 0]])
    anchors, keys = sample_keys(pairs, torch.rand(6000, 3, generator=torch.Generator().manual_seed(0)))
    assert anchors.tolist() == [0, 2, 7] and set(keys[:, 0].tolist()) == {5} and set(keys[:, 2].tolist()) == {0}
    values, counts = keys[:, 1].unique(return_counts=True)
    assert values.tolist() == [1, 3, 4] and (abs(counts / 6000 - 1 / 3) < 0.03).all()
