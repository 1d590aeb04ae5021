"""The world of a lift trial as a MuJoCo model: table, object, and a hand with its own motors and tendons.

The hand is the palm and what hangs on it, as in the rest of the toolkit; what it hangs on is left out. The palm is a
free body held by a stiff spring (a weld) to a commanded pose, as a robot's arm would hold it.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass

import mujoco
import numpy as np
import trimesh
from numpy.typing import NDArray

from sparsedff.errors import HandError
from sparsedff.hands.base import Hand
from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.spec import EndEffector
from sparsedff.physics.hand_xml import hand_xml
from sparsedff.physics.parts import convex_parts
from sparsedff.physics.settings import LiftSettings

Float = NDArray[np.float64]

OBJECT, TARGET = "object", "palm target"


@dataclass(frozen=True, eq=False)
class World:
    """A compiled model and where things are in it.

    Attributes:
        model: the MuJoCo model.
        hand: as the trials look at it otherwise.
        body_from_mesh: (4, 4) the object's body has its origin in the centre of mass, axes as the mesh's.
        corners_body: (K, 3) [m] corners of all convex parts, in the object's body.
        object_body, palm_body, target: body numbers, and the mocap number of the commanded palm pose.
        object_qpos, palm_qpos: where their seven numbers begin in qpos.
        joint_qpos, joint_dof: (K,) places of the model's joints in qpos and in qvel: those of the layout in its order,
            then those that follow others.
        led_by: (K,) index into the layout of the joint that each follows, or is; `ratio`, `offset` (K,) by how much.
        first: (J,) index into these K of the joint that tells where the layout's joint is.
        motors: (M,) index into the layout of the joint that each motor drives.
    """

    model: mujoco.MjModel
    hand: Hand
    body_from_mesh: Float
    corners_body: Float
    object_body: int
    palm_body: int
    target: int
    object_qpos: int
    palm_qpos: int
    joint_qpos: NDArray[np.int64]
    joint_dof: NDArray[np.int64]
    led_by: NDArray[np.int64]
    ratio: Float
    offset: Float
    first: NDArray[np.int64]
    motors: NDArray[np.int64]

    def joints(self, data: mujoco.MjData) -> Float:
        """The pose's joints (J,) [rad, m] as they are."""
        return np.asarray((data.qpos[self.joint_qpos] - self.offset) / self.ratio)[self.first]

    def set_joints(self, data: mujoco.MjData, joints: Float) -> None:
        """Write the pose's joints (J,) [rad, m] into the state, with those that follow them."""
        data.qpos[self.joint_qpos] = joints[self.led_by] * self.ratio + self.offset


