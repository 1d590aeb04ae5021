"""`python -m sparsedff.cli VERB ...`."""

import sys

from sparsedff.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
