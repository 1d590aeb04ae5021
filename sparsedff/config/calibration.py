"""The sections of the configuration that concern `sparsedff calibrate`; the rest is in config.py."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.common.schema import key, section


@dataclass(frozen=True)
class BoardConfig:
    """The ChArUco board, upright: columns are counted along its x, rows along its y."""

    columns: int = key(8, "squares in a row", at_least=3, at_most=100)
    rows: int = key(11, "squares in a column", at_least=3, at_most=100)
    square_m: float = key(0.032, "edge of a square, as measured on the print [m]", above=0, at_most=1)
    marker_m: float = key(0.025, "edge of a marker [m], smaller than a square", above=0, at_most=1)
    dictionary: str = key("DICT_4X4_1000", "OpenCV's dictionary of markers")
    thickness_m: float = key(0.0, "of the plate under the print: the table is this far below it [m]", at_least=0)


@dataclass(frozen=True)
class CalibrationConfig:
    """How cameras are calibrated."""

    board: BoardConfig = section(BoardConfig, "what `sparsedff calibrate board` prints")
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
        choices=("fx", "fy", "cx", "cy", "k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6"),
    )
    plane_tolerance_m: float = key(0.005, "table from depth: points this close to the plane are table [m]", above=0)
