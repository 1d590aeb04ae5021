"""The result of a transfer as one picture: the demonstration on the left, the transferred hand on the right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sparsedff.visualize.drawing import Drawing
from sparsedff.visualize.sheet import draw_sheet
from sparsedff.visualize.views import ViewAngles


def draw_result(
    reference: Drawing,
    test: Drawing,
    path: Path | str,
    caption: str = "",
    width: int = 1920,
    views: Sequence[ViewAngles] | None = None,
) -> None:
    """Write one PNG: the reference scene in the left column, the test scene in the right, two viewpoints as rows.

    Arguments and errors are those of `draw_sheet`; the test scene is seen from the same side of its hand.
    """
    draw_sheet((reference, test), path, caption, width, views)
