"""Drawings on one sheet: two viewpoints of each, titles, axes, a legend, colour bars and a caption."""

from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from sparsedff.common.atomic import write_file
from sparsedff.visualize.drawing import Drawing
from sparsedff.visualize.overlay import draw_axes, draw_color_bar, draw_legend, font, scales, wrap
from sparsedff.visualize.palette import FAINT, INK, RULE_RGB
from sparsedff.visualize.raytrace.render import BACKGROUND, render
from sparsedff.visualize.raytrace.stage import Stage, build, light
from sparsedff.visualize.raytrace.table import GRID_M
from sparsedff.visualize.raytrace.viewpoint import Viewpoint, frame_points
from sparsedff.visualize.views import ViewAngles, choose_views, hand_turn

_PANEL_ASPECT = 0.72  # height of a panel over its width
_KEY_AHEAD = -0.9  # the key lamp stands this far to the left of the first view [rad]
_PAPER = tuple(int(255 * c + 0.5) for c in BACKGROUND)


def draw_sheet(
    drawings: Sequence[Drawing],
    path: Path | str,
    caption: str = "",
    width: int = 1920,
    views: Sequence[ViewAngles] | None = None,
) -> None:
    """Write one PNG: two drawings as columns and two viewpoints as rows, or one drawing from two sides.

    Args:
        drawings: one or two; titles head them. The second is seen from the side from which its hand (a mesh with
            "hand" in its name) looks like the first one's.
        path: where to write; appears whole or not at all, and replaces what was there.
        caption: text under the panels; long lines are broken.
        width: of the picture [px].
        views: two (azimuth, elevation) [rad] for the first drawing; None finds views that show everything.

    Raises:
        MissingPackageError: embreex is not installed.
        ValueError: a drawing shows nothing, the width is under 200 px, or there are not two views.
        OSError: the folder cannot be written to.
    """
    picture = Image.fromarray(compose_sheet(drawings, caption, width, views))
    encoded = io.BytesIO()
    picture.save(encoded, format="PNG", compress_level=4)  # more takes seconds and saves a few per cent
    write_file(Path(path), encoded.getvalue())


def compose_sheet(
    drawings: Sequence[Drawing], caption: str = "", width: int = 1920, views: Sequence[ViewAngles] | None = None
) -> np.ndarray:
    """The picture of `draw_sheet` as an array (H, width, 3) uint8 RGB; same arguments, same errors but OSError."""
    if width < 200:
        raise ValueError(f"a result picture is at least 200 px wide, got {width}")
    if views is not None and len(views) != 2:
        raise ValueError(f"a result picture has two views, got {len(views)}")
    unit = width / 1920
    gap = round(20 * unit)
    panel = ((width - 3 * gap) // 2, round((width - 3 * gap) / 2 * _PANEL_ASPECT))
    stages, columns = _stages_and_angles(drawings, views)
    viewpoints = _viewpoints(stages, columns, panel)
    with ThreadPoolExecutor(2) as pool:  # the ray caster and NumPy leave the interpreter free for half the time
        jobs = [[pool.submit(render, stage, c) for c in row] for stage, row in zip(stages, viewpoints, strict=True)]
        images = [[job.result() for job in row] for row in jobs]

    head, text = round(78 * unit), round(25 * unit)
    lines = wrap(caption, text, width - 4 * gap) if caption else []
    bars = scales(drawings)
    spacing, bar = round(1.45 * text), round(3.4 * text)
    foot = head + (len(drawings) * (panel[1] + gap))
    sheet = Image.new("RGB", (width, foot + spacing * (len(lines) + 1) + bar * len(bars) + gap), _PAPER)
    pen = ImageDraw.Draw(sheet)
    for number, drawing in enumerate(drawings):
        left = gap + number * (panel[0] + gap)
        title = (left + round(22 * unit), head * 0.55)
        pen.text(title, drawing.title, fill=INK, font=font(round(36 * unit)), anchor="lm")
        for view in range(2):
            row, column = (view, number) if len(drawings) > 1 else (0, view)
            corner = (gap + column * (panel[0] + gap), head + row * (panel[1] + gap))
            sheet.paste(Image.fromarray(images[number][view]), corner)
            _annotate(sheet, drawing, viewpoints[number][view], corner, unit)
    middle, top = gap + panel[0] + gap // 2, round(0.25 * head) if len(drawings) > 1 else head
    pen.line([(middle, top), (middle, foot - gap)], fill=RULE_RGB, width=max(1, round(2 * unit)))
    draw_legend(sheet, drawings, 2 * gap, foot + spacing // 3, text)
    for number, scale in enumerate(bars):
        draw_color_bar(sheet, scale, (2 * gap, foot + spacing + number * bar), (width - 4 * gap) // 2, text)
    for number, line in enumerate(lines):
        place = (2 * gap, foot + spacing * (number + 1) + bar * len(bars))
        pen.text(place, line, fill=INK, font=font(text))
    return np.asarray(sheet)


def _stages_and_angles(
    drawings: Sequence[Drawing], views: Sequence[ViewAngles] | None
) -> tuple[list[Stage], Sequence[Sequence[ViewAngles]]]:
    """All drawings ready to draw, and two views of each; the key lamp stands where the first view wants it."""
    turns = [0.0, *(hand_turn(drawings[0], drawing) for drawing in drawings[1:])]
    with ThreadPoolExecutor(2) as pool:
        shapes = list(pool.map(build, drawings))
        columns: Sequence[Sequence[ViewAngles]]
        if views is None:
            columns = choose_views(*shapes)
        else:
            columns = [[(azimuth + turn, elevation) for azimuth, elevation in views] for turn in turns]
        lamps = [column[0][0] + _KEY_AHEAD for column in columns]
        return list(pool.map(light, shapes, lamps)), columns


def _viewpoints(
    stages: Sequence[Stage], columns: Sequence[Sequence[ViewAngles]], panel: tuple[int, int]
) -> list[list[Viewpoint]]:
    """Viewpoints by drawing and view; those of a view are equally far off, so that all drawings have one scale."""
    extents = [stage.extent() for stage in stages]
    viewpoints = [[frame_points(e, *view, panel) for view in views] for e, views in zip(extents, columns, strict=True)]
    for row in range(len(viewpoints[0])):
        far = [
            float(c[row].project(e.mean(axis=0, keepdims=True))[1][0]) for c, e in zip(viewpoints, extents, strict=True)
        ]
        for column, distance in zip(viewpoints, far, strict=True):
            column[row] = column[row].moved_back(max(far) - distance)
    return viewpoints


def _annotate(sheet: Image.Image, drawing: Drawing, viewpoint: Viewpoint, corner: tuple[int, int], unit: float) -> None:
    """World axes in the lower left corner of a panel, the width of the grid in the lower right."""
    x, y = corner[0], corner[1] + viewpoint.height
    draw_axes(sheet, viewpoint, (x + round(86 * unit), y - round(86 * unit)), round(52 * unit))
    if drawing.table:
        label, place = f"grid {100 * GRID_M:.0f} cm", (x + viewpoint.width - round(22 * unit), y - round(22 * unit))
        ImageDraw.Draw(sheet).text(place, label, fill=FAINT, font=font(round(22 * unit)), anchor="rs")
