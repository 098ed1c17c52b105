"""The probabilities of the classes as bars."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from gradviz.app.i18n import tr

from ...fonts import mono_font, ui_font
from ...painting import painting
from ...theme import ThemeManager


class ProbabilityBars(QWidget):
    """One row for each class; the most likely one stands out."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._classes: tuple[str, ...] = ()
        self.probabilities: np.ndarray | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        themes.changed.connect(lambda _: self.update())

    def show_probabilities(self, classes: tuple[str, ...], probabilities: np.ndarray | None) -> None:
        """Show other numbers; None while there are none."""
        if len(classes) != len(self._classes):
            self.updateGeometry()
        self._classes, self.probabilities = classes, probabilities
        self.setAccessibleDescription(", ".join(self.texts()))
        self.update()

    def texts(self) -> list[str]:
        """What the bars say."""
        if self.probabilities is None:
            return []
        return [f"{name}: {_percent(x)}" for name, x in zip(self._classes, self.probabilities, strict=False)]

    def sizeHint(self) -> QSize:
        return QSize(220, self._row * max(len(self._classes), 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(150, self.sizeHint().height())

    @property
    def _row(self) -> int:
        return QFontMetrics(ui_font(10.0)).height() + 7

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme, row = self._themes.theme, float(self._row)
        shares = self.probabilities
        best = int(np.argmax(shares)) if shares is not None else -1
        metrics = QFontMetrics(ui_font(10.0, QFont.Weight.DemiBold))
        left = max((metrics.horizontalAdvance(name) for name in self._classes), default=0) + 10.0
        right = QFontMetrics(mono_font(9.0)).horizontalAdvance("100.0 %") + 8.0
        track = max(self.width() - left - right, 20.0)
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for place, name in enumerate(self._classes):
                top, chosen = place * row, place == best
                painter.setFont(ui_font(10.0, QFont.Weight.DemiBold if chosen else QFont.Weight.Normal))
                painter.setPen(theme.text if chosen else theme.muted)
                middle = Qt.AlignmentFlag.AlignVCenter
                painter.drawText(QRectF(0, top, left - 8, row), middle | Qt.AlignmentFlag.AlignRight, name)
                painter.setPen(Qt.PenStyle.NoPen)
                bar = QRectF(left, top + row * 0.25, track, row * 0.5)
                painter.setBrush(theme.border)
                painter.drawRoundedRect(bar, 3, 3)
                if shares is None:
                    continue
                bar.setWidth(max(track * float(shares[place]), 2.0))
                painter.setBrush(theme.accent if chosen else theme.control)
                painter.drawRoundedRect(bar, 3, 3)
                painter.setFont(mono_font(9.0, QFont.Weight.Bold if chosen else QFont.Weight.Normal))
                painter.setPen(theme.text if chosen else theme.muted)
                place_of_number = QRectF(left + track, top, right, row)
                text = _percent(float(shares[place]))
                painter.drawText(place_of_number, middle | Qt.AlignmentFlag.AlignRight, text)

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Probabilities of the classes"))
        self.setToolTip(tr("How likely the network finds each class: the softmax of its outputs"))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
