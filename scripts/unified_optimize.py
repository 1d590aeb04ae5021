"""Transfer a demonstrated hand pose: `python scripts/unified_optimize.py [--config FILE] [key=value ...]`."""

import sys

from sparsedff.cli import transfer
from sparsedff.cli.run import run_script

if __name__ == "__main__":
    sys.exit(run_script(transfer))
