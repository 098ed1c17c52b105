"""What the colours and signs of the phases mean; laid over a corner of the canvas."""

from __future__ import annotations

from gradviz.engine.program import Phase
from gradviz.ui.theme import Theme
from gradviz.ui.theme.palette import mix
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from gradviz.app.i18n import tr
from gradviz.app.narration import phase_title

from ..phases import SIGNS
from .colours import with_alpha
from .lettering import Lettering

CHIP = 16.0
GAP = 6.0
BETWEEN = 14.0
PAD = 10.0
HEIGHT = 28


class Legend(QWidget):
    """One chip and name for each phase that the graph has."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._phases: tuple[Phase, ...] = ()
        self._lettering = Lettering()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.retranslate()

    def set_theme(self, theme: Theme) -> None:
        """Take over another theme."""
        self._theme = theme
        self.update()

    def refresh_fonts(self) -> None:
        """Take over another text size."""
        self._lettering = Lettering()
        self.adjustSize()

    def set_phases(self, phases: set[Phase]) -> None:
        """Explain these phases."""
        self._phases = tuple(phase for phase in Phase if phase in phases)
        self.adjustSize()
        self.update()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to explain."""
        return not self._phases

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Legend"))
        self.setAccessibleDescription(", ".join(phase_title(phase) for phase in Phase))
        self.adjustSize()
        self.update()

    def sizeHint(self) -> QSize:
        texts = [self._lettering.font("frame")[1].horizontalAdvance(phase_title(p)) for p in self._phases]
        between = BETWEEN * max(len(texts) - 1, 0)
        return QSize(round(sum(texts) + (CHIP + GAP) * len(texts) + between + 2 * PAD), HEIGHT)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.border, 1.0))
        painter.setBrush(with_alpha(self._theme.panel, 0.94))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        x = PAD
        for phase in self._phases:
            x = self._paint_phase(painter, phase, x) + BETWEEN
        painter.end()

    def _paint_phase(self, painter: QPainter, phase: Phase, x: float) -> float:
        hue, sign = self._theme.phase(phase), SIGNS[phase]
        chip = QRectF(x, (self.height() - CHIP) / 2, CHIP, CHIP)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mix(self._theme.panel, hue, 0.16))
        painter.drawRoundedRect(chip, 4, 4)
        font, metrics = self._lettering.font("glyph")
        painter.setFont(font)
        painter.setPen(hue)
        painter.drawText(chip.center() - metrics.tightBoundingRect(sign).center(), sign)
        font, metrics = self._lettering.font("frame")
        painter.setFont(font)
        painter.setPen(self._theme.muted)
        baseline = (self.height() + metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(chip.right() + GAP, baseline), phase_title(phase))
        return chip.right() + GAP + metrics.horizontalAdvance(phase_title(phase))
