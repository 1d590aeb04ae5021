"""The refinement network: one module for all modes (docs/method.md, eq. 4).

A probe is a row of linear layers with ReLU between them. Modes differ in the number of layers, in whether every view
has a linear layer of its own before them, and in whether a head for the contrastive loss follows, as in the published
`glayer`. Parameter names are those of the authors' files: linear1, linear2, ..., linears.VIEW, linear_g.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sparsedff.errors import ConfigError
from sparsedff.refine.modes import MODES, Mode


@dataclass(frozen=True)
class Shape:
    """A mode and its widths. They decide the names and shapes of all parameters.

    Attributes:
        mode: one of MODES.
        width: C, channels of the features that enter and leave.
        hidden: channels between layers; 4 C as published.
        head: channels of the head's output, 64 as published; unused by modes without a head.
        views: number of views of the per-view layers; unused by modes without them.

    Raises:
        ConfigError: no such mode, or a width below 1.
    """

    mode: str
    width: int
    hidden: int
    head: int = 64
    views: int = 1

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ConfigError(f"mode: no {self.mode!r}; known are {', '.join(MODES)}")
        for name in ("width", "hidden", "head", "views"):
            if getattr(self, name) < 1:
                raise ConfigError(f"refinement network: {name} must be at least 1, got {getattr(self, name)}")

    @property
    def layout(self) -> Mode:
        """The layers of the mode."""
        return MODES[self.mode]


class Probe(nn.Module):
    """A refinement network of some shape."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        mode, c, h = shape.layout, shape.width, shape.hidden
        widths = [c, *[h] * (mode.layers - 1), c]
        for number in range(mode.layers):
            setattr(self, f"linear{number + 1}", nn.Linear(widths[number], widths[number + 1]))
        if mode.per_view:
            self.linears = nn.ModuleList(nn.Linear(c, c) for _ in range(shape.views))
        if mode.head:
            self.linear_g = nn.Linear(c, shape.head)

    def shared_layers(self) -> list[nn.Linear]:
        """linear1, linear2, ..."""
        return [getattr(self, f"linear{number + 1}") for number in range(self.shape.layout.layers)]

    def features(self, x: Tensor, views: Tensor) -> Tensor:
        """The field's features (N, C), before any head.

        Args:
            x: (N, C) features as they come from the backbone and its reduction.
            views: (N,) int64 view of each point; only per-view layers use it.
        """
        mode = self.shape.layout
        if mode.per_view:
            x = self._by_view(x, views)
            x = x.relu() if mode.rectified_views else x
        for number, layer in enumerate(self.shared_layers()):
            x = layer(x if number == 0 else x.relu())
        return x.relu() if mode.head else x

    def head(self, features: Tensor) -> Tensor:
        """The input (N, G) of the published loss: the head's output, without a head the features themselves."""
        return self.linear_g(features).relu() if self.shape.layout.head else features

    def forward(self, x: Tensor, views: Tensor) -> tuple[Tensor, Tensor]:
        """`features` and `head` of them."""
        features = self.features(x, views)
        return features, self.head(features)

    def _by_view(self, x: Tensor, views: Tensor) -> Tensor:
        if len(views) and not 0 <= int(views.min()) <= int(views.max()) < self.shape.views:
            raise ConfigError(
                f"refinement network: mode {self.shape.mode} was trained on views 0 to {self.shape.views - 1}, got "
                f"view {int(views.max())}; train it on a capture with these views, or use mode glayer"
            )
        every = torch.stack([layer(x) for layer in self.linears])  # (views, N, C): each layer is cheap
        return every[views, torch.arange(len(x), device=x.device)]
