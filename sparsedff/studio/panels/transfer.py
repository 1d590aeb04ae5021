"""The tab that runs a transfer with the authored pose."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import viser

from sparsedff.config.config import Config
from sparsedff.errors import ConfigError, SparseDFFError
from sparsedff.pipeline import run
from sparsedff.studio.job import Job, JobStatus
from sparsedff.studio.source import Source


def _check_place(name: str, config: Config) -> None:
    """Refuse a path that is neither one of the open captures nor in a folder of captures: pages see no other files.

    Raises:
        ConfigError: it lies elsewhere.
    """
    if name in (config.data1, config.data2) or Path(name).name == name:
        return
    try:
        place = Path(name).resolve()
        inside = any(place.is_relative_to(Path(folder).resolve()) for folder in config.capture_paths)
    except (OSError, ValueError, RuntimeError):  # a name no file system has, links in a circle
        inside = False
    if not inside:
        raise ConfigError(f"test capture: {name[:80]!r} is not in {', '.join(config.capture_paths)}; move it there")


class TransferPanel:
    """Controls of a transfer: the test capture, steps, seed, start, cancel and a progress bar.

    Args:
        server: the page, inside the tab.
        lock: held while anything changes.
        source: gives the settings.
        save: writes the authored pose; None when it could not.
        finished: told the new run's folder.
    """

    def __init__(
        self,
        server: viser.ViserServer,
        lock: threading.RLock,
        source: Source,
        save: Callable[[], Path | None],
        finished: Callable[[Path], None],
    ) -> None:
        self._lock, self._source, self._save = lock, source, save
        gui = server.gui
        gui.add_markdown("Saves the pose under its name (tab *Author*), then carries it over to the test capture.")
        self._test = gui.add_text("Test capture", source.config.data2 or "", hint="a name or a path")
        self._steps = gui.add_slider("Steps", 20, 600, 10, min(600, max(20, source.config.alignment.opt_iterations)))
        self._seed = gui.add_number("Seed", source.config.seed, min=0, max=2**31, step=1)
        start = gui.add_button("Transfer", color="blue")
        cancel = gui.add_button("Cancel")
        self._bar = gui.add_progress_bar(0.0, animated=True)
        self._text = gui.add_markdown("Nothing is running.")
        self._status = JobStatus()
        self.job = Job(self._show, finished)
        start.on_click(lambda _: self.start())
        cancel.on_click(lambda _: self.job.cancel())

    def share(self, stage: str) -> float:
        """How much of a stage of the transfer that runs is done, 0 to 1."""
        return self._status.share if self._status.stage == stage else 0.0

    def open(self, source: Source) -> None:
        """Take over the settings of what is open now."""
        with self._lock:
            self._source = source

    def start(self) -> None:
        """Save the pose and begin; what is wrong is said on the page."""
        with self._lock:
            if self.job.running:
                self._text.content = "A transfer is running; cancel it first."
                return
            path = self._save()
            if path is None:
                self._text.content = "**Not begun:** the pose could not be saved; see the tab *Author*."
                return
            try:
                config = self.settings(path)
            except SparseDFFError as error:
                self._text.content = f"**Not begun:** {error}"
                return
            self.job.start(lambda: run(config))

    def settings(self, pose: Path) -> Config:
        """The configuration of a transfer of a pose file.

        Raises:
            ConfigError: no test capture is named, or settings contradict each other.
        """
        config, steps = self._source.config, int(self._steps.value)
        test = self._test.value.strip()
        if not test:
            raise ConfigError("test capture: none is named; give a capture's name or path")
        _check_place(test, config)
        a = config.alignment
        kept = [(at, keep) for at, keep in zip(a.drop_at, a.keep_starts, strict=True) if at < steps]
        alignment = replace(
            a, opt_iterations=steps, drop_at=tuple(at for at, _ in kept), keep_starts=tuple(keep for _, keep in kept)
        )
        return replace(
            config,
            data2=test,
            seed=int(self._seed.value),
            hand_ref_pose_name=str(pose),
            hand_ref_pose_convention="mjcf",
            alignment=alignment,
            visualize=False,
        )

    def _show(self, status: JobStatus) -> None:
        self._status = status
        if status.state == "running":
            self._bar.value = 100 * status.share
            self._text.content = f"Running: {status.stage}, {100 * status.share:.0f} %"
            return
        self._bar.value = 100.0 if status.state == "done" else 0.0
        words = {"done": "Done: see the hand on the test object, and *Play back*.", "cancelled": "Cancelled."}
        self._text.content = words.get(status.state, f"**Failed:** {status.message}")
