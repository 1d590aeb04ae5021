"""A hand's part of a lift trial's MJCF: what hangs on the palm, with its motors, tendons and couplings, and no more."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from sparsedff.errors import HandError
from sparsedff.hands.model import HandModel, is_collision, load_model
from sparsedff.hands.spec import EndEffector

PALM = "palm of the hand"
"""Name of the free body where the hand's root has other axes than the palm."""

_PARTS = ("default", "contact", "tendon", "equality", "actuator")
_PLACE = ("pos", "quat", "euler", "axisangle", "xyaxes", "zaxis")
_REFERENCES = ("joint", "joint1", "joint2", "tendon", "body1", "body2", "geom1", "geom2", "site")


@lru_cache(maxsize=8)
def hand_xml(spec: EndEffector) -> tuple[str, str]:
    """MJCF of a hand from its root on, free in space, and the name of the free body.

    Raises:
        HandError: its model is missing, or has no motors and no joints of its own that could get some.
    """
    model = load_model(spec)
    source = _flat(ET.fromstring(model.mjcf), model)
    root = ET.Element("mujoco")
    compiler = source.find("compiler")
    angle = "degree" if compiler is None else compiler.get("angle", "degree")
    ET.SubElement(root, "compiler", angle=angle, autolimits="true")
    for tag in _PARTS:
        root.extend(source.findall(tag))
    palm, free = _palm(spec, source)
    ET.SubElement(root, "worldbody").append(palm)
    for body in palm.iter("body"):
        body.set("gravcomp", "1")  # the real hand's controller carries its own weight
        for child in list(body):
            drawn = child.tag == "geom" and not is_collision(spec, child.get("name", ""), child.get("type") == "mesh")
            if drawn or child.tag == "site":
                body.remove(child)
    _drop_what_is_gone(root)
    _motors(spec, root)
    for entry in root.iter():
        for name in ("user", "material", "mesh"):
            entry.attrib.pop(name, None)
    return ET.tostring(root, encoding="unicode"), free


def _flat(element: ET.Element, model: HandModel) -> ET.Element:
    """The same with its included files put in."""
    children = []
    for child in list(element):
        if child.tag == "include":
            children += list(_flat(ET.fromstring(model.assets[Path(child.get("file", "")).name]), model))
        else:
            children.append(_flat(child, model))
    element[:] = children
    return element


def _palm(spec: EndEffector, source: ET.Element) -> tuple[ET.Element, str]:
    """The root's body as a free one, and its name; in a body of its own where the palm has other axes."""
    name = spec.link(spec.root)
    parents = {child: parent for parent in source.iter() for child in parent}
    body = next(each for each in source.iter("body") if each.get("name") == name)
    above, defaults = parents.get(body), body.get("childclass")
    while defaults is None and above is not None:
        defaults, above = above.get("childclass"), parents.get(above)
    for joint in [child for child in body if child.tag in ("joint", "freejoint")]:
        body.remove(joint)
    if defaults is not None:
        body.set("childclass", defaults)
    for place in _PLACE:
        body.attrib.pop(place, None)
    if np.array_equal(spec.palm_from_root, np.eye(3)):
        body.insert(0, ET.Element("freejoint", name=name))
        return body, name
    quaternion = Rotation.from_matrix(spec.palm_from_root).as_quat(scalar_first=True)
    body.set("quat", " ".join(f"{number:.17g}" for number in quaternion))
    palm = ET.Element("body", name=PALM)
    ET.SubElement(palm, "freejoint", name=PALM)
    palm.append(body)
    return palm, PALM


def _drop_what_is_gone(root: ET.Element) -> None:
    """Leave out tendons, motors, couplings and contact pairs of what the hand hung on."""
    world = root.find("worldbody")
    assert world is not None
    known = {each.get("name") for each in world.iter()}
    for tag in ("tendon", "equality", "contact", "actuator"):
        for group in root.findall(tag):
            for entry in list(group):
                named = [part.get(key) for part in entry.iter() for key in _REFERENCES if part.get(key) is not None]
                if any(name not in known for name in named):
                    group.remove(entry)
                elif tag == "tendon":
                    known.add(entry.get("name"))


def _motors(spec: EndEffector, root: ET.Element) -> None:
    """Motors that may be commanded beyond a joint's end: a squeeze near it needs that. Hands without any get some."""
    entries = [entry for group in root.findall("actuator") for entry in group]
    for entry in entries:
        if entry.tag == "position":
            entry.set("ctrllimited", "false")
            entry.attrib.pop("ctrlrange", None)
    if entries:
        return
    there = {each.get("name") for each in root.iter("joint")}
    actuator, equality = ET.SubElement(root, "actuator"), ET.SubElement(root, "equality")
    for name in spec.layout.names:
        if spec.prefix + name not in there:
            raise HandError(f"{spec.name}: nothing moves {name}; its model needs a motor of that name")
        ET.SubElement(actuator, "position", joint=spec.prefix + name, kp="1")
    for one in spec.followers:
        joints = {"joint1": spec.prefix + one.joint, "joint2": spec.prefix + one.leader}
        coupling = {"polycoef": f"{one.offset:.9g} {one.ratio:.9g} 0 0 0", "solref": "0.005 1"}
        ET.SubElement(equality, "joint", joints | coupling)
