"""Progress bars, all of one kind."""

from __future__ import annotations

from tqdm import tqdm


def bar(total: float, name: str, unit: str) -> tqdm:
    """A progress bar; where a run fails, it makes room for the error's one line."""
    layout = "{desc} {percentage:3.0f}% |{bar}| {elapsed}<{remaining}{postfix}"
    return tqdm(total=total, desc=f"{name:>9}", unit=unit, bar_format=layout, leave=False)
