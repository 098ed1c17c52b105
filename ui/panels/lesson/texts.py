"""Markdown that is as high as its text, to stand among other widgets on a page that scrolls."""

from __future__ import annotations

import math
import re

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QResizeEvent
from PyQt6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from ...fonts import BASE_POINTS, ui_font
from ...math.browser import MathTextBrowser
from ...theme import ThemeManager

STRONG = QFont.Weight.DemiBold
_NO_DISPLAY = "\u200b"  # of no width


def plain(markdown: str) -> str:
    """A title or a short text without Markdown's marks, for labels."""
    return re.sub(r"[`*]", "", markdown)


class Label(QLabel):
    """Plain text in a size and weight of its own, which follows the text size of the whole window."""

    def __init__(
        self,
        points: float = BASE_POINTS,
        weight: QFont.Weight = QFont.Weight.Normal,
        tabular: bool = False,
        tone: str = "",
        wordWrap: bool = False,
    ) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText, wordWrap=wordWrap)
        if tone:
            self.setProperty("tone", tone)
        self.set_size(points, weight, tabular)

    def set_size(
        self,
        points: float = BASE_POINTS,
        weight: QFont.Weight = QFont.Weight.Normal,
        tabular: bool = False,
    ) -> None:
        """Show the text in this size, for the usual text size, and weight."""
        self._size = points, weight, tabular
        self.setFont(ui_font(points, weight, tabular))

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ApplicationFontChange:
            self.setFont(ui_font(*self._size))


class PageText(MathTextBrowser):
    """A piece of a page; it takes no room while it is empty."""

    zoomed = pyqtSignal(float)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QTextBrowser { background: transparent; border: none; padding: 0; }")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.viewport().setAutoFillBackground(False)
        self.hide()

    def set_markdown(self, text: str) -> None:
        """Show Markdown, or nothing at all."""
        if text != self.markdown():
            super().set_markdown(text)
        self._fit()
        self.setVisible(bool(text))

    def set_zoom(self, zoom: float) -> None:
        """Show the text `zoom` times as large, and tell."""
        before = self.zoom()
        super().set_zoom(zoom)
        if self.zoom() != before:
            self._fit()
            self.zoomed.emit(self.zoom())

    def sizeHint(self) -> QSize:
        return QSize(240, self.minimumHeight())

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit()

    def _refresh(self) -> None:
        super()._refresh()
        self._fit()

    def _fit(self) -> None:
        document = self.document_()
        document.setTextWidth(self.viewport().width())
        height = math.ceil(document.size().height())
        if height != self.minimumHeight():
            self.setFixedHeight(height)


class Sentence(PageText):
    """An answer in words, without the room around it that a page has."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self.document_().setDocumentMargin(0)

    def set_markdown(self, text: str) -> None:
        """Show an answer; one that is a formula alone begins at the edge, as it is no formula on display."""
        super().set_markdown(text and _NO_DISPLAY + text)

    def markdown(self) -> str:
        return super().markdown().removeprefix(_NO_DISPLAY)
