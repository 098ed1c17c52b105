"""Choosing lines of source by pointer and keyboard. Import this lazily: QScintilla."""

from __future__ import annotations

from PyQt6.Qsci import QsciScintilla
from PyQt6.QtCore import QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QApplication, QWidget

from .code_style import NUMBERS, SIGNS


class CodeView(QsciScintilla):
    """Lines are numbered from 1 here, as users count them; one click or Enter chooses one."""

    line_clicked = pyqtSignal(int)  # in the margin or the text, or Enter on it
    menu_wanted = pyqtSignal(int, QPoint)  # the line, and where on the screen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressed: QPoint | None = None
        self.setReadOnly(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for margin in (NUMBERS, SIGNS):
            self.setMarginSensitivity(margin, True)
        self.marginClicked.connect(lambda margin, line, keys: self.line_clicked.emit(line + 1))

    def line_at(self, place: QPoint) -> int:
        """The line at a pixel of the viewport; 0 below the last one."""
        position = self.SendScintilla(self.SCI_POSITIONFROMPOINT, place.x(), place.y())
        line = int(self.SendScintilla(self.SCI_LINEFROMPOSITION, position))
        top = self.SendScintilla(self.SCI_POINTYFROMPOSITION, 0, position)
        rows = 1 + self.SendScintilla(self.SCI_ANNOTATIONGETLINES, line)
        inside = place.y() < top + rows * self.SendScintilla(self.SCI_TEXTHEIGHT, line)
        return line + 1 if inside else 0

    def caret_line(self) -> int:
        """The line that the keyboard is on."""
        return int(self.getCursorPosition()[0]) + 1

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        super().mousePressEvent(event)  # type: ignore[arg-type]
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        super().mouseReleaseEvent(event)  # type: ignore[arg-type]
        pressed, self._pressed = self._pressed, None
        if event is None or pressed is None:
            return
        place = event.position().toPoint()
        margins = sum(self.marginWidth(margin) for margin in (NUMBERS, SIGNS))  # they tell by themselves
        clicked = (place - pressed).manhattanLength() < QApplication.startDragDistance()
        if clicked and place.x() >= margins and not self.hasSelectedText() and (line := self.line_at(place)):
            self.line_clicked.emit(line)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        if event is None:
            return
        by_keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        line = self.caret_line() if by_keyboard else self.line_at(event.pos())
        if line:
            self.menu_wanted.emit(line, event.globalPos())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.line_clicked.emit(self.caret_line())
        elif event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Tab)
        else:
            super().keyPressEvent(event)
            self.viewport().update()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)  # type: ignore[arg-type]
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)  # type: ignore[arg-type]
        self.viewport().update()
