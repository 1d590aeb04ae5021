"""The studio: a page in the browser on which features are looked at, grasps shown and transferred."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from sparsedff.prepare.inputs import make_hand
from sparsedff.studio.address import DEFAULT_HOST, DEFAULT_PORT, check_address
from sparsedff.studio.guard import Guard
from sparsedff.studio.panels.author import AuthorPanel
from sparsedff.studio.panels.look import LookPanel
from sparsedff.studio.panels.play import PlayPanel
from sparsedff.studio.panels.transfer import TransferPanel
from sparsedff.studio.scene_view import SceneView
from sparsedff.studio.server import open_server
from sparsedff.studio.source import Source, open_run


class Studio:
    """One page and everything on it; all people who open it see and change the same state.

    Args:
        source: what is shown first.
        host: address to listen on. Any other than this machine's own lets in everybody who has the address with its
            token, which travels unencrypted.
        port: port to listen on; the next free one is taken if it is in use.

    Raises:
        ConfigError: nobody can listen on this address.
    """

    def __init__(self, source: Source, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT) -> None:
        self.source = source
        self._lock = threading.RLock()
        check_address(host, port)
        self.guard = Guard(host)
        self.server = open_server(self.guard, port, "SparseDFF studio")
        self.server.gui.configure_theme(control_width="large", show_share_button=False, show_logo=False)
        hand = make_hand(source.config)
        self.scene = SceneView(self.server, source.clouds, source.names)
        self._look_at_both()
        tabs = self.server.gui.add_tab_group()
        with tabs.add_tab("Look"):
            self.look = LookPanel(self.server, self._lock, source, self.scene)
            self._hands = self.server.gui.add_checkbox("Show hands", True)
        with tabs.add_tab("Author"):
            folder = Path(source.config.pose_paths[-1])
            self.author = AuthorPanel(self.server, self._lock, hand, source, folder)
        with tabs.add_tab("Play back"):
            self.play = PlayPanel(self.server, self._lock, hand, source)
        with tabs.add_tab("Transfer"):
            self.transfer = TransferPanel(self.server, self._lock, source, self._save_again, self.open_run)

        self._hands.on_update(lambda _: self.show_hands(self._hands.value))

    @property
    def address(self) -> str:
        """Where the page is; whoever knows it may use the page, and nobody else."""
        host = self.server.get_host()
        name = DEFAULT_HOST if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
        return f"http://{name}:{self.server.get_port()}/{self.guard.token}"

    def open_run(self, folder: Path) -> None:
        """Show a run that was just made with the authored pose."""
        source = open_run(folder)
        with self._lock:
            self.source = source
            self.scene = SceneView(self.server, source.clouds, source.names)
            self.look.open(source, self.scene)
            self.author.open(source, keep_pose=True)
            self.play.open(source)
            self.transfer.open(source)

    def _save_again(self) -> Path | None:
        """The authored pose, for a transfer."""
        return self.author.save(again=True)

    def stop(self) -> None:
        """Close the page."""
        self.transfer.job.cancel()
        self.server.stop()

    def show_hands(self, shown: bool) -> None:
        """Show or hide all hands."""
        with self._lock:
            self._hands.value = shown
            self.author.show_hand(shown)
            self.play.show_hand(shown)

    def _look_at_both(self) -> None:
        """A camera in front of both scenes, for everybody who opens the page."""
        corners = self.scene.corners()
        middle, reach = corners.mean(axis=0), float(np.ptp(corners[:, 0]))
        camera = self.server.initial_camera
        camera.fov = 0.6
        # The panel covers the right of the page: both scenes belong left of its middle.
        camera.look_at = middle + np.array([0.18 * reach, 0.0, 0.1 * reach])
        camera.position = middle + reach * np.array([0.1, -1.95, 1.05])
        camera.up = (0.0, 0.0, 1.0)
