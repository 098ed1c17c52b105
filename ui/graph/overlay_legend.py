"""The scale of the overlay: what is coloured, from which number to which; in a corner of the canvas."""

from __future__ import annotations

from gradviz.ui.theme import Theme
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from gradviz.app.graph.overlay import Scale, Shown, amount_text, overlay_title
from gradviz.app.i18n import tr

from .colours import ramp, with_alpha
from .lettering import Lettering

WIDTH, HEIGHT = 216, 50
PAD = 10.0
BAR = 9.0
STEPS = 32


class OverlayLegend(QWidget):
    """A wedge that grows and darkens from the smallest number to the largest."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lettering = Lettering()
        self._kind = ""
        self._scale: Scale | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to explain."""
        return not self._kind

    def set_theme(self, theme: Theme) -> None:
        """Take over another theme."""
        self._theme = theme
        self.update()

    def refresh_fonts(self) -> None:
        """Take over another text size."""
        self._lettering = Lettering()
        self.update()

    def show_overlay(self, shown: Shown | None) -> bool:
        """Explain these numbers; whether that is something else than before."""
        kind, scale = (shown.kind, shown.scale) if shown is not None else ("", None)
        changed = (kind, scale) != (self._kind, self._scale)
        self._kind, self._scale = kind, scale
        if changed:
            self.retranslate()
        return changed

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Scale of the overlay"))
        self.setAccessibleDescription(f"{overlay_title(self._kind)}: {' – '.join(self._ends())}")
        self.update()

    def sizeHint(self) -> QSize:
        font = self._lettering.font("frame")[1]
        return QSize(WIDTH, round(2 * font.height() + BAR + 14))

    def _ends(self) -> tuple[str, str]:
        if self._scale is None:
            return "", ""
        ends = 10.0**self._scale.low, 10.0**self._scale.high
        low, high = (amount_text(self._kind, x) for x in ends)
        return low, high

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.border, 1.0))
        painter.setBrush(with_alpha(self._theme.panel, 0.94))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        font, metrics = self._lettering.font("frame")
        painter.setFont(font)
        painter.setPen(self._theme.text)
        painter.drawText(QPointF(PAD, 6 + metrics.ascent()), overlay_title(self._kind))
        low, high = self._ends()
        if self._scale is None:
            painter.setPen(self._theme.muted)
            nothing = tr("nothing is computed yet")
            painter.drawText(QPointF(PAD, 8 + metrics.height() + metrics.ascent()), nothing)
            painter.end()
            return
        self._paint_wedge(painter, 8 + metrics.height())
        font, metrics = self._lettering.font("label")
        painter.setFont(font)
        painter.setPen(self._theme.muted)
        line = self.height() - 5 - metrics.descent()
        painter.drawText(QPointF(PAD, line), low)
        painter.drawText(QPointF(self.width() - PAD - metrics.horizontalAdvance(high), line), high)
        painter.end()

    def _paint_wedge(self, painter: QPainter, top: float) -> None:
        colours = ramp(self._theme, self._kind)
        across = (self.width() - 2 * PAD) / STEPS
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for step in range(STEPS):
            share = (step + 1) / STEPS
            high = 2 + (BAR - 2) * share
            painter.setBrush(colours[round(share * (len(colours) - 2))])
            painter.drawRect(QRectF(PAD + step * across, top + BAR - high, across + 0.5, high))
