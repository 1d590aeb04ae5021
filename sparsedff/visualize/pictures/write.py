"""The files of one picture of a run: a page to turn, an image, and a .ply of each cloud."""

from __future__ import annotations

from pathlib import Path

import trimesh

from sparsedff.common.atomic import write_file
from sparsedff.visualize.drawing import Drawing, Points
from sparsedff.visualize.page import write_page
from sparsedff.visualize.raytrace.stage import build
from sparsedff.visualize.sheet import draw_sheet
from sparsedff.visualize.views import choose_views


def write_picture(folder: Path, stem: str, drawings: tuple[Drawing, ...], caption: str) -> list[Path]:
    """Write stem.html, stem.png and a .ply of every cloud.

    Args:
        folder: made if needed.
        stem: of the files' names; with two drawings the clouds' files end in _0 and _1.
        drawings: one or two, from left to right.
        caption: under the image.

    Returns:
        the files written.

    Raises:
        OSError: the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page, picture = folder / f"{stem}.html", folder / f"{stem}.png"
    views = choose_views(*map(build, drawings))[0]
    write_page(drawings, page, azimuth=views[0][0])
    draw_sheet(drawings, picture, caption, views=views)
    written = [page, picture]
    for number, drawing in enumerate(drawings):
        suffix = f"_{number}" if len(drawings) > 1 else ""
        for item in drawing.items:
            if isinstance(item, Points):
                written.append(folder / f"{stem}{suffix}.ply")
                cloud = trimesh.PointCloud(item.positions, item.colors)
                write_file(written[-1], cloud.export(file_type="ply"))
    return written
