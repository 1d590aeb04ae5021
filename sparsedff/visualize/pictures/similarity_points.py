"""`3D_similarity`: the similarity of every point of a run's clouds to one point of the reference."""

from __future__ import annotations

from pathlib import Path

from sparsedff.runs.read import SavedRun
from sparsedff.visualize.drawing import Drawing, scaled_points
from sparsedff.visualize.marker import marker
from sparsedff.visualize.pictures.run_picture import PictureOptions, compared_point, hand_items, marked_point, title_of
from sparsedff.visualize.pictures.write import write_picture


def draw_similarity(run: SavedRun, options: PictureOptions, folder: Path) -> list[Path]:
    """Draw both scenes by default, in the colours of one scale; see `RunPicture`."""
    keys = (0, 1) if options.key is None else (options.key,)
    (index, feature), similarity = compared_point(run, options), options.similarity
    values = [similarity.of(cloud.features, feature) for cloud in run.clouds]
    scale = similarity.scale(values)
    drawings = []
    for key in keys:
        points = run.clouds[key].points
        match = index if key == 0 else similarity.best(values[key])
        cloud = scaled_points(points, values[key], scale, "feature cloud")
        ball = marker(points[match], marked_point(key, index), key)
        drawings.append(Drawing((cloud, ball, *hand_items(run, key, options)), title_of(run, key)))
    which = f"_key{keys[0]}" if len(keys) == 1 else ""
    caption = f"How similar every point's feature is to that of point {index} of points_0.npy."
    return write_picture(folder, f"3D_similarity{which}_ref{index}_{similarity.name}", tuple(drawings), caption)
