"""Sheets of small pictures of many runs, to look over at a glance."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from sparsedff.common.atomic import write_file
from sparsedff.visualize.overlay import font
from sparsedff.visualize.palette import INK

ACROSS, DOWN = 6, 6
WIDTH_PX, HEIGHT_PX, TITLE_PX, MARGIN_PX = 300, 232, 22, 8
SHOWN = (0.5, 0.04, 1.0, 0.48)
"""Of a run's picture: the transferred hand from the first side, as shares left, top, right, bottom."""


@dataclass(frozen=True)
class Thumbnail:
    """A run on a sheet.

    Attributes:
        picture: its file; a missing one leaves its place empty.
        title: what stands above it.
    """

    picture: Path
    title: str


def draw_contact_sheets(thumbnails: Sequence[Thumbnail], folder: Path) -> list[Path]:
    """Write sheet_1.png, sheet_2.png, ... into a folder; returns their paths.

    Raises:
        OSError: the folder cannot be written to.
    """
    each = ACROSS * DOWN
    sheets = [thumbnails[first : first + each] for first in range(0, len(thumbnails), each)]
    paths = []
    for number, shown in enumerate(sheets, start=1):
        encoded = io.BytesIO()
        _sheet(shown).save(encoded, format="PNG", compress_level=4)
        paths.append(folder / f"sheet_{number}.png")
        write_file(paths[-1], encoded.getvalue())
    return paths


def _sheet(thumbnails: Sequence[Thumbnail]) -> Image.Image:
    columns, rows = min(ACROSS, len(thumbnails)), -(-len(thumbnails) // ACROSS)
    width, height = WIDTH_PX + MARGIN_PX, HEIGHT_PX + TITLE_PX + MARGIN_PX
    sheet = Image.new("RGB", (columns * width + MARGIN_PX, rows * height + MARGIN_PX), "white")
    draw = ImageDraw.Draw(sheet)
    for index, one in enumerate(thumbnails):
        left, top = MARGIN_PX + (index % ACROSS) * width, MARGIN_PX + (index // ACROSS) * height
        draw.text((left, top), _fitted(draw, one.title), fill=INK, font=font(13))
        if one.picture.is_file():
            with Image.open(one.picture) as whole:
                box = [round(share * side) for share, side in zip(SHOWN, whole.size * 2, strict=True)]
                transferred = whole.convert("RGB").crop((box[0], box[1], box[2], box[3]))
            transferred.thumbnail((WIDTH_PX, HEIGHT_PX))
            sheet.paste(transferred, (left, top + TITLE_PX))
    return sheet


def _fitted(draw: ImageDraw.ImageDraw, title: str) -> str:
    """The title's end, if the whole is too long: names of captures differ there."""
    while draw.textlength(title, font=font(13)) > WIDTH_PX:
        title = "..." + title[4:]
    return title
