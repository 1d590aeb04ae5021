"""Scenes drawn on one sheet: two viewpoints of each, titles, axes, a legend, colour bars and a caption."""

from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from sparsedff.common.atomic import write_file
from sparsedff.visualize.overlay import FAINT, INK, draw_axes, draw_color_bar, draw_legend, font, scales, wrap
from sparsedff.visualize.raytrace.camera import Camera, frame
from sparsedff.visualize.raytrace.render import BACKGROUND, render
from sparsedff.visualize.raytrace.stage import Stage, build, light
from sparsedff.visualize.raytrace.table import GRID_M
from sparsedff.visualize.scene import Scene
from sparsedff.visualize.views import View, choose_views, hand_turn

_PANEL_ASPECT = 0.72  # height of a panel over its width
_KEY_AHEAD = -0.9  # the key lamp stands this far to the left of the first view [rad]
_PAPER = tuple(int(255 * c + 0.5) for c in BACKGROUND)


def draw_sheet(
    scenes: Sequence[Scene],
    path: Path | str,
    caption: str = "",
    width: int = 1920,
    views: Sequence[View] | None = None,
) -> None:
    """Write one PNG: two scenes as columns and two viewpoints as rows, or one scene from two sides.

    Args:
        scenes: one or two; titles head them. A second scene is seen from the side from which its hand (a mesh with
            "hand" in its name) looks like the first one's.
        path: where to write; appears whole or not at all, and replaces what was there.
        caption: text under the panels; long lines are broken.
        width: of the picture [px].
        views: two (azimuth, elevation) [rad] for the first scene; None finds views that show everything.

    Raises:
        SparseDFFError: embreex is not installed.
        ValueError: a scene shows nothing, the width is under 200 px, or there are not two views.
        OSError: the folder cannot be written to.
    """
    picture = Image.fromarray(compose_sheet(scenes, caption, width, views))
    encoded = io.BytesIO()
    picture.save(encoded, format="PNG", compress_level=4)  # more takes seconds and saves a few per cent
    write_file(Path(path), encoded.getvalue())


def compose_sheet(
    scenes: Sequence[Scene], caption: str = "", width: int = 1920, views: Sequence[View] | None = None
) -> np.ndarray:
    """The picture of `draw_sheet` as an array (H, width, 3) uint8 RGB; same arguments, same errors but OSError."""
    if width < 200:
        raise ValueError(f"a result picture is at least 200 px wide, got {width}")
    if views is not None and len(views) != 2:
        raise ValueError(f"a result picture has two views, got {len(views)}")
    unit = width / 1920
    gap = round(20 * unit)
    panel = ((width - 3 * gap) // 2, round((width - 3 * gap) / 2 * _PANEL_ASPECT))
    stages, columns = _stages_and_views(scenes, views)
    cameras = _cameras(stages, columns, panel)
    with ThreadPoolExecutor(2) as pool:  # the ray caster and NumPy leave the interpreter free for half the time
        jobs = [[pool.submit(render, stage, c) for c in row] for stage, row in zip(stages, cameras, strict=True)]
        images = [[job.result() for job in row] for row in jobs]

    head, text = round(78 * unit), round(25 * unit)
    lines = wrap(caption, text, width - 4 * gap) if caption else []
    bars = scales(scenes)
    spacing, bar = round(1.45 * text), round(3.4 * text)
    foot = head + (len(scenes) * (panel[1] + gap))
    sheet = Image.new("RGB", (width, foot + spacing * (len(lines) + 1) + bar * len(bars) + gap), _PAPER)
    pen = ImageDraw.Draw(sheet)
    for number, scene in enumerate(scenes):
        left = gap + number * (panel[0] + gap)
        title = (left + round(22 * unit), head * 0.55)
        pen.text(title, scene.title, fill=INK, font=font(round(36 * unit)), anchor="lm")
        for view in range(2):
            row, column = (view, number) if len(scenes) > 1 else (0, view)
            corner = (gap + column * (panel[0] + gap), head + row * (panel[1] + gap))
            sheet.paste(Image.fromarray(images[number][view]), corner)
            _annotate(sheet, scene, cameras[number][view], corner, unit)
    middle, top = gap + panel[0] + gap // 2, round(0.25 * head) if len(scenes) > 1 else head
    pen.line([(middle, top), (middle, foot - gap)], fill=(222, 222, 220), width=max(1, round(2 * unit)))
    draw_legend(sheet, scenes, 2 * gap, foot + spacing // 3, text)
    for number, scale in enumerate(bars):
        draw_color_bar(sheet, scale, (2 * gap, foot + spacing + number * bar), (width - 4 * gap) // 2, text)
    for number, line in enumerate(lines):
        place = (2 * gap, foot + spacing * (number + 1) + bar * len(bars))
        pen.text(place, line, fill=INK, font=font(text))
    return np.asarray(sheet)


def _stages_and_views(
    scenes: Sequence[Scene], views: Sequence[View] | None
) -> tuple[list[Stage], Sequence[Sequence[View]]]:
    """All scenes ready to draw, and two views of each; the key lamp stands where the first view wants it."""
    turns = [0.0, *(hand_turn(scenes[0], scene) for scene in scenes[1:])]
    with ThreadPoolExecutor(2) as pool:
        shapes = list(pool.map(build, scenes))
        columns: Sequence[Sequence[View]]
        if views is None:
            columns = choose_views(*shapes)
        else:
            columns = [[(azimuth + turn, elevation) for azimuth, elevation in views] for turn in turns]
        lamps = [column[0][0] + _KEY_AHEAD for column in columns]
        return list(pool.map(light, shapes, lamps)), columns


def _cameras(stages: Sequence[Stage], columns: Sequence[Sequence[View]], panel: tuple[int, int]) -> list[list[Camera]]:
    """Cameras by scene and view. Those of a view stand equally far off, so that all scenes have the same scale."""
    extents = [stage.extent() for stage in stages]
    cameras = [[frame(e, *view, panel) for view in views] for e, views in zip(extents, columns, strict=True)]
    for row in range(len(cameras[0])):
        far = [
            float(c[row].project(e.mean(axis=0, keepdims=True))[1][0]) for c, e in zip(cameras, extents, strict=True)
        ]
        for column, distance in zip(cameras, far, strict=True):
            column[row] = column[row].moved_back(max(far) - distance)
    return cameras


def _annotate(sheet: Image.Image, scene: Scene, camera: Camera, corner: tuple[int, int], unit: float) -> None:
    """World axes in the lower left corner of a panel, the width of the grid in the lower right."""
    x, y = corner[0], corner[1] + camera.height
    draw_axes(sheet, camera, (x + round(86 * unit), y - round(86 * unit)), round(52 * unit))
    if scene.table:
        label, place = f"grid {100 * GRID_M:.0f} cm", (x + camera.width - round(22 * unit), y - round(22 * unit))
        ImageDraw.Draw(sheet).text(place, label, fill=FAINT, font=font(round(22 * unit)), anchor="rs")
