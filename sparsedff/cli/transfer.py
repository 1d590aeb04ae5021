"""`sparsedff transfer`, scripts/unified_optimize.py: the main job."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from sparsedff.cli.options import add_settings, load

SUMMARY = "Carry a demonstrated hand pose from the capture data1 over to the capture data2."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.epilog = "example: data2=my_capture seed=1 alignment.opt_iterations=200 workspace.x='[-0.2, 0.2]'"
    parser.add_argument("--no-cache", action="store_true", help="distil anew, as cache_path=null does")
    parser.add_argument(
        "--loop", action="store_true", help="stay ready: capture the test scene and transfer at each press of Enter"
    )
    add_settings(parser, "seed=1; the file has all keys")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Transfer between two captures, or to fresh ones where data2 is null."""
    changes = {"cache_path=null": options.no_cache, "data2=null": options.loop}
    config = load(options, *(change for change, wanted in changes.items() if wanted))
    if config.data2 is None:
        from sparsedff.jobs import live

        if options.loop:
            from sparsedff.common.keys import key_presses

            yield from live.loop(config, key_presses())
        else:
            yield from live.once(config)
        return

    from sparsedff.pipeline import run as run_pipeline
    from sparsedff.runs.read import way_fault

    folder = run_pipeline(config)
    fault = way_fault(folder)
    if fault:
        yield f"warning: the way to the grasp goes {fault}; look at it before a robot follows it"
    yield f"result: {folder}"
    yield f"picture: {folder / 'result.png'}"
