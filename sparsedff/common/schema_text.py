"""Settings as a file shows them: plain values in the file's layout, and YAML with every key's meaning as comment."""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator
from typing import Any

from sparsedff.common.schema import Field, fields_of


def to_plain(settings: Any) -> dict[str, Any]:
    """A schema's instance as a mapping in the file's layout; `build` is its inverse."""
    return {
        name: to_plain_without(value, field) if field.is_section else value for name, value, field in _shown(settings)
    }


def to_plain_without(settings: Any, field: Field) -> dict[str, Any]:
    """A section's mapping without the keys that stand one level higher."""
    return {name: value for name, value in to_plain(settings).items() if name not in field.rule.flat}


def to_yaml(settings: Any) -> str:
    """A schema's instance as YAML, every key below a comment with its meaning and range."""
    return "\n".join(_lines(settings, (), 0))


def takes_text(schema: type, place: str) -> bool:
    """Whether a dotted key is one that holds text, so that 0123 on the command line is a name and no number."""
    hint: Any = schema
    for name in place.split("."):
        hint = _key_hints(hint).get(name)
        if hint is None:
            return False
    return hint is str or (str in typing.get_args(hint) and typing.get_origin(hint) is not tuple)


def _key_hints(schema: Any) -> dict[str, Any]:
    """Types of the keys that stand in a file at the level of this schema."""
    hints: dict[str, Any] = {}
    if not isinstance(schema, type) or not hasattr(schema, "__dataclass_fields__"):
        return hints
    for field in fields_of(schema):
        below = _key_hints(field.hint) if field.is_section else {}
        hints |= {name: below[name] for name in field.rule.flat}
        hints |= {field.name: field.hint} if field.has_own_key else {}
    return hints


def _shown(settings: Any) -> Iterator[tuple[str, Any, Field]]:
    """(name in the file, value, field) of every key at this level: flat ones, then the section that they come from."""
    for field in fields_of(type(settings)):
        value = getattr(settings, field.name)
        if field.is_section:
            below = {name: (name, one, inner) for name, one, inner in _shown(value)}
            yield from (below[name] for name in field.rule.flat)
        if field.has_own_key:
            yield field.name, value, field


def _lines(settings: Any, without: tuple[str, ...], indent: int) -> Iterator[str]:
    pad = " " * indent
    # Sections come last in a file: a key that followed one would look as if it belonged to it.
    shown = sorted(_shown(settings), key=lambda one: not indent and one[2].is_section)
    for name, value, field in shown:
        if name in without:
            continue
        if field.is_section and not indent:
            yield ""
        allowed = field.rule.allowed()
        yield f"{pad}# {field.rule.meaning}" + (f" ({allowed})" if allowed else "")
        yield f"{pad}{name}:" + ("" if field.is_section else f" {_scalar(value)}")
        if field.is_section:
            yield from _lines(value, field.rule.flat, indent + 2)


def _scalar(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_scalar, value))}]"
    return value if isinstance(value, str) else json.dumps(value)
