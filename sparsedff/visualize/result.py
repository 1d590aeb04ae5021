"""The result of a transfer as one picture: what was demonstrated on the left, what came of it on the right."""

from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from sparsedff.atomic import write_file
from sparsedff.visualize.camera import Camera, frame
from sparsedff.visualize.overlay import FAINT, INK, draw_axes, draw_legend, font, wrap
from sparsedff.visualize.render import BACKGROUND, render
from sparsedff.visualize.scene import Scene
from sparsedff.visualize.stage import Stage, build, light
from sparsedff.visualize.table import GRID_M
from sparsedff.visualize.views import View, choose_views, hand_turn

_PANEL_ASPECT = 0.72  # height of a panel over its width
_KEY_AHEAD = -0.9  # the key lamp stands this far to the left of the first view [rad]
_PAPER = tuple(int(255 * c + 0.5) for c in BACKGROUND)


def draw_result(
    reference: Scene,
    test: Scene,
    path: Path | str,
    caption: str = "",
    width: int = 1920,
    views: Sequence[View] | None = None,
) -> None:
    """Write one PNG: the reference scene in the left column, the test scene in the right, two viewpoints as rows.

    Args:
        reference: the scene with the demonstrated hand; its title heads the column.
        test: the scene with the transferred hand. Its hand (a mesh with "hand" in its name) is seen from the same side
            as the reference's.
        path: where to write; appears whole or not at all, and replaces what was there.
        caption: text under the panels; long lines are broken.
        width: of the picture [px].
        views: two (azimuth, elevation) [rad] for the reference scene; None finds views that show both hand and object.

    Raises:
        SparseDFFError: embreex is not installed.
        ValueError: a scene shows nothing, the width is under 200 px, or there are not two views.
        OSError: the folder cannot be written to.
    """
    picture = Image.fromarray(compose_result(reference, test, caption, width, views))
    encoded = io.BytesIO()
    picture.save(encoded, format="PNG", compress_level=4)  # more takes seconds and saves a few per cent
    write_file(Path(path), encoded.getvalue())


def compose_result(
    reference: Scene, test: Scene, caption: str = "", width: int = 1920, views: Sequence[View] | None = None
) -> np.ndarray:
    """The picture of `draw_result` as an array (H, width, 3) uint8 RGB; same arguments, same errors but OSError."""
    if width < 200:
        raise ValueError(f"a result picture is at least 200 px wide, got {width}")
    if views is not None and len(views) != 2:
        raise ValueError(f"a result picture has two views, got {len(views)}")
    scenes = (reference, test)
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
    spacing = round(1.45 * text)
    foot = head + 2 * (panel[1] + gap)
    sheet = Image.new("RGB", (width, foot + spacing * (len(lines) + 1) + gap), _PAPER)
    pen = ImageDraw.Draw(sheet)
    for column, scene in enumerate(scenes):
        left = gap + column * (panel[0] + gap)
        title = (left + round(22 * unit), head * 0.55)
        pen.text(title, scene.title, fill=INK, font=font(round(36 * unit)), anchor="lm")
        for row in range(2):
            top = head + row * (panel[1] + gap)
            sheet.paste(Image.fromarray(images[column][row]), (left, top))
            _annotate(sheet, scene, cameras[column][row], (left, top), unit)
    middle, top = gap + panel[0] + gap // 2, round(0.25 * head)
    pen.line([(middle, top), (middle, head + 2 * panel[1] + gap)], fill=(222, 222, 220), width=max(1, round(2 * unit)))
    draw_legend(sheet, scenes, 2 * gap, foot + spacing // 3, text)
    for number, line in enumerate(lines):
        pen.text((2 * gap, foot + spacing * (number + 1)), line, fill=INK, font=font(text))
    return np.asarray(sheet)


def _stages_and_views(
    scenes: tuple[Scene, Scene], views: Sequence[View] | None
) -> tuple[list[Stage], tuple[Sequence[View], Sequence[View]]]:
    """Both scenes ready to draw, and two views of each; the key lamp stands where the first view wants it."""
    turn = hand_turn(*scenes)
    with ThreadPoolExecutor(2) as pool:
        shapes = list(pool.map(build, scenes))
        if views is None:
            columns: tuple[Sequence[View], Sequence[View]] = choose_views(*shapes)
        else:
            columns = (views, [(azimuth + turn, elevation) for azimuth, elevation in views])
        lamps = [column[0][0] + _KEY_AHEAD for column in columns]
        return list(pool.map(light, shapes, lamps)), columns


def _cameras(
    stages: Sequence[Stage], columns: tuple[Sequence[View], Sequence[View]], panel: tuple[int, int]
) -> list[list[Camera]]:
    """Cameras by column and row. Those of a row stand equally far off, so that both scenes have the same scale."""
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
