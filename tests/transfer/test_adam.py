"""Our Adam does what torch's does, to the bit, and rows can go on without the others."""

from __future__ import annotations

import torch

from sparsedff.transfer.adam import Adam


def cost(values: list[torch.Tensor]) -> torch.Tensor:
    """Rows do not touch each other."""
    a, b = values
    return ((a - 1).pow(4).sum() + (b.sin() * torch.arange(1.0, 5.0)).sum() + b.abs().sqrt().sum()) * 3


def raw() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator).requires_grad_() for shape in ((6, 3), (6, 4))]


def test_a_hundred_steps_equal_those_of_torch_to_the_bit() -> None:
    ours, theirs = Adam(raw()), raw()
    rates = (0.02, 0.05)
    adam = torch.optim.Adam([{"params": [value], "lr": rate} for value, rate in zip(theirs, rates, strict=True)])
    for step in range(100):
        share = 1 - step / 200
        for group, rate in zip(adam.param_groups, rates, strict=True):
            group["lr"] = rate * share
        adam.zero_grad()
        cost(theirs).backward()
        adam.step()
        ours.clear()
        cost(ours.values).backward()
        ours.step([rate * share for rate in rates])
        assert all(torch.equal(a, b) for a, b in zip(ours.values, theirs, strict=True)), step


def test_rows_that_stay_go_on_as_if_the_others_were_there() -> None:
    whole, fewer = Adam(raw()), Adam(raw())
    order = torch.tensor([4, 1])
    for step in range(20):
        if step == 8:
            fewer.keep(order)
        for adam in (whole, fewer):
            adam.clear()
            cost(adam.values).backward()
            adam.step((0.02, 0.05))
    for all_rows, kept in zip(whole.values, fewer.values, strict=True):
        assert torch.allclose(all_rows[order], kept, atol=1e-6)


def test_a_tensor_without_a_gradient_stays() -> None:
    adam = Adam(raw())
    before = adam.values[1].detach().clone()
    adam.values[0].sum().backward()
    adam.step((0.1, 0.1))
    assert torch.equal(adam.values[1], before) and not torch.equal(adam.values[0], raw()[0])


def test_a_row_moves_by_its_share_of_the_rates() -> None:
    shares = torch.ones(6, 1)
    shares[2] = 0.25
    whole, shared = Adam(raw()), Adam(raw(), shares)
    for adam in (whole, shared):
        cost(adam.values).backward()
        adam.step((0.02, 0.05))
    for start, full, part in zip(raw(), whole.values, shared.values, strict=True):
        moved, less = full - start, part - start
        assert torch.allclose(less[2], 0.25 * moved[2], atol=1e-7)
        others = [0, 1, 3, 4, 5]
        assert torch.equal(less[others], moved[others])
    shared.keep(torch.tensor([2, 0]))
    before = [value.detach().clone() for value in shared.values]
    shared.clear()
    cost(shared.values).backward()
    shared.step((0.02, 0.05))
    way = [(value - old).abs().max(dim=1).values for value, old in zip(shared.values, before, strict=True)]
    assert all(each[0] < 0.5 * each[1] for each in way)
