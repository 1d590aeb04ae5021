"""`sparsedff packages`: what is installed with the toolkit, under which licences; or as a bill of materials."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

SUMMARY = "The packages that the toolkit uses here, with versions and licences, or as a bill of materials (CycloneDX)."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("--sbom", action="store_true", help="print a bill of materials in CycloneDX's JSON")
    parser.add_argument(
        "--extra", action="append", default=[], metavar="NAME", help="with those of an extra, as test; may be repeated"
    )


def run(options: argparse.Namespace) -> Iterator[str]:
    """One line a package, or the bill."""
    from sparsedff.jobs.packages import bill, installed, listed

    packages = installed(options.extra)
    if options.sbom:
        yield bill(packages)
    else:
        yield from listed(packages)
