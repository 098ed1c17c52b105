"""A strip above the graph at the first starts: what this is, and where to begin."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from gradviz.app.i18n import language_changed, tr

from . import icons
from .fonts import ui_font
from .listening import listen
from .status import ElidedLabel
from .theme import Theme, ThemeManager


class WelcomeStrip(QFrame):
    """Leads to the first lesson; closing it is for good."""

    lesson_chosen = pyqtSignal(str)
    closed = pyqtSignal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setProperty("surface", "card")
        self._title, self._text = QLabel(), ElidedLabel()
        self._title.setFont(ui_font(11, QFont.Weight.DemiBold))
        self._text.setProperty("tone", "muted")
        self._close = QToolButton(autoRaise=True)
        self._close.clicked.connect(lambda: self.closed.emit())
        self._lessons = QHBoxLayout()
        self._lessons.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._title)
        head.addWidget(self._text, 1)
        head.addLayout(self._lessons)
        head.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 4, 4, 4)
        column.addLayout(head)
        themes.changed.connect(self._recolour)
        listen(self, language_changed, self.retranslate)
        self._recolour(themes.theme)
        self.retranslate()

    def offer(self, lessons: Sequence[tuple[str, str]]) -> None:
        """Show a button for the first of the lessons (id, title in the interface's language).

        The lesson panel lists them all; the strip must leave the graph its room.
        """
        while (item := self._lessons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for identifier, title in lessons[:1]:
            button = QPushButton(title)
            button.setProperty("primary", True)
            button.setToolTip(tr("Start this lesson: {title}").format(title=title))
            button.setAccessibleName(button.toolTip())
            button.clicked.connect(
                lambda checked=False, identifier=identifier: self.lesson_chosen.emit(identifier)
            )
            self._lessons.addWidget(button)

    def _choose(self, identifier: str, checked: bool = False) -> None:
        self.lesson_chosen.emit(identifier)

    def retranslate(self, language: str = "") -> None:
        self._title.setText(tr("Welcome to gradviz"))
        self._text.setText(
            tr("See a network learn, one operation at a time: press → for the next one, or take a lesson:")
        )
        self._close.setToolTip(tr("Close this for good"))
        self._close.setAccessibleName(self._close.toolTip())
        self.setAccessibleName(self._title.text())

    def _recolour(self, theme: Theme) -> None:
        self._close.setIcon(icons.icon("close", theme, theme.muted))
