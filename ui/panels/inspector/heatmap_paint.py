"""What is painted over the cells of a heat map: numbers and signs where they fit, rings."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QImage, QPainter, QPen
from PyQt6.QtWidgets import QWidget

from gradviz.app.numerals import MINUS, number

from ...fonts import mono_font
from ...theme import Theme
from .colours import ColourMap, Scale, text_on
from .lens import Lens
from .raster import shrink

SIGNS_FROM = 9.0  # pixels a cell needs for a minus sign
NUMBERS_FROM = 30.0
GRID_FROM = 6.0
_SIZES = 8.0, 7.0, 6.5  # points, the largest first


def render(values: np.ndarray, filled: np.ndarray, colours: ColourMap, scale: Scale, factor: int) -> QImage:
    """One pixel for each cell, or for each block of `factor` × `factor` of them."""
    pixels = np.ascontiguousarray(colours.pixels(*shrink(values, filled, factor), scale))
    height, width = pixels.shape
    data = pixels.tobytes()  # must live until the copy is made
    return QImage(data, width, height, 4 * width, QImage.Format.Format_ARGB32).copy()


def paint_cells(
    painter: QPainter,
    widget: QWidget,
    values: np.ndarray,
    filled: np.ndarray,
    colours: ColourMap,
    scale: Scale,
    lens: Lens,
) -> None:
    """Grid lines, and the number or the sign in each visible cell that is large enough."""
    origin, side = lens.origin(), lens.side()
    if side < GRID_FROM:
        return
    rows = _range(-origin.y(), widget.height(), side, values.shape[0])
    columns = _range(-origin.x(), widget.width(), side, values.shape[1])
    window = np.ix_(rows, columns)
    _paint_grid(painter, filled[window], rows, columns, colours, origin, side)
    if side >= NUMBERS_FROM:
        numbers = values[window], filled[window], rows, columns, colours, scale, origin, side, lens.upper
        _paint_numbers(painter, *numbers)
    elif side >= SIGNS_FROM:
        _paint_signs(painter, values[window], filled[window], rows, columns, colours, scale, origin, side)


def _range(start: float, length: float, side: float, count: int) -> range:
    return range(max(0, math.floor(start / side)), min(count, math.ceil((start + length) / side)))


def _paint_grid(
    painter: QPainter,
    filled: np.ndarray,
    rows: range,
    columns: range,
    colours: ColourMap,
    origin: QPointF,
    side: float,
) -> None:
    painter.setPen(QPen(colours.theme.card, 1.0))
    lines = []
    for i, j in zip(*np.nonzero(filled), strict=True):
        x, y = origin.x() + columns[j] * side, origin.y() + rows[i] * side
        lines.append(QLineF(x, y, x + side, y))
        lines.append(QLineF(x, y, x, y + side))
    painter.drawLines(lines)


def _paint_numbers(
    painter: QPainter,
    values: np.ndarray,
    filled: np.ndarray,
    rows: range,
    columns: range,
    colours: ColourMap,
    scale: Scale,
    origin: QPointF,
    side: float,
    upper: float,
) -> None:
    cells = list(zip(*np.nonzero(filled), strict=True))
    shown = [float(values[cell]) for cell in cells]
    font, texts = cell_texts(shown, side - 3)
    painter.setFont(font)
    for (i, j), value, text in zip(cells, shown, texts, strict=True):
        painter.setPen(text_on(colours.colour(value, scale)))
        place = QRectF(origin.x() + columns[j] * side, origin.y() + rows[i] * side, side, side * upper)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def cell_texts(values: Sequence[float], room: float) -> tuple[QFont, list[str]]:
    """How numbers are written into cells of that width, and in which font: one in which all of them fit.

    If there is none, each that does not fit is a sign.
    """
    for size in _SIZES:
        font = mono_font(size)
        width = QFontMetricsF(font).horizontalAdvance
        found = []
        for value in values:
            texts = (number(value, digits) for digits in (3, 2, 1))
            found.append(next((text for text in texts if width(text) <= room), None))
        if None not in found:
            break
    signs = [MINUS if value < 0 else "+" for value in values]
    return font, [text or sign for text, sign in zip(found, signs, strict=True)]


def _paint_signs(
    painter: QPainter,
    values: np.ndarray,
    filled: np.ndarray,
    rows: range,
    columns: range,
    colours: ColourMap,
    scale: Scale,
    origin: QPointF,
    side: float,
) -> None:
    """A minus in each negative cell."""
    half = side * 0.2
    for i, j in zip(*np.nonzero(filled & (values < 0)), strict=True):
        x = origin.x() + (columns[j] + 0.5) * side
        y = origin.y() + (rows[i] + 0.5) * side
        painter.setPen(QPen(text_on(colours.colour(float(values[i, j]), scale)), 1.0))
        painter.drawLine(QLineF(x - half, y, x + half, y))


def paint_ring(painter: QPainter, cell: QRectF, theme: Theme, hover: bool, focus: bool) -> None:
    """A ring that is seen on any colour: dark in light."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if cell.width() < 5:
        grow = (5 - cell.width()) / 2
        cell = cell.adjusted(-grow, -grow, grow, grow)
    if hover:
        painter.setPen(QPen(theme.text, 1.0))
        painter.drawRect(cell.adjusted(-0.5, -0.5, 0.5, 0.5))
        return
    painter.setPen(QPen(theme.card, 4.0))
    painter.drawRect(cell.adjusted(-1, -1, 1, 1))
    painter.setPen(QPen(theme.accent if focus else theme.text, 2.0))
    painter.drawRect(cell.adjusted(-1, -1, 1, 1))


def paint_outline(
    painter: QPainter, cells: set[tuple[int, int]], origin: QPointF, side: float, theme: Theme
) -> None:
    """The outline of a set of cells (row, column), without lines between neighbours."""
    lines = []
    for row, column in cells:
        x, y = origin.x() + column * side, origin.y() + row * side
        if (row - 1, column) not in cells:
            lines.append(QLineF(x, y, x + side, y))
        if (row + 1, column) not in cells:
            lines.append(QLineF(x, y + side, x + side, y + side))
        if (row, column - 1) not in cells:
            lines.append(QLineF(x, y, x, y + side))
        if (row, column + 1) not in cells:
            lines.append(QLineF(x + side, y, x + side, y + side))
    for colour, width in ((theme.card, 4.0), (theme.accent, 2.0)):
        painter.setPen(QPen(colour, width, cap=Qt.PenCapStyle.SquareCap))
        painter.drawLines(lines)
