"""The ChArUco board: a chessboard whose white squares carry markers, so that a camera need see only a part of it.

Board frame: origin at the outer corner of the first square, x along a row of squares (to the right on the upright
print), y down the columns, z into the paper; metres. Columns are the squares along x, rows those along y.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.common.schema import key
from sparsedff.common.schema_values import check
from sparsedff.errors import ConfigError
from sparsedff.geometry import Float, transform

_OPTIONS = ("DICT_4X4_", "DICT_5X5_", "DICT_6X6_", "DICT_7X7_")
DICTIONARIES = tuple(f"{family}{count}" for family in _OPTIONS for count in (50, 100, 250, 1000))
"""Names of OpenCV's marker dictionaries that boards can be made of."""
_SECTION = "calibration.board"


@dataclass(frozen=True)
class Board:
    """The board that is printed: the section `calibration.board` of the configuration.

    Raises:
        ConfigError: a value out of its range, markers that do not fit the squares, or a dictionary with too few.
    """

    columns: int = key(8, "squares in a row", at_least=3, at_most=100)
    rows: int = key(11, "squares in a column", at_least=3, at_most=100)
    square_m: float = key(0.032, "edge of a square, as measured on the print [m]", above=0, at_most=1)
    marker_m: float = key(0.025, "edge of a marker [m], smaller than a square", above=0, at_most=1)
    dictionary: str = key("DICT_4X4_1000", "OpenCV's dictionary of markers")
    thickness_m: float = key(0.0, "of the plate under the print: the table is this far below it [m]", at_least=0)

    def __post_init__(self) -> None:
        """Refuse values out of range, and what only contradicts itself in combination."""
        check(self, _SECTION)
        if self.marker_m >= self.square_m:
            raise ConfigError(
                f"{_SECTION}.marker_m: markers of {self.marker_m:g} m do not fit squares of {self.square_m:g} m; they "
                "must be smaller"
            )
        if self.dictionary not in DICTIONARIES:
            raise ConfigError(
                f"{_SECTION}.dictionary: no dictionary {self.dictionary!r}; there are: {', '.join(DICTIONARIES)}"
            )
        needed, has = self.columns * self.rows // 2, int(self.dictionary.rsplit("_", 1)[1])
        if needed > has:
            raise ConfigError(
                f"{_SECTION}.dictionary: {needed} markers are needed but {self.dictionary} has {has}; take a larger "
                "dictionary"
            )

    @property
    def size_m(self) -> tuple[float, float]:
        """(width, height) [m]."""
        return self.columns * self.square_m, self.rows * self.square_m

    @property
    def corners(self) -> Float:
        """Inner corners ((columns - 1) * (rows - 1), 3) [m] in the board frame, row by row; their index is their id."""
        x, y = np.meshgrid(np.arange(1, self.columns), np.arange(1, self.rows))
        return np.stack([x.ravel(), y.ravel(), 0 * x.ravel()], axis=1).astype(np.float64) * self.square_m

    @property
    def board_from_table(self) -> Float:
        """(4, 4): the table frame of a board that lies on the table, face up.

        Origin in the board's middle, x as the board's, y up the page, z up out of the paper.
        """
        width, height = self.size_m
        return transform(np.diag([1.0, -1.0, -1.0]), np.array([width / 2, height / 2, 0.0]))

    def opencv(self) -> cv2.aruco.CharucoBoard:
        """The same as OpenCV has it."""
        markers = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, self.dictionary))
        return cv2.aruco.CharucoBoard((self.columns, self.rows), self.square_m, self.marker_m, markers)

    def picture(self, square_px: int) -> NDArray[np.uint8]:
        """The upright print (rows * square_px, columns * square_px): 0 black, 255 white."""
        return np.asarray(
            self.opencv().generateImage((self.columns * square_px, self.rows * square_px)), dtype=np.uint8
        )
