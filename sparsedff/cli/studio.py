"""`sparsedff studio`: a page in the browser."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sparsedff.cli.options import add_settings, load
from sparsedff.studio.address import DEFAULT_HOST, DEFAULT_PORT

SUMMARY = "Open a page in the browser: look at features, show grasps, transfer them."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("source", nargs="?", metavar="RUN_OR_CAPTURE", help="what to open (default: the newest run)")
    parser.add_argument(
        "--host",
        default=DEFAULT_HOST,
        help="address to listen on (default: %(default)s, this machine only)",
    )
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="port, or the next free one (default: %(default)s)"
    )
    add_settings(parser, "seed=1, for captures")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Serve the studio until it is interrupted."""
    from sparsedff.studio.app import Studio
    from sparsedff.studio.source import open_source

    name = options.source
    if name is not None and "=" in name and not Path(name).exists():  # argparse gives the first setting to the source
        options.overrides, name = [name, *options.overrides], None
    studio = Studio(open_source(name, load(options)), options.host, options.port)
    yield f"studio: {studio.address} (end with Ctrl-C)"
    try:
        studio.server.sleep_forever()
    finally:
        studio.stop()
