"""The training's curve as a picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from sparsedff.common.atomic import write_file


def draw_curve(curve: Sequence[tuple[int, float, float]], path: Path) -> None:
    """Write a PNG of (step, loss of coordinates, loss of votes)."""
    from matplotlib.figure import Figure

    figure = Figure((7, 4), layout="constrained")
    axes = figure.subplots()
    steps, own, votes = zip(*curve, strict=True) if curve else ((), (), ())
    axes.plot(steps, own, label="coordinates, mean L1")
    axes.plot(steps, votes, label="votes for the middle, mean L1 [10 cm]")
    axes.set(xlabel="step", ylim=(0, None))
    axes.legend()
    encoded = io.BytesIO()
    figure.savefig(encoded, format="png", dpi=110)
    write_file(path, encoded.getvalue())
