"""Golden numbers of the official implementations, and small random checkpoints."""

from __future__ import annotations

from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[3] / "shared" / "data" / "golden"


@pytest.fixture
def golden() -> Path:
    if not GOLDEN.is_dir():
        pytest.skip("../shared/data/golden (numbers of the official implementations, not in the repository) is absent")
    return GOLDEN
