"""The tab that plays an optimisation back and compares what its starts cost."""

from __future__ import annotations

import threading
import time

import numpy as np
import viser
from viser import uplot

from sparsedff.hands.model_hand import ModelHand
from sparsedff.studio.hand_view import Ghosts, HandView, wxyz
from sparsedff.studio.playback import Playback
from sparsedff.studio.source import Source
from sparsedff.visualize.palette import BLUE, GHOST_RGB, css

HAND = "/test/result"
_FRAME_S = 0.04
_BEST, _OTHER = css(BLUE), f"rgba{(*GHOST_RGB, 0.7)}"


class PlayPanel:
    """The result's hand, the starts as ghosts, the time slider, energies.

    Args:
        server: the page, inside the tab.
        lock: held while anything changes.
        hand: the end effector.
        source: what is open; without a run there is nothing to play.
    """

    def __init__(self, server: viser.ViserServer, lock: threading.RLock, hand: ModelHand, source: Source) -> None:
        self._server, self._lock, self._hand = server, lock, hand
        self._frame_node = server.scene.add_frame(HAND, show_axes=False, visible=False)
        self._view = HandView(server, HAND, hand)
        self._ghosts: Ghosts | None = None
        self._shown = True
        self._playback: Playback | None = None
        gui = server.gui
        self._text = gui.add_markdown("")
        self._slider = gui.add_slider("Frame", 0, 1, 1, 1)
        play = gui.add_button("Play")
        self._with_ghosts = gui.add_checkbox("All starts as ghosts", True)
        self._plot: viser.GuiUplotHandle | None = None
        self._folder = gui.add_folder("Energy")
        with self._folder:
            self._other = gui.add_slider("Compare with start", 0, 1, 1, 0)
            self._table = gui.add_markdown("")
        self._slider.on_update(lambda _: self._draw())
        self._other.on_update(lambda _: self._draw())
        self._with_ghosts.on_update(lambda _: self._draw())
        play.on_click(lambda _: self._play())
        self.open(source)

    def open(self, source: Source) -> None:
        """Show another run, at its end."""
        with self._lock:
            for part in (self._ghosts, self._plot):
                if part is not None:
                    part.remove()
            self._ghosts = self._plot = None
            self._playback = Playback(source.run) if source.run else None
            self._frame_node.visible = self._shown and self._playback is not None
            if self._playback is None:
                self._text.content = "Captures have no result yet; run a transfer."
                return
            self._ghosts = Ghosts(self._server, "/test/ghosts", self._hand, self._playback.starts - 1)
            self._slider.max, self._other.max = self._playback.frames - 1, max(1, self._playback.starts - 1)
            self._slider.value = self._playback.frames - 1
            self._other.value = 1 if self._playback.best_start == 0 and self._playback.starts > 1 else 0
            self._add_plot(self._playback)
            self._draw()

    def show(self, frame: int) -> None:
        """Go to a frame, or to the last one."""
        self._slider.value = min(frame, int(self._slider.max))  # which draws it

    def show_hand(self, shown: bool) -> None:
        """Show or hide the result's hand and the ghosts."""
        self._shown = shown
        self._frame_node.visible = shown and self._playback is not None
        if self._ghosts is not None:
            self._ghosts.show_all(shown)

    def _add_plot(self, playback: Playback) -> None:
        curves = playback.curves()
        if curves is None:
            return
        steps, energies = curves
        order = [i for i in range(len(energies)) if i != playback.best_start] + [playback.best_start]
        series = [uplot.Series(label="step")]
        for start in order:
            best = start == playback.best_start
            label, color = (f"start {start}{' (best)' if best else ''}"), _BEST if best else _OTHER
            series.append(uplot.Series(label=label, stroke=color, width=2.5 if best else 1))
        with self._folder:
            self._plot = self._server.gui.add_uplot(
                (steps, *(energies[start] for start in order)),
                tuple(series),
                title="weighted energy by step",
                legend=uplot.Legend(show=False),
                scales={"x": uplot.Scale(time=False), "y": uplot.Scale(auto=True)},
                aspect=1.6,
            )

    def _play(self) -> None:
        playback = self._playback
        if playback is None:
            return
        for index in np.unique(np.linspace(0, playback.frames - 1, 100).astype(int)):
            if playback is not self._playback:
                return
            begin = time.monotonic()
            self.show(int(index))
            time.sleep(max(0.0, _FRAME_S - (time.monotonic() - begin)))

    def _draw(self) -> None:
        with self._lock:
            if self._playback is None or self._ghosts is None:
                return
            index, other = max(0, int(self._slider.value)), max(0, int(self._other.value))
            frame = self._playback.frame(index)
            with self._server.atomic():
                self._frame_node.position, self._frame_node.wxyz = frame.best.translation, wxyz(frame.best.rotation)
                self._view.show_joints(frame.best.joints)
                self._ghosts.show(list(frame.ghosts.values()) if self._with_ghosts.value else [])
                last = index >= self._playback.frames - 1
                self._text.content = (
                    f"**Result**, start {self._playback.best_start} of {self._playback.starts}"
                    if last
                    else f"Step **{frame.step}**, {1 + len(frame.ghosts)} of {self._playback.starts} starts left"
                )
                self._table.content = self._playback.table(index, min(other, self._playback.starts - 1))
