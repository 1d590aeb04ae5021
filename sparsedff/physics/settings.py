"""What a lift trial assumes about the world and asks of the hand: every number of it, in one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sparsedff.errors import ConfigError


@dataclass(frozen=True)
class LiftSettings:
    """Settings of a lift trial. Spreads are relative half widths of uniform, sd are those of normal distributions.

    Attributes:
        mass_kg, mass_spread: of the object; 0.2 kg is a plush toy, a full mug has 0.6, a power drill 1 to 1.5.
        friction, friction_spread: Coulomb coefficient at all contacts of the object; rubber finger pads on cloth, wood
            or plastic have 0.7 to 1.2.
        torsion_m: torsional friction [m], about the radius of a contact patch: soft pads resist turning on the spot.
        offset_sd_m, yaw_sd_rad: the object stands off by this along x and along y, and turned by this about its middle.
        squeeze_n: force that thumb and fingers press against each other with [N]; joint torques stay within the hand's,
            which give about 14.
        travel_m: how far pads that meet nothing at the grasp close on [m]; a hand farther off than that grasps air.
        stiffness: of the motors, as a multiple of the packaged model's 1 N m/rad. With that a fingertip gives way 6 mm
            to each newton, and a firm grip buckles; the torques that motors can give stay as packaged.
        opening_m, back_off_m: how far pads open and the palm backs off on an approach that is not given [m].
        settle_s, approach_s, close_s, lift_s, hold_s, rest_s: durations of the phases [s]; the object is pushed and
            shaken during `hold_s`, and left alone during `rest_s` at the end.
        lift_m: how far the palm rises [m].
        push_weights: random forces on the object while it is held, as a multiple of its weight.
        push_s: every force lasts this long [s], in a new direction each.
        shake_m, shake_hz: amplitude [m] and frequency [Hz] of the palm's shaking while it holds.
        risen_m: the object must end this much higher [m].
        slip_limit_m: and its middle must not have moved more than this in the palm's frame since the lift began [m].
        drift_limit_m_s: nor move faster than this in the palm's frame over the last quarter second [m/s].
        depth_limit_m: a hand that lies deeper in the object than this, at the start or at the end, holds nothing: solid
            bodies cannot, and only a simulation could carry it so [m]. A thumb presses in 2 mm at 10 N, 4 mm at 20 N.
        timestep_s: of the integrator [s].

    Raises:
        ConfigError: a number out of its range.
    """

    mass_kg: float = 0.2
    mass_spread: float = 0.2
    friction: float = 0.9
    friction_spread: float = 0.15
    torsion_m: float = 0.005
    offset_sd_m: float = 0.002
    yaw_sd_rad: float = 0.03
    squeeze_n: float = 10.0
    travel_m: float = 0.015
    stiffness: float = 3.0
    opening_m: float = 0.03
    back_off_m: float = 0.10
    settle_s: float = 0.2
    approach_s: float = 1.0
    close_s: float = 0.6
    lift_s: float = 1.0
    hold_s: float = 2.0
    rest_s: float = 0.5
    lift_m: float = 0.20
    push_weights: float = 0.5
    push_s: float = 0.25
    shake_m: float = 0.004
    shake_hz: float = 2.0
    risen_m: float = 0.15
    slip_limit_m: float = 0.04
    drift_limit_m_s: float = 0.02
    depth_limit_m: float = 0.006
    timestep_s: float = 0.002

    def __post_init__(self) -> None:
        positive = {
            "mass_kg",
            "friction",
            "close_s",
            "lift_s",
            "hold_s",
            "rest_s",
            "push_s",
            "stiffness",
            "lift_m",
            "timestep_s",
        }
        for entry in fields(self):
            value = getattr(self, entry.name)
            if not value >= 0 or (entry.name in positive and value == 0):
                kind = "positive" if entry.name in positive else "zero or more"
                raise ConfigError(f"physics.{entry.name} must be {kind}, got {value}")
        for name in ("mass_spread", "friction_spread"):
            if getattr(self, name) >= 1:
                raise ConfigError(f"physics.{name} must be below 1, got {getattr(self, name)}")
        if self.timestep_s > 0.005:
            raise ConfigError(
                f"physics.timestep_s must be at most 0.005, got {self.timestep_s}: contacts turn unstable"
            )
