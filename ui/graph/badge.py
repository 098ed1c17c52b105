"""A button over the canvas that says that a number is not finite, and leads to where that began."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QSize, Qt
from PyQt6.QtWidgets import QToolButton, QWidget

from gradviz.app.i18n import tr

from .. import icons
from ..fonts import ui_font
from ..theme import Theme

EDGE = 12  # pixels from the canvas's upper right corner


class Badge(QToolButton):
    """Hidden while all is well."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._text = ""
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(16, 16))
        self.setFont(ui_font(9))
        self.setProperty("surface", "card")
        self.hide()
        canvas.installEventFilter(self)

    def say(self, text: str) -> None:
        """Show what was found; "" hides it."""
        self._text = text
        self.setVisible(bool(text))
        self.retranslate()

    def retranslate(self) -> None:
        self.setText(tr("Not finite"))
        hint = tr("Click to see where it started")
        self.setToolTip(f"{self._text}\n{hint}")
        self.setAccessibleName(tr("A number is not finite: find where it started"))
        self.setAccessibleDescription(self._text)
        self._place()

    def recolour(self, theme: Theme) -> None:
        """Take over another theme."""
        self.setIcon(icons.icon("warning", theme, theme.warning))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        self.adjustSize()
        self.move(self._canvas.width() - self.width() - EDGE, EDGE)
        self.raise_()
