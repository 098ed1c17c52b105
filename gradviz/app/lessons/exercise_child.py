"""The child process that runs a learner's code: `python -m gradviz.app.lessons.exercise_child`.

    exercise_child CODE CHECK FUNCTION OUT

`torch` means gradviz there, as in a script that is recorded; standard input is empty.
"""

from __future__ import annotations

import os
import sys

from gradviz.app import i18n
from gradviz.app.torch_alias import stand_in_for_torch

from .exercise import main

if __name__ == "__main__":
    i18n.set_language(os.environ.get("GRADVIZ_LANGUAGE", "en"))
    stand_in_for_torch()
    sys.exit(main(sys.argv[1:]))
