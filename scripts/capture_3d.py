"""Take one RGB-D capture with all cameras: `python scripts/capture_3d.py --save`; --help lists all."""

import sys

from sparsedff.capturing.cli import capture_3d

if __name__ == "__main__":
    sys.exit(capture_3d())
