"""The precision in which a model computes, by device."""

from __future__ import annotations

import torch

from sparsedff.errors import ConfigError

PRECISIONS = ("auto", "float32", "bfloat16")


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """A context in which matrix products run in bfloat16, or a context that changes nothing.

    Args:
        device: of the model.
        precision: one of PRECISIONS. `auto` is bfloat16 on CUDA devices that compute it natively, and float32 on all
            others. CPUs with and without bfloat16 units would otherwise give different features of one capture.

    Raises:
        ConfigError: an unknown precision.
    """
    if precision not in PRECISIONS:
        raise ConfigError(f"features.precision: must be one of {', '.join(PRECISIONS)}, got {precision!r}")
    native = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    enabled = precision == "bfloat16" or (precision == "auto" and native)
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)
