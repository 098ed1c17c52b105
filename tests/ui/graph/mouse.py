"""Real events for the canvas, at points of its world."""

from __future__ import annotations

from gradviz.ui.graph.canvas import GraphCanvas
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QContextMenuEvent, QHelpEvent, QMouseEvent, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

NO_MODIFIER = Qt.KeyboardModifier.NoModifier


def spot(canvas: GraphCanvas, name: str, across: float = 0.5, down: float = 0.5) -> QPoint:
    """The pixel at a share of the width and height of a node or group."""
    rect = canvas.scene.rect(name)
    assert rect is not None, name
    x, y = canvas.camera.screen(rect.x + rect.width * across, rect.y + rect.height * down)
    return QPoint(round(x), round(y))


def wheel(
    widget: QWidget,
    place: QPoint,
    notches: float = 0.0,
    pixels: tuple[int, int] = (0, 0),
    modifiers: Qt.KeyboardModifier = NO_MODIFIER,
) -> None:
    """Turn a wheel by some notches, or move two fingers by some pixels."""
    phase = Qt.ScrollPhase.ScrollUpdate if pixels != (0, 0) else Qt.ScrollPhase.NoScrollPhase
    angle = QPoint(0, round(notches * 120)) if notches else QPoint(pixels[0], pixels[1])
    event = QWheelEvent(
        QPointF(place),
        QPointF(widget.mapToGlobal(place)),
        QPoint(*pixels),
        angle,
        Qt.MouseButton.NoButton,
        modifiers,
        phase,
        False,
    )
    QApplication.sendEvent(widget, event)


def move(widget: QWidget, place: QPoint, button: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    """Move the pointer, with a button held or not."""
    at, on_screen = QPointF(place), QPointF(widget.mapToGlobal(place))
    kind = QEvent.Type.MouseMove
    QApplication.sendEvent(
        widget, QMouseEvent(kind, at, on_screen, Qt.MouseButton.NoButton, button, NO_MODIFIER)
    )


def ask_menu(widget: QWidget, place: QPoint, keyboard: bool = False) -> None:
    """Ask for a context menu."""
    reason = QContextMenuEvent.Reason.Keyboard if keyboard else QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(widget, QContextMenuEvent(reason, place, widget.mapToGlobal(place)))


def linger(widget: QWidget, place: QPoint) -> None:
    """Let the pointer rest until a tooltip would show."""
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place)))


def drag(canvas: GraphCanvas, button: Qt.MouseButton, start: QPoint, end: QPoint) -> None:
    """Press, move in three steps, let go."""
    QTest.mousePress(canvas, button, pos=start)
    for share in (0.3, 0.7, 1.0):
        move(
            canvas, start + QPoint(round((end - start).x() * share), round((end - start).y() * share)), button
        )
    QTest.mouseRelease(canvas, button, pos=end)
