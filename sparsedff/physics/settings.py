"""What a lift trial assumes about the world and asks of the hand: every number of it, in one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sparsedff.common.schema import key
from sparsedff.common.schema_values import check


@dataclass(frozen=True)
class LiftSettings:
    """Settings of a lift trial. Spreads are relative half widths of uniform, sd are those of normal distributions.

    Three numbers need a reason. A firm grip buckles with the packaged motors, whose fingertips give way by 6 mm to each
    newton, and so motors are stiffer; their torques stay as packaged. A hand that lies deeper in the object than
    `depth_limit_m` holds nothing, because solid bodies cannot: a thumb presses in 2 mm at 10 N and 4 mm at 20 N.
    Contacts turn unstable with time steps above 5 ms.

    Raises:
        ConfigError: a number out of its range.
    """

    mass_kg: float = key(0.2, "mean mass of objects: plush toy 0.2, full mug 0.6, drill 1.5 [kg]", above=0, at_most=10)
    mass_spread: float = key(0.2, "spread of the mass", at_least=0, at_most=0.99)
    friction: float = key(
        0.9, "mean Coulomb coefficient of the object's contacts: rubber pads have 0.7 to 1.2", above=0, at_most=5
    )
    friction_spread: float = key(0.15, "spread of the friction", at_least=0, at_most=0.99)
    torsion_m: float = key(0.005, "torsional friction, about the radius of a contact patch [m]", at_least=0)
    offset_sd_m: float = key(0.002, "sd of the object's place along x and along y [m]", at_least=0)
    yaw_sd_rad: float = key(0.03, "sd of the object's turn about its middle [rad]", at_least=0)
    squeeze_n: float = key(10.0, "force of thumb and fingers against each other; motors give about 14 [N]", at_least=0)
    travel_m: float = key(0.015, "how far pads that meet nothing at the grasp close on [m]", at_least=0)
    stiffness: float = key(3.0, "of the motors, as a multiple of the packaged model's 1 N m/rad", above=0)
    settle_s: float = key(0.2, "duration before the approach [s]", at_least=0)
    approach_s: float = key(1.0, "duration of the approach [s]", at_least=0)
    close_s: float = key(0.6, "duration of closing the hand [s]", above=0)
    lift_s: float = key(1.0, "duration of lifting [s]", above=0)
    hold_s: float = key(2.0, "duration of holding while the object is pushed and shaken [s]", above=0)
    rest_s: float = key(0.5, "duration of holding undisturbed at the end [s]", above=0)
    lift_m: float = key(0.20, "how far the palm rises [m]", above=0)
    push_weights: float = key(0.5, "random forces while holding, as a multiple of the object's weight", at_least=0)
    push_s: float = key(0.25, "duration of each force; the next has a new direction [s]", above=0)
    shake_m: float = key(0.004, "amplitude of the palm's shaking while holding [m]", at_least=0)
    shake_hz: float = key(2.0, "frequency of the shaking [Hz]", at_least=0)
    risen_m: float = key(0.15, "the object must end this much higher [m]", at_least=0)
    slip_limit_m: float = key(
        0.04, "farthest that the object may move in the palm's frame from the lift on [m]", at_least=0
    )
    drift_limit_m_s: float = key(0.02, "fastest that it may move there in the last quarter second [m/s]", at_least=0)
    depth_limit_m: float = key(
        0.006, "a hand deeper in the object, at the start or at the end, holds nothing [m]", at_least=0
    )
    timestep_s: float = key(0.002, "of the integrator [s]", above=0, at_most=0.005)

    def __post_init__(self) -> None:
        check(self, "physics")

    def nominal(self) -> LiftSettings:
        """The same without variation between trials: exact mass, friction and place. Pushes still follow the seed."""
        return replace(self, mass_spread=0.0, friction_spread=0.0, offset_sd_m=0.0, yaw_sd_rad=0.0)
