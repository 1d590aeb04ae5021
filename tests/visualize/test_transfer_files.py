"""The objects of a transfer as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import trimesh

from sparsedff.distill.segmentation.base import world_points
from sparsedff.visualize.transfer import write_objects
from tests.support.box_scenes import segmented, standing_box


def test_every_pixel_of_an_object_is_a_coloured_point(tmp_path: Path) -> None:
    scenes = [segmented(standing_box(0, 0, 0.05, 0.04, top), azimuths=(0.3, 1.9)) for top in (0.12, 0.2)]
    write_objects(scenes, tmp_path)
    for index, views in enumerate(scenes):
        cloud = trimesh.load(tmp_path / f"object_{index}.ply")
        wanted = np.concatenate([world_points(seen.view)[seen.mask] for seen in views])
        colors = np.concatenate([seen.view.color_rgb[seen.mask] for seen in views])
        np.testing.assert_allclose(cloud.vertices, wanted, atol=1e-6)
        np.testing.assert_array_equal(np.asarray(cloud.colors)[:, :3], colors)
    assert cloud.vertices[:, 2].max() > 0.18
