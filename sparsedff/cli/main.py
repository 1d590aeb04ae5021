"""`sparsedff VERB ...`: all verbs. Each is a module of this folder; scripts/*.py run single ones."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sparsedff.cli import (
    batch,
    bop,
    calibrate,
    capture,
    check,
    consistency,
    demo,
    evaluate,
    export,
    features,
    hands,
    import_capture,
    learn,
    packages,
    read,
    reproduce,
    stills,
    studio,
    train,
    transfer,
)
from sparsedff.cli.run import Parser, Verb, add_verb, run_parsed

VERBS: dict[str, Verb] = {
    "demo": demo,
    "transfer": transfer,
    "batch": batch,
    "evaluate": evaluate,
    "bop": bop,
    "capture": capture,
    "stills": stills,
    "import": import_capture,
    "check": check,
    "calibrate": calibrate,
    "features": features,
    "learn": learn,
    "export": export,
    "hands": hands,
    "studio": studio,
    "read": read,
    "train": train,
    "consistency": consistency,
    "reproduce": reproduce,
    "packages": packages,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code.

    Args:
        arguments: what follows the program's name; None takes it from sys.argv.
    """
    parser = Parser(prog="sparsedff", description="Transfer hand poses through feature fields.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, verb in VERBS.items():
        add_verb(verbs.add_parser(name, help=verb.SUMMARY), verb)
    return run_parsed(parser, arguments)


if __name__ == "__main__":
    sys.exit(main())
