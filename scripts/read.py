"""Prepare training data of the refinement network: `python scripts/read.py --img_data_path NAME`; --help lists all."""

import sys

from sparsedff.cli import read

if __name__ == "__main__":
    sys.exit(read())
