"""What a calibration warns of: stills of different moments, a bent board, a board of another size than believed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sparsedff.calibration.bend import bend_of
from sparsedff.calibration.cameras import Calibrated
from sparsedff.calibration.depth_size import board_by_depth
from sparsedff.calibration.settings import CalibrationSettings

_FEWEST_STILLS = 3  # that tell how flat a board is


def fault_lines(found: Calibrated, settings: CalibrationSettings, depth: Path | None) -> Iterator[str]:
    """Lines that begin with "warning:" where something is wrong; figures where it is not.

    Args:
        found: the calibration.
        settings: the board, and what is taken.
        depth: a capture of the board with depth; None leaves its size unchecked.

    Raises:
        CaptureError, CalibrationError: the capture cannot be used.
    """
    for apart in found.left_out:
        yield (
            f"warning: still {apart.still} is left out: the cameras saw the board in different places "
            f"({apart.px:.1f} px, about {1000 * apart.metres:.0f} mm), so it was not taken at one moment"
        )
    if len(np.unique(found.seen.still[found.solution.kept])) >= _FEWEST_STILLS:
        bend_m = bend_of(found.seen, found.solution, settings.board)
        if bend_m > settings.bend_m:
            yield (
                f"warning: the board is bent by about {1000 * bend_m:.1f} mm, over {1000 * settings.bend_m:.1f} mm; "
                "glue it to a flat plate and take the stills again"
            )
        else:
            yield f"board: flat to {1000 * bend_m:.1f} mm"
    if depth is None:
        return
    size = board_by_depth(found.cameras, depth, settings)
    if size is None:
        yield f"warning: no camera of {depth} sees enough of the board in colour and depth; its size stays unchecked"
        return
    percent = 100 * (size[0] - 1)
    other = "larger" if percent > 0 else "smaller"
    said = f"by the depth of {size[1]} cameras the board is {abs(percent):.1f} % {other}"
    if abs(percent) > 100 * settings.scale_share:
        yield (
            f"warning: {said} than calibration.board.square_m={settings.board.square_m:g} says (a square of "
            f"{1000 * settings.board.square_m * size[0]:.2f} mm); measure the print with a ruler"
        )
    else:
        yield f"{said} than configured, within {100 * settings.scale_share:.1f} %"
