"""A heat map in which cells are lit by factors: a square in each, as large as its factor."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QWidget

from gradviz.app.inside.lens import NONE, Factors, Index
from gradviz.app.numerals import number

from ...fonts import mono_font
from ...theme import Theme, ThemeManager
from ..inspector.colours import Scale
from ..inspector.heatmap import HeatMap
from ..inspector.heatmap_paint import NUMBERS_FROM

TALLEST = 150  # pixels: there are several of them
_SMALLEST = 0.22  # of a cell's side, of the square that stands for a small factor
_LARGEST = 0.78
_UPPER = 0.55  # of a cell, for its value, where the factor stands below
_SHAPES_FROM = 6.0  # pixels of a cell; smaller ones are tinted


class LitMap(HeatMap):
    """Shows the slice of a tensor in which the lit cells lie; it only tells, nothing is chosen in it."""

    def __init__(self, themes: ThemeManager, tallest: int = TALLEST, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._themes = themes
        self._tallest = tallest
        self.lens.upper = _UPPER
        self.row: int | None = None
        self.factors: Factors = NONE
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_lit(self, array: np.ndarray, scale: Scale, factors: Factors) -> None:
        """Show an array with the factor of each lit cell; of a matrix or of kernels only the row in which
        all of them lie, so that they are large enough to be seen."""
        rows = {cell[0] for cell in factors} if array.ndim in (2, 4) else set()
        self.row = rows.pop() if len(rows) == 1 and array.shape[0] > 1 else None
        if self.row is not None:
            array = array[self.row : self.row + 1]
            factors = {(0, *cell[1:]): factor for cell, factor in factors.items()}
        first = max(factors, key=lambda cell: abs(factors[cell]), default=(0,) * array.ndim)
        self.factors = factors
        self.show_array(array, scale, first)
        self.set_marked(factors if len(factors) < array.size else ())

    def place(self, cell: Index) -> Index:
        """Where a cell of the picture is in the whole tensor."""
        return (self.row, *cell[1:]) if self.row is not None else cell

    def heightForWidth(self, width: int) -> int:
        return min(super().heightForWidth(width), self._tallest)

    def _paint(self, painter: QPainter) -> None:
        super()._paint(painter)
        top = max((abs(x) for x in self.factors.values() if np.isfinite(x)), default=0.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for cell, factor in self.factors.items():
            if self._visible(cell):
                share = 1.0 if not np.isfinite(factor) else abs(factor) / top if top else 0.0
                paint_factor(painter, self.lens.rect_of(cell), factor, share, self._themes.theme)


def paint_factor(painter: QPainter, cell: QRectF, factor: float, share: float, theme: Theme) -> None:
    """A square whose side tells the size; filled above zero, hollow below, a dot for none."""
    side = cell.width()
    if side < _SHAPES_FROM:
        tint = QColor(theme.accent)
        tint.setAlphaF(0.25 + 0.7 * share)
        painter.fillRect(cell, tint)
        return
    if side >= NUMBERS_FROM:
        plate = cell.adjusted(1.5, side * _UPPER, -1.5, -1.5)
        painter.fillRect(plate, theme.card)
        painter.setFont(mono_font(7.0))
        painter.setPen(theme.text)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, f"×{number(factor, 2)}")
        return
    half = side * (_SMALLEST + (_LARGEST - _SMALLEST) * share**0.5) / 2 if factor else 1.0
    square = QRectF(cell.center() - QPointF(half, half), cell.center() + QPointF(half, half))
    painter.setPen(QPen(theme.card, 1.0))
    painter.setBrush(theme.accent if factor >= 0 else theme.card)
    painter.drawRect(square)
    if factor < 0:
        painter.setPen(QPen(theme.accent, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(square.adjusted(1, 1, -1, -1))
