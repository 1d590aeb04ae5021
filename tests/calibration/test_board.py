"""The board: the corners that OpenCV means, and paper at true scale."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from sparsedff.calibration.board import Board
from sparsedff.calibration.detect import detect
from sparsedff.calibration.page import PX_PER_MM, draw_page, paper_for, print_board
from sparsedff.errors import CalibrationError, ConfigError
from sparsedff.geometry import apply


@pytest.mark.parametrize("size", [(8, 11), (11, 8), (5, 4)])
def test_corners_are_opencvs(size: tuple[int, int]) -> None:
    board = Board(*size)
    np.testing.assert_allclose(board.corners, board.opencv().getChessboardCorners(), atol=1e-7)
    assert board.picture(20).shape == (20 * size[1], 20 * size[0])  # rows down, columns across


def test_the_table_frame_of_a_board_has_its_origin_in_the_middle_and_z_out_of_the_paper(board: Board) -> None:
    table_from_board = np.linalg.inv(board.board_from_table)
    np.testing.assert_allclose(apply(table_from_board, np.array([0.128, 0.176, 0.0])), 0, atol=1e-12)
    np.testing.assert_allclose(apply(table_from_board, np.array([0.256, 0.0, -0.01])), [0.128, 0.176, 0.01], atol=1e-12)
    assert np.linalg.det(table_from_board[:3, :3]) == pytest.approx(1)


def test_the_page_is_at_true_scale(tmp_path: Path, board: Board) -> None:
    (pdf, png), paper = print_board(board, tmp_path / "new")
    assert (paper.name, paper.size_mm) == ("A3", (297, 420))
    box = re.search(rb"MediaBox\s*\[\s*([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)", pdf.read_bytes())
    assert box is not None
    np.testing.assert_allclose([float(v) * 25.4 / 72 for v in box.groups()], [0, 0, 297, 420], atol=0.01)
    image = Image.open(png)
    assert image.info["dpi"] == pytest.approx((25.4 * PX_PER_MM,) * 2)
    # An independent look at the page: the corners that a detector finds on it are 32.00 mm apart.
    grey = np.asarray(image.convert("L").reduce(4))
    found = detect(board, cv2.GaussianBlur(grey, (0, 0), 1.0))
    assert len(found) == 70
    mm = (found.pixels + 0.5) * 4 / PX_PER_MM
    flat = 1000 * board.corners[found.ids, :2]
    np.testing.assert_allclose(mm - mm.mean(axis=0), flat - flat.mean(axis=0), atol=0.02)


def test_the_bar_on_the_page_is_100_mm_long(board: Board) -> None:
    black = ~np.asarray(draw_page(board)[0])
    foot = black[-36 * PX_PER_MM :]
    longest = 0
    for row in foot[foot.sum(axis=1) > 90 * PX_PER_MM]:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
        longest = max([longest, *(edges[1::2] - edges[::2])] if row.sum() < 150 * PX_PER_MM else [longest])
    assert longest == pytest.approx(100 * PX_PER_MM, abs=6)


def test_paper() -> None:
    assert paper_for(Board(5, 7)).name == "A4"
    assert paper_for(Board(11, 8)).size_mm == (420, 297)
    assert paper_for(Board(20, 40)).name == "custom size"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"columns": 2}, "calibration.board.columns: 2 is not allowed; it must be a whole number, at least 3"),
        (
            {"marker_m": 0.032},
            "calibration.board.marker_m: markers of 0.032 m do not fit squares of 0.032 m; they must be smaller",
        ),
        ({"thickness_m": -0.1}, "calibration.board.thickness_m: -0.1 is not allowed"),
        ({"dictionary": "DICT_4X4"}, "no dictionary 'DICT_4X4'; there are: DICT_4X4_50"),
        ({"dictionary": "DICT_4X4_50", "rows": 20}, "80 markers are needed but DICT_4X4_50 has 50"),
    ],
)
def test_refused(values: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        Board(**values)


def test_what_cannot_be_printed(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match="cannot be printed exactly"):
        print_board(Board(square_m=0.03201), tmp_path)
    with pytest.raises(CalibrationError, match="too large"):
        print_board(Board(square_m=0.2), tmp_path)
    assert not list(tmp_path.iterdir())
