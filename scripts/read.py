"""Prepare training data of the refinement network: `python scripts/read.py --img_data_path NAME`; --help lists all."""

import sys

from sparsedff.cli import read
from sparsedff.cli.run import run_script

if __name__ == "__main__":
    sys.exit(run_script(read))
