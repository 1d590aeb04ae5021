"""Pictures of a capture: colour and depth of every camera, and the points of all cameras as one cloud."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from sparsedff.capture.lens import rays
from sparsedff.capture.model import Capture, View
from sparsedff.common.atomic import write_file
from sparsedff.distill.segmentation.physics import flying_pixels
from sparsedff.geometry import Float, apply
from sparsedff.visualize.color_scale import ColorScale
from sparsedff.visualize.drawing import Drawing, Points
from sparsedff.visualize.overlay import draw_color_bar, font
from sparsedff.visualize.page import write_page
from sparsedff.visualize.palette import FAINT, INK, VIEW_RGB
from sparsedff.visualize.sheet import draw_sheet

_WIDTH, _GAP, _HEAD, _FOOT = 760, 16, 46, 78  # [px] of one image; between them; of its title; of the colour bar
_NO_READING = (232, 232, 230)
_OUTLINE = (0, 200, 255)
_CLOUD_POINTS = 120_000
_JUMP_M = 0.02  # between neighbouring pixels
_STANDS_M = 0.01  # over the table: what stands on it gets half of the points, though it is a small part of the picture


def draw_views(capture: Capture, path: Path, masks: Mapping[str, NDArray[np.bool_]] | None = None) -> None:
    """Write a PNG with a row per camera: colour on the left, registered depth on the right, one scale for all.

    Args:
        capture: at least one view.
        path: where to write.
        masks: (H, W) by serial, outlined on the colour images.

    Raises:
        OSError: the folder cannot be written to.
    """
    seen = np.concatenate([view.depth_m[view.depth_m > 0].ravel()[::97] for view in capture.views])
    low, high = np.quantile(seen, (0.01, 0.8)) if len(seen) else (0.0, 1.0)
    scale = ColorScale("depth", float(low), float(max(high, low + 0.01)), "m")
    heights = [round(_WIDTH * view.image_size[1] / view.image_size[0]) for view in capture.views]
    size = (2 * _WIDTH + 3 * _GAP, sum(heights) + len(heights) * (_HEAD + _GAP) + _FOOT)
    sheet = Image.new("RGB", size, (255, 255, 255))
    pen = ImageDraw.Draw(sheet)
    top = 0
    for view, height in zip(capture.views, heights, strict=True):
        width_px, height_px = view.image_size
        share = float((view.depth_m > 0).mean())
        pen.text((_GAP, top + _HEAD / 2), view.serial, fill=INK, font=font(24), anchor="lm")
        facts = f"{width_px} x {height_px}, depth at {100 * share:.0f} % of the pixels"
        pen.text((2 * _GAP + _WIDTH, top + _HEAD / 2), facts, fill=FAINT, font=font(20), anchor="lm")
        color = cv2.resize(np.array(view.color_rgb), (_WIDTH, height), interpolation=cv2.INTER_AREA)
        if masks is not None and view.serial in masks:
            color = _outlined(np.asarray(color), masks[view.serial])
        depth = cv2.resize(np.array(view.depth_m), (_WIDTH, height), interpolation=cv2.INTER_NEAREST)
        sheet.paste(Image.fromarray(color), (_GAP, top + _HEAD))
        sheet.paste(Image.fromarray(_colored(np.asarray(depth), scale)), (2 * _GAP + _WIDTH, top + _HEAD))
        top += height + _HEAD + _GAP
    draw_color_bar(sheet, scale, (2 * _GAP + _WIDTH, top), _WIDTH, 20)
    pen.text((_GAP, top), f"{capture.name}; grey: no reading", fill=FAINT, font=font(20))
    content = io.BytesIO()
    sheet.save(content, format="PNG", compress_level=4)
    write_file(path, content.getvalue())


def _outlined(image: NDArray, mask: NDArray[np.bool_]) -> NDArray:
    small = cv2.resize(mask.astype(np.uint8), (image.shape[1], image.shape[0]), interpolation=cv2.INTER_NEAREST)
    rims, _ = cv2.findContours(small, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(image, rims, -1, _OUTLINE, 2))


def _colored(depth_m: NDArray, scale: ColorScale) -> NDArray[np.uint8]:
    image = scale.rgb(depth_m.ravel()).reshape(*depth_m.shape, 3)
    image[depth_m == 0] = _NO_READING
    return image


def thinned_points(view: View, count: int, rng: np.random.Generator) -> tuple[Float, NDArray[np.uint8]]:
    """World points (N, 3) [m] and colours (N, 3) of at most `count` pixels with depth, drawn at random.

    Pixels at jumps of depth are left out, as segmentation does: they hang in the air between two surfaces.
    """
    rows, columns = np.nonzero((view.depth_m > 0) & ~flying_pixels(view.depth_m, _JUMP_M))
    chosen = rng.choice(len(rows), min(count, len(rows)), replace=False)
    rows, columns = rows[chosen], columns[chosen]
    pixels = np.stack([columns, rows], axis=1).astype(np.float64)
    seen = rays(pixels, view.intrinsics, view.distortion) * view.depth_m[rows, columns, None].astype(np.float64)
    return apply(np.asarray(view.world_from_camera), seen), np.asarray(view.color_rgb[rows, columns])


Box = tuple[tuple[float, float], ...]


def fused_drawing(capture: Capture, box: Box | None, by_camera: bool = False, count: int = _CLOUD_POINTS) -> Drawing:
    """All cameras' points in one cloud per camera.

    Args:
        capture: calibrated, or of one camera.
        box: (min, max) of x, y and z [m]; only what lies inside is shown; None, or if nothing does, shows everything.
        by_camera: colour points by their camera instead of by what it saw: views that disagree show as a second skin.
        count: of points, of all cameras together.
    """
    rng = np.random.default_rng(0)
    low, high = np.array(box if box is not None else 3 * ((-np.inf, np.inf),)).T
    clouds = [thinned_points(view, 8 * count // len(capture.views), rng) for view in capture.views]
    inside = [((points > low) & (points < high)).all(axis=1) for points, _ in clouds]
    if not any(mask.any() for mask in inside):
        inside = [np.ones(len(points), dtype=bool) for points, _ in clouds]
    items = []
    for number, (view, (points, colors), mask) in enumerate(zip(capture.views, clouds, inside, strict=True)):
        kept = _with_objects(points, np.flatnonzero(mask), count // len(capture.views))
        shown = np.array(VIEW_RGB[number % len(VIEW_RGB)], dtype=np.uint8) if by_camera else colors[kept]
        if len(kept):
            items.append(Points(points[kept], shown, name=view.serial))
    return Drawing(tuple(items), title=capture.name, table=False)


def _with_objects(points: Float, indices: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The first `count` indices, which are in random order, but half of them of points above the table."""
    above = points[indices, 2] > _STANDS_M
    objects = indices[above][: count // 2]
    return np.concatenate([objects, indices[~above][: count - len(objects)]])


def draw_cloud(capture: Capture, box: Box | None, folder: Path) -> list[Path]:
    """Write cloud.png, from two sides, and cloud.html, to turn; returns their paths.

    Raises:
        OSError: the folder cannot be written to.
    """
    drawing = fused_drawing(capture, box)
    caption = f"points of {', '.join(view.serial for view in capture.views)}"
    if box is None:
        caption += "; not calibrated: each camera in its own frame"
    draw_sheet([drawing], folder / "cloud.png", caption=caption)
    write_page([drawing, fused_drawing(capture, box, by_camera=True)], folder / "cloud.html")
    return [folder / "cloud.png", folder / "cloud.html"]
