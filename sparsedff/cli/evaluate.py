"""`sparsedff evaluate`: measure transfers with ground truth and in a physics engine."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sparsedff.cli.options import add_settings, load
from sparsedff.evaluate.suites.registry import EVERY, SUITES

SUMMARY = "Measure transfers on procedural objects with ground truth and in a physics engine."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument(
        "--suite",
        default="quick",
        metavar="A,B",
        help=f"one or several of: {SUITES.meanings}; or all: {', '.join(EVERY)} (default: %(default)s)",
    )
    parser.add_argument("--families", metavar="A,B", help="only these families")
    parser.add_argument(
        "--methods",
        metavar="A,B",
        help="only these methods, truth and oracle features (upper bounds) only if named; with --compare that of A, or "
        "those of A and B",
    )
    parser.add_argument(
        "--end-effector", metavar="NAME", help="of demonstrations, transfers and lifts; as end_effector=NAME"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=int, default=1, help="worker processes here; more than 1 need Ray")
    where.add_argument("--ray", metavar="ADDRESS", help="run on this Ray cluster")
    parser.add_argument("--output", type=Path, metavar="DIR", help="folder of the results; an interrupted run goes on")
    parser.add_argument("--film", metavar="PAIR", help="run one pair (such as mug-rim-same_family-0) and film its lift")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"), help="two such folders, run nothing")
    add_settings(parser, "method=raw or pairs.variation=0.2")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Run a suite, film a pair, or compare two results."""
    if options.compare:
        from sparsedff.evaluate.compare import compare
        from sparsedff.evaluate.results import read_rows

        first, second = (read_rows(folder) for folder in options.compare)
        names = (options.methods or "sparsedff").split(",")
        yield from compare(first, second, names[0], names[-1])
        return
    from sparsedff.evaluate.run import evaluate

    config = load(options, *([f"end_effector={options.end_effector}"] if options.end_effector else []))
    families, methods = (value.split(",") if value else None for value in (options.families, options.methods))
    suites = EVERY if options.suite == "all" else tuple(options.suite.split(","))
    of_hand = f"-{Path(options.end_effector).stem}" if options.end_effector else ""
    folder = options.output or config.evaluations_path / f"{options.suite}{of_hand}"
    if options.film:
        from sparsedff.evaluate.pictures import film_pair

        strip, film = film_pair(options.film, (methods or ["sparsedff"])[0], config, folder)
        yield f"film: {strip} and {film}"
        return
    yield from evaluate(config, suites, folder, families, methods, options.jobs, options.ray)
