"""A field over the canvas for the one number that a second run shall have otherwise."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton

from gradviz.app.i18n import tr

from .. import icons
from ..fonts import mono_font, ui_font
from ..number_field import NumberField, parse
from ..theme import Theme
from .canvas import GraphCanvas
from .corners import EDGE

_WIDEST = 1e12


class _Field(NumberField):
    """Escape leaves it."""

    left = pyqtSignal()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class ForkEntry(QFrame):
    """Hidden until `ask`; Enter or the button takes the number, Escape does not."""

    def __init__(self, canvas: GraphCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._take: Callable[[float], None] | None = None
        self.setProperty("surface", "card")
        self.label, self.problem = QLabel(), QLabel()
        self.label.setFont(ui_font(9))
        self.problem.setFont(ui_font(9))
        self.field = _Field(0.0, -_WIDEST, _WIDEST)
        self.field.setFont(mono_font(9))
        self.field.setFixedWidth(120)
        self.button = QPushButton()
        self.button.setProperty("primary", True)
        self.close_button = QToolButton(autoRaise=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        row.setSpacing(8)
        for widget in (self.label, self.field, self.button, self.problem, self.close_button):
            row.addWidget(widget)
        self.field.left.connect(self.leave)
        self.field.returnPressed.connect(self.submit)
        self.button.clicked.connect(self.submit)
        self.close_button.clicked.connect(self.leave)
        self.field.textEdited.connect(lambda text: self._tell(self.field.problem(text) or ""))
        self.hide()

    def ask(self, title: str, now: float, take: Callable[[float], None]) -> None:
        """Ask for another number than `now`."""
        self._take = take
        self.label.setText(title)
        self.field.setAccessibleName(title)
        self.field.set_value(now)
        self._tell("")
        self.show()
        self.raise_()
        self.field.selectAll()
        self.field.setFocus()

    def submit(self) -> None:
        """Take the number, if it is one."""
        problem = self.field.problem(self.field.text())
        self._tell(problem or "")
        take = self._take
        if problem is None and take is not None:
            value = parse(self.field.text())
            self.leave()
            take(value)

    def leave(self) -> None:
        """Away without a number."""
        self._take = None
        self.hide()
        self._canvas.setFocus()

    def _tell(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.adjustSize()
        self.move(EDGE, EDGE)

    def retranslate(self, theme: Theme) -> None:
        """Its texts and its icon."""
        self.button.setText(tr("Compare"))
        self.close_button.setIcon(icons.icon("close", theme, theme.muted))
        self.close_button.setToolTip(tr("Close"))
        self.close_button.setAccessibleName(tr("Close"))
