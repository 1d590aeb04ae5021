"""The start of a training: a network that keeps the differences between features.

A contrastive loss only sees the training views. A network that starts at random must first learn again what the
backbone already gives. A network that starts here departs from the backbone's features only where that lowers the loss.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sparsedff.errors import ConfigError
from sparsedff.refine.network import Probe

_CLEAR = 1.5  # constant added before a ReLU, in units of a channel's greatest absolute value


@torch.no_grad()
def start_at_identity(probe: Probe, features: Tensor) -> None:
    """Set the parameters so that `probe.features(x)` is x plus a constant, for all x like the given ones.

    Steps:
    1. The first of several layers is (I, -I). After its ReLU x is kept as its positive and negative part. Layers in
       between pass both parts on, and the last layer subtracts them.
    2. Where a ReLU follows the last layer, a constant is added that makes every channel positive. The field only
       compares features, so a constant does not matter.
    3. Hidden channels that this does not need keep their random inputs and start without influence.
    4. The bias of the head subtracts the constant again.

    Args:
        probe: changed in place; its hidden width must be at least 2 C.
        features: (N, C) of the training data, which decide the constant.

    Raises:
        ConfigError: the hidden width is too small.
    """
    shape, layers = probe.shape, probe.shared_layers()
    if len(layers) > 1 and shape.hidden < 2 * shape.width:
        raise ConfigError(
            f"refinement.hidden_factor: {shape.hidden} hidden channels cannot hold {shape.width} features and their "
            "negatives; it must be at least 2"
        )
    lift = _CLEAR * features.abs().amax(dim=0)
    identity = torch.eye(shape.width)
    both = torch.cat([identity, -identity])
    if shape.layout.per_view:
        for layer in probe.linears:
            assert isinstance(layer, nn.Linear)
            _fill(layer, identity, lift if shape.layout.rectified_views else None)
    if len(layers) == 1:
        _fill(layers[0], identity, -lift if shape.layout.rectified_views else None)
    else:
        layers[0].weight[: len(both)] = both
        layers[0].bias[: len(both)] = 0
        for layer in layers[1:-1]:
            layer.weight[: len(both)] = torch.eye(shape.hidden)[: len(both)]
            layer.bias[: len(both)] = 0
        layers[-1].weight.zero_()
        layers[-1].weight[:, : len(both)] = both.T
        layers[-1].bias.copy_(lift if shape.layout.head else torch.zeros_like(lift))
    if shape.layout.head:
        probe.linear_g.bias.copy_(-probe.linear_g.weight @ lift)


def _fill(layer: nn.Linear, weight: Tensor, bias: Tensor | None) -> None:
    layer.weight.copy_(weight)
    layer.bias.copy_(torch.zeros_like(layer.bias) if bias is None else bias)
