"""`sparsedff learn add`: teach the learned backbone a lab's own things."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sparsedff.cli.options import add_settings, load, part_words
from sparsedff.errors import ConfigError

SUMMARY = "Teach the learned features your own things, from meshes or captures."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("what", choices=["add"], help="add = fine-tune the network on things")
    parser.add_argument("things", nargs="*", metavar="MESH|CAPTURE",
                        help="files of meshes (metres, z up); names or folders of captures")  # fmt: skip
    parser.add_argument("--output", type=Path, default=Path("data/learned/own.safetensors"), metavar="FILE",
                        help="where the weights go (default: %(default)s)")  # fmt: skip
    parser.add_argument("--steps", type=int, help="training steps (default: 600)")
    add_settings(parser, "threads=2")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Fine-tune, say how it went, and write the weights."""
    things = part_words(options, options.things)
    if not things:
        raise ConfigError("learn add: no thing to learn; name meshes or captures, as `sparsedff learn add mug.stl`")
    config = load(options)

    from dataclasses import replace

    from sparsedff.learn import add
    from sparsedff.learn.train import write_weights
    from sparsedff.prepare.threads import torch_threads
    from sparsedff.prepare.writable import check_writable

    check_writable(options.output.parent, "--output")
    settings = add.FINE_TUNING if options.steps is None else replace(add.FINE_TUNING, steps=options.steps)
    with torch_threads(config.threads or 1):
        added = add.add_things(things, config, settings)
    write_weights(added.network, options.output)
    yield "a look with noise, drift, holes and fewer cameras against a clean one, nearest feature to the true point:"
    for name, before, after in (
        ("own things", added.before.own_m, added.after.own_m),
        ("families", added.before.families_m, added.after.families_m),
    ):
        yield f"  {name:10s} {100 * before:.2f} cm before, {100 * after:.2f} cm after"
    yield f"weights: {options.output}"
    yield f"use them: backbone=learned features.learned_weights={options.output}"
