"""A field over the canvas for the one number that a second run shall have otherwise."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent

from gradviz.app.i18n import tr

from ..number_field import NumberField, parse
from ..theme import Theme
from .canvas import GraphCanvas
from .entry import Entry

_WIDEST = 1e12


class _Field(NumberField):
    """Escape leaves it."""

    left = pyqtSignal()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class ForkEntry(Entry):
    """Hidden until `ask`; Enter or the button takes the number, Escape does not."""

    def __init__(self, canvas: GraphCanvas) -> None:
        self._take: Callable[[float], None] | None = None
        self.field = _Field(0.0, -_WIDEST, _WIDEST)
        super().__init__(canvas, self.field, width=120)
        self.field.left.connect(self.leave)
        self.field.textEdited.connect(lambda text: self.tell(self.field.problem(text) or ""))

    def ask(self, title: str, now: float, take: Callable[[float], None]) -> None:
        """Ask for another number than `now`."""
        self._take = take
        self.label.setText(title)
        self.field.setAccessibleName(title)
        self.field.set_value(now)
        self.open()

    def submit(self) -> None:
        """Take the number, if it is one."""
        problem = self.field.problem(self.field.text())
        self.tell(problem or "")
        take = self._take
        if problem is None and take is not None:
            value = parse(self.field.text())
            self.leave()
            take(value)

    def leave(self) -> None:
        """Away without a number."""
        self._take = None
        super().leave()

    def retranslate(self, theme: Theme) -> None:
        """Its texts and its icon."""
        self.button.setText(tr("Compare"))
        self.dress(theme)
