"""Targets and scenes of a few families, made once."""

from __future__ import annotations

import pytest

from sparsedff.learn.scenes import LearnScene, make_scenes
from sparsedff.learn.targets import Targets, make_targets

FAMILIES = ("mug", "pot", "flashlight")


@pytest.fixture(scope="session")
def targets() -> Targets:
    return make_targets(FAMILIES, anchors=80)


@pytest.fixture(scope="session")
def scenes() -> list[LearnScene]:
    return make_scenes(FAMILIES, 2, seed=3)
