"""Tests here run from the repository's root, as users do."""

from __future__ import annotations

import pytest

from ..shared import REPOSITORY


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
