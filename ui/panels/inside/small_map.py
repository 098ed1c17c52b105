"""A tensor as a small picture, for lists of tensors."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QImage, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from ...painting import painting
from ...theme import Theme, ThemeManager
from ..inspector.colours import ColourMap, Scale, scale_for
from ..inspector.raster import compose, plan_for, shrink

_SMALLEST = QSize(14, 14)
_CELLS = 192  # more cells than this in a row are put together


class SmallMap(QWidget):
    """A whole tensor as a small heat map, as large as fits; it only shows, nothing can be chosen in it."""

    def __init__(self, themes: ThemeManager, size: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._map = ColourMap(themes.theme)
        self._value: np.ndarray | None = None
        self.image: QImage | None = None
        self.setFixedSize(size)
        themes.changed.connect(self._recolour)

    def show_value(self, value: np.ndarray | None) -> None:
        """Show an array; None, and a single number, show nothing."""
        if value is not self._value or self.image is None:
            self._value = value
            self._render()

    def _render(self) -> None:
        value, self.image = self._value, None
        if value is not None and value.size > 1:
            plan = plan_for(value.shape)
            cells, filled = compose(plan, value, (0,) * plan.sliced)
            cells, filled = shrink(cells, filled, -(-max(cells.shape) // _CELLS))
            pixels = np.ascontiguousarray(self._map.pixels(cells, filled, _scale(value)))
            rows, columns = pixels.shape
            made = QImage(pixels.data, columns, rows, columns * 4, QImage.Format.Format_ARGB32)
            self.image = made.copy()  # the pixels go with this function
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self.image is None:
            return
        with painting(self) as painter:
            size = self.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            size = size.expandedTo(_SMALLEST)  # long strips would be too thin to be seen
            left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(self.rect().adjusted(left, top, -left, -top), self.image)

    def _recolour(self, theme: Theme) -> None:
        self._map = ColourMap(theme)
        self._render()


def _scale(value: np.ndarray) -> Scale:
    finite = value[np.isfinite(value)]
    return scale_for(float(finite.min()), float(finite.max())) if finite.size else scale_for(0.0, 1.0)
