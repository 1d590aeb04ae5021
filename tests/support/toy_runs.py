"""Optimisations of the toy transfer."""

from __future__ import annotations

import numpy as np
import torch

from sparsedff.hands.pose import HandPose
from sparsedff.transfer.energy import Energy
from sparsedff.transfer.optimise import Optimised, optimise
from sparsedff.transfer.settings import AlignmentSettings
from sparsedff.transfer.starts import Starts, starts_above
from sparsedff.transfer.terms.registry import TERMS
from tests.support.transfer_toys import demonstration, moved_cloud

WEIGHTS = {term.name: term.weight for term in TERMS} | {"gap": 1.0}  # here all hand points count as contacts


def starts_for(test_from_reference: np.ndarray, count: int = 12, seed: int = 0) -> list[HandPose]:
    """Hands above the moved object, all around."""
    points = moved_cloud(test_from_reference).points
    return starts_above(points, demonstration(), count, count, (0.1, 0.15), np.random.default_rng(seed))


def run(
    energy: Energy, starts: list[HandPose], settings: AlignmentSettings, seed: int = 0
) -> tuple[Optimised, list[float]]:
    """What was found, and the lowest energy of every step."""
    lowest: list[float] = []
    generator = torch.Generator().manual_seed(seed)
    found = optimise(energy, Starts(tuple(starts)), settings, generator, lambda step, energy: lowest.append(energy))
    assert len(lowest) == settings.opt_iterations
    return found, lowest
