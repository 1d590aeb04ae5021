"""Look at a run's features: `python scripts/vis_features.py --mode 3Dsim_volume --key 0`; --help lists all."""

import sys

from sparsedff.cli import vis_features

if __name__ == "__main__":
    sys.exit(vis_features())
