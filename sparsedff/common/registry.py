"""Registries: the kinds of a thing that can be chosen by name, each in a file of its own, imported when it is used.

A room keeps one: `RULES = Registry("pruning rule", Entry("raw", "sparsedff.distill.pruning.raw:raw", "keep all"))`.
The configuration takes its choices from `names`, so that a new kind is one file and one line.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sparsedff.errors import ConfigError

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Entry:
    """One kind.

    Attributes:
        name: as users write it.
        place: "package.module:attribute", imported when the kind is used.
        meaning: one line for help texts and config.yaml.
    """

    name: str
    place: str
    meaning: str

    def load(self) -> Any:
        """The thing itself."""
        module, attribute = self.place.split(":")
        return getattr(importlib.import_module(module), attribute)


class Registry(Generic[Thing]):
    """Entries by name, in the order in which they are shown.

    Args:
        what: what they are, for errors.
        entries: at least one, names unique.
    """

    def __init__(self, what: str, *entries: Entry) -> None:
        self._what = what
        self._entries = {entry.name: entry for entry in entries}
        if len(self._entries) != len(entries):
            raise ValueError(f"{what}: two entries of one name")

    @property
    def names(self) -> tuple[str, ...]:
        """All names."""
        return tuple(self._entries)

    @property
    def meanings(self) -> str:
        """All names with their meaning, for a comment."""
        return "; ".join(f"{entry.name} = {entry.meaning}" for entry in self)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def add(self, entry: Entry) -> None:
        """One more kind, as a package of somebody else's may bring it; it replaces one of the same name."""
        self._entries[entry.name] = entry

    def entry(self, name: str) -> Entry:
        """The entry of this name.

        Raises:
            ConfigError: there is none; lists those there are.
        """
        if name not in self._entries:
            raise ConfigError(f"no {self._what} {name!r}; there are {', '.join(self.names)}")
        return self._entries[name]

    def load(self, name: str) -> Thing:
        """The thing of this name.

        Raises:
            ConfigError: there is none; lists those there are.
        """
        thing: Thing = self.entry(name).load()
        return thing
