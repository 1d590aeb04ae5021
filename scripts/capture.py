"""Take stills for calibration at each press of C: `python scripts/capture.py --save_dir DIR`; --help lists all."""

import sys

from sparsedff.cli import stills
from sparsedff.cli.run import run_script

if __name__ == "__main__":
    sys.exit(run_script(stills))
