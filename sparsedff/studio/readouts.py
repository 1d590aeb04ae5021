"""Numbers about a posed hand and an object, fast enough to follow a slider."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.pose import HandPose

MOST_POINTS = 4000
"""Of the object: enough for a point every few millimetres, and few enough for 10 ms."""


@dataclass(frozen=True, eq=False)
class Readouts:
    """Measured relations of a hand to an object.

    Attributes:
        tips: distance [m] of each fingertip to the nearest point of the object, negative inside, in the fingers' order.
        fingers: their names.
        penetration: how deep [m] the deepest point of the object lies in the hand, 0 if none does.
        under_table: how far [m] the hand reaches under z = 0.
        palm_from_links: (L, 4, 4) the links' poses, for drawing.
    """

    tips: tuple[float, ...]
    fingers: tuple[str, ...]
    penetration: float
    under_table: float
    palm_from_links: NDArray[np.float64]

    def markdown(self) -> str:
        """A table in millimetres."""
        head = "| tip | " + " | ".join(name.split()[0] for name in self.fingers) + " |"
        row = "| mm | " + " | ".join(f"{1000 * tip:.1f}" for tip in self.tips) + " |"
        faults = [f"hand in object: **{1000 * self.penetration:.1f} mm**"]
        if self.under_table > 0:
            faults.append(f"hand under the table: **{1000 * self.under_table:.1f} mm**")
        return f"{head}\n|{'---|' * (len(self.fingers) + 1)}\n{row}\n\n{', '.join(faults)}"


class Measure:
    """Measures hands against one object.

    Args:
        hand: the end effector.
        points: (N, 3) [m] of the object; of more than MOST_POINTS some are left out evenly.
    """

    def __init__(self, hand: ModelHand, points: NDArray[np.floating]) -> None:
        self._hand = hand
        kept = points[:: max(1, -(-len(points) // MOST_POINTS))]
        self._points = torch.tensor(np.asarray(kept, dtype=np.float32)).to(hand.joint_limits)
        tips = [hand.spec.link(tip) for tip in hand.spec.tips]
        self._tips = [[i for i, link in enumerate(hand.primitive_links) if link == tip] for tip in tips]

    def __call__(self, pose: HandPose) -> Readouts:
        """Measure one pose."""
        hand = self._hand
        translation, rotation, joints = hand.pose_tensors(pose)
        with torch.no_grad():
            eye, zero = torch.eye(3).to(rotation)[None], torch.zeros_like(translation)
            palm_from_links = hand.world_from_links(zero, eye, joints)
            local = (self._points - translation) @ rotation[0]  # the object in the palm's frame: links are needed there
            distances = hand.distances(palm_from_links, local)[0]
            nearest = distances.amin(dim=1)
            surface = hand.surface(palm_from_links)[0] @ rotation[0].T + translation
        return Readouts(
            tuple(float(nearest[tip].min()) for tip in self._tips),
            tuple(finger.name for finger in hand.spec.fingers),
            max(0.0, -float(nearest.min())),
            max(0.0, -float(surface[:, 2].min())),
            palm_from_links[0].cpu().numpy().astype(np.float64),
        )
