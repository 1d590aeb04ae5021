"""`sparsedff evaluate`: a suite from its name to its report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sparsedff.common.schema_text import to_plain
from sparsedff.config.config import Config
from sparsedff.errors import ConfigError
from sparsedff.evaluate.bounds import ALL_METHODS
from sparsedff.evaluate.engine import run_suite
from sparsedff.evaluate.methods import METHODS
from sparsedff.evaluate.overview import write_overview
from sparsedff.evaluate.pictures import draw_pair
from sparsedff.evaluate.report import table, worst_cases, write_report
from sparsedff.evaluate.results import ResultsFile, read_rows
from sparsedff.evaluate.row import Row
from sparsedff.evaluate.suites.registry import SUITES, families_of
from sparsedff.evaluate.tables import plain
from sparsedff.prepare.writable import check_writable
from sparsedff.synthetic.grasping.reference_grasps import committed_tasks


def evaluate(
    config: Config,
    suites: Sequence[str],
    folder: Path,
    families: Sequence[str] | None = None,
    methods: Sequence[str] | None = None,
    jobs: int = 1,
    ray_address: str | None = None,
) -> Iterator[str]:
    """Run what is not finished in `folder` and write reports there; yields the tables as lines of text.

    One suite's results lie in the folder itself. Those of several lie in a subfolder each, and a table of all suites
    and methods beside them.

    Args:
        config: of the transfer and the physics.
        suites: names in SUITES.
        folder: of the results.
        families, methods: only these; None is all families, and all methods but the upper bounds.
        jobs, ray_address: where to run, see `run_suite`.

    Raises:
        SparseDFFError: an unknown name, results of other settings in the folder, or no Ray.
    """
    for suite in suites:
        SUITES.entry(suite)
    check_writable(folder, "--output")
    found = {}
    for suite in suites:
        place = folder if len(suites) == 1 else folder / suite
        found[suite], lines = _evaluate(config, suite, place, families, methods, jobs, ray_address)
        if len(suites) == 1:
            yield from lines
    if len(suites) > 1:
        yield from write_overview(folder, found)


def _evaluate(
    config: Config,
    suite: str,
    folder: Path,
    families: Sequence[str] | None,
    methods: Sequence[str] | None,
    jobs: int,
    ray_address: str | None,
) -> tuple[tuple[Row, ...], list[str]]:
    """One suite: its rows, and its table as lines."""
    known = committed_tasks(families_of(suite))
    chosen = _chosen("--families", families, tuple(known))
    used = _chosen("--methods", methods, tuple(ALL_METHODS)) if methods else tuple(METHODS)
    pairs = SUITES.load(suite)({name: known[name] for name in chosen}, config.pairs)
    results = ResultsFile(folder, {"suite": suite, "families": chosen, "config": to_plain(config)})
    run_suite(pairs, config, used, results, jobs, ray_address)
    rows = read_rows(folder)
    specs = {pair.name: pair for pair in pairs}
    pictures = {row.pair: draw_pair(specs[row.pair], config, folder) for row in worst_cases(rows)}
    markdown, page = write_report(folder, rows, pictures, f"Evaluation, suite {suite}: {len(pairs)} pairs")
    lines = plain(table(rows, lambda row: row.method))
    return rows, [*lines, f"report: {page} and {markdown.name}, results: {results.path}"]


def _chosen(option: str, wanted: Sequence[str] | None, known: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in wanted or () if name not in known]
    if unknown:
        raise ConfigError(f"{option}: no {unknown[0]!r}; there are {', '.join(known)}")
    return tuple(wanted) if wanted else known
