"""`python -m tests.fuzz [--inputs 20000] [--kills 100] [--first 0]`: the long form, with a table of what it found."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz.campaign import campaign, inputs
from tests.fuzz.kills import kill
from tests.fuzz.targets import TARGETS


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.fuzz")
    parser.add_argument("--inputs", type=int, default=20_000, help="damaged files (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=100, help="killed writers (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="seed of the first input of each kind")
    parser.add_argument("--processes", type=int, default=2, help="at the same time (default: %(default)s)")
    options = parser.parse_args()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:  # before there are threads: it forks
        faults, hit = kill(Path(folder), options.kills, seed=options.first)
    todo = inputs(options.inputs, options.first)
    with ThreadPoolExecutor(options.processes) as pool:
        shares = pool.map(campaign, [todo[index :: options.processes] for index in range(options.processes)])
        outcomes = [outcome for share in shares for outcome in share]
    print("| files | inputs | read | refused in one line | faults |\n|---|---|---|---|---|")
    for target in TARGETS:
        found = Counter(outcome.failed or outcome.verdict for outcome in outcomes if outcome.target == target)
        print(f"| {target} | {found.total()} | {found['read']} | {found['refused']} | {found[True]} |")
    failed = [outcome for outcome in outcomes if outcome.failed]
    print(f"| all | {len(outcomes)} | | | {len(failed)} |")
    print(f"\n{options.kills} kills, {hit} of them in the middle of a write: {len(faults)} damaged or left over")
    print(f"{time.monotonic() - begin:.0f} s")
    for outcome in failed[:40]:
        print(f"{outcome.target}, seed {outcome.seed}, {outcome.how}: {outcome.verdict}", file=sys.stderr)
    for fault in faults[:40]:
        print(fault, file=sys.stderr)
    return 1 if failed or faults else 0


if __name__ == "__main__":
    sys.exit(main())
