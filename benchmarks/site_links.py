"""Hook of the documentation's site: links to files outside docs/ become their names, for the site has only docs/."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)#:]+)(#[^)]*)?\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """What mkdocs calls with every page."""
    return without_outside(markdown, page.file.src_uri)


def without_outside(markdown: str, place: str) -> str:
    """A page's text with links that leave docs/ turned into code.

    Args:
        markdown: the page.
        place: where it lies in docs/, as howto/hand.md.
    """
    depth = len(PurePosixPath(place).parent.parts)

    def shown(match: re.Match[str]) -> str:
        steps = PurePosixPath(match[2]).parts
        outside = steps[: depth + 1].count("..") > depth
        return f"`{'/'.join(step for step in steps if step != '..')}`" if outside else match[0]

    return _LINK.sub(shown, markdown)
