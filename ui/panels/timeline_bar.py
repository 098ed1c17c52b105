"""The timeline bar: buttons that step and play, the scrubber between them, and which iteration this is."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gradviz.app.i18n import language_changed, tr
from gradviz.app.session import Session

from .. import icons
from ..fonts import ui_font
from ..listening import listen
from ..navigation import Navigation
from ..player import SPEEDS, Player
from ..theme import Theme, ThemeManager
from .memory_strip import MemoryStrip
from .scrubber import Scrubber

ICON = QSize(20, 20)


class TimelineBar(QWidget):
    """Everything that moves the cursor by hand or by itself."""

    def __init__(
        self,
        session: Session,
        themes: ThemeManager,
        parent: QWidget | None = None,
        player: Player | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._themes = themes
        self.player = player if player is not None else Player(session, self)
        moves = Navigation(session)
        self.buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 12, 2)
        row.setSpacing(1)
        for name, move in (
            ("phase-start", moves.phase_start),
            ("module-back", moves.module_back),
            ("step-back", moves.step_back),
            ("play", self.player.toggle),
            ("step-forward", moves.step_forward),
            ("module-forward", moves.module_forward),
            ("phase-end", moves.phase_end),
            ("to-breakpoint", moves.to_breakpoint),
        ):
            row.addWidget(self._button(name, move))
        self.speed = QComboBox()
        self.scrubber = Scrubber(session, themes)
        self.label = QLabel(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addSpacing(4)
        row.addWidget(self.speed)
        self.strip = MemoryStrip(session, themes, self.scrubber)
        self.strip.setVisible(session.settings.memory_strip)
        self.memory = QLabel(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        lines, words = QVBoxLayout(), QVBoxLayout()
        for column, parts in ((lines, (self.scrubber, self.strip)), (words, (self.label, self.memory))):
            column.setSpacing(0)
            for part in parts:
                column.addWidget(part)
        row.addLayout(lines, 1)
        row.addLayout(words)
        self._dress()
        self._listen()
        self.retranslate()
        self._recolour(themes.theme)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._refresh()  # the label's width

    def _button(self, name: str, move: Callable[[], None]) -> QToolButton:
        button = QToolButton(autoRaise=True, iconSize=ICON)
        button.clicked.connect(lambda: move())
        button.setProperty("primary", name == "play")
        self.buttons[name] = button
        return button

    def _dress(self) -> None:
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for label in (self.label, self.memory):
            label.setProperty("tone", "muted")
            label.setFont(ui_font(9, tabular=True))
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _listen(self) -> None:
        self.speed.activated.connect(lambda row: self.player.set_speed(self.speed.itemData(row)))
        self.player.playing_changed.connect(self._playing_changed)
        listen(self, self._session.recording_changed, self._refresh)
        listen(self, self._session.moment_changed, self._refresh)
        listen(self, self._session.breakpoints_changed, self._refresh)
        self._themes.changed.connect(self._recolour)
        listen(self, language_changed, self.retranslate)

    def retranslate(self, language: str = "") -> None:
        self.setAccessibleName(tr("Timeline"))
        for name, text in {
            "phase-start": tr("To the start of the phase (Home)"),
            "module-back": tr("One module back (Shift+Left)"),
            "step-back": tr("One instruction back (Left)"),
            "step-forward": tr("One instruction on (Right)"),
            "module-forward": tr("One module on (Shift+Right)"),
            "phase-end": tr("To the end of the phase (End)"),
            "to-breakpoint": tr("Run to the next breakpoint (F5)"),
        }.items():
            self.buttons[name].setToolTip(text)
            self.buttons[name].setAccessibleName(text)
        self.speed.setAccessibleName(tr("Playing speed"))
        self.speed.setToolTip(tr("How fast it plays, in instructions per second"))
        self.speed.clear()
        for speed in SPEEDS:
            self.speed.addItem(tr("{n}/s").format(n=f"{speed:g}"), speed)
        nearest = min(SPEEDS, key=lambda speed: abs(speed - self.player.speed))
        self.speed.setCurrentIndex(SPEEDS.index(nearest))
        self._playing_changed(self.player.playing)
        self._refresh()

    def _refresh(self, moment: int = 0) -> None:
        timeline = self._session.timeline
        for button in (*self.buttons.values(), self.speed):
            button.setEnabled(timeline is not None)
        if timeline is None:
            self.label.setText("")
            self.memory.setText("")
            return
        iteration, local = timeline.locate()
        number, count = timeline.numbers[iteration], timeline.numbers[-1]
        length = len(timeline.programs[iteration])
        text = tr("iteration {iteration} of {count} · {moment}/{length}")
        self.label.setText(text.format(iteration=number, count=count, moment=local, length=length))
        longest = text.format(iteration=count, count=count, moment=length, length=length)
        self.label.setMinimumWidth(self.label.fontMetrics().horizontalAdvance(longest) + 8)
        self.buttons["to-breakpoint"].setEnabled(bool(timeline.breakpoints))
        self._show_amount()

    def _show_amount(self) -> None:
        """What is in memory, beside the strip."""
        self.memory.setVisible(not self.strip.isHidden())
        self.memory.setText(self.strip.summary())
        self.memory.setToolTip(tr("What is in memory at this moment, and at most in this iteration"))

    def show_memory(self, on: bool) -> None:
        """Show or hide the strip of memory and cost, and remember it."""
        self._session.settings.memory_strip = on
        self.strip.setVisible(on)
        self._refresh()

    def shut_down(self) -> bool:
        """Stop what runs in the background."""
        return self.strip.shut_down()

    def _playing_changed(self, playing: bool) -> None:
        text = tr("Pause (Space)") if playing else tr("Play (Space)")
        self.buttons["play"].setToolTip(text)
        self.buttons["play"].setAccessibleName(text)
        theme = self._themes.theme
        self.buttons["play"].setIcon(icons.icon("pause" if playing else "play", theme, theme.accent_text))

    def _recolour(self, theme: Theme) -> None:
        for name, button in self.buttons.items():
            button.setIcon(icons.icon(name, theme))
        self._playing_changed(self.player.playing)
