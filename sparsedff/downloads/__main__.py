"""`python -m sparsedff.downloads weights|captures [--only NAME]`: what pth_download.sh and download.sh call."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sparsedff.downloads.captures import install
from sparsedff.downloads.fetch import fetch
from sparsedff.downloads.items import CAPTURES, MIRROR, WEIGHTS
from sparsedff.errors import SparseDFFError

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
    try:
        (_weights if options.kind == "weights" else _captures)(options, environment)
    except SparseDFFError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        if error.filename is None:
            raise
        print(f"error: {error.filename}: {error.strerror}; check the path, its rights and the disk", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; run the same command to go on", file=sys.stderr)
        return 130
    return 0


def _weights(options: argparse.Namespace, environment: Mapping[str, str]) -> None:
    for name in [options.only] if options.only else WEIGHTS:
        path = fetch(WEIGHTS[name], options.folder, environment)
        print(f"{name}: {path} is there, size and SHA-256 as published")


def _captures(options: argparse.Namespace, environment: Mapping[str, str]) -> None:
    data = options.folder
    for name in [options.only] if options.only else CAPTURES:
        item = CAPTURES[name]
        unpacked = data / "authors" / Path(item.file).stem
        archive = data / "downloads" / item.file
        if not unpacked.exists():
            archive = fetch(item, data / "downloads", environment)
        for line in install(archive, unpacked, data / "captures", data / "poses"):
            print(line)


if __name__ == "__main__":
    sys.exit(main())
