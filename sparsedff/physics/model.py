"""The world of a lift trial as a MuJoCo model: table, object, and the Shadow Hand with its own motors and tendons.

The hand is the palm and what hangs on it, as in the rest of the toolkit; wrist and forearm are left out. The palm is a
free body held by a stiff spring (a weld) to a commanded pose, as a robot's arm would hold it.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import lru_cache

import mujoco
import numpy as np
import trimesh
from numpy.typing import NDArray

from sparsedff.hands.shadow.joints import JOINT_NAMES
from sparsedff.hands.shadow.model import PALM, PREFIX, asset_folder
from sparsedff.physics.parts import convex_parts
from sparsedff.physics.settings import LiftSettings

Float = NDArray[np.float64]

OBJECT, TARGET = "object", "palm target"
_WRIST = ("WRJ0", "WRJ1")


@dataclass(frozen=True, eq=False)
class World:
    """A compiled model and where things are in it.

    Attributes:
        model: the MuJoCo model.
        body_from_mesh: (4, 4) the object's body has its origin in the centre of mass, axes as the mesh's.
        corners_body: (K, 3) [m] corners of all convex parts, in the object's body.
        object_body, palm_body, target: body numbers, and the mocap number of the commanded palm pose.
        object_qpos, palm_qpos: where their seven numbers begin in qpos.
        joint_qpos, joint_dof: (22,) places of the joints in qpos and in qvel, in the order of JOINT_NAMES.
        motors: (18,) index into JOINT_NAMES of the joint that each motor drives: all but the four fingers' J0.
    """

    model: mujoco.MjModel
    body_from_mesh: Float
    corners_body: Float
    object_body: int
    palm_body: int
    target: int
    object_qpos: int
    palm_qpos: int
    joint_qpos: NDArray[np.int64]
    joint_dof: NDArray[np.int64]
    motors: NDArray[np.int64]


def build_world(mesh: trimesh.Trimesh, mass_kg: float, friction: float, settings: LiftSettings) -> World:
    """Compile the model for one object.

    Args:
        mesh: the object in its own frame, closed [m]; its mass is spread evenly inside.
        mass_kg, friction: of this trial.
        settings: everything else.

    Raises:
        SparseDFFError: as `convex_parts`.
        HandError: the hand's model is not installed.
    """
    parts = convex_parts(mesh)
    center = np.asarray(mesh.center_mass, dtype=np.float64)
    root = ET.fromstring(_hand_xml())
    ET.SubElement(root, "compiler", angle="radian", autolimits="true")
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
    ET.SubElement(equality, "weld", body1=TARGET, body2=PALM, solref="0.008 1", relpose="0 0 0 1 0 0 0")
    model = mujoco.MjModel.from_xml_string(ET.tostring(root, encoding="unicode"))
    model.actuator_gainprm[:, 0] *= settings.stiffness
    model.actuator_biasprm[:, 1] *= settings.stiffness
    body_from_mesh = np.eye(4)
    body_from_mesh[:3, 3] = -center
    joints = [model.joint(PREFIX + name) for name in JOINT_NAMES]
    driven = [model.joint(model.actuator(index).trnid[0]).name.removeprefix(PREFIX) for index in range(model.nu)]
    return World(
        model=model,
        body_from_mesh=body_from_mesh,
        corners_body=np.concatenate(parts) - center,
        object_body=int(model.body(OBJECT).id),
        palm_body=int(model.body(PALM).id),
        target=int(model.body(TARGET).mocapid[0]),
        object_qpos=int(model.joint(OBJECT).qposadr[0]),
        palm_qpos=int(model.joint(PALM).qposadr[0]),
        joint_qpos=np.array([int(joint.qposadr[0]) for joint in joints]),
        joint_dof=np.array([int(joint.dofadr[0]) for joint in joints]),
        motors=np.array([JOINT_NAMES.index(name) for name in driven]),
    )


def _text(numbers: list[float] | Float) -> str:
    return " ".join(f"{number:.9g}" for number in numbers)


@lru_cache(maxsize=1)
def _hand_xml() -> str:
    """The hand from the palm on: defaults, contact pairs, tendons, motors and bodies of gymnasium-robotics' model."""
    folder = asset_folder() / "hand"
    shared, robot = (ET.parse(folder / name).getroot() for name in ("shared.xml", "robot.xml"))
    root = ET.Element("mujoco")
    for tag in ("default", "contact", "tendon", "actuator"):
        root.extend(shared.findall(tag))
    palm = next(body for body in robot.iter("body") if body.get("name") == PALM)
    palm.remove(next(joint for joint in palm.findall("joint") if joint.get("name") == PREFIX + "WRJ0"))
    palm.insert(0, ET.Element("freejoint", name=PALM))
    palm.set("childclass", PREFIX + "asset_class")
    for name in ("pos", "quat", "euler"):
        palm.attrib.pop(name, None)
    ET.SubElement(root, "worldbody").append(palm)
    for body in palm.iter("body"):
        body.set("gravcomp", "1")  # the real hand's controller carries its own weight
        for child in list(body):
            drawn = child.tag == "geom" and not child.get("name", "").startswith(f"{PREFIX}C_")
            if drawn or child.tag == "site":
                body.remove(child)
    for group in (root.find("tendon"), root.find("actuator")):
        for entry in list(group if group is not None else ()):
            if any(wrist in ET.tostring(entry, encoding="unicode") for wrist in _WRIST):
                group.remove(entry)  # type: ignore[union-attr]
            elif entry.tag == "position":
                # A squeeze near a joint's end needs a target beyond it; the force limits stay as they are.
                entry.set("ctrllimited", "false")
                entry.attrib.pop("ctrlrange", None)
    for entry in root.iter():
        entry.attrib.pop("user", None)
        entry.attrib.pop("material", None)
    return ET.tostring(root, encoding="unicode")
