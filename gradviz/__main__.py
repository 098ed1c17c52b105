"""`python -m gradviz` and the `gradviz` command."""

import os
import sys

# LeNet gains nothing from the threads of numpy's BLAS, and the window needs a core of its own.
# Child processes inherit this.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from gradviz.app.cli import main

if __name__ == "__main__":
    sys.exit(main())
