"""Data that lie beside the repository, in ../shared/data. Where they are absent, tests skip and say why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).parents[2]
GOLDEN_NUMBERS = Path(__file__).with_name("golden.npz")
"""Our own golden numbers; `python -m tests.support.golden` is their recipe."""
SHARED = REPOSITORY.parent / "shared" / "data"


def golden(name: str) -> dict[str, np.ndarray]:
    """Inputs and outputs of the authors' functions; golden/README.md says what each array is."""
    path = SHARED / "golden" / "sparsedff" / name
    if not path.exists():
        pytest.skip(f"../shared/data/golden/sparsedff/{name} (numbers of the authors' functions) is absent")
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def kitchen() -> Path:
    """The folder of the real mug captures."""
    folder = SHARED / "kitchen"
    if not folder.is_dir():
        pytest.skip("../shared/data/kitchen (real captures, not in the repository) is absent")
    return folder
