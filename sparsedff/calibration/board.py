"""The ChArUco board: a chessboard whose white squares carry markers, so that a part of it is enough to see.

Board frame: origin at the outer corner of the first square, x along a row of squares (to the right on the upright
print), y down the columns, z into the paper; metres. Columns are the squares along x, rows those along y.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import CalibrationError
from sparsedff.geometry import Float, transform

_OPTIONS = ("DICT_4X4_", "DICT_5X5_", "DICT_6X6_", "DICT_7X7_")
DICTIONARIES = tuple(f"{family}{count}" for family in _OPTIONS for count in (50, 100, 250, 1000))
"""Names of OpenCV's marker dictionaries that boards can be made of."""


@dataclass(frozen=True)
class Board:
    """What is printed.

    Attributes:
        columns: squares along x, at least 3.
        rows: squares along y, at least 3.
        square_m: edge of a square [m], as measured on the print.
        marker_m: edge of a marker [m], smaller than a square.
        dictionary: one of DICTIONARIES.

    Raises:
        CalibrationError: a value that contradicts the above, or a dictionary with too few markers.
    """

    columns: int = 8
    rows: int = 11
    square_m: float = 0.032
    marker_m: float = 0.025
    dictionary: str = "DICT_4X4_1000"

    def __post_init__(self) -> None:
        if self.columns < 3 or self.rows < 3:
            raise CalibrationError(
                f"board: {self.columns} x {self.rows} squares are too few; it must be at least 3 x 3"
            )
        if not 0 < self.marker_m < self.square_m:
            raise CalibrationError(
                f"board: markers of {self.marker_m:g} m do not fit squares of {self.square_m:g} m; they must be smaller"
            )
        if self.dictionary not in DICTIONARIES:
            raise CalibrationError(f"board: no dictionary {self.dictionary!r}; there are: {', '.join(DICTIONARIES)}")
        needed, has = self.columns * self.rows // 2, int(self.dictionary.rsplit("_", 1)[1])
        if needed > has:
            raise CalibrationError(
                f"board: {needed} markers are needed but {self.dictionary} has {has}; take a larger dictionary"
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
