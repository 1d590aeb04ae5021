"""Several cameras as one: all are started before any is read, and all are closed whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType

from sparsedff.capture.cameras.base import MASTER, SUBORDINATE, Camera, Frame
from sparsedff.errors import CameraError

Maker = Callable[[], Sequence[Camera]]
"""Opens cameras; where one of them fails it closes those it had opened."""


class Cameras:
    """`with Cameras(maker, timeout_s) as cameras: frames = cameras.read()`.

    Args:
        maker: called when the block is entered, so that nothing stays open that no block closes.
        timeout_s: the longest that a camera may take for a frame [s].
    """

    def __init__(self, maker: Maker, timeout_s: float) -> None:
        self._maker, self._timeout_s = maker, timeout_s
        self.each: tuple[Camera, ...] = ()
        self._closing = ExitStack()

    def __enter__(self) -> Cameras:
        with ExitStack() as opened:
            for camera in self._maker():
                opened.callback(camera.close)
                self.each = (*self.each, camera)
            serials = [camera.serial for camera in self.each]
            for serial in serials:
                if serials.count(serial) > 1:
                    raise CameraError(f"camera {serial}: is there twice; name each recording once")
            # A subordinate waits for the master's pulse, and misses it if it is not yet listening.
            for camera in sorted(self.each, key=lambda camera: camera.sync == MASTER):
                camera.start()
            for camera in _master_first(self.each):
                camera.settle(self._timeout_s)
            self._closing = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()
        self.each = ()

    def read(self) -> list[Frame]:
        """One frame per camera, in the order of `each`, none taken before this call.

        Synchronised cameras give the frames of one pulse: the master's, and what the others took within half a period
        of it.

        Raises:
            CameraError: a camera gives none; names it.
        """
        after = {camera.serial: camera.now() for camera in self.each}
        frames: dict[str, Frame] = {}
        pulse: float | None = None
        for camera in _master_first(self.each):
            since = after[camera.serial]
            if camera.sync == SUBORDINATE and pulse is not None:
                since = pulse - camera.period_s / 2
            frames[camera.serial] = camera.read(since, self._timeout_s)
            if camera.sync == MASTER:
                pulse = frames[camera.serial].time_s
        return [frames[camera.serial] for camera in self.each]


def _master_first(cameras: Sequence[Camera]) -> list[Camera]:
    return sorted(cameras, key=lambda camera: camera.sync != MASTER)
