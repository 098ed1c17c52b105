"""What stands in the canvas's place while there is no graph: what to do next."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from gradviz.app.i18n import tr

from .. import icons
from ..fonts import ui_font
from ..theme import Theme

PICTURE = 48


class EmptyGraph(QWidget):
    """A hint with a button that records an iteration."""

    record_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture, self._title, self._text = QLabel(), QLabel(), QLabel(wordWrap=True)
        self._title.setFont(ui_font(13, QFont.Weight.DemiBold))
        self._text.setProperty("tone", "muted")
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text.setFixedWidth(360)
        self.button = QPushButton()
        self.button.setProperty("primary", True)
        self.button.setIconSize(QSize(16, 16))
        self.button.clicked.connect(lambda: self.record_wanted.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(1)
        centre = Qt.AlignmentFlag.AlignHCenter
        for widget in (self._picture, self._title, self._text):
            column.addWidget(widget, 0, centre)
        column.addSpacing(8)
        column.addWidget(self.button, 0, centre)
        column.addStretch(1)
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(tr("No graph yet"))
        self._text.setText(
            tr("Record one iteration of training to see every operation of it, or open a script of your own.")
        )
        self._text.setFixedHeight(self._text.heightForWidth(self._text.width()))
        self.button.setText(tr("Record an iteration"))
        self.button.setAccessibleName(self.button.text())
        self.button.setToolTip(tr("Run forward, backward and update once, and record each operation"))
        self.setAccessibleName(self._title.text())

    def recolour(self, theme: Theme) -> None:
        """Take over another theme."""
        ratio = self.devicePixelRatioF()
        self._picture.setPixmap(icons.pixmap("graph", theme.faint, PICTURE, ratio))
        self.button.setIcon(icons.icon("record", theme, theme.accent_text))
