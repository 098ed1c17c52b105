"""The losses of a race, one line for each contender, over the iterations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from gradviz.app.i18n import tr
from gradviz.app.numerals import number

from ...fonts import ui_font
from ...painting import painting
from ...theme import ThemeManager
from .looks import paint_end, pens

_LOWEST = 1e-12  # that a logarithmic axis shows
_TICKS = 5


@dataclass(frozen=True, eq=False)
class RaceCurve:
    """`losses` by iteration, from the first; `lost` if it ended because it diverged."""

    label: str
    losses: np.ndarray
    lost: bool = False


class RaceCurves(QWidget):
    """Painted directly: a frame takes a few milliseconds, however many numbers there are."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.curves: tuple[RaceCurve, ...] = ()
        self.goal: float | None = None
        self._log = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(260, 170)
        themes.changed.connect(lambda _: self.update())

    @property
    def log(self) -> bool:
        return self._log

    def set_log(self, on: bool) -> None:
        """Whether the losses are on a logarithmic axis."""
        self._log = on
        self.update()

    def show_curves(self, curves: Sequence[RaceCurve], goal: float | None = None) -> None:
        """Show other numbers, and a line for the loss that is to be reached."""
        self.curves, self.goal = tuple(curves), goal
        ends = (f"{c.label}: {number(float(c.losses[-1]))}" for c in self.curves if c.losses.size)
        self.setAccessibleDescription(", ".join(ends))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, 260)

    def limits(self) -> tuple[float, float]:
        """The losses at the lower and the upper edge (their logarithms on a logarithmic axis)."""
        shown = np.concatenate([c.losses for c in self.curves]) if self.curves else np.array([])
        firsts = [float(c.losses[0]) for c in self.curves if c.losses.size and np.isfinite(c.losses[0])]
        shown = shown[np.isfinite(shown)]
        if firsts:  # one that explodes shall not press all others flat
            shown = shown[shown <= 4 * max(firsts) + 1e-12]
        if not shown.size:
            return (-2.0, 1.0) if self._log else (0.0, 1.0)
        values = np.log10(np.maximum(shown, _LOWEST)) if self._log else shown
        low, high = float(values.min()), float(values.max())
        room = max((high - low) * 0.06, 0.02)
        return (low - room if self._log else max(low - room, 0.0)), high + room

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme = self._themes.theme
        font = ui_font(8.5)
        metrics = QFontMetrics(font)
        low, high = self.limits()
        ticks = _ticks(low, high, self._log)
        left = max((metrics.horizontalAdvance(text) for _, text in ticks), default=20) + 12
        area = QRectF(left, 10, self.width() - left - 14, self.height() - metrics.height() - 22)
        count = max((len(curve.losses) for curve in self.curves), default=0)
        with painting(self) as painter:
            painter.setFont(font)
            painter.fillRect(area, theme.card)
            for value, text in ticks:
                y = area.bottom() - (value - low) / (high - low) * area.height()
                painter.setPen(QPen(theme.grid, 1.0))
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
                painter.setPen(theme.muted)
                place = QRectF(0, y - metrics.height() / 2, left - 6, metrics.height())
                painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
            painter.setPen(theme.muted)
            below = QRectF(area.left(), area.bottom() + 4, area.width(), metrics.height())
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
            text = tr("iteration {n}").format(n=count) if count else tr("iteration")
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, text)
            painter.setClipRect(area)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_goal(painter, area, low, high)
            looks = pens(theme, len(self.curves))
            for curve, pen in zip(self.curves, looks, strict=True):
                self._paint_curve(painter, area, curve, pen, max(count, 2), low, high)

    def _paint_goal(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        if self.goal is None or not math.isfinite(self.goal) or self.goal <= 0:
            return
        value = math.log10(self.goal) if self._log else self.goal
        y = area.bottom() - (value - low) / (high - low) * area.height()
        painter.setPen(QPen(self._themes.theme.faint, 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))

    def _paint_curve(
        self,
        painter: QPainter,
        area: QRectF,
        curve: RaceCurve,
        pen: QPen,
        count: int,
        low: float,
        high: float,
    ) -> None:
        step = max(1, len(curve.losses) // max(int(area.width()), 1))
        losses = curve.losses[::step]
        if not losses.size:
            return
        values = np.log10(np.maximum(losses, _LOWEST)) if self._log else losses
        top = high + (high - low)  # what is beyond is not to be seen; Qt takes no infinite numbers
        values = np.where(np.isfinite(values), np.clip(values, low - (high - low), top), top)
        x = area.left() + np.arange(len(values)) * step / (count - 1) * area.width()
        y = area.bottom() - (values - low) / (high - low) * area.height()
        points = [QPointF(float(a), float(b)) for a, b in zip(x, y, strict=True)]
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(points))
        end = points[-1]
        place = min(max(end.y(), area.top() + 6), area.bottom() - 6)
        paint_end(painter, end.x(), place, pen.color(), curve.lost, self._themes.theme.card)

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Losses of the race"))
        self.update()


def _ticks(low: float, high: float, log: bool) -> list[tuple[float, str]]:
    """Round numbers between two limits, which are logarithms if `log`."""
    if log and high - low >= 1.5:
        every = max(1, math.ceil((high - low) / _TICKS))
        first = math.ceil(low)
        return [(float(e), number(10.0**e)) for e in range(first, math.floor(high) + 1) if e % every == 0]
    if log:
        return [(math.log10(x), text) for x, text in _ticks(10**low, 10**high, False) if x > 0]
    rough = (high - low) / _TICKS
    size = 10 ** math.floor(math.log10(rough))
    step = next(m * size for m in (1, 2, 5, 10) if m * size >= rough)
    return [(k * step, number(k * step)) for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
