"""A Chromium without a display, driven by playwright, for tests and screenshots of our pages."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sparsedff.errors import MissingPackageError

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# WebGL on the processor: a machine that runs tests has no graphics card. As root Chromium has no sandbox.
_FLAGS = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")


def what_is_missing() -> str | None:
    """What keeps a page from being opened here, in one line with the remedy; None where nothing does."""
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed; pip install 'sparsedff[browser]'"
    if not any(map(shutil.which, _NAMES)):
        return "no Chromium is installed; sudo apt install chromium"
    return None


@contextmanager
def open_chromium() -> Iterator[Any]:
    """A playwright browser.

    Raises:
        MissingPackageError: playwright or Chromium is missing.
    """
    missing = what_is_missing()
    if missing:
        raise MissingPackageError(missing)
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, _NAMES)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()
