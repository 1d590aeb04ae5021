"""One pair of monkeys for all tests of this folder: building them takes half a second each."""

from __future__ import annotations

import pytest

from sparsedff.synthetic.rendering.scene import PlacedObject
from sparsedff.synthetic.sample import placed_monkey
from sparsedff.synthetic.truth import Truth


@pytest.fixture(scope="session")
def original() -> PlacedObject:
    return placed_monkey("monkey_original")


@pytest.fixture(scope="session")
def truth(original: PlacedObject) -> Truth:
    return Truth(reference=original, test=placed_monkey("monkey_test"))
