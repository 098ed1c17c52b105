"""Painters that end with the block that uses them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PyQt6.QtGui import QPaintDevice, QPainter


@contextmanager
def painting(device: QPaintDevice) -> Iterator[QPainter]:
    """A painter for `device` that is ended also by an error.

    The error's traceback would keep it active beyond the paint event, and Qt crashes at the next one.
    """
    painter = QPainter(device)
    try:
        yield painter
    finally:
        painter.end()
