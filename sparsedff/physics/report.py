"""What came of a lift trial: moments for a film, the verdict, and how it is reached from what was seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.hands.pose import HandPose
from sparsedff.physics.plan import Plan
from sparsedff.physics.settings import LiftSettings

Float = NDArray[np.float64]

_LAST_S = 0.25  # an object that is held hardly moves in the hand over the last so many seconds


@dataclass(frozen=True, eq=False)
class LiftFrame:
    """One moment of a trial.

    Attributes:
        time_s: since its begin [s].
        phase: settle, approach, close, lift or hold.
        pose: the hand as it is, not as commanded.
        world_from_object: (4, 4) of the object's mesh.
    """

    time_s: float
    phase: str
    pose: HandPose
    world_from_object: Float


@dataclass(frozen=True, eq=False)
class LiftReport:
    """What came of one trial. Numbers are NaN where the trial did not get that far.

    Attributes:
        success: the object was held.
        reason: `held`, or why not: `starts inside the object`, `not lifted`, `dropped`, `slipped`, `still sliding`,
            `ends inside the object`, or `unstable: ...`.
        lifted_m: how much higher the object's middle was at the end than at rest [m].
        slip_m: how far its middle moved in the palm's frame from the lift's begin to the end [m].
        turn_rad: angle it turned by in the palm's frame over the same time [rad]; it does not count.
        approach_m: how far the hand pushed its middle aside before the squeeze was complete [m]; it does not count.
        depth_m: how deep the hand lay in the object at the end, where it lay deepest [m].
        mass_kg, friction: drawn for this trial.
        frames: moments in order of time, where they were asked for.
    """

    success: bool
    reason: str
    lifted_m: float
    slip_m: float
    turn_rad: float
    approach_m: float
    depth_m: float
    mass_kg: float
    friction: float
    frames: tuple[LiftFrame, ...] = ()


@dataclass(frozen=True, eq=False)
class Track:
    """Where the bodies were after each of T steps, which may be fewer than were planned.

    Attributes:
        object_m, palm_m: (T, 3) [m] the object's centre of mass and the palm's origin.
        object_turn, palm_turn: (T, 3, 3) world_from_body.
        depth_m: (T,) [m] of the deepest contact of hand and object, 0 where they do not touch.
        fault: what shows that the solver lost it; empty if nothing does.
    """

    object_m: Float
    palm_m: Float
    object_turn: Float
    palm_turn: Float
    depth_m: Float
    fault: str = ""


def judge(track: Track, plan: Plan, settings: LiftSettings, mass_kg: float, friction: float) -> LiftReport:
    """The verdict on a track; see LiftReport for what is measured, LiftSettings for the limits."""
    settled = min(plan.settled, len(track.object_m) - 1)
    lifted = float(track.object_m[-1, 2] - track.object_m[settled, 2])
    slip = turn = pushed = drift = depth = float("nan")
    last = round(_LAST_S / settings.timestep_s)
    if len(track.object_m) > plan.grasped:
        seen = np.einsum("tji,tj->ti", track.palm_turn, track.object_m - track.palm_m)  # in the palm's frame
        turns = [track.palm_turn[step].T @ track.object_turn[step] for step in (plan.grasped, -1)]
        slip = float(np.linalg.norm(seen[-1] - seen[plan.grasped]))
        turn = float(Rotation.from_matrix(turns[1] @ turns[0].T).magnitude())
        pushed = float(np.linalg.norm(track.object_m[plan.grasped] - track.object_m[settled]))
        drift = float(np.linalg.norm(seen[-1] - seen[-1 - last])) / _LAST_S
        depth = float(np.median(track.depth_m[-last:]))
    if track.fault:
        reason = f"unstable: {track.fault}"
    elif track.depth_m[0] > settings.depth_limit_m:
        reason = "starts inside the object"
    elif lifted < settings.risen_m:
        highest = float(track.object_m[:, 2].max() - track.object_m[settled, 2])
        reason = "dropped" if highest > settings.risen_m else "not lifted"
    elif slip > settings.slip_limit_m:
        reason = "slipped"
    elif drift > settings.drift_limit_m_s:
        reason = "still sliding"
    else:
        reason = "ends inside the object" if depth > settings.depth_limit_m else "held"
    return LiftReport(reason == "held", reason, lifted, slip, turn, pushed, depth, mass_kg, friction)
