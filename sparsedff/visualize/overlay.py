"""Axes, legend, colour bars and text on a picture; Pillow brings its own font, so that the system needs none."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sparsedff.visualize.color_scale import ColorScale
from sparsedff.visualize.drawing import Drawing, Path3D, Points
from sparsedff.visualize.palette import INK, Color
from sparsedff.visualize.raytrace.viewpoint import Viewpoint

_AXIS_RGB: tuple[Color, ...] = ((204, 60, 40), (30, 140, 80), (40, 90, 190))
_FINE = 4  # Pillow's lines have hard edges: draw large, then shrink


@lru_cache(maxsize=32)
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's built-in scalable font at a size [px]."""
    return ImageFont.load_default(size=size)


def draw_axes(image: Image.Image, viewpoint: Viewpoint, corner: tuple[int, int], length: int) -> None:
    """Draw the directions of the world's axes around a place of the picture.

    Args:
        corner: (x, y) [px] of their origin.
        length: of an axis seen square on [px].
    """
    reach = int(1.7 * length)
    side = 2 * reach * _FINE
    patch = Image.new("RGBA", (side, side), (255, 255, 255, 0))
    pen = ImageDraw.Draw(patch)
    right, down, forward = viewpoint.world_from_camera[:3, :3].T
    middle = np.array([reach, reach]) * _FINE
    for axis in np.argsort(-forward):  # what points away is drawn first
        tip = np.array([right[axis], down[axis]]) * length * _FINE
        color = _AXIS_RGB[axis]
        pen.line([*middle.tolist(), *(middle + tip).tolist()], fill=color, width=int(0.06 * length * _FINE) + 2)
        along = np.linalg.norm(tip)
        if along > 0.25 * length * _FINE:
            unit, head = tip / along, 0.16 * length * _FINE
            across = np.array([-unit[1], unit[0]]) * head * 0.55
            corners = (middle + tip + unit * head, middle + tip + across, middle + tip - across)
            pen.polygon([(float(x), float(y)) for x, y in corners], fill=color)
            place = middle + tip + unit * 0.38 * length * _FINE
            pen.text((place[0], place[1]), "xyz"[axis], fill=color, font=font(int(0.42 * length * _FINE)), anchor="mm")
    patch = patch.resize((2 * reach, 2 * reach), Image.Resampling.LANCZOS)
    image.paste(patch, (corner[0] - reach, corner[1] - reach), patch)


def draw_legend(image: Image.Image, drawings: Sequence[Drawing], left: int, middle: int, size: int) -> None:
    """Write the names of all meshes and paths beside dots of their colours: from `left` on, on row `middle` [px]."""
    pen = ImageDraw.Draw(image)
    dot = int(0.42 * size)
    for name, color in legend(drawings):
        ring = Image.new("L", (2 * dot * _FINE, 2 * dot * _FINE), 0)
        ImageDraw.Draw(ring).ellipse((0, 0, 2 * dot * _FINE - 1, 2 * dot * _FINE - 1), fill=255)
        image.paste(color, (left, middle - dot), ring.resize((2 * dot, 2 * dot), Image.Resampling.LANCZOS))
        left += 2 * dot + size // 3
        pen.text((left, middle), name, fill=INK, font=font(size), anchor="lm")
        left += int(pen.textlength(name, font=font(size))) + size


def legend(drawings: Sequence[Drawing]) -> list[tuple[str, Color]]:
    """Names and median colours of meshes and paths, each once; clouds have the colours of what they show."""
    entries: dict[tuple[str, Color], None] = {}
    for item in (item for drawing in drawings for item in drawing.items if not isinstance(item, Points)):
        color = item.color if isinstance(item, Path3D) else np.median(item.colors, axis=0)
        red, green, blue = (int(c) for c in color)
        entries[item.name, (red, green, blue)] = None
    return list(entries)


def scales(drawings: Sequence[Drawing]) -> list[ColorScale]:
    """The colour scales of all clouds, each once."""
    found = (item.scale for drawing in drawings for item in drawing.items if isinstance(item, Points))
    return list(dict.fromkeys(scale for scale in found if scale is not None))


def draw_color_bar(
    image: Image.Image, scale: ColorScale, corner: tuple[int, int], length: int, size: int, ticks: int = 5
) -> None:
    """A scale's title, and under it a bar of its colours with numbers.

    Args:
        corner: (x, y) [px] of the title's upper left end.
        length: of the bar [px].
        size: of the text [px].
        ticks: how many numbers, the ends included.
    """
    pen = ImageDraw.Draw(image)
    left, top = corner[0], corner[1] + round(1.35 * size)
    pen.text(corner, scale.title, fill=INK, font=font(size))
    strip = Image.fromarray(scale.stops[None]).resize((length, max(2, round(0.6 * size))), Image.Resampling.NEAREST)
    image.paste(strip, (left, top))
    for index in range(ticks):
        share = index / (ticks - 1)
        number = f"{scale.low + share * (scale.high - scale.low):.3g}"
        anchor = "la" if index == 0 else "ra" if index == ticks - 1 else "ma"
        place = (left + share * length, top + strip.height + 0.15 * size)
        pen.text(place, number, fill=INK, font=font(round(0.85 * size)), anchor=anchor)


def wrap(text: str, size: int, width: int) -> list[str]:
    """Break text into lines no wider than `width` [px]; newlines in it stay."""
    pen = ImageDraw.Draw(Image.new("L", (1, 1)))
    lines = []
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if line and pen.textlength(longer, font=font(size)) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines
