"""`python -m gradviz` and the `gradviz` command."""

import os
import sys

# Networks of LeNet's size gain nothing from BLAS's threads, and the window needs a core of its own. numpy's BLAS
# reads it when it is loaded, and child processes inherit it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from gradviz.app.cli import main

if __name__ == "__main__":
    sys.exit(main())
