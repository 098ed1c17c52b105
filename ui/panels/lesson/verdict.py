"""What came of a prediction: the learner's number beside the engine's, and what is to be said about it."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPalette
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gradviz.app.i18n import tr
from gradviz.app.speech import spoken

from ... import icons
from ...theme import Theme, ThemeManager
from ...theme.palette import mix
from .texts import STRONG, Label, PageText, Sentence, plain

HIDDEN = "?"
EDGE = 3  # pixels


@dataclass(frozen=True)
class Outcome:
    """`state` is "right", "wrong" (to be tried again) or "shown"; `given` is "" if nothing was predicted."""

    state: str
    given: str
    expected: str
    text: str  # Markdown: the hint, or the explanation
    sentences: bool = False  # the answers are sentences, not numbers


class VerdictBox(QFrame):
    """Icon, word and both numbers, so that colour is never the only sign."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._outcome: Outcome | None = None
        self._edge, self._ground = themes.theme.accent, themes.theme.card
        self._icon = QLabel()
        self.title = Label(10.5, STRONG)
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self._captions = [Label(9, tone="muted") for _ in range(2)]
        self.numbers = [Label(12, STRONG, tabular=True, wordWrap=True) for _ in range(2)]
        self.sentences = [Sentence(themes) for _ in range(2)]  # instead of numbers, with formulas and code
        self.text = PageText(themes)
        self._build()
        themes.changed.connect(self._recolour)
        self.hide()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._icon)
        head.addWidget(self.title, 1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(0)
        for column, (caption, number) in enumerate(zip(self._captions, self.numbers, strict=True)):
            grid.addWidget(caption, 0, column)
            grid.addWidget(number, 1, column, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self.sentences[column], 2, column, Qt.AlignmentFlag.AlignTop)
        self._grid = grid
        self.text.document_().setDocumentMargin(0)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(12, 10, 12, 10)
        column_.setSpacing(8)
        column_.addLayout(head)
        column_.addLayout(grid)
        column_.addWidget(self.text)

    def show_outcome(self, outcome: Outcome | None) -> None:
        """Show what came of it; None hides the box."""
        self._outcome = outcome
        self.setVisible(outcome is not None)
        if outcome is None:
            return
        self.title.setText(
            {"right": tr("Right"), "wrong": tr("Not yet"), "shown": tr("The answer")}[outcome.state]
        )
        self._captions[0].setText(tr("Your prediction"))
        self._captions[1].setText(tr("The engine"))
        shown = outcome.expected if outcome.state != "wrong" or not outcome.given else HIDDEN
        for column, answer in enumerate((outcome.given, shown)):
            self._captions[column].setVisible(bool(answer))
            self.numbers[column].setText("" if outcome.sentences else answer)
            self.numbers[column].setVisible(bool(answer) and not outcome.sentences)
            self.sentences[column].set_markdown(answer if outcome.sentences else "")
            self.sentences[column].setAccessibleName(self._captions[column].text())
        self._grid.setColumnStretch(0, 1 if outcome.given else 0)
        self._grid.setColumnStretch(1, 1)
        self._grid.setHorizontalSpacing(16 if outcome.given else 0)
        self.text.set_markdown(outcome.text)
        self.text.setAccessibleName(tr("Hint") if outcome.state == "wrong" else tr("Explanation"))
        self.setAccessibleName(self.announcement())
        self.title.setAccessibleName(self.announcement())
        self._recolour(self._themes.theme)

    def announcement(self) -> str:
        """The verdict in one sentence, for a screen reader."""
        outcome = self._outcome
        if outcome is None:
            return ""
        if not outcome.expected:  # code
            return self.title.text()
        words = {"expected": plain(spoken(outcome.expected)), "given": plain(spoken(outcome.given))}
        if outcome.state == "right":
            return tr("Right: the engine computed {expected}").format(**words)
        if outcome.state == "wrong":
            return tr("Not yet: {given} is not what the engine computed").format(**words)
        if not outcome.given:
            return tr("The engine computed {expected}").format(**words)
        return tr("The engine computed {expected}; you predicted {given}").format(**words)

    def _recolour(self, theme: Theme) -> None:
        if self._outcome is None:
            return
        name, colour = {
            "right": ("check", theme.update),
            "wrong": ("close", theme.warning),
            "shown": ("info", theme.accent),
        }[self._outcome.state]
        self._icon.setPixmap(icons.pixmap(name, colour, 16, self.devicePixelRatioF()))
        self._edge, self._ground = colour, mix(theme.card, colour, 0.08)
        palette = self.title.palette()
        palette.setColor(QPalette.ColorRole.WindowText, colour)
        self.title.setPalette(palette)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._ground)
        painter.fillRect(0, 0, EDGE, self.height(), self._edge)
        painter.end()
