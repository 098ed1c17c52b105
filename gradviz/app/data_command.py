"""`gradviz train --download`: load MNIST and say how far it is."""

from __future__ import annotations

import sys
from pathlib import Path

from gradviz.data import DataError
from gradviz.data.download import fetch_mnist

from .i18n import tr


def fetch(folder: Path) -> bool:
    """Load what is missing; False, after a message, if that does not work. Ctrl-C keeps what is loaded."""
    shown = -1

    def told(done: int, total: int) -> bool:
        nonlocal shown
        if (tenth := done * 10 // total) > shown:
            shown = tenth
            _tell(tr("MNIST: {percent} % of {size:.0f} MB").format(percent=10 * tenth, size=total / 1e6))
        return True

    try:
        fetch_mnist(folder, told)
    except DataError as error:
        _tell(f"gradviz: {error}")
        return False
    except KeyboardInterrupt:
        _tell(tr("Stopped; what is loaded is kept for the next time."))
        return False
    return True


def _tell(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201  (a command's messages)
