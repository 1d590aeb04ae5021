"""A lift trial as a strip of pictures or a moving one, drawn without a display."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from sparsedff.common.progress import bar
from sparsedff.errors import EvaluationError
from sparsedff.geometry import apply
from sparsedff.hands.base import Hand
from sparsedff.physics.report import LiftFrame
from sparsedff.visualize.drawing import Drawing, Mesh
from sparsedff.visualize.hand import posed_hand
from sparsedff.visualize.overlay import font
from sparsedff.visualize.palette import INK, OBJECT_RGB
from sparsedff.visualize.raytrace.render import render
from sparsedff.visualize.raytrace.viewpoint import Viewpoint, frame_points

Picture = NDArray[np.uint8]


def film_strip(
    frames: Sequence[LiftFrame],
    mesh: trimesh.Trimesh,
    hand: Hand,
    size: tuple[int, int] = (320, 420),
    view_rad: tuple[float, float] = (-0.6, 0.3),
    colors: Picture | None = None,
) -> Picture:
    """Key moments side by side (H, n * W, 3) RGB, each with its time and phase, all from one camera.

    They are the first moment, the end of each phase but the first, and the middle of the hold: six if all went well.

    Args:
        frames: of a report that was recorded.
        mesh: the object in its own frame.
        hand: whose trial it is.
        size: (width, height) of one [px].
        view_rad: azimuth and elevation of the camera [rad].
        colors: (V, 3) uint8 of the mesh's vertices; None paints it in one colour.

    Raises:
        EvaluationError: there are no frames.
    """
    return np.concatenate(_draw(_key_moments(frames), mesh, hand, size, view_rad, colors), axis=1)


def save_film(
    frames: Sequence[LiftFrame],
    mesh: trimesh.Trimesh,
    path: Path,
    hand: Hand,
    size: tuple[int, int] = (320, 420),
    view_rad: tuple[float, float] = (-0.6, 0.3),
    colors: Picture | None = None,
) -> None:
    """Write a strip (.png, some seconds) or a moving picture of every second frame (.gif, half a minute).

    Arguments as `film_strip`.

    Raises:
        EvaluationError: there are no frames, or the name ends in something else.
    """
    path = Path(path)
    if path.suffix == ".png":
        Image.fromarray(film_strip(frames, mesh, hand, size=size, view_rad=view_rad, colors=colors)).save(path)
    elif path.suffix == ".gif":
        moments = list(frames[::2])
        pictures = [Image.fromarray(picture) for picture in _draw(moments, mesh, hand, size, view_rad, colors)]
        between_ms = 1000 * (moments[-1].time_s - moments[0].time_s) / max(len(moments) - 1, 1)
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=round(between_ms), loop=0)
    else:
        raise EvaluationError(f"{path}: a film ends in .png (a strip) or .gif (moving)")


def _key_moments(frames: Sequence[LiftFrame]) -> list[LiftFrame]:
    """The first frame, the last of every phase but the first, and the middle of the hold."""
    ends = {moment.phase: moment for moment in frames[1:] if moment.phase != "settle"}
    hold = [moment for moment in frames if moment.phase == "hold"]
    chosen = [*frames[:1], *ends.values(), *hold[len(hold) // 2 : len(hold) // 2 + 1]]
    return sorted(set(chosen), key=lambda moment: moment.time_s)


def _draw(
    frames: Sequence[LiftFrame],
    mesh: trimesh.Trimesh,
    hand: Hand,
    size: tuple[int, int],
    view_rad: tuple[float, float],
    colors: Picture | None,
) -> list[Picture]:
    if not frames:
        raise EvaluationError("film: the trial was not recorded; run lift_trial with record=True")
    paint = np.array(OBJECT_RGB, dtype=np.uint8) if colors is None else colors
    drawings = []
    for moment in frames:
        item = Mesh(apply(moment.world_from_object, mesh.vertices), mesh.faces, paint, "object")
        drawings.append(Drawing((item, posed_hand(hand, moment.pose))))
    viewpoint = _viewpoint(drawings, size, view_rad)
    pictures = []
    with bar(len(frames), "film", "frame") as shown:
        for drawing, moment in zip(drawings, frames, strict=True):
            pictures.append(_label(render(drawing, viewpoint), moment))
            shown.update()
    return pictures


def _viewpoint(drawings: Sequence[Drawing], size: tuple[int, int], view_rad: tuple[float, float]) -> Viewpoint:
    """One viewpoint that sees all drawings; an object that was thrown out of sight does not shrink the rest."""
    points = np.concatenate([item.vertices for drawing in drawings for item in drawing.items if isinstance(item, Mesh)])
    near = np.abs(points - np.median(points, axis=0)).max(axis=1) < 0.6
    return frame_points(points[near], *view_rad, size)


def _label(picture: Picture, moment: LiftFrame) -> Picture:
    image = Image.fromarray(picture)
    pen = ImageDraw.Draw(image)
    size = max(image.width // 18, 11)
    pen.text((size // 2, size // 2), f"{moment.time_s:.1f} s  {moment.phase}", fill=INK, font=font(size))
    return np.asarray(image)
