"""Where a learner completes a function: a small editor in which Tab indents, and Enter keeps the indent."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QKeyEvent, QTextCursor, QTextFormat
from PyQt6.QtWidgets import QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from gradviz.app.i18n import tr

from ...fonts import mono_font
from .inputs import Input

INDENT = "    "
ROWS = (6, 18)  # lines that are shown, at least and at most
_MARK = QColor(200, 80, 60, 60)  # readable on both grounds


class CodeEdit(QPlainTextEdit):
    """Tab and Shift+Tab indent until Escape is pressed, which lets Tab lead on to the next control."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(mono_font(10))
        self.setTabStopDistance(QFontMetricsF(self.font()).horizontalAdvance(INDENT))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        key, plain = (
            event.key(),
            event.modifiers()
            in (
                Qt.KeyboardModifier.NoModifier,
                Qt.KeyboardModifier.ShiftModifier,
            ),
        )
        if key == Qt.Key.Key_Escape:
            self.setTabChangesFocus(True)
        elif key == Qt.Key.Key_Tab and plain and not self.tabChangesFocus():
            self._indent()
        elif key == Qt.Key.Key_Backtab and not self.tabChangesFocus():
            self._dedent()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self._new_line()
        else:
            if event.text():
                self.setTabChangesFocus(False)
            super().keyPressEvent(event)

    def mark_line(self, line: int) -> None:
        """Light up a line, counted from 1; 0 for none."""
        marks = []
        if line:
            mark = QTextEdit.ExtraSelection()
            mark.format.setBackground(_MARK)
            mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            mark.cursor = QTextCursor(self.document().findBlockByNumber(line - 1))
            marks.append(mark)
        self.setExtraSelections(marks)

    def _indent(self) -> None:
        cursor = self.textCursor()
        if cursor.hasSelection():
            self._each_line(lambda line: line.insertText(INDENT))
        else:
            cursor.insertText(" " * (len(INDENT) - cursor.positionInBlock() % len(INDENT)))

    def _dedent(self) -> None:
        def take(line: QTextCursor) -> None:
            text = line.block().text()
            count = min(len(text) - len(text.lstrip(" ")), len(INDENT))
            for _ in range(count):
                line.deleteChar()

        self._each_line(take)

    def _each_line(self, act: object) -> None:
        cursor = self.textCursor()
        document = self.document()
        first = document.findBlock(cursor.selectionStart()).blockNumber()
        last = document.findBlock(cursor.selectionEnd()).blockNumber()
        cursor.beginEditBlock()
        for number in range(first, last + 1):
            line = QTextCursor(document.findBlockByNumber(number))
            act(line)  # type: ignore[operator]
        cursor.endEditBlock()

    def _new_line(self) -> None:
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        indent = before[: len(before) - len(before.lstrip(" "))]
        if before.rstrip().endswith(":"):
            indent += INDENT
        cursor.insertText(f"\n{indent}")
        self.ensureCursorVisible()


class CodeInput(Input):
    """The editor as an answer; it stays visible, and can be read, when the answer is shown."""

    stays = True

    def __init__(self, skeleton: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = CodeEdit()
        self.edit.setPlainText(skeleton)
        self.edit.textChanged.connect(self._edited)
        self.setFocusProxy(self.edit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.edit)
        self._fit()

    def text(self) -> str:
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        if text:
            self.edit.setPlainText(text)

    def set_words(self, choices: Mapping[str, str]) -> None:
        self.edit.setAccessibleName(tr("Your code"))
        self.edit.setAccessibleDescription(
            tr("Tab indents; press Escape first to let Tab lead to the next button")
        )
        self.edit.setToolTip(self.edit.accessibleDescription())

    def show_line(self, line: int) -> None:
        """Light up the line of an error; 0 for none."""
        self.edit.mark_line(line)

    def _edited(self) -> None:
        self.edit.mark_line(0)
        self._fit()
        self.edited.emit()

    def _fit(self) -> None:
        low, high = ROWS
        rows = min(max(self.edit.blockCount() + 1, low), high)
        height = QFontMetricsF(self.edit.font()).lineSpacing()
        self.edit.setFixedHeight(round(rows * height) + 24)
