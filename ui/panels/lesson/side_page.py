"""A page beside the lessons, such as practice: a title with the way back, and a column that scrolls."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from ...theme import ThemeManager
from .frame import PageHead


class SidePage(QWidget):
    """Base class; subclasses fill `column` and set the words in `retranslate`."""

    left = pyqtSignal()  # to the list of lessons

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.head = PageHead(themes)
        self.head.left.connect(self.left)
        page = QWidget()
        self.column = QVBoxLayout(page)
        self.column.setContentsMargins(16, 12, 16, 16)
        self.column.setSpacing(12)
        self.area = QScrollArea(widgetResizable=True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(page)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.setSpacing(0)
        around.addWidget(self.head)
        around.addWidget(self.area, 1)

    def retranslate(self) -> None:
        """All words in the current language."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Put the keyboard on what leads on."""
        raise NotImplementedError


def spaced(label: QLabel) -> QLabel:
    """A label that can be selected and read by keyboard."""
    flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    label.setTextInteractionFlags(flags)
    return label
