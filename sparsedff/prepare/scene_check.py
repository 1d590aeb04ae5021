"""The cheap check of a capture that every transfer makes."""

from __future__ import annotations

from typing import Any

from sparsedff.capture.model import Capture
from sparsedff.common.progress import say
from sparsedff.config.config import Config
from sparsedff.distill.distil import Distilled
from sparsedff.quality.quick import quick_check, warnings_of


def check_scene(config: Config, scene: tuple[Capture, Distilled]) -> dict[str, Any]:
    """The cheap check of a capture, for result.json; what is doubtful is said in a line on stderr."""
    capture, distilled = scene
    views = [segmented.view for segmented in distilled.views]
    found = quick_check(capture.name, views, config.distil.workspace, config.check)
    say(warnings_of([found]))
    return found
