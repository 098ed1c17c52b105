"""Beside a heat map: which colour stands for which number, and how the numbers are distributed."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from gradviz.app.i18n import tr
from gradviz.app.numerals import number
from gradviz.app.tensor_facts import TensorFacts

from ...fonts import ui_font
from ...painting import painting
from ...theme import Theme, ThemeManager
from .colours import ColourMap, Scale, scale_for

_BAR = 8


class Legend(QWidget):
    """The colours of a scale as a bar, with the histogram of the values above it and numbers below it."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._map = ColourMap(themes.theme)
        self._scale = Scale(0.0, 1.0)
        self._facts: TensorFacts | None = None
        self._marker: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._set_theme)

    def show_facts(self, facts: TensorFacts | None) -> Scale:
        """Show the distribution of a tensor; returns the scale that its heat map shall use."""
        self._facts = facts
        self._scale = scale_for(facts.min, facts.max) if facts is not None else Scale(0.0, 1.0)
        self._marker = None
        self.setVisible(facts is not None)
        self._describe()
        self.update()
        return self._scale

    def set_marker(self, value: float | None) -> None:
        """Point at the number that is read off at the moment."""
        self._marker = value
        self.update()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Histogram and colour scale"))
        self.setToolTip(tr("How many elements have which value; below, the colours that stand for them"))
        self._describe()

    def _describe(self) -> None:
        low, high = number(self._scale.low), number(self._scale.high)
        self.setAccessibleDescription(tr("from {low} to {high}").format(low=low, high=high))

    def _set_theme(self, theme: Theme) -> None:
        self._map = ColourMap(theme)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 28 + _BAR + 3 + round(QFontMetricsF(ui_font(8.5)).height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self._facts is None:
            return
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            font = ui_font(8.5)
            text_height = QFontMetricsF(font).height()
            bar = QRectF(3, self.height() - text_height - 2 - _BAR, self.width() - 6, _BAR)
            self._paint_histogram(painter, QRectF(3, 1, self.width() - 6, bar.top() - 2))
            painter.drawImage(bar, self._bar(round(bar.width() * self.devicePixelRatioF())))
            painter.setPen(QPen(self._map.theme.border, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(bar)
            self._paint_marker(painter, bar)
            painter.setFont(font)
            painter.setPen(self._map.theme.muted)
            low, high = self._scale.low, self._scale.high
            ends = QRectF(3, bar.bottom() + 1, self.width() - 6, text_height)
            painter.drawText(ends, Qt.AlignmentFlag.AlignLeft, number(low, 3))
            painter.drawText(ends, Qt.AlignmentFlag.AlignRight, number(high, 3))
            if self._scale.signed:
                painter.drawText(ends, Qt.AlignmentFlag.AlignHCenter, "0")

    def _bar(self, width: int) -> QImage:
        values = np.linspace(self._scale.low, self._scale.high, max(width, 2))[np.newaxis]
        pixels = self._map.pixels(values, np.ones(values.shape, bool), self._scale)
        data = np.ascontiguousarray(pixels).tobytes()
        return QImage(data, pixels.shape[1], 1, 4 * pixels.shape[1], QImage.Format.Format_ARGB32).copy()

    def _x(self, value: float, area: QRectF) -> float:
        reach = self._scale.high - self._scale.low
        share = (value - self._scale.low) / reach if reach > 0 else 0.5
        return area.left() + min(max(share, 0.0), 1.0) * area.width()

    def _paint_histogram(self, painter: QPainter, area: QRectF) -> None:
        assert self._facts is not None
        histogram = self._facts.histogram
        if histogram is None or not histogram.counts.max():
            return
        # The root keeps bins with few elements visible beside a tall one.
        heights = np.sqrt(histogram.counts / histogram.counts.max()) * area.height()
        outline = [QPointF(self._x(float(histogram.edges[0]), area), area.bottom())]
        for i, height in enumerate(heights):
            y = area.bottom() - float(height)
            outline += [QPointF(self._x(float(edge), area), y) for edge in histogram.edges[i : i + 2]]
        outline.append(QPointF(self._x(float(histogram.edges[-1]), area), area.bottom()))
        fill = self._map.theme.muted
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.setOpacity(0.55)
        painter.drawPolygon(QPolygonF(outline))
        painter.setOpacity(1.0)

    def _paint_marker(self, painter: QPainter, bar: QRectF) -> None:
        if self._marker is None or not np.isfinite(self._marker):
            return
        x = self._x(self._marker, bar)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._map.theme.text)
        tip = QPointF(x, bar.top() + 1)
        painter.drawPolygon(QPolygonF([tip, tip + QPointF(-4, -6), tip + QPointF(4, -6)]))
