"""The experiment of a step: what to try, and whether it has been done. It never stops one from going on."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gradviz.app.i18n import tr

from ... import icons
from ...theme import Theme, ThemeManager
from .buttons import Button
from .texts import STRONG, Label, PageText


class TaskCard(QFrame):
    """`open_wanted` opens the tool that is to be used; `done_said` is the learner's own word for it."""

    open_wanted = pyqtSignal(str)
    done_said = pyqtSignal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self._themes = themes
        self._tool = ""
        self._done = False
        self._icon, self.caption = QLabel(), Label(9, STRONG, tone="muted")
        self.words = PageText(themes)
        self.words.document_().setDocumentMargin(0)
        self.open, self.done = Button(), Button()
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._icon)
        head.addWidget(self.caption, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.open)
        buttons.addWidget(self.done)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.words)
        column.addLayout(buttons)
        self.open.clicked.connect(lambda: self.open_wanted.emit(self._tool))
        self.done.clicked.connect(self.done_said)
        themes.changed.connect(self._recolour)
        self.hide()

    def show_task(self, tool: str, text: str, done: bool) -> None:
        """Show an experiment; "" for the tool hides the card."""
        self._tool, self._done = tool, done
        self.setVisible(bool(tool))
        if not tool:
            return
        self.caption.setText(tr("Tried out") if done else tr("Try it out"))
        self.caption.setAccessibleName(self.caption.text())
        self.words.set_markdown(text)
        self.words.setAccessibleName(tr("Experiment"))
        name = tool_name(tool)
        self.open.setVisible(bool(name))
        self.open.setText(name)
        self.open.setToolTip(tr("Open what you need for it"))
        self.done.setVisible(not done)
        self.done.setText(tr("I have tried it"))
        self.done.setToolTip(tr("Mark this experiment as done"))
        self._recolour(self._themes.theme)

    def _recolour(self, theme: Theme) -> None:
        name, colour = ("check", theme.update) if self._done else ("nudge", theme.accent)
        self._icon.setPixmap(icons.pixmap(name, colour, 14, self.devicePixelRatioF()))


def tool_name(tool: str) -> str:
    """What the button that opens a tool says, "" for one without a button."""
    return {
        "nudge": tr("Nudge"),
        "check": tr("Check gradient"),
        "microscope": tr("Element microscope"),
        "ledger": tr("Gradient ledger"),
        "update": tr("Update ledger"),
        "predict": tr("Predict, then reveal"),
        "change": tr("Change number…"),
        "train": tr("Train"),
        "record": tr("Record"),
        "surface": tr("Loss surface"),
    }.get(tool, "")
