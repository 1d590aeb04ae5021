"""How every command runs: options and key=value in any order, errors in one line, exit codes 0, 2 and 130."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from sparsedff.errors import SparseDFFError

_NOT_ON_THE_CAMERA_MACHINE = ("torch", "transformers", "mujoco", "pytorch_kinematics")


def run_verb(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    """Parse and run; returns the exit code.

    Args:
        parser: sets `run`, a function of the parsed options.
        arguments: what follows the program's name; None takes it from sys.argv.
    """
    # argparse takes positionals in one block only: what it leaves over are overrides that follow an option.
    options, rest = parser.parse_known_args(arguments)
    unknown = [argument for argument in rest if argument.startswith("-")]
    if unknown:
        parser.error(f"unknown option {unknown[0]}; settings are changed by key=value")
    options.overrides = [
        *options.overrides,
        *rest,
        *(["cache_path=null"] if getattr(options, "no_cache", False) else []),
    ]
    verb: Callable[[argparse.Namespace], None] = options.run
    try:
        verb(options)
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
    return 0