def build_world(
    mesh: trimesh.Trimesh, mass_kg: float, friction: float, settings: LiftSettings, hand: ModelHand
) -> World:
    """Compile the model for one object and one hand.

    Args:
        mesh: the object in its own frame, closed [m]; its mass is spread evenly inside.
        mass_kg, friction: of this trial.
        settings: everything else.
        hand: see `trial_hand`.

    Raises:
        PhysicsError, MissingPackageError: as `convex_parts`.
        HandError: the hand's model is not installed, or has motors that are not joints' own.
    """
    parts = convex_parts(mesh)
    center = np.asarray(mesh.center_mass, dtype=np.float64)
    hand_text, palm = hand_xml(hand.spec)
    root = ET.fromstring(hand_text)
    option = ET.SubElement(root, "option", timestep=f"{settings.timestep_s:g}", integrator="implicitfast")
    option.set("cone", "elliptic")
    option.set("impratio", "10")  # friction resists as stiffly as normal forces do, or what is held would creep
    asset = ET.SubElement(root, "asset")
    world = root.find("worldbody")
    assert world is not None
    ET.SubElement(world, "geom", name="table", type="plane", size="2 2 0.1", friction="1 0.005 0.0001")
    ET.SubElement(world, "body", name=TARGET, mocap="true")
    body = ET.SubElement(world, "body", name=OBJECT)
    ET.SubElement(body, "freejoint", name=OBJECT)
    inertia = np.asarray(mesh.moment_inertia) * (mass_kg / mesh.volume)
    terms = [inertia[0, 0], inertia[1, 1], inertia[2, 2], inertia[0, 1], inertia[0, 2], inertia[1, 2]]
    ET.SubElement(body, "inertial", pos="0 0 0", mass=repr(mass_kg), fullinertia=_text(terms))
    for index, corners in enumerate(parts):
        ET.SubElement(asset, "mesh", name=f"part{index}", vertex=_text((corners - center).ravel()))
        # Priority: the object's friction holds at all its contacts, instead of the larger of two.
        ET.SubElement(
            body,
            "geom",
            type="mesh",
            mesh=f"part{index}",
            condim="4",
            priority="1",
            friction=f"{friction!r} {settings.torsion_m!r} 0.0001",
        )
    equality = ET.SubElement(root, "equality")
    # Faster than the hand's own motors, slow against the time step.
    ET.SubElement(equality, "weld", body1=TARGET, body2=palm, solref="0.008 1", relpose="0 0 0 1 0 0 0")
    model = mujoco.MjModel.from_xml_string(ET.tostring(root, encoding="unicode"))
    model.actuator_gainprm[:, 0] *= settings.stiffness
    model.actuator_biasprm[:, 1] *= settings.stiffness
    body_from_mesh = np.eye(4)
    body_from_mesh[:3, 3] = -center
    led = _led(model, hand.spec)
    joints = [model.joint(name) for name, *_ in led]
    return World(
        model=model,
        hand=hand,
        body_from_mesh=body_from_mesh,
        corners_body=np.concatenate(parts) - center,
        object_body=int(model.body(OBJECT).id),
        palm_body=int(model.body(palm).id),
        target=int(model.body(TARGET).mocapid[0]),
        object_qpos=int(model.joint(OBJECT).qposadr[0]),
        palm_qpos=int(model.joint(palm).qposadr[0]),
        joint_qpos=np.array([int(joint.qposadr[0]) for joint in joints]),
        joint_dof=np.array([int(joint.dofadr[0]) for joint in joints]),
        led_by=np.array([leader for _, leader, _, _ in led]),
        ratio=np.array([ratio for _, _, ratio, _ in led]),
        offset=np.array([offset for *_, offset in led]),
        first=np.array([next(k for k, one in enumerate(led) if one[1] == index) for index in range(len(hand.layout))]),
        motors=np.array([_driven(model, index, hand.spec) for index in range(model.nu)]),
    )


def _led(model: mujoco.MjModel, spec: EndEffector) -> list[tuple[str, int, float, float]]:
    """Every joint of the hand in the model: its name, its leader in the layout, ratio and offset."""
    names = {model.joint(index).name for index in range(model.njnt)}
    own = [(spec.prefix + name, index, 1.0, 0.0) for index, name in enumerate(spec.layout.names)]
    led = [(spec.prefix + one.joint, spec.layout.index(one.leader), one.ratio, one.offset) for one in spec.followers]
    return [each for each in own if each[0] in names] + led


def _driven(model: mujoco.MjModel, motor: int, spec: EndEffector) -> int:
    """Index into the layout of the joint that a motor drives, itself or through a tendon of the joint's name."""
    target = int(model.actuator(motor).trnid[0])
    tendon = model.actuator_trntype[motor] == mujoco.mjtTrn.mjTRN_TENDON
    name = (model.tendon(target) if tendon else model.joint(target)).name.removeprefix(spec.prefix)
    if name not in spec.layout.names:
        raise HandError(
            f"{spec.name}: its motor {model.actuator(motor).name} drives {name}, which is none of its joints"
        )
    return spec.layout.index(name)


def _text(numbers: list[float] | Float) -> str:
    return " ".join(f"{number:.9g}" for number in numbers)
