"""A section of an end effector's file, read key by key: what is missing, unknown or of another kind is refused."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparsedff.hands.spec import Vector


class Section:
    """A mapping that is emptied key by key; what is left over is refused.

    Raises:
        ValueError: a key is missing, unknown, or holds something else; names the key.
    """

    def __init__(self, values: Any, place: str = "") -> None:
        if not isinstance(values, dict):
            raise ValueError(f"{place or 'the file'} must be a mapping of keys to values")
        self._left, self._place = {str(key): value for key, value in values.items()}, place

    def text(self, key: str, default: str | None = None) -> str:
        """The text of a key."""
        value = self.take(key, default)
        if not isinstance(value, str):
            raise ValueError(f"{self._place}{key} must be text")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """The number of a key."""
        return number(self.take(key, default), self._place + key)

    def vector(self, key: str, default: Vector | None = None) -> Vector:
        """The three numbers of a key."""
        value = self.take(key, default)
        if not isinstance(value, (list, tuple)) or len(value) != 3:
            raise ValueError(f"{self._place}{key} must be three numbers")
        x, y, z = (number(one, self._place + key) for one in value)
        return x, y, z

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """The names of a key; one name may stand without brackets."""
        value = self.take(key, default)
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
            raise ValueError(f"{self._place}{key} must be a list of names")
        return tuple(value)

    def sections(self, key: str, required: bool = False) -> dict[str, Section]:
        """The named sections of a key."""
        values = self.take(key, None if required else {})
        if not isinstance(values, dict):
            raise ValueError(f"{self._place}{key} must be a mapping of names to sections")
        return {str(name): Section(value, f"{self._place}{key}.{name}.") for name, value in values.items()}

    def numbers(self) -> dict[str, float]:
        """All that is left, as numbers by name."""
        return {key: self.number(key) for key in tuple(self._left)}

    def rest(self) -> dict[str, Any]:
        """All that is left, as it is."""
        left, self._left = self._left, {}
        return left

    def done(self) -> None:
        """Refuse what is left."""
        if self._left:
            raise ValueError(f"{self._place}{next(iter(self._left))}: no such key")

    def take(self, key: str, default: Any) -> Any:
        """What a key holds, as it is; a default of None makes it a must."""
        value = self._left.pop(key, default)
        if value is None:
            raise ValueError(f"{self._place}{key} is missing")
        return value


def number(value: Any, place: str) -> float:
    """A finite number, or ValueError with its place."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
        raise ValueError(f"{place} must be a finite number")
    return float(value)
