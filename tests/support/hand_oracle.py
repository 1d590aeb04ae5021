"""The Shadow Hand by other means: MuJoCo's kinematics, and distances to posed primitives written out in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import mujoco
import numpy as np
import torch
from scipy.spatial.transform import Rotation
from torch import Tensor

from sparsedff.hands.model import HandModel, load_model
from sparsedff.hands.pose import HandPose
from sparsedff.hands.registry import SHADOW_HAND, end_effector
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.hands.shadow.joints import JOINT_NAMES

PREFIX = "robot0:"
PALM = PREFIX + "palm"


def load_shadow_model() -> HandModel:
    return load_model(end_effector(SHADOW_HAND))


@lru_cache(maxsize=4)
def shadow(dtype: torch.dtype = torch.float64, surface_points: int = 100) -> ShadowHand:
    """One hand a process: making it takes a moment, and it is not changed by anything."""
    return ShadowHand(HandSettings(pt_nums=surface_points), dtype=dtype)


@lru_cache(maxsize=1)
def mujoco_model() -> mujoco.MjModel:
    packaged = load_shadow_model()
    return mujoco.MjModel.from_xml_string(packaged.mjcf, packaged.assets)


def random_pose(seed: int, reach_m: float = 0.5) -> HandPose:
    """Anywhere, turned anyhow, joints anywhere within their limits."""
    rng = np.random.default_rng(seed)
    low, high = load_shadow_model().joint_limits.T
    rotation = Rotation.random(random_state=rng).as_matrix()
    return HandPose(rng.uniform(-reach_m, reach_m, 3), rotation, rng.uniform(low, high))


def fist() -> HandPose:
    """Fingers curled onto the palm with the thumb beneath them, where no thumb can be."""
    joints = dict.fromkeys(JOINT_NAMES, 0.0)
    for finger in ("FF", "MF", "RF", "LF"):
        joints |= {f"{finger}J2": 1.5, f"{finger}J1": 1.5, f"{finger}J0": 0.9}
    joints |= {"THJ4": 1.0, "THJ3": 1.2, "THJ1": 0.5, "THJ0": -1.2}
    return HandPose(np.zeros(3), np.eye(3), np.array(list(joints.values())))


def mujoco_data(pose: HandPose) -> tuple[mujoco.MjData, np.ndarray]:
    """MuJoCo's forward kinematics of a pose's joints, and world_from_mujoco (4, 4), which puts the palm where it is."""
    model = mujoco_model()
    data = mujoco.MjData(model)
    for name, value in zip(JOINT_NAMES, pose.joints, strict=True):
        data.qpos[model.jnt_qposadr[model.joint(PREFIX + name).id]] = value
    mujoco.mj_kinematics(model, data)
    palm = frame(data.body(PALM).xpos, data.body(PALM).xmat)
    return data, pose.world_from_palm @ np.linalg.inv(palm)


def frame(position: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = np.reshape(rotation, (3, 3)), position
    return matrix


def posed_primitives(pose: HandPose) -> list[tuple[str, str, np.ndarray, np.ndarray]]:
    """(link, kind, world_from_primitive, half size) of every collision geom below the palm, by MuJoCo."""
    model, (data, world_from_mujoco) = mujoco_model(), mujoco_data(pose)
    links = {primitive.link for primitive in load_shadow_model().primitives}
    found = []
    for index in range(model.ngeom):
        link, name = model.body(model.geom_bodyid[index]).name, model.geom(index).name
        if link in links and name.startswith(PREFIX + "C_"):
            kind = "capsule" if model.geom_type[index] == mujoco.mjtGeom.mjGEOM_CAPSULE else "box"
            placed = world_from_mujoco @ frame(data.geom_xpos[index], data.geom_xmat[index])
            found.append((link, kind, placed, model.geom_size[index].copy()))
    return found


def primitive_distance(points: np.ndarray, kind: str, placed: np.ndarray, half_size: np.ndarray) -> np.ndarray:
    """Signed distance (N,) of world points (N, 3) to one posed primitive, by nearest points."""
    if kind == "capsule":
        tip = half_size[1] * placed[:3, 2]
        start, along = placed[:3, 3] - tip, 2 * tip
        share = np.clip((points - start) @ along / (along @ along), 0, 1)
        return np.linalg.norm(points - (start + share[:, None] * along), axis=1) - half_size[0]
    local = (points - placed[:3, 3]) @ placed[:3, :3]
    outside = np.linalg.norm(local - np.clip(local, -half_size, half_size), axis=1)
    depth = (half_size - np.abs(local)).min(axis=1)
    return np.where(depth > 0, -depth, outside)


def has_one_nearest(points: np.ndarray, pose: HandPose) -> np.ndarray:
    """(N,) whether one collision geom is nearer to a point than all others: between two the distance has a kink."""
    two = np.sort([primitive_distance(points, *rest) for _, *rest in posed_primitives(pose)], axis=0)[:2]
    return (two[1] - two[0] > 1e-4) & (np.abs(two[0]) > 1e-4)


def tensors(pose: HandPose) -> tuple[Tensor, Tensor, Tensor]:
    return shadow().pose_tensors(pose)


def check_gradient(function: Callable[..., Tensor], *inputs: Tensor) -> None:
    """Autograd's gradient of a random projection of the output equals central differences along random directions."""
    step, tolerance = 1e-6, 1e-5
    generator = torch.Generator().manual_seed(0)
    inputs = tuple(value.detach().clone().requires_grad_() for value in inputs)
    output = function(*inputs)
    weights = torch.randn(output.shape, generator=generator, dtype=output.dtype)
    gradients = torch.autograd.grad((output * weights).sum(), inputs, allow_unused=True)
    assert all(gradient is None or gradient.isfinite().all() for gradient in gradients)
    for position, (value, gradient) in enumerate(zip(inputs, gradients, strict=True)):
        for _ in range(4):
            direction = torch.randn(value.shape, generator=generator, dtype=value.dtype)
            sides = []
            for sign in (1, -1):
                moved = [v.detach() + (sign * step * direction if i == position else 0) for i, v in enumerate(inputs)]
                sides.append(float((function(*moved).detach() * weights).sum()))
            numeric = (sides[0] - sides[1]) / (2 * step)
            analytic = 0.0 if gradient is None else float((gradient * direction).sum())
            assert abs(numeric - analytic) <= tolerance * max(1.0, abs(numeric)), (position, numeric, analytic)
