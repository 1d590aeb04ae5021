"""What is said of a source, beyond what lies in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wanted:
    """Options of an import; what a layout has no use for is passed over.

    Attributes:
        name: of the capture.
        frames: which frames of a sequence become views; None = four, evenly spread.
        depth_unit_m: length of one unit of the depth images [m]; None = what the layout says.
        at_s: the moment in a recording, after its begin [s].
        world: the frame of a recording that is the table's; None = table, world, map or base_link, the first there is.
    """

    name: str
    frames: tuple[int, ...] | None = None
    depth_unit_m: float | None = None
    at_s: float = 0.0
    world: str | None = None
