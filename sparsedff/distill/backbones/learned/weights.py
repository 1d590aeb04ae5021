"""The network's weights: a file of the package, read once. Its card states its hash, which a test compares."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from safetensors.torch import load

from sparsedff.distill.backbones.learned.network import PointNetwork
from sparsedff.errors import WeightsError
from sparsedff.files.opened import decoding, read_bytes

FILE = Path(__file__).with_name("learned.safetensors")
CARD = Path(__file__).with_name("CARD.md")
REMEDY = "install the package again, make it with python -m sparsedff.learn.train, or set backbone=handcrafted"
MOST_BYTES = 4_000_000
"""Of weights; the network takes 1.6 million."""


def sha256_of(path: Path) -> str:
    """SHA-256 (hex) of the file.

    Raises:
        WeightsError: it cannot be read.
    """
    return hashlib.sha256(_content(path)).hexdigest()


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
    network, content = PointNetwork(), _content(path)
    with decoding(path, WeightsError, REMEDY, "these are no weights of the learned backbone"):
        network.load_state_dict(load(content))
    return network.requires_grad_(False).eval()


def _content(path: Path) -> bytes:
    missing = f"the learned backbone's weights are missing; {REMEDY}"
    return read_bytes(path, WeightsError, REMEDY, missing=missing, most=MOST_BYTES)
