"""The board on paper at true scale, with what is needed to check the print."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from sparsedff.calibration.board import Board
from sparsedff.common.atomic import write_file
from sparsedff.errors import CalibrationError

PX_PER_MM = 20  # 508 dpi: millimetres, and so squares and paper, are whole pixels
_DPI = 25.4 * PX_PER_MM
_MARGIN_MM, _FOOT_MM = 10, 26  # white at the sides and at the top; below, where the text stands
_PAPERS_MM = {"A4": (210, 297), "A3": (297, 420), "A2": (420, 594), "A1": (594, 841), "A0": (841, 1189)}
_LARGEST_M = 1.4


@dataclass(frozen=True)
class Paper:
    """A sheet: its name, and (width, height) [mm]."""

    name: str
    size_mm: tuple[int, int]


def paper_for(board: Board) -> Paper:
    """The smallest standard sheet that has room for the board, either way up; beyond A0 a sheet of its own size."""
    width, height = (1000 * size for size in board.size_m)
    wanted = (width + 2 * _MARGIN_MM, height + _MARGIN_MM + _FOOT_MM)
    for name, (short, long) in _PAPERS_MM.items():
        for size in ((short, long), (long, short)):
            if wanted[0] <= size[0] and wanted[1] <= size[1]:
                return Paper(name, size)
    return Paper("custom size", (int(wanted[0]) + 1, int(wanted[1]) + 1))


def draw_page(board: Board) -> tuple[Image.Image, Paper]:
    """The page in black and white at PX_PER_MM, and its paper.

    Raises:
        CalibrationError: squares that are no whole number of pixels (0.05 mm), or a board of more than 1.4 m.
    """
    square = 1000 * board.square_m * PX_PER_MM
    if abs(square - round(square)) > 1e-6 or square < PX_PER_MM:
        raise CalibrationError(
            f"calibration.board.square_m: {board.square_m:g} cannot be printed exactly; print a multiple of 0.00005 m "
            "(0.05 mm), and set the size that you measure on the print afterwards"
        )
    if max(board.size_m) > _LARGEST_M:
        raise CalibrationError(f"calibration.board: {max(board.size_m):g} m is too large for a page of paper")
    paper = paper_for(board)
    page = Image.new("L", (paper.size_mm[0] * PX_PER_MM, paper.size_mm[1] * PX_PER_MM), 255)
    picture = Image.fromarray(board.picture(round(square)))
    left = (page.width - picture.width) // 2
    top = (page.height - picture.height - (_FOOT_MM - _MARGIN_MM) * PX_PER_MM) // 2
    page.paste(picture, (left, top))
    _write_foot(ImageDraw.Draw(page), board, paper, left, top + picture.height, picture.width)
    return page.convert("1", dither=Image.Dither.NONE), paper


def _write_foot(pen: ImageDraw.ImageDraw, board: Board, paper: Paper, left: int, top: int, width: int) -> None:
    """A bar of whole centimetres and how to check the print by it, below the board."""
    mm = PX_PER_MM
    bar_mm = 100 if width >= 160 * mm else 50
    y = top + 6 * mm
    for tick in range(0, bar_mm + 1, 10):
        tall = 3 * mm if tick in (0, bar_mm) else 2 * mm
        pen.rectangle((left + tick * mm - 2, y - tall, left + tick * mm + 2, y), fill=0)
    pen.rectangle((left, y - 2, left + bar_mm * mm, y + 2), fill=0)
    font = ImageFont.load_default(size=3 * mm)
    pen.text((left + bar_mm * mm + 3 * mm, y), f"{bar_mm} mm", fill=0, font=font, anchor="lb")
    size = " x ".join(f"{1000 * length:g}" for length in board.size_m)
    lines = (
        f"{board.columns} columns x {board.rows} rows, squares {1000 * board.square_m:g} mm, "
        f"markers {1000 * board.marker_m:g} mm, {board.dictionary}. This side up: x to the right, y up the page.",
        f"Print on {paper.name} at 100 % (no 'fit to page'). Check: the bar is {bar_mm}.0 mm, the board {size} mm.",
        "If not, set calibration.board.square_m and marker_m to what you measure. Glue it flat on a stiff plate.",
    )
    longest = max(pen.textlength(line, font=font) for line in lines)
    small = ImageFont.load_default(size=min(3 * mm, int(3 * mm * width / longest)))
    for index, line in enumerate(lines):
        pen.text((left, y + (2 + 4.2 * index) * mm), line, fill=0, font=small, anchor="lt")


def print_board(board: Board, folder: Path) -> tuple[list[Path], Paper]:
    """Write board.pdf and board.png, the same page at true scale; returns their paths and the paper.

    Raises:
        CalibrationError: a board that cannot be printed.
    """
    page, paper = draw_page(board)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for kind, settings in (("pdf", {"resolution": _DPI}), ("png", {"dpi": (_DPI, _DPI)})):
        content = io.BytesIO()
        page.save(content, format=kind.upper(), **settings)
        paths.append(folder / f"board.{kind}")
        write_file(paths[-1], content.getvalue())
    return paths, paper
