"""A session of captures and transfers: cameras, models and the reference scene are kept ready between shots."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet  # before Python 3.11 not the built-in one
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from sparsedff.capture.files.capture_folder import save_capture
from sparsedff.capture.model import Capture
from sparsedff.capture.shot import check_known, fresh_folder, take_capture
from sparsedff.common.clock import Clock
from sparsedff.common.progress import say
from sparsedff.config.config import Config
from sparsedff.errors import ConfigError
from sparsedff.finished import Finished, save_run
from sparsedff.hands.registry import end_effector
from sparsedff.jobs.cameras import cameras_of, rig_of
from sparsedff.pipeline import carry, distil_reference
from sparsedff.prepare.distiller import make_distiller
from sparsedff.prepare.inputs import open_capture, read_demonstration
from sparsedff.prepare.threads import torch_threads
from sparsedff.prepare.writable import check_writable

_GLANCE_S = 0.5


@dataclass(frozen=True, eq=False)
class Shot:
    """A capture that was taken and saved, and when.

    Attributes:
        capture: its path is where it was saved.
        asked_s: when it was asked for, on time.monotonic [s].
    """

    capture: Capture
    asked_s: float


@dataclass(frozen=True, eq=False)
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
        end_effector(config.effector)
        self._config, self._at_once = config, at_once
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="cameras")
        self._closing = ExitStack()

    def __enter__(self) -> Session:
        config = self._config
        check_writable(Path(config.output_path))
        check_writable(Path(config.camera.capture_path), "camera.capture_path")
        self._rig = rig_of(config)
        with ExitStack() as opened:
            opened.enter_context(torch_threads(1))
            opened.callback(self._worker.shutdown)
            pose, reference = read_demonstration(config), open_capture(config.data1, config)
            opened.callback(lambda: self._worker.submit(self._closing.close).result())
            ready = self._worker.submit(self._open)
            self._pending: Future[Shot] | None = self._worker.submit(self._shoot) if self._at_once else None
            with suppress(NotYet):  # a camera that is not there is said before any work is done
                ready.result(timeout=_GLANCE_S)
            clock = Clock()
            with clock.stage("load"):
                distiller = make_distiller(config)
            say(distiller.reasons)
            self._shown = distil_reference(config, distiller, reference, pose, clock)
            say((self._shown.scene.note,))
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
        done = carry(self._shown, shot.capture, clock)
        clock.seconds["shutter_to_pose"] = time.monotonic() - shot.asked_s
        say((done.scenes[1].note,))
        captures = (self._shown.capture, shot.capture)
        run = save_run(Finished(config, captures, done, self._shown.distiller, clock))
        return Outcome(run, Path(str(shot.capture.path)), clock.seconds["shutter_to_pose"])

    def _open(self) -> None:
        self._cameras = self._closing.enter_context(cameras_of(self._config))
        check_known(self._cameras.each, self._rig)

    def _shoot(self) -> Shot:
        asked = time.monotonic()
        folder = fresh_folder(Path(self._config.camera.capture_path))
        capture = take_capture(self._cameras, self._rig, folder.name)
        return Shot(replace(capture, path=save_capture(capture, folder, self._rig)), asked)
