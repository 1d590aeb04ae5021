"""What a run was made from, as hashes, and on what machine: enough to make it again and to compare."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

from sparsedff.capture.model import Capture
from sparsedff.config.config import Config
from sparsedff.distill.cache import fingerprint
from sparsedff.files.sha256 import sha256_of_array
from sparsedff.hands.pose import HandPose
from sparsedff.prepare.threads import threads_for_models

_PROCESSORS = Path("/proc/cpuinfo")


def origin(config: Config, captures: tuple[Capture, Capture], demonstration: HandPose) -> dict[str, Any]:
    """`made_from` and `machine` of result.json.

    The hashes are of what was read, not of files: a capture that is copied, or a pose that is saved again under the
    other convention, is the same.
    """
    return {
        "made_from": {
            "captures": [capture_entry(capture) for capture in captures],
            "demonstration_sha256": sha256_of_array(demonstration.vector()),
        },
        "machine": machine(config),
    }


def capture_entry(capture: Capture) -> dict[str, Any]:
    """A capture's place, and the hashes of each view's colour, depth and calibration."""
    path = str(capture.path.resolve()) if capture.path else None
    return {"path": path, "views": [fingerprint(view) for view in capture.views]}


def machine(config: Config) -> dict[str, Any]:
    """The system, the processor and the threads that results depend on in their last digits."""
    return {"system": platform.platform(), "processor": _processor(), "threads": threads_for_models(config.threads)}


def _processor() -> str:
    """The processor's name; on Linux the one that the kernel gives."""
    try:
        lines = _PROCESSORS.read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
