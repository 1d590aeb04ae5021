"""Settings of hands: points on the surface, and the approach to a grasp."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.common.schema import key


@dataclass(frozen=True)
class HandSettings:
    """How a hand is represented by points on its surface."""

    tip_aug: float = key(4.0, "how much denser points lie on the finger tips than elsewhere", above=0, at_most=100)
    pt_nums: int = key(500, "number of points on the hand's surface", at_least=21, at_most=100_000)


@dataclass(frozen=True)
class ApproachSettings:
    """The approach to a grasp: it begins `back_off_m` away from it, with the hand opened by `opening_m`."""

    trajectory: str = key(
        "planned",
        "execution_traj.npy: planned = an approach that keeps clear of the object; optimiser = the best start's path, "
        "thinned to 1 cm, as published",
        choices=("planned", "optimiser"),
    )
    opening_m: float = key(0.03, "how far each finger pad is drawn back during the approach [m]", at_least=0)
    close_fingers: bool = key(
        False, "fingers that touched in the demonstration close onto the observed surface at last"
    )
    back_off_m: float = key(0.10, "distance from the grasp at which the approach begins [m]", above=0, at_most=1)
