"""The command line: `sparsedff <verb> ...`. Every script in scripts/ calls a verb's function from here.

What a user can cause or mend ends in one line on stderr and exit code 2, an interrupt in 130. Heavy modules are
imported by the verb that needs them, so that --help answers at once.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from sparsedff.capturing.cli import CAPTURE, STILLS, add_capture_arguments, add_stills_arguments
from sparsedff.cli_calibrate import SUMMARY as _CALIBRATE
from sparsedff.cli_calibrate import add_calibrate_arguments
from sparsedff.cli_check import CHECK, add_check_arguments
from sparsedff.cli_refine import (
    CONSISTENCY,
    READ,
    TRAIN,
    add_consistency_arguments,
    add_read_arguments,
    add_train_arguments,
)
from sparsedff.cli_vis import FEATURES, STUDIO, add_features_arguments, add_studio_arguments
from sparsedff.command import run_verb as _run

DEFAULT_CONFIG = "configs/config.yaml"
_TRANSFER = "Carry a demonstrated hand pose from the capture data1 over to the capture data2."
_EVALUATE = "Measure transfers on procedural objects with ground truth and in a physics engine."
_EXAMPLE = "example: data2=my_capture seed=1 alignment.opt_iterations=200 workspace.x='[-0.2, 0.2]'"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code.

    Args:
        arguments: what follows the program's name; None takes it from sys.argv.
    """
    parser = argparse.ArgumentParser(prog="sparsedff", description="Transfer hand poses through feature fields.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_transfer_arguments(verbs.add_parser("transfer", help=_TRANSFER, description=_TRANSFER, epilog=_EXAMPLE))
    _add_evaluate_arguments(verbs.add_parser("evaluate", help=_EVALUATE, description=_EVALUATE))
    add_capture_arguments(verbs.add_parser("capture", help=CAPTURE, description=CAPTURE))
    add_stills_arguments(verbs.add_parser("stills", help=STILLS, description=STILLS))
    add_check_arguments(verbs.add_parser("check", help=CHECK, description=CHECK))
    add_calibrate_arguments(verbs.add_parser("calibrate", help=_CALIBRATE, description=_CALIBRATE))
    add_features_arguments(verbs.add_parser("features", help=FEATURES, description=FEATURES))
    add_studio_arguments(verbs.add_parser("studio", help=STUDIO, description=STUDIO))
    add_read_arguments(verbs.add_parser("read", help=READ, description=READ))
    add_train_arguments(verbs.add_parser("train", help=TRAIN, description=TRAIN))
    add_consistency_arguments(verbs.add_parser("consistency", help=CONSISTENCY, description=CONSISTENCY))
    return _run(parser, arguments)


def unified_optimize(arguments: Sequence[str] | None = None) -> int:
    """`sparsedff transfer` under the paper's name, scripts/unified_optimize.py; returns the exit code."""
    parser = argparse.ArgumentParser(description=_TRANSFER, epilog=_EXAMPLE)
    _add_transfer_arguments(parser)
    return _run(parser, arguments)


def vis_features(arguments: Sequence[str] | None = None) -> int:
    """`sparsedff features` under the paper's name, scripts/vis_features.py; returns the exit code."""
    parser = argparse.ArgumentParser(description=FEATURES)
    add_features_arguments(parser)
    return _run(parser, arguments)


def read(arguments: Sequence[str] | None = None) -> int:
    """`sparsedff read` under the paper's name, scripts/read.py; returns the exit code."""
    parser = argparse.ArgumentParser(description=READ)
    add_read_arguments(parser)
    return _run(parser, arguments)


def train_linear_probe(arguments: Sequence[str] | None = None) -> int:
    """`sparsedff train` under the paper's name, scripts/train_linear_probe.py; returns the exit code."""
    parser = argparse.ArgumentParser(description=TRAIN)
    add_train_arguments(parser)
    return _run(parser, arguments)


def _add_transfer_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", default=DEFAULT_CONFIG, metavar="FILE", help="settings (default: %(default)s)")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="settings to change; the file has all keys")
    parser.add_argument("--no-cache", action="store_true", help="distil anew, as cache_path=null does")
    parser.add_argument(
        "--loop", action="store_true", help="stay ready: capture the test scene and transfer at each press of Enter"
    )
    parser.set_defaults(run=_transfer)


def _transfer(options: argparse.Namespace) -> None:
    from sparsedff.config import load_config
    from sparsedff.progress import AboveBars

    config = load_config(options.config, [*options.overrides, *(["data2=null"] if options.loop else [])])
    level = logging.INFO if config.verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(message)s", handlers=[AboveBars()])

    if config.data2 is None:
        from sparsedff import live
        from sparsedff.capturing.keys import key_presses

        said = live.loop(config, key_presses()) if options.loop else live.lines(live.transfer_now(config))
        for line in said:
            print(line, flush=True)
        return

    from sparsedff.pipeline import run

    folder = Path(os.fspath(run(config)))
    print(f"result: {folder}\npicture: {folder / 'result.png'}")


def _add_evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", default=DEFAULT_CONFIG, metavar="FILE", help="settings (default: %(default)s)")
    parser.add_argument(
        "--suite", default="quick", choices=("quick", "full"), help="which pairs (default: %(default)s)"
    )
    parser.add_argument("--families", metavar="A,B", help="only these families")
    parser.add_argument("--methods", metavar="A,B", help="only these methods of the table")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=int, default=1, help="worker processes here; more than 1 need Ray")
    where.add_argument("--ray", metavar="ADDRESS", help="run on this Ray cluster")
    parser.add_argument("--output", type=Path, metavar="DIR", help="folder of the results; an interrupted run goes on")
    parser.add_argument("--film", metavar="PAIR", help="run one pair (such as mug-rim-same_family-0) and film its lift")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"), help="two such folders, run nothing")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="settings to change")
    parser.set_defaults(run=_evaluate)


def _evaluate(options: argparse.Namespace) -> None:
    if options.compare:
        from sparsedff.evaluate.compare import compare
        from sparsedff.evaluate.results import read_rows

        first, second = (read_rows(folder) for folder in options.compare)
        print("\n".join(compare(first, second)))
        return
    from sparsedff.config import load_config
    from sparsedff.evaluate.run import evaluate

    config = load_config(options.config, options.overrides)
    only = [value.split(",") if value else None for value in (options.families, options.methods)]
    folder = options.output or Path("data/evaluations") / options.suite
    if options.film:
        from sparsedff.evaluate.pictures import film_pair

        print("film: {} and {}".format(*film_pair(options.film, (only[1] or ["sparsedff"])[0], config, folder)))
        return
    print(evaluate(config, options.suite, folder, only[0], only[1], options.jobs, options.ray))


if __name__ == "__main__":
    sys.exit(main())
