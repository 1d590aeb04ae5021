"""The network's weights: a file of the package, read once and checked against the hash that its card states."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load

from sparsedff.distill.backbones.learned.network import PointNetwork
from sparsedff.errors import WeightsError

FILE = Path(__file__).with_name("learned.safetensors")
CARD = Path(__file__).with_name("CARD.md")
REMEDY = "install the package again, make it with python -m sparsedff.learn.train, or set backbone=handcrafted"


def sha256_of(path: Path) -> str:
    """SHA-256 (hex) of the file.

    Raises:
        WeightsError: it cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise WeightsError(
            f"{path}: the learned backbone's weights cannot be read ({error.strerror}); {REMEDY}"
        ) from None


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
    try:
        network = PointNetwork()
        network.load_state_dict(load(path.read_bytes()))
    except OSError as error:
        raise WeightsError(
            f"{path}: the learned backbone's weights cannot be read ({error.strerror}); {REMEDY}"
        ) from None
    except (SafetensorError, RuntimeError, KeyError) as error:
        why = " ".join(str(error).split())[:80]
        raise WeightsError(f"{path}: these are no weights of the learned backbone ({why}); {REMEDY}") from None
    return network.requires_grad_(False).eval()


def _unreadable(path: Path, error: OSError) -> WeightsError:
    return WeightsError(f"{path}: the learned backbone's weights cannot be read ({error.strerror}); {REMEDY}")
