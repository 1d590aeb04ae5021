"""Take stills for calibration at each press of C: `python scripts/capture.py --save_dir DIR`; --help lists all."""

import sys

from sparsedff.capturing.cli import capture

if __name__ == "__main__":
    sys.exit(capture())
