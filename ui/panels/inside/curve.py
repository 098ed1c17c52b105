"""How wrong a finite difference is, by its step: too long bends, too short drowns in rounding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from gradviz.app.i18n import tr
from gradviz.app.inside.check import STEPS

from ...fonts import ui_font
from ...painting import painting
from ...theme import Theme, ThemeManager
from ..plots.style import power_label

HEIGHT = 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 42.0, 10.0, 10.0, 32.0
_LEAST = 1e-17  # errors of nothing are drawn here
_EVERY = 3  # decades between two labels


@dataclass(frozen=True)
class Curves:
    """Errors by step in the program's own precision and in double, None where they are the same; what theory
    says: `bend` · h² and `rounding` / h, None where it says nothing."""

    own: Sequence[float] = ()
    double: Sequence[float] | None = ()
    bend: float | None = None
    rounding: float | None = None


class ErrorCurve(QWidget):
    """A small plot with two logarithmic axes; a click chooses the nearest step."""

    step_chosen = pyqtSignal(int)  # place in STEPS

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = themes.theme
        self._curves = Curves()
        self._chosen = 0
        self._low, self._high = -16.0, 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._set_theme)

    @property
    def chosen(self) -> int:
        """The place in STEPS that is marked."""
        return self._chosen

    @property
    def curves(self) -> Curves:
        return self._curves

    def show_curves(self, curves: Curves) -> None:
        """Show other errors."""
        self._curves = curves
        shown = [e for e in (*curves.own, *(curves.double or ())) if e > 0 and math.isfinite(e)]
        low, high = (min(shown), max(shown)) if shown else (1e-12, 1.0)
        self._low = max(math.floor(math.log10(low)) - 0.5, math.log10(_LEAST))
        self._high = max(math.ceil(math.log10(high)) + 2.0, self._low + 3)  # room for a label
        self.update()

    def choose(self, place: int) -> None:
        """Mark a step."""
        self._chosen = place
        self.update()

    # Geometry.

    def sizeHint(self) -> QSize:
        return QSize(260, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, HEIGHT)

    def area(self) -> QRectF:
        """Where the curves are."""
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)

    def place(self, step: float, error: float) -> QPointF:
        """Where a step and an error lie."""
        area = self.area()
        first, last = math.log10(STEPS[-1]), math.log10(STEPS[0])
        x = (math.log10(step) - first) / (last - first)
        y = (math.log10(max(error, _LEAST)) - self._low) / (self._high - self._low)
        return QPointF(area.left() + x * area.width(), area.bottom() - y * area.height())

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose_at(event.position())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._choose_at(event.position())

    def _choose_at(self, at: QPointF) -> None:
        nearest = min(range(len(STEPS)), key=lambda i: abs(self.place(STEPS[i], 1.0).x() - at.x()))
        if nearest != self._chosen:
            self.step_chosen.emit(nearest)

    # Painting.

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(ui_font(8.0))
            self._paint_axes(painter)
            painter.save()
            painter.setClipRect(self.area().adjusted(-4, -4, 4, 4))
            self._paint_chosen(painter)
            self._paint_theory(painter)
            if self._curves.double is not None:
                self._paint_line(painter, self._curves.double, self._theme.update, dashed=True)
            self._paint_line(painter, self._curves.own, self._theme.accent, dashed=False)
            painter.restore()

    def _paint_axes(self, painter: QPainter) -> None:
        theme, area = self._theme, self.area()
        metrics = QFontMetricsF(painter.font())
        for power in range(math.ceil(self._low), math.floor(self._high) + 1):
            if power % _EVERY == 0:
                y = self.place(1.0, 10.0**power).y()
                painter.setPen(QPen(theme.grid, 1))
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
                box = QRectF(0, y - 8, _LEFT - 6, 16)
                painter.setPen(theme.muted)
                painter.drawText(
                    box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _power(power)
                )
        for power in range(-12, 1, _EVERY):
            x = self.place(10.0**power, 1.0).x()
            painter.setPen(QPen(theme.grid, 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(theme.muted)
            box = QRectF(x - 24, area.bottom() + 2, 48, metrics.height())
            box.moveRight(min(box.right(), self.width() - 0.0))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, _power(power))
        painter.setPen(QPen(theme.border, 1))
        painter.drawLine(area.topLeft(), area.bottomLeft())
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setPen(theme.muted)
        box = QRectF(area.left(), area.bottom() + metrics.height() + 1, area.width(), metrics.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, tr("step h"))

    def _paint_theory(self, painter: QPainter) -> None:
        curves, area = self._curves, self.area()
        metrics = QFontMetricsF(painter.font())
        for factor, power, text in (
            (curves.bend, 2, tr("truncation ∝ h²")),
            (curves.rounding, -1, tr("round-off ∝ 1/h")),
        ):
            if factor is None or not factor > 0:
                continue
            painter.setPen(QPen(self._theme.faint, 1, Qt.PenStyle.DotLine))
            ends = [self.place(step, factor * step**power) for step in (STEPS[0], STEPS[-1])]
            painter.drawLine(*ends)
            painter.setPen(self._theme.muted)
            if power > 0:
                x = area.right() - metrics.horizontalAdvance(text) - 4
                painter.drawText(QPointF(x, area.bottom() - 6), text)
            else:
                # Where the line leaves the plot, on the side of the small steps.
                x = self.place(min(max(factor / 10**self._high, STEPS[-1]), 1.0), 1.0).x() - 6
                x = max(x - metrics.horizontalAdvance(text), area.left() + 6)
                painter.drawText(QPointF(x, area.top() + metrics.ascent()), text)

    def _paint_chosen(self, painter: QPainter) -> None:
        x, area = self.place(STEPS[self._chosen], 1.0).x(), self.area()
        painter.setPen(QPen(self._theme.text, 1.2))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _paint_line(self, painter: QPainter, errors: Sequence[float], colour: QColor, dashed: bool) -> None:
        points = [
            (number, self.place(step, error))
            for number, (step, error) in enumerate(zip(STEPS, errors, strict=False))
            if math.isfinite(error)
        ]
        pen = QPen(colour, 1.5)
        if dashed:
            pen.setDashPattern([4, 2])
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF([point for _, point in points]))
        for number, point in points:
            size = 4.5 if number == self._chosen else 2.2
            painter.setPen(QPen(self._theme.card, 1))
            painter.setBrush(colour)
            if dashed:
                painter.drawRect(QRectF(point.x() - size, point.y() - size, 2 * size, 2 * size))
            else:
                painter.drawEllipse(point, size, size)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Error by step"))
        self.setToolTip(
            tr("How far the finite difference is from the exact slope, by its step. Click: choose a step.")
        )


def _power(power: int) -> str:
    return "1" if power == 0 else power_label(10.0**power)
