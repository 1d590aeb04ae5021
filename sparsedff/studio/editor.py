"""The demonstration being authored: a hand pose, what can be done to it, and undoing that."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import HandError
from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.pose import HandPose

MOST_UNDO = 200
SAME_MOVE_S = 1.0
"""Changes of one thing that follow each other faster than this are one step of undo: a slider sends many."""

_ACROSS_X = np.diag([-1.0, 1.0, 1.0])


class PoseEditor:
    """A pose with undo and redo; every change keeps the joints within their limits.

    Args:
        pose: to begin with.
        hand: whose pose it is.
    """

    def __init__(self, pose: HandPose, hand: ModelHand) -> None:
        self._hand, self._limits = hand, hand.limits_rad
        self.pose = self._within(pose)
        self._past: list[HandPose] = []
        self._future: list[HandPose] = []
        self._last: tuple[str, float] = ("", -np.inf)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back."""
        return bool(self._future)

    def set_joint(self, name: str, angle: float, now: float) -> None:
        """Turn one joint.

        Args:
            name: of the joint.
            angle: [rad], or [m] of a joint that slides; beyond the limits it stays at the limit.
            now: clock [s], which tells one move from the next.

        Raises:
            HandError: there is no such joint, or the angle is not finite.
        """
        names = self._hand.layout.names
        if name not in names:
            raise HandError(f"joint: no {name!r}; known are {', '.join(names)}")
        joints = self.pose.joints.copy()
        joints[names.index(name)] = angle
        self._change(HandPose(self.pose.translation, self.pose.rotation, joints), name, now)

    def set_palm(self, translation: NDArray[np.float64], rotation: NDArray[np.float64], drag: int) -> None:
        """Move the palm.

        Args:
            translation: (3,) [m].
            rotation: (3, 3) world_from_palm.
            drag: number of the drag; what happens in one drag is one step of undo.
        """
        self._change(HandPose(translation, rotation, self.pose.joints), f"palm {drag}", 0.0)

    def apply_preset(self, name: str) -> None:
        """Give the fingers the joints of a preset; the palm stays."""
        joints = self._hand.spec.preset(name, self._limits)
        self._change(HandPose(self.pose.translation, self.pose.rotation, joints))

    def mirror(self, middle: NDArray[np.floating], azimuth: float = 0.0) -> None:
        """Grasp from the other side: reflect the pose in a vertical plane through `middle` (3,) [m].

        A reflected right hand is a left one. Palm and fingers therefore point where their reflections point, and the
        hand is turned over about its own length to be a right one again, which moves the thumb to the other side.
        Mirroring twice restores the pose.

        Args:
            middle: of the object.
            azimuth: direction of the plane's normal [rad], from +x towards +y.
        """
        normal = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
        reflection = np.eye(3) - 2 * np.outer(normal, normal)
        translation = middle + reflection @ (self.pose.translation - middle)
        self._change(HandPose(translation, reflection @ self.pose.rotation @ _ACROSS_X, self.pose.joints))

    def undo(self) -> None:
        """Take the last step back, if there is one."""
        if self.can_undo:
            self._future.append(self.pose)
            self.pose = self._past.pop()
            self._last = ("", -np.inf)

    def redo(self) -> None:
        """Take the last step again, if one was taken back."""
        if self.can_redo:
            self._past.append(self.pose)
            self.pose = self._future.pop()
            self._last = ("", -np.inf)

    def _change(self, pose: HandPose, what: str = "", now: float = np.inf) -> None:
        pose = self._within(pose)
        same_move = what != "" and what == self._last[0] and now - self._last[1] < SAME_MOVE_S
        if not same_move:
            self._past = [*self._past[-(MOST_UNDO - 1) :], self.pose]
        self.pose, self._future, self._last = pose, [], (what, now)

    def _within(self, pose: HandPose) -> HandPose:
        return HandPose(pose.translation, pose.rotation, np.clip(pose.joints, *self._limits.T))
