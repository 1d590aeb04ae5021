"""Frames of a recording and how they stand to each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from sparsedff.errors import CaptureError
from sparsedff.geometry import Float, inverse, rotation_from_quaternion, transform


class FrameTree:
    """The frames of tf messages; the first transform between two frames stays."""

    def __init__(self) -> None:
        self._parent: dict[str, tuple[str, Float]] = {}

    @property
    def frames(self) -> set[str]:
        """All names."""
        return {*self._parent, *(parent for parent, _ in self._parent.values())}

    def add(self, transforms: Iterable[Any]) -> None:
        """Take up the transforms of a message: each gives a frame in its parent's."""
        for each in transforms:
            t, q = each.transform.translation, each.transform.rotation
            pose = transform(rotation_from_quaternion(np.array([q.x, q.y, q.z, q.w])), np.array([t.x, t.y, t.z]))
            self._parent.setdefault(_plain(each.child_frame_id), (_plain(each.header.frame_id), pose))

    def target_from_source(self, target: str, source: str, what: str) -> Float:
        """(4, 4) [m] between any two frames of one tree.

        Raises:
            CaptureError: there is no such frame, or nothing connects them; `what` names the recording.
        """
        up, down = self._to_root(_plain(source)), self._to_root(_plain(target))
        common = next((frame for frame in up if frame in down), None)
        if common is None:
            raise CaptureError(
                f"{what}: nothing connects frame {source} with {target}; there are "
                f"{', '.join(sorted(self.frames)) or 'no frames (tf, tf_static)'}; name another with --world"
            )
        return inverse(down[common]) @ up[common]

    def _to_root(self, frame: str) -> dict[str, Float]:
        """ancestor_from_frame (4, 4) of the frame itself and of all its ancestors, in their order."""
        chain, pose = {frame: np.eye(4)}, np.eye(4)
        while frame in self._parent:
            frame, step = self._parent[frame]
            if frame in chain:  # frames in a circle
                break
            pose = step @ pose
            chain[frame] = pose
        return chain


def _plain(frame: str) -> str:
    return frame.lstrip("/")
