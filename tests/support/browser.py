"""Pages in a real browser; where there is none, tests skip and say why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sparsedff.visualize.chromium import open_chromium, what_is_missing

SIZE = (1280, 800)
# Chromium drops a frame's readback without a graphics card, and three.js names a class of its own that will go.
_HARMLESS = ("GPU stall due to ReadPixels", "THREE.Clock", "willReadFrequently", "GroupMarkerNotSet")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser for a module's tests."""
    missing = what_is_missing()
    if missing:
        pytest.skip(missing)
    with open_chromium() as browser:
        yield browser


class Watched:
    """A page whose complaints and requests are taken down.

    Attributes:
        page: playwright's.
        complaints: warnings and errors on its console, and uncaught exceptions.
        requests: all addresses that it asked for.
    """

    def __init__(self, browser: Any) -> None:
        self.page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))

    def _console(self, message: Any) -> None:
        if message.type in ("warning", "error") and not any(word in message.text for word in _HARMLESS):
            self.complaints.append(message.text)
