"""The strip that says which numbers are changed by hand, with the way back."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from gradviz.app.i18n import tr
from gradviz.app.inside.alterations import Altered

from ... import icons
from ...fonts import ui_font
from ...theme import Theme, ThemeManager
from .editor import altered_text


class AlteredStrip(QFrame):
    """Hidden while the iteration is as it was recorded."""

    reset_wanted = pyqtSignal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._altered: Altered | None = None
        self._last = True
        self.sign = QLabel()
        self.text = QLabel(wordWrap=True)
        self.text.setFont(ui_font(9.0))
        self.note = QLabel(wordWrap=True)
        self.note.setFont(ui_font(8.5))
        self.note.setProperty("tone", "muted")
        self.reset = QToolButton(autoRaise=True, toolButtonStyle=Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.reset.setFont(ui_font(9.0))
        self.reset.clicked.connect(self.reset_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 8, 6)
        column.setSpacing(3)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        column.addLayout(row)
        column.addWidget(self.note)
        column.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignLeft)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)
        self.hide()

    def show_altered(self, altered: Altered | None, last: bool) -> None:
        """Show what is changed; `last`: no later iteration is recorded."""
        self._altered, self._last = altered, last
        changed = altered is not None and bool(altered.changes)
        self.setVisible(changed)
        if altered is not None and changed:
            self.text.setText(altered_text(altered.changes, altered.recorded))
            self.note.setVisible(not last)

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Numbers changed by hand"))
        self.note.setText(tr("Later iterations are left as they were recorded."))
        self.reset.setText(tr("Back to what was recorded"))
        self.reset.setToolTip(tr("Show this iteration with the numbers that it was recorded with"))
        self.reset.setAccessibleName(tr("Back to what was recorded"))
        self.show_altered(self._altered, self._last)

    def _recolour(self, theme: Theme) -> None:
        self.sign.setPixmap(icons.pixmap("edit", theme.accent, 16, self.devicePixelRatioF()))
        self.reset.setIcon(icons.icon("reset", theme, theme.muted))
