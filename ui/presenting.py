"""Presenting a lesson on a projector: large type, a clicker's keys, a spotlight, a blank screen.

PageDown shows the answer that is waited for, or else goes to the next step; PageUp goes back; B blanks the
window; S lights a circle around the pointer, which Ctrl and the arrows move; Escape ends it. Until an
answer is shown, nothing in the window tells it.
"""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent
from PyQt6.QtWidgets import QApplication, QWidget

from gradviz.app.i18n import tr

from .key_filter import is_text_entry
from .main_window import MainWindow
from .presenter_veil import PresenterVeil

LARGER = 3  # sizes of text
SHARE = 0.32  # of the window's width for the lesson, at least: large type needs room
RADIUS = 130  # pixels of the spotlight
STRIDE = 40  # pixels that an arrow moves it
_DARK = QColor(0, 0, 0, 170)
_LETTERS = frozenset({Qt.Key.Key_B, Qt.Key.Key_S, Qt.Key.Key_Period})  # many clickers send a period to blank
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_KEYS = _LETTERS | {Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_Escape}


class Curtain(QWidget):
    """Lies over the window: "blank" hides all, "spot" darkens all but a circle around the pointer."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.mode = ""
        self._place = QPoint()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_mode(self, mode: str) -> None:
        """Blank, spotlight or nothing ("")."""
        self.mode = mode
        parent = self.parentWidget()
        if mode and parent is not None:
            self.setGeometry(parent.rect())
            self._place = parent.mapFromGlobal(parent.cursor().pos())
            self.raise_()
        self.setVisible(bool(mode))
        self.update()

    def point(self, place: QPoint) -> None:
        """The pointer is there, in the window's coordinates."""
        if self.mode == "spot" and place != self._place:
            self._place = place
            self.update()

    def move_light(self, by: QPoint) -> None:
        """Move the light, but not off the window."""
        place, room = self._place + by, self.rect()
        x = min(max(place.x(), room.left()), room.right())
        self.point(QPoint(x, min(max(place.y(), room.top()), room.bottom())))

    def spot(self) -> QRect:
        """The square around the light."""
        return QRect(self._place.x() - RADIUS, self._place.y() - RADIUS, 2 * RADIUS, 2 * RADIUS)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        if self.mode == "blank":
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            path = QPainterPath()
            path.addRect(0, 0, self.width(), self.height())
            path.addEllipse(self.spot().toRectF())
            painter.fillPath(path, _DARK)
        painter.end()


class Presenting(QObject):
    """On or off; while it is on, it sees the window's keys before anything else."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        super().__init__(window)
        self._app, self._window = app, window
        self.on = False
        self._width = 0  # of the lesson's side before
        self.curtain = Curtain(window)
        self._veil = PresenterVeil(window)
        window.commands.connect(present=self.toggle)
        window.closing.connect(self.stop)

    def toggle(self) -> None:
        """Begin or end."""
        if self.on:
            self.stop()
        else:
            self.start()

    def start(self) -> None:
        """Large type, and the keys of a clicker."""
        if self.on:
            return
        self.on = True
        window = self._window
        self._width = window.docks.left.width()
        self._scale(LARGER)
        self._veil.set_on(True)
        window.docks.show_lesson()
        window.docks.widen_lesson(max(self._width, round(window.width() * SHARE)))
        self._app.installEventFilter(self)
        window.commands["present"].setChecked(True)
        window.messages.show_message(
            tr(
                "Presenting: PageDown and PageUp turn the steps, B blanks, S lights the pointer "
                "(Ctrl+arrows move the light), Escape ends."
            )
        )

    def stop(self) -> None:
        """Everything as it was."""
        if not self.on:
            return
        self.on = False
        self._app.removeEventFilter(self)
        self.curtain.show_mode("")
        self._veil.set_on(False)
        self._scale(-LARGER)
        self._window.docks.widen_lesson(self._width)
        self._window.commands["present"].setChecked(False)

    def _scale(self, steps: int) -> None:
        window = self._window
        window.preferences.scale_text(steps)
        window.graph.refresh_fonts()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QMouseEvent):
            if event.type() == QEvent.Type.MouseMove:
                self.curtain.point(self._window.mapFromGlobal(event.globalPosition().toPoint()))
            return False
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget):
            return False
        if not self._takes(watched, event):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.curtain.move_light(QPoint(*_ARROWS[Qt.Key(event.key())]) * STRIDE)
            else:
                self.press(Qt.Key(event.key()))
            return True
        return False

    def _takes(self, watched: QWidget, event: QKeyEvent) -> bool:
        if not self._window.isAncestorOf(watched) and watched is not self._window:
            return False
        key, held = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if held == Qt.KeyboardModifier.ControlModifier:
            return self.curtain.mode == "spot" and key in _ARROWS
        return not held and key in _KEYS and not (key in _LETTERS and is_text_entry(watched))

    def press(self, key: Qt.Key) -> None:
        """Do what a key of the clicker says."""
        page, player = self._window.lesson.page, self._window.lesson.player
        if key == Qt.Key.Key_Escape:
            if self.curtain.mode:
                self.curtain.show_mode("")
            else:
                self.stop()
        elif key in (Qt.Key.Key_B, Qt.Key.Key_Period):
            self.curtain.show_mode("" if self.curtain.mode == "blank" else "blank")
        elif key == Qt.Key.Key_S:
            self.curtain.show_mode("" if self.curtain.mode == "spot" else "spot")
        elif player is not None and key == Qt.Key.Key_PageUp:
            page.go_back()
        elif player is not None and player.waiting:
            player.reveal()
        elif player is not None and not player.at_end:
            page.go_on()
