"""How every command runs: options and key=value in any order, errors in one line, exit codes as of common/ending.py."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import NoReturn, Protocol

from sparsedff.cli.torn_list import torn_list
from sparsedff.common.ending import ended, error_line, print_all
from sparsedff.common.extras import is_extra, missing
from sparsedff.errors import ConfigError, MissingPackageError

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
    parser = Parser()
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
    arguments = sys.argv[1:] if arguments is None else arguments
    torn = torn_list(arguments)
    if torn is not None:
        return ended(lambda: _refuse(torn))
    # argparse takes positionals in one block only: what it leaves over are overrides that follow an option.
    options, rest = parser.parse_known_args(arguments)
    unknown = [argument for argument in rest if argument.startswith("-")]
    if unknown:
        parser.error(f"unknown option {unknown[0]}; settings are changed by key=value")
    options.overrides = [*getattr(options, "overrides", []), *rest]
    return ended(lambda: _run(options))


def _refuse(message: str) -> int:
    raise ConfigError(message)


def _run(options: argparse.Namespace) -> int:
    try:
        return print_all(options.verb_run(options))
    except ModuleNotFoundError as error:
        if is_extra(error.name or ""):
            raise missing(str(error.name)) from None
        if error.name not in _NOT_ON_THE_CAMERA_MACHINE:
            raise
        raise MissingPackageError(
            f"this command needs {error.name}, which requirements-camera.txt leaves out; run it in the environment of "
            "`make demo`"
        ) from None


class Parser(argparse.ArgumentParser):
    """argparse's, whose errors repeat no word at any length."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the words, in a line that is not longer than others, and end with code 2."""
        super().error(error_line(message).removeprefix("error: "))
