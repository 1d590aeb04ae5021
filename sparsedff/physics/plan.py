"""What is commanded at every step of a lift trial: palm, motors, and the pushes on the object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

from sparsedff.hands.pose import HandPose
from sparsedff.physics.control import Squeeze, squeeze
from sparsedff.physics.model import World
from sparsedff.physics.settings import LiftSettings

Float = NDArray[np.float64]

_JOINT_REACH_M = 0.05  # one radian of a joint counts as this much path when waypoints share out the time


@dataclass(frozen=True, eq=False)
class Plan:
    """Commands of T steps.

    Attributes:
        start: where the hand is put before the first step.
        palm_m: (T, 3) [m] and palm_quaternion (T, 4) wxyz: the commanded palm in the world.
        joints: (T, M) [rad] of the motors' joints, in their order, on the way to the grasp and at it.
        squeeze: what is added there, and `squeeze_share` (T,) how much of it.
        pushes: (T, 3) forces on the object's centre of mass, as multiples of its weight.
        ends: step at which each phase ends, by its name, in order of time.
    """

    start: HandPose
    palm_m: Float
    palm_quaternion: Float
    joints: Float
    squeeze: Squeeze
    squeeze_share: Float
    pushes: Float
    ends: dict[str, int]

    @property
    def steps(self) -> int:
        """T."""
        return len(self.palm_m)

    @property
    def settled(self) -> int:
        """Step at which the object has come to rest and the hand sets off."""
        return self.ends["settle"]

    @property
    def grasped(self) -> int:
        """Step at which the squeeze is complete and the lift begins."""
        return self.ends["close"]

    @property
    def lifted(self) -> int:
        """Step at which the palm is up and the hold begins."""
        return self.ends["lift"]

    def phase(self, step: int) -> str:
        """Name of the phase that a step belongs to."""
        return next((name for name, end in self.ends.items() if step < end), "hold")


def make_plan(world: World, path: Sequence[HandPose], settings: LiftSettings, random: np.random.Generator) -> Plan:
    """Settle, follow the path, squeeze, lift, hold while pushed and shaken.

    Args:
        world: tells the motors and gives the squeeze its torques.
        path: at least one pose, the grasp last.
        settings: durations, squeeze, lift, disturbance.
        random: draws the pushes and the direction of shaking.
    """
    poses = [world.hand.reachable(pose) for pose in path]
    durations = {
        "settle": settings.settle_s,
        "approach": settings.approach_s,
        "close": settings.close_s,
        "lift": settings.lift_s,
        "hold": settings.hold_s + settings.rest_s,
    }
    counts = {name: round(seconds / settings.timestep_s) for name, seconds in durations.items()}
    settle, approach, close, lift, hold = counts.values()
    along = np.concatenate([np.zeros(settle), _ease(approach), np.ones(close + lift + hold)])
    palm, rotations, joints = _interpolate(poses, along)
    palm[:, 2] += settings.lift_m * np.concatenate([np.zeros(settle + approach + close), _ease(lift), np.ones(hold)])
    disturbed = slice(settle + approach + close + lift, -round(settings.rest_s / settings.timestep_s) or None)
    palm[disturbed] += _shake(len(palm[disturbed]), settings, random)
    # The squeeze grows over the first two thirds of its time: the last third lets the object come to rest.
    ramp = np.minimum(1.5 * np.arange(1, close + 1) / max(close, 1), 1.0)
    pushes = np.zeros((len(along), 3))
    pushes[disturbed] = _pushes(len(pushes[disturbed]), settings, random)
    return Plan(
        start=poses[0],
        palm_m=palm,
        palm_quaternion=rotations.as_quat(scalar_first=True),
        joints=joints[:, world.motors],
        squeeze=squeeze(world, poses[-1], settings.squeeze_n, settings.travel_m),
        squeeze_share=np.concatenate([np.zeros(settle + approach), ramp, np.ones(lift + hold)]),
        pushes=pushes,
        ends=dict(zip(counts, np.cumsum(list(counts.values())).tolist(), strict=True)),
    )


def _ease(count: int) -> Float:
    """From 0 to 1 (count,) with no jump in speed."""
    return 0.5 - 0.5 * np.cos(np.pi * np.arange(1, count + 1) / max(count, 1))


def _interpolate(poses: Sequence[HandPose], along: Float) -> tuple[Float, Rotation, Float]:
    """Palm positions (T, 3), rotations and joints (T, J) at shares `along` (T,) of the path through the poses."""
    steps = [
        max(
            float(np.linalg.norm(b.translation - a.translation)),
            _JOINT_REACH_M * float(np.abs(b.joints - a.joints).max()),
            1e-6,
        )
        for a, b in pairwise(poses)
    ]
    if not steps:
        poses, steps = [poses[0], poses[0]], [1.0]
    knots = np.concatenate([[0.0], np.cumsum(steps)]) / sum(steps)
    knots[-1] = 1.0
    columns = np.concatenate([[pose.translation for pose in poses], [pose.joints for pose in poses]], axis=1)
    values = np.stack([np.interp(along, knots, column) for column in columns.T], axis=1)
    turns = Slerp(knots, Rotation.from_matrix(np.stack([pose.rotation for pose in poses])))(along)
    return values[:, :3], turns, values[:, 3:]


def _shake(count: int, settings: LiftSettings, random: np.random.Generator) -> Float:
    """Displacement (count, 3) [m] of the palm along one random direction, from rest to rest."""
    time = np.arange(1, count + 1) * settings.timestep_s
    swell = np.clip(np.minimum(time, time[-1] - time) / 0.25, 0.0, 1.0)
    wave = settings.shake_m * swell * np.sin(2 * np.pi * settings.shake_hz * time)
    return wave[:, None] * _directions(1, random)


def _pushes(count: int, settings: LiftSettings, random: np.random.Generator) -> Float:
    """Forces (count, 3) in weights: constant for `push_s` each, then a new direction; evenly spread over the sphere."""
    each = max(round(settings.push_s / settings.timestep_s), 1)
    directions = _directions(-(-count // each), random)
    return settings.push_weights * directions.repeat(each, axis=0)[:count]


def _directions(count: int, random: np.random.Generator) -> Float:
    """Unit vectors (count, 3), evenly spread over the sphere."""
    vectors = random.normal(size=(count, 3))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
