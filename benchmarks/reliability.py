"""The figures of docs/reliability.md: every table between its marks is made anew by the command that the marks name.

    python -m benchmarks.reliability            all of them: about two hours of one core
    python -m benchmarks.reliability scenes     one of them

A block of the page begins with `<!-- begin NAME -->` and ends with `<!-- end NAME -->`; what a command prints replaces
it once the command has ended. Lines of progress, which begin with "after", are left out.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from sparsedff.common.atomic import write_file
from sparsedff.common.console import print_lines

PAGE = Path("docs/reliability.md")
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "files": ("tests.fuzz", "--inputs", "20000", "--kills", "100"),
    "scenes": ("benchmarks.wrong_scenes",),
    "growth": ("benchmarks.growth",),
}


def replaced(page: str, name: str, content: str) -> str:
    """The page with another content between the marks of a block.

    Raises:
        ValueError: the page has no such block, or several.
    """
    begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
    pattern = re.compile(re.escape(begin) + r".*?" + re.escape(end), re.DOTALL)
    if len(pattern.findall(page)) != 1:
        raise ValueError(f"{PAGE} must have one block {begin.strip()} ... {end}")
    return pattern.sub(lambda _: f"{begin}{content.strip()}\n{end}", page)


def report(names: list[str]) -> Iterator[str]:
    """Run the commands and write what they print into the page; a command that fails is said and written too."""
    for name in names:
        yield f"{name}: python -m {' '.join(COMMANDS[name])}"
        done = subprocess.run([sys.executable, "-m", *COMMANDS[name]], stdout=subprocess.PIPE, text=True, check=False)
        lines = [line for line in done.stdout.splitlines() if not line.startswith("after ")]
        if done.returncode:
            lines.append(f"\n**The command ended with exit code {done.returncode}.**")
        write_file(PAGE, replaced(PAGE.read_text(), name, "\n".join(lines)))
        yield f"{name}: written into {PAGE}, exit code {done.returncode}"


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(COMMANDS)} (default: all)")
    names = parser.parse_args().names or list(COMMANDS)
    unknown = [name for name in names if name not in COMMANDS]
    if unknown:
        parser.error(f"no block {unknown[0]!r}; there are {', '.join(COMMANDS)}")
    return print_lines(report(names))


if __name__ == "__main__":
    raise SystemExit(main())
