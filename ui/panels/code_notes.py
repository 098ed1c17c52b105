"""Paints behind each line what it has computed, as much of it as there is room for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from PyQt6.Qsci import QsciScintilla
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter

from gradviz.app.code_lines import LineNote

from ..fonts import ui_font
from ..theme import Theme

Notes = Mapping[int, tuple[LineNote, ...]]  # by line, counted from 1
Part = tuple[str, QColor]


def paint_notes(
    editor: QsciScintilla, painter: QPainter, notes: Notes, below: Set[int], theme: Theme
) -> None:
    """Behind all lines in sight but those that have their notes below them."""
    font = ui_font(8.5)
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    first = editor.firstVisibleLine()
    last = first + editor.SendScintilla(editor.SCI_LINESONSCREEN) + 1
    for line, rows in notes.items():
        place = editor.SendScintilla(editor.SCI_VISIBLEFROMDOCLINE, line - 1)
        if not first <= place <= last or line > editor.lines() or line in below:
            continue
        end = editor.SendScintilla(editor.SCI_GETLINEENDPOSITION, line - 1)
        top = editor.SendScintilla(editor.SCI_POINTYFROMPOSITION, 0, end)
        height = editor.SendScintilla(editor.SCI_TEXTHEIGHT, line - 1)
        baseline = top + (height + metrics.ascent() - metrics.descent()) / 2
        left, parts = fitting_line(editor, line - 1, rows, theme)
        left -= editor.SendScintilla(editor.SCI_GETXOFFSET)
        for text, colour in parts:
            painter.setPen(colour)
            painter.drawText(QPointF(left, baseline), text)
            left += metrics.horizontalAdvance(text) + metrics.horizontalAdvance("M")


def fitting_line(
    editor: QsciScintilla, line: int, notes: Sequence[LineNote], theme: Theme
) -> tuple[float, list[Part]]:
    """Where the notes behind a line (counted from 0) begin while nothing is scrolled, and what fits there."""
    metrics = QFontMetricsF(ui_font(8.5))
    end = editor.SendScintilla(editor.SCI_GETLINEENDPOSITION, line)
    x = editor.SendScintilla(editor.SCI_POINTXFROMPOSITION, 0, end)
    viewport = editor.viewport()
    assert viewport is not None
    left = x + editor.SendScintilla(editor.SCI_GETXOFFSET) + metrics.horizontalAdvance("MM")
    room = viewport.width() - 6.0 - left
    return left, fitting(notes, room, metrics, metrics.horizontalAdvance("M"), theme)


def fitting(
    notes: Sequence[LineNote], room: float, metrics: QFontMetricsF, gap: float, theme: Theme
) -> list[Part]:
    """As much as fits: everything, else of tensors the shapes, else only the values; the line comes first."""
    versions = (
        [part for note in notes for part in ((note.text, theme.muted), (note.gradient, theme.gradient))],
        [
            part
            for note in notes
            for part in ((note.short_text, theme.muted), (note.short_gradient, theme.gradient))
        ],
        [(note.short_text, theme.muted) for note in notes],
        [(notes[0].short_text, theme.muted)],
    )
    for version in versions:
        parts = [(text, colour) for text, colour in version if text]
        if sum(metrics.horizontalAdvance(text) + gap for text, _ in parts) - gap <= room:
            return parts
    return []
