"""A list with a space in it, which the shell has torn into several words."""

from __future__ import annotations

from collections.abc import Sequence


def torn_list(arguments: Sequence[str]) -> str | None:
    """What to say of the first list that ends in another word than it begins; None where there is none.

    Args:
        arguments: the words of a command line.
    """
    for index, word in enumerate(arguments):
        name, equals, text = word.partition("=")
        if not equals or not text.startswith("[") or _closed(text):
            continue
        for more in arguments[index + 1 :]:
            text += f" {more}"
            if _closed(text):
                return f"{word}: the shell ends the list at its space; in quotes it is one word: {name}='{text}'"
    return None


def _closed(text: str) -> bool:
    return text.count("[") <= text.count("]")
