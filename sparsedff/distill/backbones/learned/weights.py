"""The network's weights: a file of the package, read once. Its card states its hash, which a test compares."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from safetensors.torch import load

from sparsedff.distill.backbones.learned.network import PointNetwork
from sparsedff.errors import WeightsError
from sparsedff.files.opened import decoding, read_bytes
from sparsedff.files.sha256 import sha256_of_file

FILE = Path(__file__).with_name("learned.safetensors")
CARD = Path(__file__).with_name("CARD.md")
REMEDY = "install the package again, make it with python -m sparsedff.learn.train, or set backbone=handcrafted"
_MISSING = f"the learned backbone's weights are missing; {REMEDY}"
MOST_BYTES = 4_000_000
"""Of weights; the network takes 1.6 million."""


def weights_sha256(path: Path = FILE) -> str:
    """SHA-256 (hex) of the weights' file.

    Raises:
        WeightsError: it cannot be read.
    """
    return sha256_of_file(path, WeightsError, REMEDY, missing=_MISSING, most=MOST_BYTES)


def stated_sha256(card: Path = CARD) -> str | None:
    """The hash that the card states, None where there is no card or none stands in it."""
    try:
        found = re.search(r"\b[0-9a-f]{64}\b", card.read_text())
    except OSError:
        return None
    return found[0] if found else None


@lru_cache(maxsize=2)
def load_network(path: Path = FILE) -> PointNetwork:
    """The network of a file, for use only.

    Raises:
        WeightsError: the file is missing, damaged, or another network's.
    """
    network, content = PointNetwork(), read_bytes(path, WeightsError, REMEDY, missing=_MISSING, most=MOST_BYTES)
    with decoding(path, WeightsError, REMEDY, "these are no weights of the learned backbone"):
        network.load_state_dict(load(content))
    return network.requires_grad_(False).eval()
