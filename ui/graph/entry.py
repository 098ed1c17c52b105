"""A card in the corner of the canvas with a field to type into; nothing else waits for it."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QToolButton, QWidget

from gradviz.app.i18n import tr

from .. import icons
from ..fonts import mono_font, ui_font
from ..theme import Theme
from .canvas import GraphCanvas
from .corners import EDGE


class Entry(QFrame):
    """Base of such cards: hidden until `open`; Enter and the button call `submit`, the cross `leave`."""

    def __init__(
        self, canvas: GraphCanvas, field: QLineEdit, width: int, between: Sequence[QWidget] = ()
    ) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setProperty("surface", "card")
        self.label, self.problem, self.entry = QLabel(), QLabel(), field
        for label in (self.label, self.problem):
            label.setFont(ui_font(9))
        field.setFont(mono_font(9))
        field.setFixedWidth(width)
        self.button, self.close_button = QPushButton(), QToolButton(autoRaise=True)
        self.button.setProperty("primary", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        row.setSpacing(8)
        for widget in (self.label, field, *between, self.problem, self.button, self.close_button):
            row.addWidget(widget)
        field.returnPressed.connect(self.submit)
        self.button.clicked.connect(self.submit)
        self.close_button.clicked.connect(self.leave)
        self.hide()

    def open(self) -> None:
        """Show the card, with what is in the field ready to be written over."""
        self.tell("")
        self.show()
        self.raise_()
        self.entry.selectAll()
        self.entry.setFocus()

    def submit(self) -> None:
        """Take what was typed, if it makes sense."""
        raise NotImplementedError

    def leave(self) -> None:
        """Away without taking anything."""
        self.hide()
        self._canvas.setFocus()

    def tell(self, text: str, good: bool = False) -> None:
        """Say what is wrong with what was typed or, if `good`, what it means."""
        self.problem.setText(text)
        tone = "muted" if good else "error"
        if self.problem.property("tone") != tone:
            self.problem.setProperty("tone", tone)
            if (style := self.problem.style()) is not None:
                style.polish(self.problem)
        self.problem.setVisible(bool(text))
        self.adjustSize()
        self.move(EDGE, EDGE)

    def dress(self, theme: Theme) -> None:
        """The cross in the theme's colour and with its words."""
        self.close_button.setIcon(icons.icon("close", theme, theme.muted))
        self.close_button.setToolTip(tr("Close"))
        self.close_button.setAccessibleName(tr("Close"))
