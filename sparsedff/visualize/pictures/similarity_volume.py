"""`3Dsim_volume`: the similarity of a run's field to one point of the reference, on a grid around the object."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from sparsedff.common.progress import bar
from sparsedff.field import build_field
from sparsedff.runs.read import SavedRun
from sparsedff.visualize.drawing import Drawing, scaled_points
from sparsedff.visualize.marker import marker
from sparsedff.visualize.pictures.run_picture import PictureOptions, compared_point, hand_items, marked_point, title_of
from sparsedff.visualize.pictures.write import write_picture
from sparsedff.visualize.volume import grid_around, sample, shells

_CELLS = 100_000
_MARGIN_M = 0.04
_SHELL_SHARES = (0.004, 0.015, 0.04)  # share of the grid's cells, the most similar ones, inside each shell


def draw_volume(run: SavedRun, options: PictureOptions, folder: Path) -> list[Path]:
    """Draw one scene's cloud within shells of its field, the reference's by default; see `RunPicture`."""
    key = options.key or 0
    (index, feature), similarity = compared_point(run, options), options.similarity
    cloud = run.clouds[key]
    field = build_field(torch.from_numpy(cloud.points), torch.from_numpy(cloud.features), run.power)
    grid = grid_around(cloud.points, _MARGIN_M, _CELLS)
    with bar(grid.size, "volume", "cell") as shown:
        values = sample(field, grid, lambda asked: similarity.of(asked, feature), shown.update)
    at_cloud = similarity.of(cloud.features, feature)
    scale = similarity.scale([values, at_cloud])
    shares = np.array(_SHELL_SHARES)
    levels = np.quantile(values, shares if similarity.falling else 1 - shares)
    match = index if key == 0 else similarity.best(at_cloud)
    items = (
        scaled_points(cloud.points, at_cloud, scale, "feature cloud"),
        marker(cloud.points[match], marked_point(key, index), key),
        *hand_items(run, key, options),
        *shells(values, grid, levels.tolist(), scale),
    )
    why = ", where the demonstrated hand touches" if options.point is None and run.demonstration else ""
    held = ", ".join(f"{100 * share:g}" for share in _SHELL_SHARES)
    caption = (
        f"Similarity of the field to point {index} of points_0.npy{why}; "
        f"{grid.size:,} cells of {1000 * grid.cell_m:.1f} mm, shells around the most similar {held} %."
    )
    drawing = Drawing(items, title_of(run, key))
    return write_picture(folder, f"3Dsim_volume_key{key}_ref{index}_{similarity.name}", (drawing,), caption)
