"""A picture per camera of its reprojection errors: their place in the image, their direction and their size."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sparsedff.calibration.cameras import Calibrated
from sparsedff.calibration.report import CameraErrors
from sparsedff.geometry import Float

_WIDTH = 1280  # of the image's frame in the picture [px]
_EDGE, _HEAD, _FOOT = 40, 92, 84
_SIDE = 380  # of the scatter beside it
_INK, _FAINT, _GRID = (45, 48, 54), (128, 132, 138), (226, 228, 231)
_LONGEST_PX = 46  # an arrow's length for the scale's end
# From blue to orange by way of grey-violet: apart for every kind of colour vision, and darker with size.
_LOW, _HIGH, _WRONG = np.array([86, 160, 211]), np.array([200, 82, 0]), (110, 110, 110)


def draw_errors(found: Calibrated, index: int, errors: CameraErrors) -> Image.Image:
    """The picture of camera `index`.

    Left, the image: every kept corner with an arrow from where it was seen towards where the board's pose puts it,
    enlarged; crosses are corners that were rejected. Right, the same errors about one centre, with a ring at their
    rms. What is random looks like a round cloud; a pattern that turns with the place is a lens that does not fit.
    """
    camera, here = found.cameras[index], found.seen.camera == index
    kept = here & found.solution.kept
    residual, pixels = found.solution.residual_px[kept], found.seen.pixels[kept]
    scale = _round_up(float(np.quantile(np.linalg.norm(residual, axis=1), 0.99)) if len(residual) else 1.0)
    shrink = _WIDTH / camera.image_size[0]
    height = round(camera.image_size[1] * shrink)
    canvas = np.full((_HEAD + max(height, _SIDE) + _FOOT, 3 * _EDGE + _WIDTH + _SIDE, 3), 255, dtype=np.uint8)
    frame = canvas[_HEAD : _HEAD + height, _EDGE : _EDGE + _WIDTH]
    _draw_grid(frame, camera.image_size, shrink)
    for pixel in found.seen.pixels[here & ~found.solution.kept]:
        _cross(frame, (pixel + 0.5) * shrink)
    order = np.argsort(np.linalg.norm(residual, axis=1))
    for pixel, off in zip(pixels[order], residual[order], strict=True):
        _arrow(frame, (pixel + 0.5) * shrink, off / scale * _LONGEST_PX, _color(off, scale))
    left = 2 * _EDGE + _WIDTH
    _draw_scatter(canvas[_HEAD : _HEAD + _SIDE, left : left + _SIDE], residual, scale, errors.rms_px)
    return _with_text(canvas, height, scale, errors, camera.image_size)


def _round_up(value: float) -> float:
    """The next of ..., 0.1, 0.2, 0.5, 1, 2, 5, ... at or above a value."""
    value = max(value, 1e-3)
    decade = 10.0 ** np.floor(np.log10(value))
    return float(next(step * decade for step in (1, 2, 5, 10) if step * decade >= value * 0.999))


def _color(off: Float, scale: float) -> tuple[int, int, int]:
    share = min(1.0, float(np.hypot(*off)) / scale)
    red, green, blue = (round(c) for c in _LOW + share * (_HIGH - _LOW))
    return int(red), int(green), int(blue)


def _draw_grid(frame: NDArray[np.uint8], image_size: tuple[int, int], shrink: float) -> None:
    height, width = frame.shape[:2]
    step = image_size[0] / 8
    for k in range(1, 8):
        cv2.line(frame, (round(k * step * shrink), 0), (round(k * step * shrink), height), _GRID, 1)
        if k * step < image_size[1]:
            cv2.line(frame, (0, round(k * step * shrink)), (width, round(k * step * shrink)), _GRID, 1)
    cv2.rectangle(frame, (0, 0), (width - 1, height - 1), _FAINT, 1)


def _fixed(point: Float) -> tuple[int, int]:
    """OpenCV's coordinates with four binary places."""
    return round(float(point[0]) * 16), round(float(point[1]) * 16)


def _arrow(frame: NDArray[np.uint8], start: Float, way: Float, color: tuple[int, int, int]) -> None:
    cv2.circle(frame, _fixed(start), 2 * 16, color, -1, cv2.LINE_AA, 4)
    cv2.line(frame, _fixed(start), _fixed(start + way), color, 2, cv2.LINE_AA, 4)


def _cross(frame: NDArray[np.uint8], place: Float) -> None:
    for way in (np.array([4.0, 4.0]), np.array([4.0, -4.0])):
        cv2.line(frame, _fixed(place - way), _fixed(place + way), _WRONG, 1, cv2.LINE_AA, 4)


def _draw_scatter(frame: NDArray[np.uint8], residual: Float, scale: float, rms_px: float) -> None:
    side = frame.shape[0]
    middle, reach = np.array([side / 2, side / 2]), side / 2 / (1.15 * scale)
    for place in (-scale, 0, scale):
        at = round(side / 2 + place * reach)
        cv2.line(frame, (at, 0), (at, side), _GRID, 1)
        cv2.line(frame, (0, at), (side, at), _GRID, 1)
    for off in residual:
        if np.abs(off).max() < 1.15 * scale:
            cv2.circle(frame, _fixed(middle + off * reach), 2 * 16, _color(off, scale), -1, cv2.LINE_AA, 4)
    if np.isfinite(rms_px):
        cv2.circle(frame, _fixed(middle), round(rms_px * reach * 16), _INK, 1, cv2.LINE_AA, 4)
    cv2.rectangle(frame, (0, 0), (side - 1, side - 1), _FAINT, 1)


def _with_text(
    canvas: NDArray[np.uint8], height: int, scale: float, errors: CameraErrors, image_size: tuple[int, int]
) -> Image.Image:
    image = Image.fromarray(canvas)
    pen = ImageDraw.Draw(image)
    big, small = ImageFont.load_default(size=26), ImageFont.load_default(size=18)
    title = f"{errors.name}  {errors.serial}" if errors.name != errors.serial else errors.name
    pen.text((_EDGE, 22), title, fill=_INK, font=big, anchor="lt")
    facts = (
        f"{errors.corners} corners in {errors.stills} stills, rms {errors.rms_px:.3f} px, "
        f"median {errors.median_px:.3f} px, {errors.rejected} rejected"
    )
    pen.text((_EDGE, 60), facts, fill=_INK, font=small, anchor="lt")
    pen.text((2 * _EDGE + _WIDTH, 60), f"all errors, lines at \u00b1 {scale:g} px; ring: rms", fill=_INK, font=small)
    y = _HEAD + height + 34
    pen.line((_EDGE, y, _EDGE + _LONGEST_PX, y), fill=tuple(_HIGH.tolist()), width=3)
    pen.ellipse((_EDGE - 3, y - 3, _EDGE + 3, y + 3), fill=tuple(_HIGH.tolist()))
    key = f"{scale:g} px, from where a corner was seen to where the solution puts it"
    pen.text((_EDGE + _LONGEST_PX + 12, y), key, fill=_INK, font=small, anchor="lm")
    x = _EDGE + _LONGEST_PX + 12 + pen.textlength(key, font=small) + 40
    pen.line((x - 5, y - 5, x + 5, y + 5), fill=_WRONG, width=2)
    pen.line((x - 5, y + 5, x + 5, y - 5), fill=_WRONG, width=2)
    pen.text((x + 16, y), "rejected", fill=_INK, font=small, anchor="lm")
    size = f"image {image_size[0]} x {image_size[1]}"
    pen.text((_EDGE + _WIDTH, y), size, fill=_FAINT, font=small, anchor="rm")
    return image
