"""Step a lift trial through MuJoCo and note where everything was."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from sparsedff.geometry import inverse, transform
from sparsedff.hands.pose import HandPose
from sparsedff.physics.control import set_hand
from sparsedff.physics.model import World
from sparsedff.physics.plan import Plan
from sparsedff.physics.report import LiftFrame, Track
from sparsedff.physics.settings import LiftSettings

Float = NDArray[np.float64]

_FASTEST_M_S = 5.0  # nothing here moves faster but what the solver has thrown
_FRAME_S = 0.1
_BAD = (mujoco.mjtWarning.mjWARN_BADQPOS, mujoco.mjtWarning.mjWARN_BADQVEL, mujoco.mjtWarning.mjWARN_BADQACC)


def run(
    world: World, plan: Plan, world_from_object: Float, settings: LiftSettings, record: bool
) -> tuple[Track, tuple[LiftFrame, ...]]:
    """Carry out a plan on an object that stands at `world_from_object` (4, 4).

    Ends early where the solver fails and where the lift is over and the object is not up: the rest would be waiting.

    Returns:
        the track, and frames every tenth of a second if `record` is set.
    """
    model, data = world.model, mujoco.MjData(world.model)
    set_hand(world, data, plan.start)
    _set_object(world, data, world_from_object)
    body, palm, dof = world.object_body, world.palm_body, int(model.body_dofadr[world.object_body])
    weight = -float(model.body_mass[body] * model.opt.gravity[2])
    stiffness = model.actuator_gainprm[:, 0]
    positions, turns, depths = [], [], []
    frames: list[LiftFrame] = []
    fault = ""
    for step in range(plan.steps):
        data.mocap_pos[world.target] = plan.palm_m[step]
        data.mocap_quat[world.target] = plan.palm_quaternion[step]
        if step <= plan.grasped:
            # While it closes a finger goes on until it meets something. What it has found then stays its target, or
            # fingers would follow wherever the load drags them.
            now = world.joints(data)[world.motors]
            closing = plan.squeeze.targets(plan.joints[step], now, stiffness, plan.squeeze_share[step])
        data.ctrl[:] = closing if plan.squeeze_share[step] > 0 else plan.joints[step]
        data.xfrc_applied[body, :3] = weight * plan.pushes[step]
        mujoco.mj_step(model, data)
        fault = _fault(data, dof)
        if fault:
            break
        depths.append(_depth(world, data))
        positions.append((data.xpos[body].copy(), data.xpos[palm].copy()))
        turns.append((data.xmat[body].copy(), data.xmat[palm].copy()))
        if record and (step % round(_FRAME_S / settings.timestep_s) == 0 or step == plan.steps - 1):
            frames.append(_frame(world, data, plan.phase(step)))
        if step == plan.lifted and positions[-1][0][2] - positions[plan.settled][0][2] < 0.5 * settings.lift_m:
            break
    if not positions:  # not even one step
        positions, turns, depths = [(data.xpos[body], data.xpos[palm])], [(np.eye(3), np.eye(3))], [0.0]
    moved, turned = np.array(positions), np.array(turns).reshape(len(turns), 2, 3, 3)
    return Track(moved[:, 0], moved[:, 1], turned[:, 0], turned[:, 1], np.array(depths), fault), tuple(frames)


def _set_object(world: World, data: mujoco.MjData, world_from_object: Float) -> None:
    """Put the object's body where its mesh is to stand; parts that bulge below the table raise it."""
    world_from_body = world_from_object @ inverse(world.body_from_mesh)
    start = world.object_qpos
    data.qpos[start : start + 3] = world_from_body[:3, 3]
    mujoco.mju_mat2Quat(data.qpos[start + 3 : start + 7], np.ascontiguousarray(world_from_body[:3, :3]).reshape(9))
    lowest = (world.corners_body @ world_from_body[:3, :3].T)[:, 2].min() + world_from_body[2, 3]
    data.qpos[start + 2] += max(0.0, -lowest)


def _depth(world: World, data: mujoco.MjData) -> float:
    """Depth [m] of the deepest contact between hand and object; 0 if there is none. The table's do not count."""
    pairs, distances = data.contact.geom, data.contact.dist
    if not len(distances):
        return 0.0
    bodies = world.model.geom_bodyid[pairs]
    mine = (bodies == world.object_body).any(axis=1) & (bodies > 0).all(axis=1)
    return float(max(0.0, -distances[mine].min(initial=0.0)))


def _fault(data: mujoco.MjData, object_dof: int) -> str:
    """What shows that the solver has lost it; empty if nothing does. MuJoCo itself warns and starts afresh."""
    if any(data.warning[kind].number for kind in _BAD) or not np.isfinite(data.qpos).all():
        return "the state is not finite"
    speed = float(np.linalg.norm(data.qvel[object_dof : object_dof + 3]))
    return f"the object flew off at {speed:.0f} m/s" if speed > _FASTEST_M_S else ""


def _frame(world: World, data: mujoco.MjData, phase: str) -> LiftFrame:
    palm, body = world.palm_body, world.object_body
    pose = HandPose(data.xpos[palm], data.xmat[palm].reshape(3, 3), world.joints(data))
    world_from_body = transform(data.xmat[body].reshape(3, 3), data.xpos[body])
    return LiftFrame(float(data.time), phase, pose, world_from_body @ world.body_from_mesh)
