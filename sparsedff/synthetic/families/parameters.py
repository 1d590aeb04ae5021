"""What parameters of all families have in common: ranges, colours, plain-text form, random members."""

from __future__ import annotations

from dataclasses import Field, asdict, dataclass, field, fields, replace
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import ConfigError

Rgb = tuple[float, float, float]
Member = TypeVar("Member")
Kind = TypeVar("Kind", bound="Parameters")

RATIO = (0.6, 1.6)
"""Allowed range of a proportion, 1 being the family's mean."""
MOST_ANGLE_RAD = 1.0
_ONLY_WIDE = "only_wide"
ANGLE_PER_VARIATION = 1.5
"""Random angles reach this many radians per unit of variation: 0.13 rad, 8 degrees, at 10 percent."""


def only_wide(default: Any) -> Any:
    """A parameter that `vary` leaves alone and only wide draws move (wide.py), such as bent elbows.

    Members drawn by `vary` stay what they were before the parameter came. A bool tells whether a part is there.
    """
    return field(default=default, metadata={_ONLY_WIDE: True})


def is_only_wide(entry: Field[Any]) -> bool:
    """Whether the parameter was declared by `only_wide`."""
    return bool(entry.metadata.get(_ONLY_WIDE, False))


@dataclass(frozen=True)
class Palette:
    """Colours as albedos in [0, 1] and the seed of the pattern; what each colour paints is up to the family.

    Attributes:
        base: most of the surface.
        second: handles, caps, panels.
        accent: the loud colour of prints and stripes.
        ink: dark lines, letters, eyes.
        pattern_seed: which grain; members of one design share it.

    Raises:
        ConfigError: an albedo outside [0, 1] or a negative seed.
    """

    base: Rgb
    second: Rgb
    accent: Rgb
    ink: Rgb = (0.03, 0.03, 0.035)
    pattern_seed: int = 7

    def __post_init__(self) -> None:
        for name in ("base", "second", "accent", "ink"):
            value = np.asarray(getattr(self, name), dtype=np.float64)
            if value.shape != (3,) or not np.all((value >= 0) & (value <= 1)):
                raise ConfigError(f"palette: {name} must be three numbers in [0, 1], got {getattr(self, name)}")
        if self.pattern_seed < 0:
            raise ConfigError(f"palette: pattern_seed must be >= 0, got {self.pattern_seed}")


class Parameters:
    """What parameters of any family can do; fields ending in `_rad` are angles [rad], other floats proportions about 1,
    bools tell whether a part is there.

    Attributes:
        family: name of the family, for errors.
        palette: type of the field `colors`.

    Raises:
        ConfigError: a proportion outside RATIO or an angle beyond 1 rad.
    """

    family: ClassVar[str] = ""
    palette: ClassVar[type] = Palette

    def __post_init__(self) -> None:
        for entry in fields(self):  # type: ignore[arg-type]  # the families are dataclasses
            if entry.name == "colors" or isinstance(getattr(self, entry.name), bool):
                continue
            low, high = (-MOST_ANGLE_RAD, MOST_ANGLE_RAD) if entry.name.endswith("_rad") else RATIO
            values = np.atleast_1d(np.asarray(getattr(self, entry.name), dtype=np.float64))
            if not np.all((values >= low) & (values <= high)):
                raise ConfigError(f"{self.family}: {entry.name} must lie in [{low}, {high}], got {values.tolist()}")

    def to_json(self) -> dict[str, Any]:
        """Plain numbers and lists; `from_json` gives the same parameters back."""
        return asdict(self)  # type: ignore[call-overload]  # as above

    def fitted(self: Kind) -> Kind:
        """The nearest parameters that can be built and would stand; families with limits say theirs."""
        return self

    @classmethod
    def from_json(cls: type[Kind], entries: dict[str, Any]) -> Kind:
        """Parameters from what `to_json` wrote."""
        return cls(**{**_tuples(entries), "colors": cls.palette(**_tuples(entries["colors"]))})


@dataclass(frozen=True)
class ObjectParameters(Parameters):
    """Base of a family's parameters.

    Attributes:
        scale: size of the whole thing.
        colors: the palette.
    """

    scale: float = 1.0
    colors: Palette = field(default_factory=lambda: Palette((0.7,) * 3, (0.4,) * 3, (0.6, 0.1, 0.1)))


def _tuples(entries: dict[str, Any]) -> dict[str, Any]:
    """JSON knows only lists; parameters are tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entries.items()}


def vary(mean: Member, rng: np.random.Generator, variation: float) -> Member:
    """A random relative of a member: proportions, angles and colours differ, the design (pattern) stays.

    Each proportion changes by a factor within 1 +- `variation`, at least by a quarter of that, the scale by half as
    much; angles move by up to 1.5 rad times `variation`; colours are dyed anew by up to 1.5 times `variation`.

    Args:
        mean: parameters of any family (`ObjectParameters` or `MonkeyParameters`).
        rng: of everything.
        variation: 0 gives the mean itself, 0.05 to 0.2 a family.

    Raises:
        ConfigError: variation outside [0, 0.3].
    """
    if not 0 <= variation <= 0.3:
        raise ConfigError(f"variation of a family must lie in [0, 0.3], got {variation}")
    changes: dict[str, Any] = {}
    for entry in fields(mean):  # type: ignore[arg-type]
        if is_only_wide(entry):
            continue
        value = getattr(mean, entry.name)
        if entry.name == "colors":
            changes["colors"] = dyed(value, rng, min(1.5 * variation, 0.3))
        elif entry.name.endswith("_rad"):
            moved = np.asarray(value) + ANGLE_PER_VARIATION * variation * rng.uniform(-1, 1, np.shape(value))
            moved = np.clip(moved, -MOST_ANGLE_RAD, MOST_ANGLE_RAD)
            changes[entry.name] = tuple(moved.tolist()) if np.ndim(moved) else float(moved)
        else:
            reach = variation * (0.5 if entry.name == "scale" else 1.0)
            factor = 1.0 + reach * rng.uniform(0.25, 1.0) * rng.choice((-1.0, 1.0))
            changes[entry.name] = float(np.clip(value * factor, *RATIO))
    return replace(mean, **changes)  # type: ignore[type-var]


def dyed(colors: Any, rng: np.random.Generator, strength: float) -> Any:
    """The same palette from another dye bath: all colours share a tint, each is a little lighter or darker."""
    tint = 1.0 + strength * rng.uniform(-1, 1, 3)
    changes = {}
    for entry in fields(colors):
        value = getattr(colors, entry.name)
        if isinstance(value, tuple):
            shade = 1.0 + 0.5 * strength * rng.uniform(-1, 1)
            changes[entry.name] = _rgb(np.asarray(value) * tint * shade)
    return replace(colors, **changes)


def _rgb(values: NDArray[np.float64]) -> Rgb:
    red, green, blue = np.clip(values, 0.0, 1.0).tolist()
    return red, green, blue
