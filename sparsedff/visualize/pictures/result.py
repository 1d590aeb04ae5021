"""The result of a transfer as one picture: what was demonstrated on the left, what came of it on the right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sparsedff.visualize.scene import Scene
from sparsedff.visualize.sheet import compose_sheet, draw_sheet
from sparsedff.visualize.views import View


def draw_result(
    reference: Scene,
    test: Scene,
    path: Path | str,
    caption: str = "",
    width: int = 1920,
    views: Sequence[View] | None = None,
) -> None:
    """Write one PNG: the reference scene in the left column, the test scene in the right, two viewpoints as rows.

    Arguments and errors are those of `draw_sheet`; the test scene is seen from the same side of its hand.
    """
    draw_sheet((reference, test), path, caption, width, views)


def compose_result(
    reference: Scene, test: Scene, caption: str = "", width: int = 1920, views: Sequence[View] | None = None
) -> np.ndarray:
    """The picture of `draw_result` as an array (H, width, 3) uint8 RGB; same arguments, same errors but OSError."""
    return compose_sheet((reference, test), caption, width, views)
