"""A run of the toolkit on a box, a fixture for the conftest.py of whoever reads runs: made once for its tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparsedff import finished, pipeline
from sparsedff.config.config import load_config
from tests.support.paths import REPOSITORY
from tests.support.small_world import make_world


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of a second or two; the user's data/output is left alone."""
    folder = tmp_path_factory.mktemp("world")
    overrides = make_world(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        patch.setattr(finished, "draw_result", lambda *_, **__: None)
        return pipeline.run(load_config("configs/config.yaml", overrides))
