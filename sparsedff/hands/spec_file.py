"""End effectors read from YAML files: those of the package, and those that users describe (docs/hands.md)."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from sparsedff.errors import HandError
from sparsedff.files.opened import decoding
from sparsedff.files.yaml_text import read_yaml
from sparsedff.hands.layout import JointLayout
from sparsedff.hands.spec import ROLES, Cord, EndEffector, Finger, Follower, ModelSource, Vector
from sparsedff.hands.spec_section import Section

REMEDY = "docs/hands.md says what an end effector's file holds"


def read_spec(path: Path) -> EndEffector:
    """The end effector that a YAML file describes; its name is the file's.

    Raises:
        HandError: the file is missing, no YAML, or a key of it is missing, unknown or of no use; names file and key.
    """
    missing = f"no such end effector; {REMEDY}"
    values = read_yaml(path, HandError, REMEDY, yaml.safe_load, missing=missing)
    with decoding(path, HandError, REMEDY, "is no description of an end effector"):
        top = Section(values)
        spec = _spec(top, path)
        top.done()
        _check(spec)
        return spec


def _spec(top: Section, path: Path) -> EndEffector:
    limits = Section(top.take("limits", {}), "limits.")
    return EndEffector(
        name=path.stem,
        meaning=top.text("meaning"),
        source=_source(Section(top.take("model", None), "model."), path.parent),
        prefix=top.text("prefix", ""),
        root=top.text("root"),
        palm_from_root=_palm_from_root(top.vector("approach"), top.vector("pointing")),
        layout=_layout(top),
        followers=tuple(_follower(name, each) for name, each in top.sections("followers").items()),
        cords=tuple(_cord(name, each) for name, each in top.sections("cords").items()),
        carrying=top.texts("carrying", ()),
        fingers=tuple(_finger(name, each) for name, each in top.sections("fingers", required=True).items()),
        inner=MappingProxyType(_points(top.take("inner", {}))),
        collision=top.text("collision", ""),
        presets=MappingProxyType(_presets(top)),
        ready=MappingProxyType(Section(top.take("ready", {}), "ready.").numbers()),
        max_speed=limits.number("speed", 2.0),
        max_acceleration=limits.number("acceleration", 10.0),
        palm_speed_m_s=limits.number("palm_speed_m_s", 0.25),
        palm_acceleration_m_s2=limits.number("palm_acceleration_m_s2", 1.0),
    )


def _presets(top: Section) -> dict[str, dict[str, float]]:
    degrees = {name: each.numbers() for name, each in top.sections("presets_deg").items()}
    found = {name: {joint: float(np.radians(one)) for joint, one in each.items()} for name, each in degrees.items()}
    return found | {name: each.numbers() for name, each in top.sections("presets").items()}


def _source(section: Section, beside: Path) -> ModelSource:
    gripper = section.take("gripper", {})
    if gripper:
        section.done()
        return ModelSource(gripper=MappingProxyType(Section(gripper, "model.gripper.").numbers()))
    package, file = section.text("package", ""), section.text("file")
    assets = section.texts("assets", (str(Path(file).parent),))
    section.done()
    return ModelSource(file, assets, beside, package)


def _layout(top: Section) -> JointLayout:
    names = top.texts("joints")
    flipped = top.texts("driver_flipped", ())
    return JointLayout(names, tuple(names.index(name) for name in flipped))


def _follower(name: str, section: Section) -> Follower:
    found = Follower(name, section.text("leader"), section.number("ratio", 1.0), section.number("offset", 0.0))
    section.done()
    return found


def _cord(name: str, section: Section) -> Cord:
    inner_m, outer_m, slack_m = (section.number(key) for key in ("inner_m", "outer_m", "slack_m"))
    found = Cord(section.text("inner"), name, inner_m, outer_m, slack_m)
    section.done()
    return found


def _finger(name: str, section: Section) -> Finger:
    pad = section.vector("pad_m")
    found = Finger(
        name,
        section.texts("roles"),
        section.text("tip"),
        section.text("middle", ""),
        pad,
        section.vector("touch_m", pad),
        section.vector("normal"),
    )
    section.done()
    return found


def _points(values: Any) -> dict[str, tuple[Vector, ...]]:
    found: dict[str, tuple[Vector, ...]] = {}
    for link, points in Section(values, "inner.").rest().items():
        each = Section({str(index): point for index, point in enumerate(points)}, f"inner.{link}.")
        found[link] = tuple(each.vector(str(index)) for index in range(len(points)))
    return found


def _palm_from_root(approach: Vector, pointing: Vector) -> NDArray[np.float64]:
    y, z = -np.array(approach), np.array(pointing)
    if not np.allclose([y @ y, z @ z, y @ z], [1.0, 1.0, 0.0], atol=1e-6):
        raise ValueError("approach and pointing must be unit vectors square to each other, in the root's frame")
    return np.stack([np.cross(y, z), y, z])


def _check(spec: EndEffector) -> None:
    known = set(spec.layout.names)
    if not known or len(known) != len(spec.layout):
        raise ValueError("joints: names must be unique, and there must be one at least")
    named = {"followers": [one.leader for one in spec.followers], "carrying": spec.carrying, "ready": spec.ready}
    named |= {"cords": [name for cord in spec.cords for name in (cord.inner, cord.outer)]}
    named |= {f"presets.{name}": values for name, values in spec.presets.items()}
    for place, names in named.items():
        for name in names:
            if name not in known:
                raise ValueError(f"{place}: {name} is none of the joints")
    roles = [role for finger in spec.fingers for role in finger.roles]
    if set(roles) - set(ROLES) or len(set(roles)) != len(roles):
        raise ValueError(f"fingers: each of the roles {', '.join(ROLES)} may be played once, got {', '.join(roles)}")
    if len(spec.fingers) < 2 or "thumb" not in spec.fingers[-1].roles or not all(one.roles for one in spec.fingers):
        raise ValueError("fingers: there must be two at least, each with a role, and the thumb must be the last")
    if min(spec.max_speed, spec.max_acceleration, spec.palm_speed_m_s, spec.palm_acceleration_m_s2) <= 0:
        raise ValueError("limits must be above 0")
