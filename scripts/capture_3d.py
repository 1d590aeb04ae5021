"""Take one RGB-D capture with all cameras: `python scripts/capture_3d.py --save`; --help lists all."""

import sys

from sparsedff.cli import capture
from sparsedff.cli.run import run_script

if __name__ == "__main__":
    sys.exit(run_script(capture))
