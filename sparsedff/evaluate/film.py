"""A lift trial as a strip of pictures or a moving one, drawn without a display."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from sparsedff.common.progress import bar
from sparsedff.errors import SparseDFFError
from sparsedff.geometry import apply
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.physics.report import Frame
from sparsedff.visualize.hand import hand_item
from sparsedff.visualize.overlay import INK, font
from sparsedff.visualize.raytrace.camera import Camera, frame
from sparsedff.visualize.raytrace.render import render
from sparsedff.visualize.scene import OBJECT_RGB, Mesh, Scene

Picture = NDArray[np.uint8]


def film_strip(
    frames: Sequence[Frame],
    mesh: trimesh.Trimesh,
    size: tuple[int, int] = (320, 420),
    view_rad: tuple[float, float] = (-0.6, 0.3),
    colors: Picture | None = None,
) -> Picture:
    """Key moments side by side (H, n * W, 3) RGB, each with its time and phase, all from one camera.

    They are the first moment, the end of each phase but the first, and the middle of the hold: six if all went well.

    Args:
        frames: of a report that was recorded.
        mesh: the object in its own frame.
        size: (width, height) of one [px].
        view_rad: azimuth and elevation of the camera [rad].
        colors: (V, 3) uint8 of the mesh's vertices; None paints it in one colour.

    Raises:
        SparseDFFError: there are no frames.
    """
    return np.concatenate(_draw(_key_moments(frames), mesh, size, view_rad, colors), axis=1)


def save_film(
    frames: Sequence[Frame],
    mesh: trimesh.Trimesh,
    path: Path,
    size: tuple[int, int] = (320, 420),
    view_rad: tuple[float, float] = (-0.6, 0.3),
    colors: Picture | None = None,
) -> None:
    """Write a strip (.png, some seconds) or a moving picture of every second frame (.gif, half a minute).

    Arguments as `film_strip`.

    Raises:
        SparseDFFError: there are no frames, or the name ends in something else.
    """
    path = Path(path)
    if path.suffix == ".png":
        Image.fromarray(film_strip(frames, mesh, size=size, view_rad=view_rad, colors=colors)).save(path)
    elif path.suffix == ".gif":
        moments = list(frames[::2])
        pictures = [Image.fromarray(picture) for picture in _draw(moments, mesh, size, view_rad, colors)]
        between_ms = 1000 * (moments[-1].time_s - moments[0].time_s) / max(len(moments) - 1, 1)
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=round(between_ms), loop=0)
    else:
        raise SparseDFFError(f"{path}: a film ends in .png (a strip) or .gif (moving)")


def _key_moments(frames: Sequence[Frame]) -> list[Frame]:
    """The first frame, the last of every phase but the first, and the middle of the hold."""
    ends = {moment.phase: moment for moment in frames[1:] if moment.phase != "settle"}
    hold = [moment for moment in frames if moment.phase == "hold"]
    chosen = [*frames[:1], *ends.values(), *hold[len(hold) // 2 : len(hold) // 2 + 1]]
    return sorted(set(chosen), key=lambda moment: moment.time_s)


def _draw(
    frames: Sequence[Frame],
    mesh: trimesh.Trimesh,
    size: tuple[int, int],
    view_rad: tuple[float, float],
    colors: Picture | None,
) -> list[Picture]:
    if not frames:
        raise SparseDFFError("film: the trial was not recorded; run lift_trial with record=True")
    hand = ShadowHand(HandSettings(pt_nums=100))
    parts = [(link.link, len(link.vertices)) for link in hand.meshes]
    paint = np.array(OBJECT_RGB, dtype=np.uint8) if colors is None else colors
    scenes = []
    for moment in frames:
        item = Mesh(apply(moment.world_from_object, mesh.vertices), mesh.faces, paint, "object")
        scenes.append(Scene((item, hand_item(*hand.mesh(moment.pose), parts))))
    camera = _camera(scenes, size, view_rad)
    pictures = []
    with bar(len(frames), "film", "frame") as shown:
        for scene, moment in zip(scenes, frames, strict=True):
            pictures.append(_label(render(scene, camera), moment))
            shown.update()
    return pictures


def _camera(scenes: Sequence[Scene], size: tuple[int, int], view_rad: tuple[float, float]) -> Camera:
    """One camera that sees all scenes; an object that was thrown out of sight does not shrink the rest."""
    points = np.concatenate([item.vertices for scene in scenes for item in scene.items if isinstance(item, Mesh)])
    near = np.abs(points - np.median(points, axis=0)).max(axis=1) < 0.6
    return frame(points[near], *view_rad, size)


def _label(picture: Picture, moment: Frame) -> Picture:
    image = Image.fromarray(picture)
    pen = ImageDraw.Draw(image)
    size = max(image.width // 18, 11)
    pen.text((size // 2, size // 2), f"{moment.time_s:.1f} s  {moment.phase}", fill=INK, font=font(size))
    return np.asarray(image)
