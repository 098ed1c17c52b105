"""The canvas's own keys. Plain arrows are left to the window, where they step through time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent

from .walk import Direction, neighbour

if TYPE_CHECKING:
    from .canvas import GraphCanvas

_ARROWS: dict[int, Direction] = {
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PLUS = (Qt.Key.Key_Plus, Qt.Key.Key_Equal)


def press(canvas: GraphCanvas, event: QKeyEvent) -> bool:
    """Do what a key asks for; False if it is none of the canvas's."""
    key = event.key()
    held = event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
    if held == Qt.KeyboardModifier.AltModifier and key in _ARROWS:
        step(canvas, _ARROWS[key])
        return True
    if held != Qt.KeyboardModifier.NoModifier:
        return False
    if key in _ENTER:
        return activate(canvas)
    if key == Qt.Key.Key_F:
        return canvas.focus_current()
    if key in _PLUS:
        canvas.zoom_in()
    elif key == Qt.Key.Key_Minus:
        canvas.zoom_out()
    elif key == Qt.Key.Key_0:
        canvas.fit()
    elif key == Qt.Key.Key_Escape and canvas.focus.selected is not None:
        canvas.background_clicked.emit()
    else:
        return False
    return True


def step(canvas: GraphCanvas, direction: Direction) -> None:
    """Move the selection along an edge; with none, select the current node or the first one."""
    scene, focus = canvas.scene, canvas.focus
    if not len(scene):
        return
    if focus.selected is None:
        chosen: int | None = focus.current if focus.current is not None else 0
    else:
        chosen = neighbour(scene, focus.selected, direction)
    if chosen is not None:
        name = scene.model.nodes[chosen].id
        canvas.set_selected(name)
        canvas.reveal_node(name)
        canvas.selection_moved.emit(name)


def activate(canvas: GraphCanvas) -> bool:
    """Open or close the selected node, or the current one."""
    number = canvas.focus.selected if canvas.focus.selected is not None else canvas.focus.current
    if number is None:
        return False
    canvas.node_activated.emit(canvas.scene.model.nodes[number].id)
    return True
