"""The benchmark as a function."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sparsedff.api.settings import Settings, as_config
from sparsedff.common.extras import require
from sparsedff.evaluate.results import read_rows
from sparsedff.evaluate.row import Row
from sparsedff.evaluate.run import evaluate as run_suites


def evaluate(
    suite: str = "quick",
    folder: Path | str | None = None,
    families: Sequence[str] | None = None,
    methods: Sequence[str] | None = None,
    jobs: int = 1,
    settings: Settings = None,
) -> tuple[Row, ...]:
    """Measure transfers on procedural objects with ground truth and lift the grasps in a physics engine.

    Args:
        suite: quick, hard, deformed, across, scene, cameras or held_out.
        folder: of the results and the report; an interrupted measurement goes on there. None = data/evaluations/SUITE.
        families: only these; None = all.
        methods: only these; None = all but the upper bounds.
        jobs: worker processes.
        settings: of the method and of the suite.

    Returns:
        one row per pair and method that the folder holds.

    Raises:
        SparseDFFError: an unknown name, results of other settings in the folder, or a package that is missing.
    """
    require("evaluate")
    config = as_config(settings)
    place = Path(folder) if folder is not None else config.evaluations_path / suite
    for _ in run_suites(config, (suite,), place, families, methods, jobs):
        pass
    return read_rows(place)
