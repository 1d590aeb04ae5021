"""`vis_features.py`: pages, pictures and coloured clouds of a run's features, before anybody trusts a transfer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import trimesh
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.common.atomic import write_file
from sparsedff.common.progress import bar
from sparsedff.errors import RunError
from sparsedff.field import build_field
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.runs.read import SavedRun
from sparsedff.visualize.features import Likeness, pca_colors
from sparsedff.visualize.hand import hand_item
from sparsedff.visualize.marker import marker
from sparsedff.visualize.page import write_page
from sparsedff.visualize.raytrace.stage import build
from sparsedff.visualize.scene import Item, Mesh, Path3D, Points, Scene, scaled_points
from sparsedff.visualize.sheet import draw_sheet
from sparsedff.visualize.views import choose_views
from sparsedff.visualize.volume import grid_around, sample, shells

_WHICH = ("reference", "test")
_VOLUME_CELLS = 100_000
_VOLUME_MARGIN_M = 0.04
_SHELL_SHARES = (0.004, 0.015, 0.04)  # of the box's cells, those most alike, that each shell holds


@dataclass(frozen=True)
class Look:
    """What is to be seen of a run.

    Attributes:
        run: the run.
        likeness: how features are compared.
        with_hand: whether the hands are shown.
        output: folder for what is written.
    """

    run: SavedRun
    likeness: Likeness
    with_hand: bool
    output: Path

    def result(self, key: int, pca: bool) -> list[Path]:
        """`result_vis`: one scene in its own colours, or in those of its features' principal components."""
        clouds = self.run.clouds
        colors = pca_colors([cloud.features for cloud in clouds]) if pca else [cloud.colors for cloud in clouds]
        name = "features (three principal components as red, green, blue)" if pca else "object"
        cloud = Points(clouds[key].points, colors[key], name=name)
        stem = "_".join(["result_vis", f"key{key}", *(["pca"] if pca else []), *(["hand"] if self.with_hand else [])])
        caption = f"{len(cloud.positions)} points of the feature cloud"
        if pca:
            caption += "; colours: first three principal components of the features, fitted on both scenes together"
        return self._write(stem, (Scene((cloud, *self._hand(key)), self._title(key)),), f"{caption}.")

    def similarity(self, index: int | None, keys: Sequence[int]) -> list[Path]:
        """`3D_similarity`: every point's likeness to point `index` of the reference, or to the one that is touched."""
        index = self.touched() if index is None else index
        feature = self._feature(index)
        values = [self.likeness.of(cloud.features, feature) for cloud in self.run.clouds]
        scale = self.likeness.scale(values)
        scenes = []
        for key in keys:
            cloud, best = self.run.clouds[key], index if key == 0 else self.likeness.best(values[key])
            name = f"point {index} of the reference" if key == 0 else "most alike in the test scene"
            points = scaled_points(cloud.points, values[key], scale, "feature cloud")
            items = (points, marker(cloud.points[best], name, key), *self._hand(key))
            scenes.append(Scene(items, self._title(key)))
        which = f"_key{keys[0]}" if len(keys) == 1 else ""
        caption = f"How alike every point's feature is to that of point {index} of points_0.npy."
        return self._write(f"3D_similarity{which}_ref{index}_{self.likeness.name}", tuple(scenes), caption)

    def volume(self, index: int | None, key: int) -> list[Path]:
        """`3Dsim_volume`: the field's likeness to a point of the reference, on a grid around the object."""
        chosen = self.touched() if index is None else index
        feature, cloud = self._feature(chosen), self.run.clouds[key]
        points, features = torch.from_numpy(cloud.points), torch.from_numpy(cloud.features)
        field = build_field(points, features, self.run.power)
        grid = grid_around(cloud.points, _VOLUME_MARGIN_M, _VOLUME_CELLS)
        with bar(grid.size, "volume", "cell") as shown:
            values = sample(field, grid, lambda asked: self.likeness.of(asked, feature), shown.update)
        at_cloud = self.likeness.of(cloud.features, feature)
        scale = self.likeness.scale([values, at_cloud])
        shares = np.array(_SHELL_SHARES)
        levels = np.quantile(values, shares if self.likeness.falling else 1 - shares)
        veils = shells(values, grid, levels.tolist(), scale)
        where = cloud.points[chosen if key == 0 else self.likeness.best(at_cloud)]
        name = f"point {chosen} of the reference" if key == 0 else "most alike in the test scene"
        items = (
            scaled_points(cloud.points, at_cloud, scale, "feature cloud"),
            marker(where, name, key),
            *self._hand(key),
            *veils,
        )
        why = ", where the demonstrated hand touches" if index is None and self.run.demonstration else ""
        held = ", ".join(f"{100 * share:g}" for share in _SHELL_SHARES)
        caption = (
            f"Likeness of the field to point {chosen} of points_0.npy{why}; "
            f"{grid.size:,} cells of {1000 * grid.cell_m:.1f} mm, shells around the most alike {held} %."
        )
        stem = f"3Dsim_volume_key{key}_ref{chosen}_{self.likeness.name}"
        return self._write(stem, (Scene(items, self._title(key)),), caption)

    def touched(self) -> int:
        """Index of the reference's point nearest to the demonstrated hand; without one, of the highest point."""
        points = self.run.clouds[0].points
        if self.run.demonstration is None:
            return int(points[:, 2].argmax())
        surface = ShadowHand().surface_of(self.run.demonstration)
        return int(cKDTree(surface).query(points)[0].argmin())

    def _feature(self, index: int) -> NDArray[np.float32]:
        features = self.run.clouds[0].features
        if not 0 <= index < len(features):
            raise RunError(
                f"--ref_idx: {index} is no point of {self.run.folder}/points_0.npy, which has "
                f"{len(features)}; choose 0 to {len(features) - 1}"
            )
        return features[index]

    def _title(self, key: int) -> str:
        return f"{_WHICH[key].capitalize()}: {self.run.names[key]}"

    def _hand(self, key: int) -> tuple[Item, ...]:
        if not self.with_hand:
            return ()
        pose = self.run.pose if key else self.run.demonstration
        if pose is None:
            raise RunError(
                f"--with_hand: {self.run.folder} has no result.json that says where the demonstrated hand "
                "was; leave the option out, or use --key 1"
            )
        hand = ShadowHand()
        parts = [(mesh.link, len(mesh.vertices)) for mesh in hand.meshes]
        posed: Mesh = hand_item(*hand.mesh(pose), parts)
        if key == 0:
            return (posed,)
        return posed, Path3D(np.stack([p.translation for p in self.run.trajectory]), name="path of the palm")

    def _write(self, stem: str, scenes: tuple[Scene, ...], caption: str) -> list[Path]:
        """The page, the picture, and a .ply of each scene's cloud."""
        self.output.mkdir(parents=True, exist_ok=True)
        page, picture = self.output / f"{stem}.html", self.output / f"{stem}.png"
        views = choose_views(*map(build, scenes))[0]
        write_page(scenes, page, azimuth=views[0][0])
        draw_sheet(scenes, picture, caption, views=views)
        written = [page, picture]
        for number, scene in enumerate(scenes):
            suffix = f"_{number}" if len(scenes) > 1 else ""
            for item in scene.items:
                if isinstance(item, Points):
                    written.append(self.output / f"{stem}{suffix}.ply")
                    cloud = trimesh.PointCloud(item.positions, item.colors)
                    write_file(written[-1], cloud.export(file_type="ply"))
        return written
