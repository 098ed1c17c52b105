"""`python -m gradviz` and the `gradviz` command."""

import sys

from gradviz.app.cli import main

if __name__ == "__main__":
    sys.exit(main())
