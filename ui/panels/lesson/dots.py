"""How far one has come: a dot for each step, which also leads there."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gradviz.app.i18n import tr

from ...theme import ThemeManager

DOT = 6.0  # diameter
LONG = 18.0  # the current step's
GAP = 8.0
HEIGHT = 20


class ProgressDots(QWidget):
    """Steps behind are filled, the current one is long, those ahead are hollow; a question has a square."""

    chosen = pyqtSignal(int)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._names: list[str] = []
        self._asks: list[bool] = []
        self._index = 0
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        themes.changed.connect(self.update)

    def show_steps(self, names: list[str], asks: list[bool], index: int) -> None:
        """The steps' headings, whether each asks something, and which one is current."""
        self._names, self._asks, self._index = names, asks, index
        self.setAccessibleName(
            tr("Step {number} of {count}: {heading}").format(
                number=index + 1, count=len(names), heading=names[index]
            )
        )
        self.setAccessibleDescription(tr("Left and Right go to the steps beside it"))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(self._left(len(self._names), GAP)), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, HEIGHT)

    # Where the dots are.

    def _gap(self) -> float:
        count = len(self._names)
        room = self.width() - 4 - LONG - (count - 1) * DOT
        return max(1.0, min(GAP, room / max(count - 1, 1)))

    def _left(self, step: int, gap: float) -> float:
        return 2 + step * (DOT + gap) + (LONG - DOT if step > self._index else 0.0)

    def _rect(self, step: int) -> QRectF:
        width = LONG if step == self._index else DOT
        return QRectF(self._left(step, self._gap()), (HEIGHT - DOT) / 2, width, DOT)

    def step_at(self, place: QPointF) -> int:
        """The step whose dot is nearest to a place, or -1."""
        reach = self._gap() / 2
        for step in range(len(self._names)):
            if self._rect(step).adjusted(-reach, -HEIGHT, reach, HEIGHT).contains(place):
                return step
        return -1

    # Events.

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for step, asks in enumerate(self._asks):
            rect = self._rect(step)
            done = step <= self._index
            painter.setPen(QPen(theme.accent if done else theme.control, 1.2))
            painter.setBrush(theme.accent if done else QColor(Qt.GlobalColor.transparent))
            radius = 1.0 if asks and step != self._index else DOT / 2
            painter.drawRoundedRect(rect, radius, radius)
        if self.hasFocus():
            painter.setPen(QPen(theme.accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self._rect(self._index).adjusted(-3, -3, 3, 3), 5, 5)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        step = self.step_at(event.position()) if event is not None else -1
        if step >= 0:
            self.chosen.emit(step)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        last = len(self._names) - 1
        places = {
            Qt.Key.Key_Left: self._index - 1,
            Qt.Key.Key_Right: self._index + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        step = places.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        elif 0 <= step <= last:
            self.chosen.emit(step)

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent):
            step = self.step_at(QPointF(event.pos()))
            text = f"{step + 1}. {self._names[step]}" if step >= 0 else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)
