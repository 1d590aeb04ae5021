"""Capture now, transfer at once: cameras, models and the reference scene are kept ready from one shot to the next."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet  # before Python 3.11 not the built-in one
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

import torch
from tqdm import tqdm

from sparsedff.capture.files.capture_folder import save_capture
from sparsedff.capture.model import Capture
from sparsedff.capture.shot import check_known, fresh_folder, take_capture
from sparsedff.common.clock import Clock
from sparsedff.common.keys import ENTER
from sparsedff.common.progress import bar
from sparsedff.config.config import Config
from sparsedff.distill.cache import Distilled
from sparsedff.errors import CameraError, ConfigError, SparseDFFError
from sparsedff.jobs.cameras import cameras_of, rig_of
from sparsedff.pipeline import Transferred, refine_both, save_run, transfer_clouds
from sparsedff.prepare.inputs import check_writable, choose_device, open_capture, read_demonstration, workspace_of
from sparsedff.prepare.models import choose_models, model_threads
from sparsedff.prepare.scenes import distil_one

QUIT = "q"
_GLANCE_S = 0.5
_KEYS = (ENTER, "\r", " ")


@dataclass(frozen=True)
class Shot:
    """A capture that was taken and saved, and when.

    Attributes:
        capture: its path is where it was saved.
        asked_s: when it was asked for, on time.monotonic [s].
    """

    capture: Capture
    asked_s: float


@dataclass(frozen=True)
class Outcome:
    """One transfer to a fresh capture.

    Attributes:
        run: its folder.
        capture: the fresh capture's folder.
        seconds: from shutter to pose.
    """

    run: Path
    capture: Path
    seconds: float


class Session:
    """`with Session(config) as session: outcome = session.transfer()`, as often as wanted.

    Cameras are opened, read and closed by a thread of their own, while this one loads the models and distils the
    reference.

    Args:
        config: data2 must be null.
        at_once: take the first capture as soon as the cameras are ready, while the reference is being distilled.

    Raises:
        SparseDFFError: on entering, whatever the user can mend; cameras are closed then.
    """

    def __init__(self, config: Config, at_once: bool = False) -> None:
        if config.data2 is not None:
            raise ConfigError(f"data2: is {config.data2!r}; only with data2=null the test scene is captured")
        if config.mode != "hand":
            raise ConfigError(f"mode: {config.mode} is not built yet; use mode=hand")
        self._config, self._at_once = config, at_once
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="cameras")
        self._closing = ExitStack()

    def __enter__(self) -> Session:
        config = self._config
        check_writable(Path(config.output_path))
        check_writable(Path(config.camera.capture_path))
        self._rig = rig_of(config)
        self._device = choose_device(config.device)
        torch.set_num_threads(config.threads or 1)
        with ExitStack() as opened:
            opened.callback(self._worker.shutdown)
            self._demonstration = read_demonstration(config)
            self._original = open_capture(config.data1, config)
            opened.callback(lambda: self._worker.submit(self._closing.close).result())
            ready = self._worker.submit(self._open)
            self._pending: Future[Shot] | None = self._worker.submit(self._shoot) if self._at_once else None
            with suppress(NotYet):  # a camera that is not there is said before any work is done
                ready.result(timeout=_GLANCE_S)
            clock = Clock()
            with clock.stage("load"):
                self._models = choose_models(config, self._device)
            for line in self._models.reasons:
                tqdm.write(line, file=sys.stderr)
            with clock.stage("reference"):
                self._reference = self._distil(self._original, 0)
            self._ready_seconds = clock.seconds
            ready.result()
            self._leaving = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.close()

    def transfer(self) -> Outcome:
        """Take a capture, carry the demonstration over to it, save the run.

        Raises:
            SparseDFFError: a camera gives nothing, no object is found, ...; a capture that was taken stays.
        """
        config, pending = self._config, self._pending or self._worker.submit(self._shoot)
        self._pending = None
        clock = Clock(dict(self._ready_seconds))
        with clock.stage("capture"):
            shot = pending.result()
        with clock.stage("distil"):
            test = self._distil(shot.capture, 1)
        raw = (self._reference.cloud, test.cloud)
        with clock.stage("features"):
            clouds = refine_both(config, raw, self._models.backbone)
        with clock.stage("optimise"):
            hand, energy, result = transfer_clouds(config, clouds, test.cloud.points, self._demonstration, self._device)
        clock.seconds["shutter_to_pose"] = time.monotonic() - shot.asked_s
        done = Transferred((self._reference.views, test.views), clouds, hand, energy, result)
        run = save_run(config, (self._original, shot.capture), done, self._models, clock)
        return Outcome(run, Path(str(shot.capture.path)), clock.seconds["shutter_to_pose"])

    def _open(self) -> None:
        self._cameras = self._closing.enter_context(cameras_of(self._config))
        check_known(self._cameras.each, self._rig)

    def _shoot(self) -> Shot:
        asked = time.monotonic()
        folder = fresh_folder(Path(self._config.camera.capture_path))
        capture = take_capture(self._cameras, self._rig, folder.name)
        return Shot(replace(capture, path=save_capture(capture, folder, self._rig)), asked)

    def _distil(self, capture: Capture, which: int) -> Distilled:
        config, models = self._config, self._models
        with bar(len(capture.views), "distil", "view") as shown, model_threads(config):
            segmenter, workspace = models.segmenters[which], workspace_of(config)
            return distil_one(config, capture, segmenter, workspace, models.backbone, shown.update)


def transfer_now(config: Config) -> Outcome:
    """Capture the test scene while the reference is being distilled, and transfer to it.

    Raises:
        SparseDFFError: anything the user can mend; nothing is left half written.
    """
    with Session(config, at_once=True) as session:
        return session.transfer()


def loop(config: Config, keys: Iterable[str]) -> Iterator[str]:
    """One transfer at each press of Enter, until Q; yields lines as they become true.

    A scene that cannot be used is said, and the next press tries again; a camera that fails ends the loop.

    Raises:
        SparseDFFError: on starting, or when a camera fails.
    """
    with Session(config) as session:
        yield "ready; Enter captures and transfers, Q ends"
        for key in keys:
            if key == QUIT:
                return
            if key not in _KEYS:
                continue
            try:
                yield from lines(session.transfer())
            except CameraError:
                raise
            except SparseDFFError as error:
                yield f"error: {error}"


def lines(outcome: Outcome) -> list[str]:
    """What is printed of a transfer."""
    return [
        f"capture: {outcome.capture}",
        f"result: {outcome.run}",
        f"picture: {outcome.run / 'result.png'}",
        f"from shutter to pose: {outcome.seconds:.1f} s",
    ]
