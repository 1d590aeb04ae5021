"""Numbers as colours: a scale with a name, a unit and two ends, on a map that colour-blind readers can follow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

COLORMAPS = ("Viridis", "Cividis")
"""Both rise evenly in lightness, so that they also read in grey; the names are plotly's."""

SCALE_ENDS = (0.02, 0.98)
"""Quantiles of the values at the ends of a scale: single outliers would leave one colour to all the rest."""

_STEPS = 256


@dataclass(frozen=True)
class ColorScale:
    """How values become colours.

    Attributes:
        name: what the values are.
        low, high: values at the ends; what lies beyond has the end's colour.
        unit: of the values, empty for pure numbers.
        colormap: one of COLORMAPS.
        falling: whether the bright end stands for `low`, as for distances, where small means similar.

    Raises:
        ValueError: the ends are not finite and in order, or there is no such map.
    """

    name: str
    low: float
    high: float
    unit: str = ""
    colormap: str = "Viridis"
    falling: bool = False

    def __post_init__(self) -> None:
        if not (np.isfinite([self.low, self.high]).all() and self.low < self.high):
            raise ValueError(f"colour scale {self.name}: low must be under high, got {self.low} and {self.high}")
        if self.colormap not in COLORMAPS:
            raise ValueError(f"colour scale {self.name}: no map {self.colormap}; known are {', '.join(COLORMAPS)}")

    @property
    def title(self) -> str:
        """Name and unit."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name

    @property
    def stops(self) -> NDArray[np.uint8]:
        """(256, 3) RGB from low to high."""
        colors = _map(self.colormap)
        return colors[::-1] if self.falling else colors

    def rgb(self, values: NDArray[np.floating]) -> NDArray[np.uint8]:
        """Colours (N, 3) of values (N,)."""
        share = np.clip((np.asarray(values, dtype=np.float64) - self.low) / (self.high - self.low), 0, 1)
        return self.stops[np.round(share * (_STEPS - 1)).astype(np.int64)]


@lru_cache(maxsize=len(COLORMAPS))
def _map(name: str) -> NDArray[np.uint8]:
    from plotly.colors import get_colorscale, sample_colorscale  # a second to import, and only needed here

    colors = sample_colorscale(get_colorscale(name), np.linspace(0, 1, _STEPS), colortype="tuple")
    return np.round(255 * np.array(colors)).astype(np.uint8)
