"""Typed settings: frozen dataclasses whose fields carry meaning and range.

A room declares its settings as one such dataclass, uses it as argument, and the configuration holds it as a section: a
setting exists once. A setting is one line: `dis_threshold: float = key(0.1, "meaning [unit]", above=0, at_most=1)`.
Types: bool, int, float, str, any of these or None, tuple[T, T], tuple[T, ...], and nested dataclasses.

In a file a section is a mapping under its field's name. Keys that users know without a section are `flat`: they stand
one level higher, beside the section.
"""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rule:
    """What a value may be, beyond its type; for lists it holds for every element.

    Attributes:
        meaning: one line for config.yaml, with the unit.
        above, at_least, at_most: open lower, closed lower and closed upper bound.
        choices: the allowed words.
        order: "rising" or "falling" for lists whose elements must be strictly so.
        flat: of a section, the names of its keys that stand one level higher in a file.
    """

    meaning: str
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    choices: tuple[str, ...] = ()
    order: str | None = None
    flat: tuple[str, ...] = ()

    def allowed(self) -> str:
        """The rule in words, empty where everything is allowed."""
        words = [f"one of {', '.join(self.choices)}"] if self.choices else []
        words += [f"above {self.above:.10g}"] if self.above is not None else []
        words += [f"at least {self.at_least:.10g}"] if self.at_least is not None else []
        words += [f"at most {self.at_most:.10g}"] if self.at_most is not None else []
        return " and ".join(words)

    def admits(self, value: bool | int | float | str | None) -> bool:
        """Whether one element is in range."""
        if value is None or isinstance(value, bool):
            return True
        if isinstance(value, str):
            return value in self.choices if self.choices else value != ""
        low = -math.inf if self.at_least is None else self.at_least
        high = math.inf if self.at_most is None else self.at_most
        return low <= value <= high and (self.above is None or value > self.above)


def key(default: Any, meaning: str, **rule: Any) -> Any:
    """A field with a default, its meaning and its Rule."""
    return dataclasses.field(default=default, metadata={"rule": Rule(meaning, **rule)})


def section(schema: type, meaning: str, flat: tuple[str, ...] | bool = False) -> Any:
    """A field that holds a nested dataclass of settings.

    Args:
        schema: the dataclass.
        meaning: one line for config.yaml.
        flat: names of keys that stand one level higher; True for all of them, and then there is no section in a file.
    """
    names = file_keys(schema) if flat is True else tuple(flat or ())
    return dataclasses.field(default_factory=schema, metadata={"rule": Rule(meaning, flat=tuple(names))})


@dataclass(frozen=True)
class Field:
    """A field of a schema: its name, its type (a dataclass for a section) and its Rule."""

    name: str
    hint: Any
    rule: Rule

    @property
    def is_section(self) -> bool:
        """Whether it holds a nested dataclass."""
        return dataclasses.is_dataclass(self.hint)

    @property
    def has_own_key(self) -> bool:
        """Whether a file names it: false for a section whose keys are all flat."""
        return not self.is_section or set(self.rule.flat) != set(file_keys(self.hint))


def fields_of(schema: type) -> Iterator[Field]:
    """The fields of a schema in order."""
    hints = typing.get_type_hints(schema)
    for field in dataclasses.fields(schema):
        yield Field(field.name, hints[field.name], field.metadata["rule"])


def file_keys(schema: type) -> tuple[str, ...]:
    """The names that stand in a file at the level of this schema: its own and the flat ones of its sections."""
    names: list[str] = []
    for field in fields_of(schema):
        names += field.rule.flat
        names += [field.name] if field.has_own_key else []
    return tuple(names)
