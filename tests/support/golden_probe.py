"""The refinement network whose numbers the authors' code recorded."""

from __future__ import annotations

from sparsedff.distill.weights.files import read_state
from sparsedff.refine.checkpoint import shape_of
from sparsedff.refine.network import Probe
from tests.support.paths import SHARED


def golden_probe() -> Probe:
    """The small random network of the golden numbers, in the authors' layout."""
    path = SHARED / "golden" / "sparsedff" / "glayer_state.pth"
    state = read_state(path)
    probe = Probe(shape_of(state, path))
    probe.load_state_dict(state)
    return probe
