"""Transfer a demonstrated hand pose: `python scripts/unified_optimize.py [--config FILE] [key=value ...]`."""

import sys

from sparsedff.cli import unified_optimize

if __name__ == "__main__":
    sys.exit(unified_optimize())
