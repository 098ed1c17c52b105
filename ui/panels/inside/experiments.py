"""What one can try out on the shown number: check its gradient, nudge it, change it."""

from __future__ import annotations

from gradviz.engine.program import SlotKind
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
from .nudge_card import NudgeCard

Index = tuple[int, ...]
REST = 200  # ms without a step before an open card follows
_ICONS = {"check": "check", "nudge": "nudge", "change": "edit", "draw": "brush"}


class Experiments(QWidget):
    """Buttons below a tensor, and the cards that they open; the check follows what is looked at."""

    opened = pyqtSignal(QWidget)
    slot_clicked = pyqtSignal(int)
    change_wanted = pyqtSignal()
    drawing = pyqtSignal(bool)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: StateView | None = None
        self._slot = -1
        self._element: Index = ()
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self._follow)
        self.check, self.nudge = CheckCard(themes), NudgeCard(themes)
        self.buttons = {name: QToolButton(autoRaise=True) for name in _ICONS}
        row = QHBoxLayout()
        row.setSpacing(2)
        for button in self.buttons.values():
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFont(ui_font(9.0))
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        for card in self._cards:
            column.addWidget(card)
            card.grown.connect(self.opened)
        self.buttons["draw"].setCheckable(True)
        self.buttons["check"].clicked.connect(self.open_check)
        self.buttons["nudge"].clicked.connect(self.open_nudge)
        self.buttons["change"].clicked.connect(self.change_wanted)
        self.buttons["draw"].toggled.connect(self.drawing)
        self.nudge.slot_clicked.connect(self.slot_clicked)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)

    @property
    def _cards(self) -> tuple[Card, ...]:
        return self.check, self.nudge

    def follow(self, state: StateView | None, slot: int = -1, element: Index = ()) -> None:
        """Look at another value, or at nothing."""
        self._state = state
        if state is None:
            self._rest.stop()
            for card in self._cards:
                if not card.isHidden():
                    card.leave()
            return
        self._slot, self._element = subject_of(state.program, slot), element
        shown = state.program.slots[slot]
        picture = shown.kind is SlotKind.INPUT and len(shown.shape) > 1 and "float" in shown.dtype
        self.buttons["draw"].setVisible(picture)
        if not picture:
            self.buttons["draw"].setChecked(False)
        if any(not card.isHidden() for card in self._cards):
            self._rest.start()

    def open_check(self) -> None:
        """Check the gradient of what is looked at."""
        self.check.begin_anew()
        self._open(self.check)

    def open_nudge(self) -> None:
        """Nudge what is looked at, and go on doing so while one looks elsewhere."""
        if self._state is not None:
            self.nudge.show_subject(self._state, self._slot, self._element)
            self._open(self.nudge)

    def _open(self, card: Card) -> None:
        if self._state is not None:
            card.show()
            self._follow()
            self.opened.emit(card)

    def _follow(self) -> None:
        self._rest.stop()
        if self._state is not None:
            if not self.check.isHidden():
                self.check.show_subject(self._state, self._slot, self._element)
            self.nudge.follow(self._state)

    def shut_down(self) -> None:
        """Wait for what runs, before the window goes."""
        self._rest.stop()
        self.check.worker.shut_down()
        self.nudge.shut_down()

    def retranslate(self) -> None:
        words = {
            "check": (
                tr("Check"),
                tr("Compare the gradient of this element with a finite difference (G)"),
            ),
            "nudge": (
                tr("Nudge"),
                tr("Move this element a little, and see on every node what that does (N)"),
            ),
            "change": (
                tr("Change"),
                tr("Give this element another value: double click, F2 (Shift+wheel: a little more or less)"),
            ),
            "draw": (tr("Draw"), tr("Draw on it with the mouse; the right button erases")),
        }
        for name, (text, tip) in words.items():
            button = self.buttons[name]
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(text)
        for card in self._cards:
            card.retranslate()

    def _recolour(self, theme: Theme) -> None:
        for name, picture in _ICONS.items():
            self.buttons[name].setIcon(icons.icon(picture, theme, theme.muted))
