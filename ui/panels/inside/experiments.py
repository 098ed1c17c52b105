"""What one can try out on the shown number: check its gradient, nudge it, change it."""

from __future__ import annotations

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from gradviz.app.i18n import tr
from gradviz.app.inside.subject import subject_of
from gradviz.app.state import StateView

from ... import icons
from ...fonts import ui_font
from ...theme import Theme, ThemeManager
from .card import Card
from .check_card import CheckCard

Index = tuple[int, ...]
REST = 200  # ms without a step before an open card follows


class Experiments(QWidget):
    """Buttons below a tensor, and the cards that they open; an open card follows what is looked at."""

    opened = pyqtSignal(QWidget)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: StateView | None = None
        self._slot = -1
        self._element: Index = ()
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self._follow)
        self.check = CheckCard(themes)
        self.check_button = QToolButton(
            autoRaise=True, toolButtonStyle=Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        )
        self.check_button.setFont(ui_font(9.0))
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(4)
        self.buttons.addWidget(self.check_button)
        self.buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self.buttons)
        column.addWidget(self.check)
        self.check_button.clicked.connect(self.open_check)
        for card in self._cards:
            card.grown.connect(self.opened)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)

    @property
    def _cards(self) -> tuple[Card, ...]:
        return (self.check,)

    def follow(self, state: StateView | None, slot: int = -1, element: Index = ()) -> None:
        """Look at another value, or at nothing."""
        if state is None:
            self._state = None
            self._rest.stop()
            for card in self._cards:
                if not card.isHidden():
                    card.leave()
            return
        self._state = state
        self._slot, self._element = subject_of(state.program, slot), element
        if any(not card.isHidden() for card in self._cards):
            self._rest.start()

    def open_check(self) -> None:
        """Check the gradient of what is looked at."""
        if self._state is not None:
            self.check.show()
            self._follow()
            self.opened.emit(self.check)

    def _follow(self) -> None:
        self._rest.stop()
        if self._state is not None and not self.check.isHidden():
            self.check.show_subject(self._state, self._slot, self._element)

    def shut_down(self) -> None:
        """Wait for what runs, before the window goes."""
        self._rest.stop()
        self.check.worker.shut_down()

    def retranslate(self) -> None:
        self.check_button.setText(tr("Check"))
        self.check_button.setToolTip(tr("Compare the gradient of this element with a finite difference (G)"))
        self.check_button.setAccessibleName(tr("Gradient check"))
        for card in self._cards:
            card.retranslate()

    def _recolour(self, theme: Theme) -> None:
        self.check_button.setIcon(icons.icon("check", theme, theme.muted))
