"""Plain values, as YAML gives them, checked and made into an instance of a schema."""

from __future__ import annotations

import difflib
import itertools
import json
import math
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sparsedff.common.schema import Rule, fields_of, file_keys
from sparsedff.errors import ConfigError

Schema = TypeVar("Schema")
_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "text", type(None): "null"}


@dataclass(frozen=True)
class _Given:
    """A value from a file and the dotted key under which it stands there."""

    value: Any
    place: str


def build(schema: type[Schema], values: Any, where: str = "") -> Schema:
    """Make a schema's instance from plain values in a file's layout; keys left out keep their defaults.

    Args:
        schema: a dataclass of `key` and `section` fields.
        values: a mapping as YAML gives it.
        where: the dotted key of this section, for errors.

    Raises:
        ConfigError: an unknown key, a wrong type or a value out of range; names key, value and what is allowed.
    """
    return _build(schema, _given(values, where), file_keys(schema))


def check(settings: Any, where: str) -> None:
    """Hold an instance of a schema, however it was made, to the rules of its fields.

    Raises:
        ConfigError: as `build`; keys are named as below the section `where`.
    """
    for field in fields_of(type(settings)):
        if not field.is_section:
            _checked(getattr(settings, field.name), field.hint, f"{where}.{field.name}", field.rule)


def _given(values: Any, where: str) -> dict[str, _Given]:
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where or 'configuration'}: must be a section of keys, got {_show(values)}")
    return {str(name): _Given(value, f"{where}.{name}" if where else str(name)) for name, value in values.items()}


def _build(schema: type[Schema], given: dict[str, _Given], known: Sequence[str]) -> Schema:
    """The instance; `known` are the keys that may stand at this level of the file."""
    arguments = {}
    left = dict(given)
    for field in fields_of(schema):
        if field.is_section:
            flat = {name: left.pop(name) for name in field.rule.flat if name in left}
            inside = tuple(name for name in file_keys(field.hint) if name not in field.rule.flat)
            own = left.pop(field.name) if field.has_own_key and field.name in left else _Given({}, field.name)
            below = _given(own.value, own.place)
            _refuse_unknown({name: one for name, one in below.items() if name not in inside}, inside)
            arguments[field.name] = _build(field.hint, flat | below, inside)
        elif field.name in left:
            one = left.pop(field.name)
            arguments[field.name] = _checked(one.value, field.hint, one.place, field.rule)
    _refuse_unknown(left, known)
    return schema(**arguments)


def _refuse_unknown(left: Mapping[str, _Given], known: Sequence[str]) -> None:
    for name, one in left.items():
        raise ConfigError(f"{one.place}: no such key; {_suggest(name, known)}")


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
