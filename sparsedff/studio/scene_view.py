"""Both scenes in the browser: clouds side by side, each on its own table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import viser
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.runs.read import SavedCloud
from sparsedff.studio.picking import pick
from sparsedff.visualize.palette import MATCH_RGB, REFERENCE_RGB, RULE_RGB
from sparsedff.visualize.raytrace.table import GRID_M

FRAMES = ("/reference", "/test")
_GAP_M = 0.22  # between the scenes' boxes: room for a hand


class SceneView:
    """Two clouds on a page.

    Args:
        server: the page.
        clouds: of the reference and of the test scene.
        names: of the captures.
    """

    def __init__(self, server: viser.ViserServer, clouds: Sequence[SavedCloud], names: Sequence[str]) -> None:
        self._server, self._clouds = server, clouds
        self.offsets = _side_by_side(clouds)
        self._points, self._markers = [], []
        for index, (frame, cloud, offset) in enumerate(zip(FRAMES, clouds, self.offsets, strict=True)):
            scene = server.scene
            scene.add_frame(frame, position=offset, axes_length=0.05, axes_radius=0.0012)
            low, high = cloud.points.min(axis=0), cloud.points.max(axis=0)
            side = float(np.ceil((max((high - low)[:2]) + 0.2) / GRID_M) * GRID_M)
            middle = np.append(np.round((low + high)[:2] / 2 / GRID_M) * GRID_M, 0.0)
            scene.add_grid(
                f"{frame}/table",
                side,
                side,
                position=middle,
                cell_size=GRID_M,
                section_size=GRID_M,
                section_color=RULE_RGB,
                cell_color=RULE_RGB,
                shadow_opacity=0.2,
            )
            title = f"{('Reference', 'Test')[index]}: {names[index]}"
            scene.add_label(f"{frame}/title", title, position=(middle[0], low[1] - 0.06, 0.0))
            points = scene.add_point_cloud(
                f"{frame}/cloud", cloud.points, cloud.colors, point_size=_spacing(cloud.points), precision="float32"
            )
            points.point_shape = "circle"
            self._points.append(points)
            color = REFERENCE_RGB if index == 0 else MATCH_RGB
            self._markers.append(
                scene.add_icosphere(f"{frame}/marker", 0.006, color=color, visible=False, cast_shadow=False)
            )

    def corners(self) -> NDArray[np.float64]:
        """Corners (4, 3) [m] of both scenes' boxes on the page."""
        boxes = [
            np.stack([cloud.points.min(axis=0), cloud.points.max(axis=0)]) + offset
            for cloud, offset in zip(self._clouds, self.offsets, strict=True)
        ]
        return np.concatenate(boxes).astype(np.float64)

    def color(self, colors: Sequence[NDArray[np.uint8]]) -> None:
        """Give every cloud its colours (N, 3)."""
        with self._server.atomic():
            for points, rgb in zip(self._points, colors, strict=True):
                points.colors = np.ascontiguousarray(rgb)

    def mark(self, chosen: tuple[int, int] | None, matches: Sequence[int]) -> None:
        """Show a ball on the chosen point (cloud, index) and on what matches it in the other cloud."""
        for index, marker in enumerate(self._markers):
            marker.visible = chosen is not None
            if chosen is not None:
                at = chosen[1] if index == chosen[0] else matches[index]
                marker.position = self._clouds[index].points[at]
                marker.color = REFERENCE_RGB if index == chosen[0] else MATCH_RGB

    def pick(self, origin: Sequence[float], direction: Sequence[float]) -> tuple[int, int] | None:
        """Cloud and index of the point that a ray on the page means, the nearer cloud first."""
        eye, found = np.array(origin), []
        for index, cloud in enumerate(self._clouds):
            point = pick(eye, np.array(direction), cloud.points + self.offsets[index])
            if point is not None:
                far = np.linalg.norm(cloud.points[point] + self.offsets[index] - eye)
                found.append((float(far), index, point))
        return min(found)[1:] if found else None


def _side_by_side(clouds: Sequence[SavedCloud]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each scene's origin (3,) [m] stands on the page: the reference's in the page's, the test's along +x."""
    reach = float(clouds[0].points[:, 0].max()) - float(clouds[1].points[:, 0].min()) + _GAP_M
    return np.zeros(3), np.array([np.ceil(reach / GRID_M) * GRID_M, 0.0, 0.0])


def _spacing(points: NDArray[np.floating]) -> float:
    """A point size [m] at which the cloud nearly closes."""
    if len(points) < 2:
        return 0.005
    return float(np.clip(1.5 * np.median(cKDTree(points).query(points, k=2)[0][:, 1]), 0.001, 0.02))
