"""A read-only view of Python source, with marked lines and notes. Import this lazily: QScintilla."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from PyQt6.Qsci import QsciLexerPython, QsciScintilla, QsciStyledText
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QWidget

from gradviz.app.code_lines import LineNote

from ..fonts import mono_font
from ..painting import painting
from ..theme import Theme
from ..theme.palette import mix
from .code_notes import Notes, fitting_line, paint_notes
from .code_style import (
    ARROW,
    CURRENT,
    ERROR_STYLE,
    GRADIENT_STYLE,
    NUMBERS,
    SELECTED,
    SIGNS,
    VALUE_STYLE,
    WRONG,
    WRONG_SIGN,
    dress,
)
from .code_view import CodeView

_ABOVE, _BELOW = 3, 4  # lines that stay visible around the current one


class CodeEditor(CodeView):
    """Lines are numbered from 1 here, as users count them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._notes: Notes = {}
        self._below: set[int] = set()
        self._current: int | None = None
        self._error: tuple[int, str] | None = None
        self._lexer = QsciLexerPython(self)
        self.setReadOnly(True)
        self.setUtf8(True)
        self.setLexer(self._lexer)
        self.setFolding(QsciScintilla.FoldStyle.NoFoldStyle)
        self.setWrapMode(QsciScintilla.WrapMode.WrapNone)
        self.setCaretWidth(0)
        self.setCaretLineVisible(False)
        self.SendScintilla(self.SCI_SETSCROLLWIDTHTRACKING, 1)
        self.SendScintilla(self.SCI_SETSCROLLWIDTH, 1)
        self.setAnnotationDisplay(QsciScintilla.AnnotationDisplay.AnnotationIndented)
        self.setExtraAscent(2)
        self.setExtraDescent(2)
        self.setMarginType(NUMBERS, QsciScintilla.MarginType.NumberMargin)
        self.setMarginType(SIGNS, QsciScintilla.MarginType.SymbolMargin)
        self.setMarginWidth(2, 0)
        self.setMarginMarkerMask(NUMBERS, 0)
        self.setMarginMarkerMask(SIGNS, 1 << ARROW | 1 << WRONG_SIGN)
        for number, symbol in (
            (ARROW, QsciScintilla.MarkerSymbol.RightArrow),
            (CURRENT, QsciScintilla.MarkerSymbol.Background),
            (SELECTED, QsciScintilla.MarkerSymbol.Background),
            (WRONG, QsciScintilla.MarkerSymbol.Background),
            (WRONG_SIGN, QsciScintilla.MarkerSymbol.Circle),
        ):
            self.markerDefine(symbol, number)
        self.set_theme(theme)

    # What is shown.

    def show_source(self, text: str) -> None:
        """Show a file."""
        self.clear_marks()
        self.setText(text)
        digits = len(str(max(self.lines(), 99)))
        self.setMarginWidth(NUMBERS, "0" * (digits + 1))
        self.SendScintilla(self.SCI_SETSCROLLWIDTH, 1)

    def clear_marks(self) -> None:
        """Forget marked lines, notes and errors."""
        self.markerDeleteAll()
        self.clearAnnotations()
        self._notes = {}
        self._below = set()
        self._current = None
        self._error = None

    def set_current(self, line: int | None, colour: QColor | None = None) -> None:
        """Light one line, in the colour of its phase, and keep it in sight."""
        for marker in (ARROW, CURRENT):
            self.markerDeleteAll(marker)
        if line != self._current and self._current is not None:
            self._clear_annotation(self._current)
            self._below.discard(self._current)
        self._current = line
        if line is None or not 1 <= line <= self.lines():
            return
        hue = colour or self._theme.accent
        self.setMarkerBackgroundColor(mix(self._theme.code_background, hue, 0.2), CURRENT)
        self.setMarkerBackgroundColor(hue, ARROW)
        self.setMarkerForegroundColor(hue, ARROW)
        for marker in (ARROW, CURRENT):
            self.markerAdd(line - 1, marker)
        self._keep_in_sight(line - 1)

    def current_line(self) -> int | None:
        """The lit line."""
        return self._current

    def set_selected(self, lines: Iterable[int]) -> None:
        """Give the selection's ground to lines."""
        self.markerDeleteAll(SELECTED)
        for line in lines:
            if 1 <= line <= self.lines():
                self.markerAdd(line - 1, SELECTED)

    def set_error(self, line: int, text: str) -> None:
        """Mark a wrong line, with what is wrong below it."""
        if 1 <= line <= self.lines():
            self.markerAdd(line - 1, WRONG)
            self.markerAdd(line - 1, WRONG_SIGN)
            self._error = line, text
            self.annotate(line - 1, self._wrapped(text), ERROR_STYLE)
            self._keep_in_sight(line - 1)

    def _wrapped(self, text: str) -> str:
        """Error texts are long, and annotations do not wrap."""
        width = max(32, self._characters() - 4)
        return "\n".join(part for row in text.splitlines() for part in textwrap.wrap(row, width) or [""])

    def _characters(self) -> int:
        """How many characters of a text below a line are in sight."""
        wide = self.width() - self.marginWidth(NUMBERS) - self.marginWidth(SIGNS)
        return int(wide / QFontMetricsF(mono_font(8.5)).horizontalAdvance("0"))

    def set_notes(self, notes: Notes) -> None:
        """Write notes behind the lines, and below the current one and those behind which there is no room."""
        self._notes = notes
        self._arrange()
        self.viewport().update()

    def _arrange(self) -> None:
        below = {line for line in self._notes if line == self._current or not self.fits(line)}
        for line in self._below - below:
            self._clear_annotation(line)
        for line in below:
            self._annotate(line, self._notes[line])
        self._below = below

    def _annotate(self, line: int, notes: tuple[LineNote, ...]) -> None:
        if line > self.lines() or (self._error is not None and self._error[0] == line):
            return
        parts: list[tuple[str, int]] = []
        room = self._characters() - self.indentation(line - 1)
        for note in notes:
            gap, text, gradient = "\n" if parts else "", note.text, note.gradient
            if len(text) + len(gradient) + 3 > room:
                text, gradient = note.short_text, note.short_gradient
            parts.append((f"{gap}{text}", VALUE_STYLE))
            if gradient:
                parts.append((f"   {gradient}", GRADIENT_STYLE))
        self.annotate(line - 1, [QsciStyledText(text, style) for text, style in parts])

    def fits(self, line: int) -> bool:
        """Whether there is room for a line's notes behind it."""
        return bool(fitting_line(self, line - 1, self._notes[line], self._theme)[1])

    def below(self) -> set[int]:
        """The lines whose notes stand below them."""
        return set(self._below)

    def _clear_annotation(self, line: int | None) -> None:
        if line is not None and line <= self.lines() and (self._error is None or self._error[0] != line):
            self.clearAnnotations(line - 1)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        if self._error is not None:
            self.annotate(self._error[0] - 1, self._wrapped(self._error[1]), ERROR_STYLE)
        self._arrange()

    def notes(self) -> Notes:
        return self._notes

    def marked(self, marker: int) -> list[int]:
        """The lines that have a marker."""
        return [line + 1 for line in range(self.lines()) if self.markersAtLine(line) & 1 << marker]

    def _keep_in_sight(self, line: int) -> None:
        first = self.firstVisibleLine()
        shown = self.SendScintilla(self.SCI_LINESONSCREEN)
        top = self.SendScintilla(self.SCI_VISIBLEFROMDOCLINE, line)
        if top < first + _ABOVE or top >= first + shown - _BELOW:
            self.setFirstVisibleLine(max(0, top - shown // 3))

    # Looks.

    def set_theme(self, theme: Theme) -> None:
        """Dress everything in a theme; also to be called when the text size changes."""
        self._theme = theme
        dress(self, self._lexer, theme)
        self._arrange()
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)  # type: ignore[arg-type]
        viewport = self.viewport()
        assert viewport is not None
        if self._notes or self.hasFocus():
            with painting(viewport) as painter:
                if self.hasFocus():
                    self._paint_caret_line(painter, viewport.width())
                paint_notes(self, painter, self._notes, self._below, self._theme)

    def _paint_caret_line(self, painter: QPainter, width: int) -> None:
        """A frame round the line that Enter would choose."""
        line = self.caret_line() - 1
        top = self.SendScintilla(
            self.SCI_POINTYFROMPOSITION, 0, self.SendScintilla(self.SCI_POSITIONFROMLINE, line)
        )
        left = sum(self.marginWidth(margin) for margin in (NUMBERS, SIGNS))
        height = self.SendScintilla(self.SCI_TEXTHEIGHT, line)
        painter.setPen(QPen(self._theme.accent, 1))
        painter.drawRect(QRectF(left + 0.5, top + 0.5, width - left - 1.5, height - 1))
