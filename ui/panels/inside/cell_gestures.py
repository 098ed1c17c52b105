"""What one does with a heat map to change its numbers: type, turn, draw."""

from __future__ import annotations

from collections.abc import Callable

from gradviz.ui.panels.inspector.heatmap import HeatMap
from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

Index = tuple[int, ...]
_EDIT = (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_TURNS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
_CONTROL = Qt.KeyboardModifier.ControlModifier
_BUTTONS = Qt.MouseButton.LeftButton | Qt.MouseButton.RightButton


class CellGestures(QObject):
    """Watches a heat map; only what is meant for changing numbers is kept from it."""

    edit_wanted = pyqtSignal(object)  # Index
    turned = pyqtSignal(object, int)  # Index, steps
    drawn = pyqtSignal(object, bool)  # Index, whether it is to be erased

    def __init__(self, heatmap: HeatMap, chosen: Callable[[], Index | None]) -> None:
        super().__init__(heatmap)
        self._heatmap, self._chosen = heatmap, chosen
        self._last: Index | None = None  # where the pen is
        self.drawing = False
        heatmap.installEventFilter(self)

    def set_drawing(self, on: bool) -> None:
        """Whether the mouse draws."""
        self.drawing = on
        self._last = None
        self._heatmap.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent):
            return self._key(event)
        if isinstance(event, QMouseEvent):
            return self._mouse(event)
        if isinstance(event, QWheelEvent) and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            delta = event.angleDelta()
            index = self._heatmap.index_at(event.position())
            if index is not None and (steps := delta.y() or delta.x()):
                self.turned.emit(index, 1 if steps > 0 else -1)
            return True
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        edits = plain and key in _EDIT
        turns = key in _TURNS and bool(event.modifiers() & _CONTROL)
        index = self._chosen()
        if not (edits or turns) or index is None:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() != QEvent.Type.KeyPress:
            return False
        if edits:
            self.edit_wanted.emit(index)
        else:
            self.turned.emit(index, _TURNS[key])
        return True

    def _mouse(self, event: QMouseEvent) -> bool:
        index = self._heatmap.index_at(event.position())
        if not self.drawing:
            if (
                event.type() == QEvent.Type.MouseButtonDblClick
                and event.button() == Qt.MouseButton.LeftButton
            ):
                if index is not None:
                    self.edit_wanted.emit(index)
                return True
            return False
        if event.type() == QEvent.Type.MouseButtonRelease:
            self._last = None
        pressed = event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)
        if not event.buttons() & _BUTTONS or not (pressed or event.type() == QEvent.Type.MouseMove):
            return False
        if index is not None and index != self._last:
            self._last = index
            self.drawn.emit(index, bool(event.buttons() & Qt.MouseButton.RightButton))
        return True
