"""The commands of the paper's release, called as functions: arguments in, exit code out."""

from __future__ import annotations

from collections.abc import Sequence

from sparsedff.cli import capture, features, read, stills, train, transfer
from sparsedff.cli.run import run_script


def unified_optimize(arguments: Sequence[str]) -> int:
    return run_script(transfer, arguments)


def vis_features(arguments: Sequence[str]) -> int:
    return run_script(features, arguments)


def read_data(arguments: Sequence[str]) -> int:
    return run_script(read, arguments)


def train_linear_probe(arguments: Sequence[str]) -> int:
    return run_script(train, arguments)


def capture_3d(arguments: Sequence[str]) -> int:
    return run_script(capture, arguments)


def capture_stills(arguments: Sequence[str]) -> int:
    return run_script(stills, arguments)
