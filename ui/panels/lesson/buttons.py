"""A push button that Enter presses, too, wherever it stands."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QPushButton

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Button(QPushButton):
    """Not by `setAutoDefault`: that would paint whatever has the focus as the primary button."""

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in ENTER:
            self.click()
        else:
            super().keyPressEvent(event)

    def set_primary(self, primary: bool) -> None:
        """Paint it as the one button that leads on, or as one among others."""
        if bool(self.property("primary")) != primary:
            self.setProperty("primary", primary)
            style = self.style()
            style.unpolish(self)
            style.polish(self)
