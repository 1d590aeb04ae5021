"""The network: a point's inputs to its coordinates, and to where the object's middle lies from it."""

from __future__ import annotations

from torch import Tensor, nn

from sparsedff.distill.backbones.learned.probes import INPUTS

WIDTHS = (320, 256, 256)
CHANNELS = 60
VOTE = 2
"""Channels of the vote for the middle: outward and sideways."""


class PointNetwork(nn.Module):
    """A multilayer perceptron on one point at a time; what it knows of the object stands in the point's probes.

    Args:
        inputs: of a point.
        channels: of a point's coordinates.
        widths: of the hidden layers.
    """

    def __init__(self, inputs: int = INPUTS, channels: int = CHANNELS, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in zip((inputs, *widths[:-1]), widths, strict=True):
            layers += [nn.Linear(before, after), nn.GELU()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(widths[-1], channels)
        self.vote = nn.Linear(widths[-1], VOTE)

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Coordinates (N, channels) and votes (N, 2), in probes.UNIT_M along outward and sideways, of inputs."""
        hidden = self.body(inputs)
        return self.head(hidden), self.vote(hidden)
