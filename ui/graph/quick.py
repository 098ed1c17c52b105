"""Arrays of numpy that Qt draws in one call: its own arrays of lines and fragments, seen as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt6 import sip
from PyQt6.QtCore import QLineF, QPointF
from PyQt6.QtGui import QPainter, QPixmap

from .splines import Floats

_LINE = 4  # doubles of a QLineF: x1, y1, x2, y2
_POINT = 2
_FRAGMENT = 10  # of a PixmapFragment: x, y, source x, y, width, height, scale x, y, rotation, opacity


def _numbers(array: sip.array[Any], columns: int) -> Floats:
    """The memory of a Qt array as rows of doubles; the array must outlive it."""
    memory = sip.voidptr(array, len(array) * columns * 8)
    return np.frombuffer(memory, dtype=np.float64).reshape(-1, columns)


def draw_lines(painter: QPainter, lines: Floats) -> None:
    """Draw S×4 lines (x0, y0, x1, y1) with the painter's pen."""
    if len(lines):
        array: sip.array[QLineF | None] = sip.array(QLineF, len(lines))
        _numbers(array, _LINE)[:] = lines
        painter.drawLines(array)


def draw_points(painter: QPainter, points: Floats) -> None:
    """Draw P×2 points with the painter's pen."""
    if len(points):
        array: sip.array[QPointF | None] = sip.array(QPointF, len(points))
        _numbers(array, _POINT)[:] = points
        painter.drawPoints(array)


def draw_tiles(painter: QPainter, rects: Floats, tiles: Floats, atlas: QPixmap) -> None:
    """Fill n×4 rectangles (x, y, width, height) with n×4 parts of `atlas` (the same, in its pixels)."""
    if len(rects):
        array: sip.array[QPainter.PixmapFragment | None] = sip.array(QPainter.PixmapFragment, len(rects))
        rows = _numbers(array, _FRAGMENT)
        rows[:, 0:2] = rects[:, :2] + rects[:, 2:] / 2
        rows[:, 2:6] = tiles
        rows[:, 6:8] = rects[:, 2:] / tiles[:, 2:]
        rows[:, 8] = 0.0
        rows[:, 9] = 1.0
        painter.drawPixmapFragments(array, atlas)
