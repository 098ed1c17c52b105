"""The end of a lesson: how the predictions went, the code to take away, and once more from the beginning."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gradviz.app.i18n import ntr, tr
from gradviz.app.lessons.player import LessonPlayer

from ... import icons
from ...theme import Theme, ThemeManager
from .buttons import Button
from .texts import STRONG, Label


class ClosingCard(QFrame):
    """Shown on the last step."""

    restarted = pyqtSignal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self._player: LessonPlayer | None = None
        self._icon, self.result = QLabel(), Label(10.5, STRONG, wordWrap=True)
        self.copy, self.restart = Button(), Button()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self.result, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.restart)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(10)
        column.addLayout(row)
        column.addLayout(buttons)
        self.copy.clicked.connect(self._copy)
        self.restart.clicked.connect(self.restarted)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)
        self.hide()

    def show_results(self, player: LessonPlayer | None) -> None:
        """Show how it went; None hides the card."""
        self._player = player
        self.setVisible(player is not None)
        if player is None:
            return
        right, asked = player.score()
        if asked:
            text = ntr(
                "{right} of {asked} prediction right at the first try",
                "{right} of {asked} predictions right at the first try",
                asked,
            )
            self.result.setText(text.format(right=right, asked=asked))
        else:
            self.result.setText(tr("This was the last step"))
        self.copy.setText(tr("Copy the code"))
        self.copy.setToolTip(tr("Copy this lesson's code, to change it in a script of your own"))
        self.restart.setText(tr("Start over"))
        self.restart.setToolTip(tr("Forget the answers and begin with the first step"))

    def _copy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if self._player is not None and clipboard is not None:
            clipboard.setText(self._player.lesson.setup.read_text(encoding="utf-8"))
            self.copy.setText(tr("Copied"))

    def _recolour(self, theme: Theme) -> None:
        self._icon.setPixmap(icons.pixmap("check", theme.update, 20, self.devicePixelRatioF()))
        self.copy.setIcon(icons.icon("copy", theme))
        self.restart.setIcon(icons.icon("reset", theme))
