"""The section `calibration` of the configuration: the board, and how corners are judged."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.calibration.board import Board
from sparsedff.common.schema import key, section
from sparsedff.common.schema_values import check

LENS_TERMS = ("fx", "fy", "cx", "cy", "k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6")
"""What a lens is made of, in the order of `capture.lens.Projection.by_lens`."""


@dataclass(frozen=True)
class CalibrationSettings:
    """How cameras are calibrated.

    Raises:
        ConfigError: a value out of its range.
    """

    board: Board = section(Board, "what `sparsedff calibrate board` prints")
    min_corners: int = key(6, "a still in which a camera sees fewer corners is not used", at_least=4)
    min_stills: int = key(3, "stills in which each camera must see the board", at_least=1)
    min_stills_solve: int = key(8, "the same where its lens is solved for", at_least=3)
    tolerance_px: float = key(3.0, "farthest that a corner lies from its own still's fit, at 1920 wide [px]", above=0)
    reject_sigmas: float = key(4.5, "a corner farther off than so many of its camera's sigmas is wrong", above=1)
    reject_floor_px: float = key(0.3, "unless it is closer than this [px]", at_least=0)
    loss_px: float = key(0.5, "errors well above this count linearly, not squared [px]", above=0)
    solve_terms: tuple[str, ...] = key(
        ("fx", "fy", "cx", "cy", "k1", "k2", "p1", "p2", "k3"),
        "what --intrinsics solve solves for; other terms stay the factory's, or zero",
        choices=LENS_TERMS,
    )
    moment_px: float = key(
        0.6,
        "cameras that are further off one pose of the board saw it at different moments, at 1920 wide [px]",
        above=0,
    )
    max_moment_share: float = key(
        0.25, "more stills of different moments are refused, fewer are left out", at_least=0, at_most=1
    )
    bend_m: float = key(0.001, "a board further from flat than this is warned of [m]", above=0)
    scale_share: float = key(0.005, "a board whose size differs from depth's by more is warned of", above=0)
    plane_tolerance_m: float = key(0.005, "table from depth: points this close to the plane are table [m]", above=0)

    def __post_init__(self) -> None:
        """Refuse values out of range, however they were given."""
        check(self, "calibration")

    def fewest_stills(self, solve_lenses: bool) -> int:
        """In how many stills each camera must see the board."""
        return self.min_stills_solve if solve_lenses else self.min_stills
