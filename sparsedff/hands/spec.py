"""An end effector as data: which model, which joints, which finger plays which part. Read from YAML by spec_file.py.

Units: metres; joints in radians, joints that slide in metres.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import HandError
from sparsedff.hands.layout import JointLayout

ROLES = ("index", "middle", "ring", "little", "thumb")
"""The parts that fingers can play. Hands understand each other by them."""

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class ModelSource:
    """Where the model comes from.

    Attributes:
        file: an MJCF or URDF; "" where `gripper` describes one.
        assets: folders of the files that it names.
        beside: folder that both count from, where no package brings them.
        package: that brings the model; "" for none.
        gripper: numbers of a parallel-jaw gripper, see gripper.py; empty where there is a file.
    """

    file: str = ""
    assets: tuple[str, ...] = ()
    beside: Path = Path()
    package: str = ""
    gripper: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Finger:
    """One finger.

    Attributes:
        name: as people call it.
        roles: the parts that it plays; a gripper's jaw may play several.
        tip, middle: its links that touch most, and next to that; middle may be "".
        pad_m: middle of its pad, where it presses, in the tip's frame [m].
        touch_m: where a reference grasp brings it to the object, in the same frame [m].
        normal: outward normal of the pad there.
    """

    name: str
    roles: tuple[str, ...]
    tip: str
    middle: str
    pad_m: Vector
    touch_m: Vector
    normal: Vector


@dataclass(frozen=True)
class Follower:
    """A joint of the model that no pose lists: joint = ratio * leader + offset."""

    joint: str
    leader: str
    ratio: float
    offset: float


@dataclass(frozen=True)
class Cord:
    """Two joints on one cord: |outer_m outer - inner_m inner| <= slack_m, with pulley radii [m] and slack [m]."""

    inner: str
    outer: str
    inner_m: float
    outer_m: float
    slack_m: float


@dataclass(frozen=True, eq=False)
class EndEffector:
    """Everything that tells one end effector from another.

    Names of links and joints are those of the model without `prefix`.

    Attributes:
        name, meaning: as users choose it, and one line about it.
        source: its model.
        prefix: of all names in the model.
        root: the link that a pose says the place of; what hangs on it is the hand.
        palm_from_root: (3, 3) turns the root's axes into the palm's: the palm faces -y, stretched fingers point to +z.
        layout: the joints of a pose in file order.
        followers, cords: how other joints hang on these.
        carrying: joints that carry the whole hand, as a wrist's: they neither open nor close it.
        fingers: the thumb is the last.
        inner: points on the inside of links that wrap around handles [m], by link.
        collision: begin of the names of collision geoms; "" takes every geom that is no mesh.
        presets: joint values by the name of the posture; those left out are 0, or as near to it as limits allow.
        ready: joint values of a hand about to grasp.
        max_speed, max_acceleration: of every joint, per second and per second squared.
        palm_speed_m_s, palm_acceleration_m_s2: of the palm.
    """

    name: str
    meaning: str
    source: ModelSource
    prefix: str
    root: str
    palm_from_root: NDArray[np.float64]
    layout: JointLayout
    followers: tuple[Follower, ...]
    cords: tuple[Cord, ...]
    carrying: tuple[str, ...]
    fingers: tuple[Finger, ...]
    inner: Mapping[str, tuple[Vector, ...]]
    collision: str
    presets: Mapping[str, Mapping[str, float]]
    ready: Mapping[str, float]
    max_speed: float
    max_acceleration: float
    palm_speed_m_s: float
    palm_acceleration_m_s2: float

    @property
    def tips(self) -> tuple[str, ...]:
        """Links of the fingertips, in the fingers' order."""
        return tuple(finger.tip for finger in self.fingers)

    @property
    def middles(self) -> tuple[str, ...]:
        """Middle links, of the fingers that have one."""
        return tuple(finger.middle for finger in self.fingers if finger.middle)

    def link(self, name: str) -> str:
        """A link's name in the model."""
        return self.prefix + name

    def posture(self, values: Mapping[str, float], limits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Joints (J,) from values by name; those left out are 0, and all are kept within limits (J, 2)."""
        return np.clip([values.get(name, 0.0) for name in self.layout.names], *limits.T)

    def preset(self, name: str, limits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Joints (J,) of a preset.

        Raises:
            HandError: there is none of this name; lists those there are.
        """
        if name not in self.presets:
            raise HandError(f"preset: no {name!r}; known are {', '.join(self.presets)}")
        return self.posture(self.presets[name], limits)

    def finger_of(self, role: str) -> Finger:
        """The finger that plays a part; of those that share it the first."""
        return next(finger for finger in self.fingers if role in finger.roles)
