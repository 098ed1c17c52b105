"""Covers the panels that would give away what is to be predicted, for as long as it is."""

from __future__ import annotations

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtWidgets import QBoxLayout, QLabel, QWidget

from gradviz.app.i18n import language_changed, tr
from gradviz.app.session import Session

from .listening import listen


class Cover(QObject):
    """Shows a few words in the place of `content`, and switches `panel` off: its menus give numbers."""

    def __init__(self, session: Session, panel: QWidget, content: QWidget) -> None:
        super().__init__(panel)
        self._session, self._panel, self._content = session, panel, content
        self.label = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.label.setProperty("tone", "muted")
        self.label.hide()
        layout = panel.layout()
        assert isinstance(layout, QBoxLayout)
        layout.insertWidget(layout.indexOf(content) + 1, self.label, 1)
        listen(self, session.veil.changed, self._follow)
        listen(self, language_changed, self._retranslate)
        self._retranslate()
        self._follow()

    @property
    def on(self) -> bool:
        """Whether the panel is covered."""
        return not self.label.isHidden()

    def _follow(self) -> None:
        hidden = bool(self._session.veil.slots(self._session.program))
        self._content.setVisible(not hidden)
        self.label.setVisible(hidden)
        self._panel.setEnabled(not hidden)

    def _retranslate(self, language: str = "") -> None:
        self.label.setText(tr("Hidden until you have predicted: it would give the answer away."))
