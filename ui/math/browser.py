"""Markdown with formulas: `$...$` outside of code becomes a picture that fits text, theme and screen."""

from __future__ import annotations

import re

from PyQt6.QtCore import QEvent, QRectF, Qt, QUrl, QVariant, pyqtSignal
from PyQt6.QtGui import (
    QFont,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QPainter,
    QResizeEvent,
    QTextCursor,
    QTextDocument,
    QWheelEvent,
)
from PyQt6.QtWidgets import QTextBrowser, QWidget

from gradviz.app.speech import spoken_markdown

from ..fonts import ui_font
from ..theme import Theme, ThemeManager
from .dress import POINTS, blocks, dress, fragments
from .image import math_image
from .typeset import outline

SMALLEST, LARGEST = 0.6, 3.0  # zoom
_ZOOM_STEP = 1.15
_SCHEME = "math"
_FENCE = re.compile(r"^\s{0,3}(```+|~~~+)")
_INLINE = re.compile(r"(`+)(?:.+?)\1|(?<!\\)\$((?:[^$\\\n]|\\.)+)\$")
_DISPLAY = re.compile(r"^(\s*)\$\$(.+?)\$\$\s*$", re.MULTILINE)
_MARGIN = 12.0


def formulas_to_images(markdown: str) -> tuple[str, list[str]]:
    """Replace formulas outside of code by images `math:0`, `math:1` …; return the text and the formulas."""
    formulas: list[str] = []

    def replace(match: re.Match[str]) -> str:
        tex = match.group(2)
        if tex is None or outline(tex) is None:  # code, or a formula that cannot be read: leave the source
            return match.group(0)
        formulas.append(tex)
        return f"![f]({_SCHEME}:{len(formulas) - 1})"  # Qt drops images that have no text

    lines: list[str] = []
    fence = ""
    for line in _DISPLAY.sub(r"\1$\2$", markdown).split("\n"):
        mark = _FENCE.match(line)
        if mark and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else mark.group(1)
            lines.append(line)
        else:
            lines.append(line if fence else _INLINE.sub(replace, line))
    return "\n".join(lines), formulas


def font_of_depth(font: QFont, depth: float) -> QFont:
    """`font`, or a larger one whose letters reach at least `depth` pixels below the baseline.

    Qt lets a picture in a line reach below the baseline by just as much as its format's font does.
    """
    deep = QFont(font)
    points = font.pointSizeF()
    while QFontMetrics(deep).descent() < depth - 0.01:
        points *= 1.1
        deep.setPointSizeF(points)
    return deep


