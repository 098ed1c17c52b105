"""Which keys the focused widget keeps for itself although they are shortcuts of the window.

Right, Space, Home and their like walk through time wherever the focus is, but one must still be able to edit
text, press a button, choose from a list and move in a table by keyboard.
"""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QTabBar,
    QTextBrowser,
    QWidget,
)

from .panels.scrubber import Scrubber

Key = Qt.Key
ENTER = frozenset({Key.Key_Return, Key.Key_Enter})
SPACE = frozenset({Key.Key_Space})
SIDEWAYS = frozenset({Key.Key_Left, Key.Key_Right})
JUMPS = frozenset({Key.Key_Home, Key.Key_End, Key.Key_PageUp, Key.Key_PageDown})
UP_DOWN = frozenset({Key.Key_Up, Key.Key_Down})
EVERYTHING = ENTER | SPACE | SIDEWAYS | JUMPS | UP_DOWN
TYPING = EVERYTHING | {Key.Key_Escape}
_SOFT = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
_WITH_CONTROL = _SOFT | Qt.KeyboardModifier.ControlModifier


class KeyFilter(QObject):
    """Watches the widget that has the focus, wherever it goes within `window`."""

    def __init__(self, app: QApplication, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._watched: QWidget | None = None
        app.focusChanged.connect(self._focus_changed)

    def _focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if self._watched is not None:
            self._watched.removeEventFilter(self)
        self._watched = new if new is not None and self._window.isAncestorOf(new) else None
        if self._watched is not None:
            self._watched.installEventFilter(self)
            self._watched.destroyed.connect(self._forget)

    def _forget(self) -> None:
        self._watched = None

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and keeps(watched, event):
            event.accept()
            return True
        pressed = event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat()
        if pressed and isinstance(watched, QAbstractButton) and event.key() in ENTER:
            watched.click()
            return True
        return False


def keeps(widget: QWidget, event: QKeyEvent) -> bool:
    """Whether `widget` handles the key itself."""
    if is_text_entry(widget):
        return event.key() in TYPING and not event.modifiers() & ~_WITH_CONTROL
    return event.key() in _own_keys(widget) and not event.modifiers() & ~_SOFT


def is_text_entry(widget: QWidget) -> bool:
    """Whether one can type into a widget: Qt then lets input methods in, which no read-only widget does."""
    return widget.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled) and not widget.property("readOnly")


def _own_keys(widget: QWidget) -> frozenset[Qt.Key]:
    if isinstance(widget, Scrubber):
        return frozenset()
    if isinstance(widget, QAbstractItemView):
        return EVERYTHING
    if isinstance(widget, QAbstractButton):
        return SPACE | ENTER
    if isinstance(widget, QComboBox):
        return SPACE | JUMPS | UP_DOWN
    if isinstance(widget, QAbstractSlider):
        return SIDEWAYS | JUMPS
    if isinstance(widget, QTabBar):
        return SIDEWAYS
    if isinstance(widget, QTextBrowser):
        return ENTER
    if widget.inherits("QsciScintilla"):  # by name: importing it takes long
        return ENTER | UP_DOWN
    return frozenset()
