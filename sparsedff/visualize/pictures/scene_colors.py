"""`result_vis`: one scene of a run in its own colours, or in those of its features' principal components."""

from __future__ import annotations

from pathlib import Path

from sparsedff.runs.read import SavedRun
from sparsedff.visualize.drawing import Drawing, Points
from sparsedff.visualize.pca import pca_colors
from sparsedff.visualize.pictures.run_picture import PictureOptions, hand_items, title_of
from sparsedff.visualize.pictures.write import write_picture


def draw_scene(run: SavedRun, options: PictureOptions, folder: Path) -> list[Path]:
    """Draw one scene's feature cloud, the test scene's by default; see `RunPicture`."""
    key = 1 if options.key is None else options.key
    colors = pca_colors([cloud.features for cloud in run.clouds])[key] if options.pca else run.clouds[key].colors
    name = "features (three principal components as red, green, blue)" if options.pca else "object"
    cloud = Points(run.clouds[key].points, colors, name=name)
    marks = [mark for mark, wanted in (("pca", options.pca), ("hand", options.with_hand)) if wanted]
    caption = f"{len(cloud.positions)} points of the feature cloud"
    if options.pca:
        caption += "; colours: first three principal components of the features, fitted on both scenes together"
    drawing = Drawing((cloud, *hand_items(run, key, options)), title_of(run, key))
    return write_picture(folder, "_".join(["result_vis", f"key{key}", *marks]), (drawing,), f"{caption}.")
