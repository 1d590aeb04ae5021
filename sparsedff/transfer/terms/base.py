"""What an energy term is: a pure function of posed hands and of what they are to reach.

Shapes: B hands in a batch, N surface points, C channels, M object points, J joints. World frame, metres, radians.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from sparsedff.field import FeatureField
from sparsedff.hands.base import Hand


@dataclass(frozen=True, eq=False)
class PosedHands:
    """A batch of hands in the test scene, at one step of the optimiser.

    Attributes:
        rotation: (B, 3, 3) world_from_palm.
        joints: (B, J) [rad].
        links: (B, L, 4, 4) world_from_links.
        surface: (B, N, 3) [m] surface points.
        queries: (B, N, 3) [m] where the field is asked: the surface points, jittered while the optimiser explores.
        focused: whether points near the contacts count more.
    """

    rotation: Tensor
    joints: Tensor
    links: Tensor
    surface: Tensor
    queries: Tensor
    focused: bool


@dataclass(frozen=True, eq=False)
class Contact:
    """Where the demonstrated hand is near the reference object, K of its N surface points.

    Attributes:
        points: (K,) their indices.
        distances: (K,) [m] from the reference object, as seen.
        share: (K,) their weights, of sum one.
        seen: (M, 3) [m] the test object, as seen, evenly spread.
    """

    points: Tensor
    distances: Tensor
    share: Tensor
    seen: Tensor


@dataclass(frozen=True, eq=False)
class Goal:
    """What stays the same during an optimisation: the demonstration as the test scene has to meet it.

    Attributes:
        hand: the end effector.
        field: the test scene's feature field.
        targets: (N, C) the reference field's values at the demonstrated hand's surface points.
        emphasis: (N,) weights of the surface points in the feature term once the optimiser focuses, of mean one.
        posture: (J,) [rad] the demonstrated joints.
        object_points: (M, 3) [m] points of the test object and of what stands beside it, for penetration.
        free_angles: (2,) [rad] roll and pitch that cost nothing in the approach term.
        upright: (3, 3) turn that sets the test object up as the reference stands.
        contact: where the demonstrated hand is near its object.
    """

    hand: Hand
    field: FeatureField
    targets: Tensor
    emphasis: Tensor
    posture: Tensor
    object_points: Tensor
    free_angles: Tensor
    upright: Tensor
    contact: Contact


Term = Callable[[PosedHands, Goal], Tensor]
"""Costs (B,), differentiable in the hands' poses; its weight is applied by the energy."""
