"""What a command line of a module of its own has in common with the others: lines as they come, errors in one line."""

from __future__ import annotations

from collections.abc import Iterable

from sparsedff.common.ending import ended, print_all


def print_lines(lines: Iterable[str]) -> int:
    """Print lines as they become true.

    Args:
        lines: of the work, which is done between them; an error of the user's ends it with one line on stderr.

    Returns:
        the exit code: 0, or 2 after an error.
    """
    return ended(lambda: print_all(lines))
