"""The real captures and golden numbers beside the repository."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.paths import SHARED


@pytest.fixture
def kitchen() -> Path:
    folder = SHARED / "kitchen"
    if not folder.is_dir():
        pytest.skip("../shared/data/kitchen (real captures, not in the repository) is absent")
    return folder


@pytest.fixture
def golden_camera() -> dict[str, np.ndarray]:
    path = SHARED / "golden" / "sparsedff" / "camera.npz"
    if not path.exists():
        pytest.skip("../shared/data/golden (numbers of the official functions) is absent")
    return dict(np.load(path, allow_pickle=False))
