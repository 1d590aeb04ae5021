"""Train the refinement network: `python scripts/train_linear_probe.py --mode glayer --key 0`; --help lists all."""

import sys

from sparsedff.cli import train
from sparsedff.cli.run import run_script

if __name__ == "__main__":
    sys.exit(run_script(train))
