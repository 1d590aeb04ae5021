"""Typed settings: frozen dataclasses whose fields carry meaning and range, checked against plain YAML values.

A setting is one line: `dis_threshold: float = key(0.1, "meaning [unit]", above=0, at_most=1)`. Types: bool, int, float,
str, any of these or None, tuple[T, T], tuple[T, ...], and nested dataclasses.
"""

from __future__ import annotations

import dataclasses
import difflib
import itertools
import json
import math
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sparsedff.errors import ConfigError

Schema = TypeVar("Schema")
_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "text", type(None): "null"}


@dataclass(frozen=True)
class Rule:
    """What a value may be, beyond its type; for lists it holds for every element.

    Attributes:
        meaning: one line for config.yaml, with the unit.
        above, at_least, at_most: open lower, closed lower and closed upper bound.
        choices: the allowed words.
        order: "rising" or "falling" for lists whose elements must be strictly so.
    """

    meaning: str
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    choices: tuple[str, ...] = ()
    order: str | None = None

    def allowed(self) -> str:
        """The rule in words, empty where everything goes."""
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


def section(schema: type, meaning: str) -> Any:
    """A field that holds a nested dataclass of settings."""
    return dataclasses.field(default_factory=schema, metadata={"rule": Rule(meaning)})


def build(schema: type[Schema], values: Any, where: str = "") -> Schema:
    """Make a schema's instance from plain values; keys left out keep their defaults.

    Args:
        schema: a dataclass of `key` and `section` fields.
        values: a mapping as YAML gives it.
        where: the dotted key of this section, for errors.

    Raises:
        ConfigError: an unknown key, a wrong type or a value out of range; names key, value and what is allowed.
    """
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where or 'configuration'}: must be a section of keys, got {_show(values)}")
    fields = {field.name: field for field in dataclasses.fields(schema)}  # type: ignore[arg-type]
    hints = typing.get_type_hints(schema)
    arguments = {}
    for name, value in values.items():
        place = f"{where}.{name}" if where else str(name)
        if name not in fields:
            raise ConfigError(f"{place}: no such key; {_suggest(str(name), list(fields))}")
        hint = hints[name]
        if dataclasses.is_dataclass(hint):
            arguments[name] = build(hint, value, place)  # type: ignore[arg-type]
        else:
            arguments[name] = _checked(value, hint, place, fields[name].metadata["rule"])
    return schema(**arguments)


def _suggest(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else f"known here: {', '.join(known)}"


def _show(value: object) -> str:
    return json.dumps(value, default=str)[:80]


def _checked(value: Any, hint: Any, place: str, rule: Rule) -> Any:
    converted = _converted(value, hint)
    elements = converted if isinstance(converted, tuple) else (converted,)
    description = ", ".join(filter(None, [_describe(hint), rule.allowed()]))
    if any(element is _MISMATCH or not rule.admits(element) for element in elements):
        raise ConfigError(f"{place}: {_show(value)} is not allowed; it must be {description}")
    sign = {"rising": 1, "falling": -1}.get(rule.order or "", 0)
    if sign and any(sign * (after - before) <= 0 for before, after in itertools.pairwise(elements)):
        raise ConfigError(f"{place}: {_show(value)} is not allowed; its numbers must be strictly {rule.order}")
    return converted


_MISMATCH = object()


def _converted(value: Any, hint: Any) -> Any:
    """The value as the hint's type, or _MISMATCH (also inside a tuple). Only int -> float and list -> tuple convert."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        fits = (_converted(value, option) for option in typing.get_args(hint))
        return next((fit for fit in fits if fit is not _MISMATCH), _MISMATCH)
    if typing.get_origin(hint) is tuple:
        options = typing.get_args(hint)
        if not isinstance(value, (list, tuple)) or (options[-1] is not ... and len(value) != len(options)):
            return _MISMATCH
        return tuple(_converted(element, options[0]) for element in value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) < 2**53 else math.inf
    if type(value) is not hint or (hint is float and not math.isfinite(value)):
        return _MISMATCH
    return value


def _describe(hint: Any) -> str:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return " or ".join(_describe(option) for option in typing.get_args(hint))
    if typing.get_origin(hint) is tuple:
        element, *rest = typing.get_args(hint)
        count = "a list" if rest == [...] else f"a list of {1 + len(rest)}"
        return f"{count}, each {_describe(element)}"
    return _NAMES[hint]


def takes_text(schema: type, place: str) -> bool:
    """Whether a dotted key is one that holds text, so that 0123 on the command line is a name and no number."""
    hint: Any = schema
    for name in place.split("."):
        hint = typing.get_type_hints(hint).get(name) if dataclasses.is_dataclass(hint) else None
    return hint is str or (str in typing.get_args(hint) and typing.get_origin(hint) is not tuple)


def to_yaml(settings: Any, indent: int = 0) -> str:
    """A schema's instance as YAML, every key below a comment with its meaning and range."""
    lines = []
    for field in dataclasses.fields(settings):
        rule, value, pad = field.metadata["rule"], getattr(settings, field.name), " " * indent
        nested = dataclasses.is_dataclass(value)
        lines += [""] if nested and not indent else []
        allowed = rule.allowed()
        lines.append(f"{pad}# {rule.meaning}" + (f" ({allowed})" if allowed else ""))
        lines.append(f"{pad}{field.name}:" + ("" if nested else f" {_scalar(value)}"))
        lines += [to_yaml(value, indent + 2)] if nested else []
    return "\n".join(lines)


def _scalar(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_scalar, value))}]"
    return value if isinstance(value, str) else json.dumps(value)
