"""The tab that colours both clouds and compares their features."""

from __future__ import annotations

import threading

import numpy as np
import viser
from PIL import Image

from sparsedff.studio.coloring import MODES, Coloring
from sparsedff.studio.scene_view import SceneView
from sparsedff.studio.source import Source
from sparsedff.visualize.color_scale import ColorScale
from sparsedff.visualize.overlay import draw_color_bar
from sparsedff.visualize.palette import VIEW_RGB, css
from sparsedff.visualize.similarity import SIMILARITIES

_HINT = "Click a point of either scene to see what is similar to it in both."
_WHICH = ("reference", "test scene")


class LookPanel:
    """Colours, similarity and its colour bar.

    Args:
        server: the page, inside the tab.
        lock: held while anything changes.
        source: what is shown.
        scene: its clouds.
    """

    def __init__(self, server: viser.ViserServer, lock: threading.RLock, source: Source, scene: SceneView) -> None:
        self._lock, self._source, self._scene = lock, source, scene
        self._coloring = Coloring(source.clouds)
        self._chosen: tuple[int, int] | None = None
        self._mode = server.gui.add_dropdown("Colours", MODES, initial_value="RGB")
        self._how = server.gui.add_dropdown("Similarity", tuple(SIMILARITIES), initial_value="l2")
        self._text = server.gui.add_markdown(_HINT)
        self._bar = server.gui.add_image(np.full((2, 2, 3), 255, np.uint8), visible=False, format="png")
        self._mode.on_update(lambda _: self._draw())
        self._how.on_update(lambda _: self._draw())

        @server.scene.on_click()
        def _(event: viser.SceneClickEvent) -> None:
            found = self._scene.pick(event.ray_origin, event.ray_direction)
            if found is not None:
                self.choose(*found)

    def open(self, source: Source, scene: SceneView) -> None:
        """Show other clouds."""
        with self._lock:
            self._source, self._scene, self._chosen = source, scene, None
            self._coloring = Coloring(source.clouds)
            if self._mode.value == "similarity":  # to a point of the clouds that were there before
                self._mode.value = "RGB"
            self._draw()

    def choose(self, cloud: int, index: int) -> None:
        """Compare everything with one point, and show the comparison."""
        with self._lock:
            self._chosen = cloud, index
            if self._mode.value == "similarity":
                self._draw()
            else:
                self.color("similarity")

    def color(self, mode: str) -> None:
        """Colour the clouds, by one of MODES."""
        self._mode.value = mode  # which draws them

    def _draw(self) -> None:
        with self._lock:
            mode, how = self._mode.value, self._how.value
            if mode not in MODES or how not in SIMILARITIES:  # a page may send any word
                return
            self._scene.color(self._coloring.colors(mode, self._chosen, how))
            text, compared = _HINT, mode == "similarity" and self._chosen is not None
            if compared:
                text = self._compare(how)
            elif mode == "view of origin":
                text = self._views()
            elif mode == "features (PCA)":
                text = "First three principal components of the features as red, green and blue, fitted on both scenes."
            if not compared:
                self._scene.mark(None, ())
            self._bar.visible = compared
            self._text.content = text

    def _compare(self, how: str) -> str:
        assert self._chosen is not None
        values, scale = self._coloring.compare(self._chosen, how)
        matches = [SIMILARITIES[how].best(value) for value in values]
        self._scene.mark(self._chosen, matches)
        self._bar.image = bar_picture(scale)
        cloud, index = self._chosen
        other = 1 - cloud
        at_match = f"{values[other][matches[other]]:.3g} {scale.unit}"
        return (
            f"Point **{index}** of the {_WHICH[cloud]} (orange). Most similar in the {_WHICH[other]}: point "
            f"**{matches[other]}** (purple), {scale.name.split(',')[0]} {at_match}."
        )

    def _views(self) -> str:
        views = [cloud.views for cloud in self._source.clouds if cloud.views is not None]
        if not views:
            return "This run does not say which view its points come from; runs made from now on do."
        seen = range(1 + max(int(view.max()) for view in views))
        dots = (f'<span style="color:{_css(index)}">&#9679;</span> view {index}' for index in seen)
        return " ".join(dots)


def bar_picture(scale: ColorScale, width: int = 560) -> np.ndarray:
    """A colour bar with its title and numbers, (H, width, 3) uint8."""
    size = 22
    sheet = Image.new("RGB", (width, round(3.3 * size)), (255, 255, 255))
    draw_color_bar(sheet, scale, (8, 2), width - 16, size)
    return np.asarray(sheet)


def _css(view: int) -> str:
    return css(VIEW_RGB[view % len(VIEW_RGB)])
