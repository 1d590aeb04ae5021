"""`python -m sparsedff.downloads weights|captures [--only NAME]`: what pth_download.sh and download.sh call."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sparsedff.common.ending import ended, print_all
from sparsedff.downloads.captures import install
from sparsedff.downloads.fetch import fetch
from sparsedff.downloads.items import CAPTURES, MIRROR, WEIGHTS

_MIRROR_HELP = f"{MIRROR}=FOLDER or URL prefix takes the files from there, with the same checks."


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Fetch what is asked for; returns the exit code: 0, 2 for what the user can mend, 130 when interrupted."""
    parser = argparse.ArgumentParser(prog="sparsedff.downloads", epilog=_MIRROR_HELP)
    kinds = parser.add_subparsers(dest="kind", required=True)
    weights = kinds.add_parser("weights", help="official weights into thirdparty_module/", epilog=_MIRROR_HELP)
    weights.add_argument("--only", choices=sorted(WEIGHTS), help="just this one")
    weights.add_argument("--folder", type=Path, default=Path("thirdparty_module"), help="where to (%(default)s)")
    captures = kinds.add_parser("captures", help="the authors' captures into data/", epilog=_MIRROR_HELP)
    captures.add_argument("--only", choices=sorted(CAPTURES), help="just this archive")
    captures.add_argument("--folder", type=Path, default=Path("data"), help="where to (%(default)s)")
    options = parser.parse_args(arguments)
    lines = (_weights if options.kind == "weights" else _captures)(options, environment)
    return ended(lambda: print_all(lines), "interrupted; run the same command to go on")


def _weights(options: argparse.Namespace, environment: Mapping[str, str]) -> Iterator[str]:
    for name in [options.only] if options.only else WEIGHTS:
        path = fetch(WEIGHTS[name], options.folder, environment)
        yield f"{name}: {path} is there, size and SHA-256 as published"


def _captures(options: argparse.Namespace, environment: Mapping[str, str]) -> Iterator[str]:
    data = options.folder
    for name in [options.only] if options.only else CAPTURES:
        item = CAPTURES[name]
        unpacked = data / "authors" / Path(item.file).stem
        archive = data / "downloads" / item.file
        if not unpacked.exists():
            archive = fetch(item, data / "downloads", environment)
        yield from install(archive, unpacked, data / "captures", data / "poses")


if __name__ == "__main__":
    sys.exit(main())
