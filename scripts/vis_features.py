"""Look at a run's features: `python scripts/vis_features.py --mode 3Dsim_volume --key 0`; --help lists all."""

import sys

from sparsedff.cli import features
from sparsedff.cli.run import run_script

if __name__ == "__main__":
    sys.exit(run_script(features))
