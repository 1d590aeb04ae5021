"""Tests here run from the repository's root, as users do; those of calibration share its rig and stills."""

from __future__ import annotations

import pytest

from tests.support.known_rig import board, rig, still_poses, stills_folder  # noqa: F401
from tests.support.paths import REPOSITORY


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
