"""The end effectors as a list, and each drawn in its first two presets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sparsedff.config.config import Config
from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.pose import HandPose
from sparsedff.hands.registry import SHIPPED, end_effector
from sparsedff.prepare.writable import check_writable
from sparsedff.transfer.starts import PALM_DOWN
from sparsedff.visualize.drawing import Drawing
from sparsedff.visualize.hand import posed_hand
from sparsedff.visualize.sheet import draw_sheet

_VIEWS = ((-0.9, 0.35), (0.9, -0.25))
_ABOVE_M = 0.02  # of the lowest point over the table


def hands(config: Config, folder: Path) -> Iterator[str]:
    """One line an end effector: name, meaning, joints, picture.

    Args:
        config: one that it names by a path is listed too.
        folder: gets NAME.png.

    Raises:
        HandError: a model is missing or does not fit its description.
    """
    check_writable(folder, "--output")
    names = SHIPPED if config.effector in SHIPPED else (*SHIPPED, config.effector)
    for name in names:
        hand = ModelHand(end_effector(name))
        path = draw_hand(hand, folder / f"{hand.spec.name}.png")
        joints = f"{len(hand.layout)} joint{'s' * (len(hand.layout) > 1)}"
        yield f"{name}: {hand.spec.meaning} ({joints}, {len(hand.spec.fingers)} fingers): {path}"


def draw_hand(hand: ModelHand, path: Path) -> Path:
    """A sheet of the hand over a table, palm down, in its first two presets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawings = []
    for preset in tuple(hand.spec.presets)[:2]:
        joints = hand.spec.preset(preset, hand.limits_rad)
        lowest = hand.mesh(HandPose(np.zeros(3), PALM_DOWN, joints))[0][:, 2].min()
        pose = HandPose(np.array([0.0, 0.0, _ABOVE_M - lowest]), PALM_DOWN, joints)
        drawings.append(Drawing((posed_hand(hand, pose),), f"{hand.spec.name}: {preset}", table=False))
    draw_sheet(drawings, path, caption=hand.spec.meaning, width=1000, views=_VIEWS)
    return path
