"""The pictures of a saved run that `vis_features.py --mode` can draw, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparsedff.common.registry import Entry, Registry

if TYPE_CHECKING:
    from sparsedff.visualize.pictures.run_picture import RunPicture

_SIMILARITY = "sparsedff.visualize.pictures.similarity_points:draw_similarity"

PICTURES: Registry[RunPicture] = Registry(
    "picture of a run",
    Entry(
        "3Dsim_volume",
        "sparsedff.visualize.pictures.similarity_volume:draw_volume",
        "similarity of the field around the object to one point of the reference",
    ),
    Entry("result_vis", "sparsedff.visualize.pictures.scene_colors:draw_scene", "one scene as it is"),
    Entry("3D_similarity", _SIMILARITY, "similarity of every point of both scenes to one point of the reference"),
    Entry("3Dsim_point", _SIMILARITY, "the old name of 3D_similarity"),
)