class MathTextBrowser(QTextBrowser):
    """Read-only Markdown in the interface's fonts; Ctrl with +, −, 0 or the wheel zooms."""

    link_clicked = pyqtSignal(str)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme: Theme = themes.theme
        self._markdown = ""
        self._formulas: list[str] = []
        self._depths: dict[int, int] = {}  # of formulas: how far their pictures reach below the baseline
        self._zoom = 1.0
        self._points = 0.0  # of the text as it is set now
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.document_().setDocumentMargin(_MARGIN)
        self.document_().setIndentWidth(22)
        self.anchorClicked.connect(lambda url: self.link_clicked.emit(url.toString()))
        themes.changed.connect(self._set_theme)

    def document_(self) -> QTextDocument:
        document = self.document()
        assert document is not None
        return document

    def markdown(self) -> str:
        """The source of what is shown."""
        return self._markdown

    def set_markdown(self, text: str) -> None:
        """Show Markdown with formulas and go to its beginning."""
        self._markdown = text
        self.setAccessibleDescription(spoken_markdown(text))  # its formulas are pictures
        self._render()

    def zoom(self) -> float:
        """How much larger than usual the text is."""
        return self._zoom

    def set_zoom(self, zoom: float) -> None:
        """Show the text `zoom` times as large; what is at the top stays there."""
        zoom = min(max(zoom, SMALLEST), LARGEST)
        if zoom != self._zoom:
            top = self._fraction()
            self._zoom = zoom
            self._render()
            self._go_to(top)

    def loadResource(self, kind: int, name: QUrl) -> QVariant:
        """Serve the formulas' pictures; nothing is ever fetched from outside."""
        if name.scheme() == _SCHEME:
            number = int(name.path())
            return QVariant(self._picture(number))
        if name.scheme() in ("", "file", "qrc"):
            return QVariant(super().loadResource(kind, name))
        return QVariant()

    # Rendering.

    def _picture(self, number: int) -> QImage:
        """The formula, padded below to the depth that its place in the text gives it."""
        font = ui_font(POINTS * self._zoom)
        ratio = self.devicePixelRatioF()
        made = math_image(self._formulas[number], self._theme.text, ratio, font, self._theme.gradient)
        size = made.image.deviceIndependentSize()
        depth = size.height() - made.baseline
        self._depths[number] = QFontMetrics(font_of_depth(font, depth)).descent()
        below = self._depths[number] - depth
        padded = QImage(
            made.image.width(),
            made.image.height() + round(below * ratio),
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        padded.setDevicePixelRatio(ratio)
        padded.fill(Qt.GlobalColor.transparent)
        painter = QPainter(padded)
        painter.drawImage(QRectF(0, 0, size.width(), size.height()), made.image)
        painter.end()
        return padded

    def _render(self) -> None:
        document = self.document_()
        document.clear()  # also forgets the pictures that were served
        text, self._formulas = formulas_to_images(self._markdown)
        font = ui_font(POINTS * self._zoom)
        self._points = font.pointSizeF()
        document.setDefaultFont(font)
        document.setMarkdown(text)
        dress(document, self._theme, self._zoom)
        self._fit_pictures()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _fit_pictures(self) -> None:
        """Scale formulas that are wider than the page down to its width."""
        viewport = self.viewport()
        assert viewport is not None
        document = self.document_()
        for block in blocks(document):
            for fragment in list(fragments(block)):
                style = fragment.charFormat().toImageFormat()
                if not style.isValid() or not style.name().startswith(f"{_SCHEME}:"):
                    continue
                picture = document.resource(QTextDocument.ResourceType.ImageResource, QUrl(style.name()))
                size = picture.deviceIndependentSize()
                page = viewport.width() - 2 * _MARGIN - block.blockFormat().leftMargin() - 4
                width = max(1.0, min(size.width(), page))
                if style.width() != width:
                    style.setWidth(width)
                    style.setHeight(size.height() * width / size.width())
                    depth = self._depths[int(QUrl(style.name()).path())] * width / size.width()
                    style.setFont(font_of_depth(ui_font(POINTS * self._zoom), depth))
                    cursor = QTextCursor(document)
                    cursor.setPosition(fragment.position())
                    cursor.setPosition(
                        fragment.position() + fragment.length(), QTextCursor.MoveMode.KeepAnchor
                    )
                    cursor.setCharFormat(style)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if self._formulas:
            self._fit_pictures()

    def _set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._refresh()

    def _refresh(self) -> None:
        top = self._fraction()
        self._render()
        self._go_to(top)

    def _fraction(self) -> float:
        bar = self.verticalScrollBar()
        return bar.value() / bar.maximum() if bar is not None and bar.maximum() else 0.0

    def _go_to(self, fraction: float) -> None:
        bar = self.verticalScrollBar()
        if bar is not None:
            bar.setValue(round(fraction * bar.maximum()))

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        kinds = (QEvent.Type.ApplicationFontChange, QEvent.Type.DevicePixelRatioChange)
        if event is None:
            return
        # Under a style sheet another text size comes as a font of the widget.
        grown = ui_font(POINTS * self._zoom).pointSizeF() != self._points
        if event.type() in kinds or (event.type() == QEvent.Type.FontChange and grown and self._markdown):
            self._refresh()

    # Zooming.

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        assert event is not None
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self._zoom * _ZOOM_STEP ** (event.angleDelta().y() / 120))
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            factors = {
                Qt.Key.Key_Plus: _ZOOM_STEP,
                Qt.Key.Key_Equal: _ZOOM_STEP,
                Qt.Key.Key_Minus: 1 / _ZOOM_STEP,
            }
            key = Qt.Key(event.key())
            if key in factors:
                self.set_zoom(self._zoom * factors[key])
                return
            if key == Qt.Key.Key_0:
                self.set_zoom(1.0)
                return
        super().keyPressEvent(event)
