"""How every command runs: options and key=value in any order, errors in one line, exit codes 0, 2 and 130."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Protocol

from sparsedff.errors import SparseDFFError

_NOT_ON_THE_CAMERA_MACHINE = ("torch", "transformers", "mujoco", "pytorch_kinematics")


class Verb(Protocol):
    """What a module of this folder offers. Modules import what is heavy inside `run`, so that --help answers at once.

    Attributes:
        SUMMARY: one line for --help.
    """

    SUMMARY: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the verb's options."""
        ...

    def run(self, options: argparse.Namespace) -> Iterable[str]:
        """Do the work; yields the lines to print as they become true.

        A generator may return an int, which becomes the exit code.
        """
        ...


def run_script(verb: Verb, arguments: Sequence[str] | None = None) -> int:
    """Run one verb as a script of its own; returns the exit code.

    Args:
        verb: a module of this folder.
        arguments: what follows the script's name; None takes it from sys.argv.
    """
    parser = argparse.ArgumentParser()
    add_verb(parser, verb)
    return run_parsed(parser, arguments)


def add_verb(parser: argparse.ArgumentParser, verb: Verb) -> None:
    """Make a parser the verb's."""
    parser.description = verb.SUMMARY
    verb.add_arguments(parser)
    parser.set_defaults(verb_run=verb.run)


def run_parsed(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    """Parse, run the verb and print its lines; returns the exit code.

    Args:
        parser: prepared by `add_verb`, or with subparsers that are.
        arguments: what follows the program's name; None takes it from sys.argv.
    """
    # argparse takes positionals in one block only: what it leaves over are overrides that follow an option.
    options, rest = parser.parse_known_args(arguments)
    unknown = [argument for argument in rest if argument.startswith("-")]
    if unknown:
        parser.error(f"unknown option {unknown[0]}; settings are changed by key=value")
    options.overrides = [*getattr(options, "overrides", []), *rest]
    try:
        return _print(options.verb_run(options))
    except SparseDFFError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        if error.filename is None:  # nothing that a user could look at: a fault of ours
            raise
        print(f"error: {error.filename}: {error.strerror}; check the path, its rights and the disk", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if error.name not in _NOT_ON_THE_CAMERA_MACHINE:
            raise
        print(
            f"error: this command needs {error.name}, which requirements-camera.txt leaves out; run it in the "
            "environment of `make demo`",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def _print(lines: Iterable[str]) -> int:
    """Print lines as they come; returns what their generator returns where that is an int, else 0."""
    rest = iter(lines)
    while True:
        try:
            line = next(rest)
        except StopIteration as end:
            return end.value if isinstance(end.value, int) else 0
        print(line, flush=True)
