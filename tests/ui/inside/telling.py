"""Everything that a window tells: what it paints, and what a screen reader reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from gradviz.ui.app import Gradviz
from PyQt6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
)
CELLS = 2000  # of one table


@contextmanager
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The texts that anything written in Python paints."""
    painted: list[str] = []
    draw = QPainter.drawText

    def heard(self: QPainter, *arguments: Any) -> Any:
        painted.extend(each for each in arguments if isinstance(each, str))
        return draw(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(QPainter, "drawText", heard)
        yield painted


def told(g: Gradviz, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All texts of the window: of widgets in sight, seen or spoken, of its cards, and of their tooltips."""
    window = g.window
    window.inspector.refresh()
    window.code.refresh()
    with listening(monkeypatch) as painted:
        window.grab()
    texts = list(painted)
    for widget in window.findChildren(QWidget):
        if widget.isVisible():
            texts += [widget.accessibleName(), widget.accessibleDescription(), widget.toolTip()]
            texts += of(widget)
    canvas = window.graph.canvas
    for node in canvas.scene.model.nodes:
        texts += [canvas.scene.state_of(node.id).value_text, canvas.tip(node.id)]
    texts += of_model(window.graph.outline)
    editor = window.code.editor
    if editor is not None:
        texts += [
            text
            for row in editor.notes().values()
            for note in row
            for text in (note.text, note.short_text, note.gradient, note.short_gradient)
        ]
    timeline = g.session.timeline
    strip, scrubber = window.timeline.strip, window.timeline.scrubber
    assert timeline is not None
    for place in range(0, scrubber.width(), 7):
        texts.append(strip.tip_at(float(place)))
    texts += [message.text for message in window.messages.messages]
    return [text for text in texts if text]


def of(widget: QWidget) -> list[str]:
    """The texts in a widget."""
    if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
        return [widget.text()]
    if isinstance(widget, QTextEdit | QPlainTextEdit):
        return [widget.toPlainText()]
    if isinstance(widget, QComboBox):
        return [widget.itemText(i) for i in range(widget.count())]
    if isinstance(widget, QAbstractItemView) and (model := widget.model()) is not None:
        return of_model(model)
    return []


def of_model(model: QAbstractItemModel, parent: QModelIndex | None = None) -> list[str]:
    """The texts of a table or a tree."""
    parent = parent if parent is not None else QModelIndex()
    found: list[str] = []
    columns = max(model.columnCount(parent), 1)
    for row in range(min(model.rowCount(parent), max(CELLS // columns, 1))):
        for column in range(model.columnCount(parent)):
            place = model.index(row, column, parent)
            found += [str(text) for role in ROLES if (text := model.data(place, role)) is not None]
        inner = model.index(row, 0, parent)
        if model.rowCount(inner):
            found += of_model(model, inner)
    return found


def tells(texts: list[str], number: str) -> list[str]:
    """The texts in which a number stands, as it is and not as a part of another one."""
    plain = re.escape(number.replace("−", "-"))
    wanted = re.compile(rf"(?<![\d.\-]){plain}(?![\d]|\.\d)")
    return [text for text in texts if wanted.search(text.replace("−", "-"))]
