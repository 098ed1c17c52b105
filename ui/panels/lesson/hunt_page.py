"""The bug hunt: how hard it shall be, then the suspects, then what it was."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QProgressBar, QWidget

from gradviz.app.i18n import ntr, tr
from gradviz.app.lessons.bughunt.hunt import LEVELS, Hunt
from gradviz.app.lessons.bughunt.words import explanation, scene_words, suspect_words, task_words

from ...theme import ThemeManager
from .buttons import Button
from .side_page import SidePage
from .texts import STRONG, Label
from .verdict import Outcome, VerdictBox


class HuntPage(SidePage):
    """Three faces: the choice of a level, a program that is being recorded, and a hunt."""

    begun = pyqtSignal(int)  # level
    suspected = pyqtSignal(str)  # looked at in the list
    accused = pyqtSignal(str)
    given_up = pyqtSignal()
    ended = pyqtSignal()  # back to the choice

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._hunt: Hunt | None = None
        self._wrong = ""  # the last wrong guess
        self._running = False
        self._results = (0, 0, 0)  # found, there are, points
        self.intro, self.results = Label(wordWrap=True), Label(tone="muted", wordWrap=True)
        self.levels = {level: Button() for level in LEVELS}
        self.bar = QProgressBar(textVisible=False, minimum=0, maximum=0)
        self.scene, self.task = Label(10.5, STRONG, wordWrap=True), Label(wordWrap=True)
        self.used = Label(9, tabular=True, tone="muted", wordWrap=True)
        self.suspects = QListWidget()
        self.accuse, self.give_up, self.again = Button(), Button(), Button()
        self.verdict = VerdictBox(themes)
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        levels, buttons = QHBoxLayout(), QHBoxLayout()
        for row, widgets in (
            (levels, tuple(self.levels.values())),
            (buttons, (self.accuse, self.give_up, self.again)),
        ):
            row.setSpacing(8)
            for widget in widgets:
                row.addWidget(widget)
            row.addStretch(1)
        self.suspects.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.suspects.setTextElideMode(Qt.TextElideMode.ElideRight)
        for part in (self.intro, levels, self.results, self.bar, self.scene, self.task, self.suspects):
            if isinstance(part, QHBoxLayout):
                self.column.addLayout(part)
            else:
                self.column.addWidget(part)
        self.column.addWidget(self.used)
        self.column.addLayout(buttons)
        self.column.addWidget(self.verdict)
        self.column.addStretch(1)

    def _connect(self) -> None:
        for level, button in self.levels.items():
            button.clicked.connect(lambda checked=False, level=level: self.begun.emit(level))
        self.suspects.currentItemChanged.connect(self._looked)
        self.suspects.itemActivated.connect(lambda item: self.accused.emit(self.suspect))
        self.accuse.clicked.connect(lambda: self.accused.emit(self.suspect))
        self.give_up.clicked.connect(self.given_up)
        self.again.clicked.connect(self.ended)

    @property
    def suspect(self) -> str:
        """What is chosen in the list, "" for nothing."""
        item = self.suspects.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""

    def choose(self, suspect: str) -> None:
        """Choose a suspect in the list, as it was chosen elsewhere."""
        for row in range(self.suspects.count()):
            item = self.suspects.item(row)
            if item is not None and item.data(Qt.ItemDataRole.UserRole) == suspect:
                self.suspects.blockSignals(True)
                self.suspects.setCurrentRow(row)
                self.suspects.blockSignals(False)
                self._show_buttons()

    def show_choice(self, found: int, count: int, points: int) -> None:
        """The choice of a level, and what was found so far."""
        self._hunt, self._running, self._results = None, False, (found, count, points)
        self.retranslate()

    def show_running(self) -> None:
        """The program is being recorded."""
        self._running = True
        self.retranslate()

    def show_hunt(self, hunt: Hunt) -> None:
        """A hunt begins."""
        self._hunt, self._running, self._wrong = hunt, False, ""
        self.suspects.clear()
        for suspect in hunt.suspects:
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, suspect)
            self.suspects.addItem(item)
        self.suspects.setFixedHeight(min(12, len(hunt.suspects)) * self.suspects.sizeHintForRow(0) + 8)
        self.retranslate()
        self.take_focus()

    def show_wrong(self, suspect: str) -> None:
        """Somebody innocent was accused."""
        self._wrong = suspect
        self.retranslate()

    def take_focus(self) -> None:
        if self._hunt is None:
            self.levels[1].setFocus()
        elif self._hunt.over:
            self.again.setFocus()
        else:
            self.suspects.setFocus()

    def _looked(self, item: QListWidgetItem | None, before: QListWidgetItem | None) -> None:
        self._show_buttons()
        if item is not None:
            self.suspected.emit(self.suspect)

    def retranslate(self) -> None:
        hunt = self._hunt
        choosing = hunt is None and not self._running
        self.head.set_title(tr("Bug hunt"))
        self.intro.setText(
            tr(
                "A program has a secret bug: a rule of backward, or a line of a training loop, is wrong. "
                "What you see is the code as it should be. Find the bug with as few checks as you can."
            )
            if not self._running
            else tr("Running the program…")
        )
        names = {1: tr("Easy"), 2: tr("Medium"), 3: tr("Hard")}
        for level, button in self.levels.items():
            button.setText(names[level])
            button.setToolTip(tr("Begin a hunt of this level"))
            button.setVisible(choosing)
        found, count, points = self._results
        self.results.setText(
            tr("Found so far: {found} of {count} bugs, {points} points").format(
                found=found, count=count, points=points
            )
        )
        self.intro.setVisible(hunt is None)
        self.results.setVisible(choosing)
        self.bar.setVisible(self._running)
        self.bar.setAccessibleName(tr("Running the program…"))
        for widget in (self.scene, self.task, self.used, self.suspects):
            widget.setVisible(hunt is not None)
        if hunt is not None:
            self._show_hunt_words(hunt)
        self._show_buttons()
        self.verdict.show_outcome(self._outcome())

    def _show_hunt_words(self, hunt: Hunt) -> None:
        self.scene.setText(scene_words(hunt.bug.scene))
        self.task.setText(task_words(hunt.bug))
        self.show_used(hunt)
        self.suspects.setAccessibleName(tr("Suspects"))
        self.suspects.setToolTip(tr("Choose a suspect; the graph shows where it is at work"))
        for row in range(self.suspects.count()):
            item = self.suspects.item(row)
            if item is not None:
                suspect = str(item.data(Qt.ItemDataRole.UserRole))
                innocent = suspect in hunt.guesses and suspect != hunt.bug.suspect
                name = suspect_words(suspect)
                item.setText(tr("{name} (innocent)").format(name=name) if innocent else name)

    def show_used(self, hunt: Hunt) -> None:
        """How many checks were used, and what a find is worth now."""
        checks = ntr("{n} check used", "{n} checks used", hunt.checks).format(n=hunt.checks)
        self.used.setText(tr("{checks} · worth {points} points").format(checks=checks, points=hunt.score))

    def _show_buttons(self) -> None:
        hunt = self._hunt
        open_ = hunt is not None and not hunt.over
        self.accuse.setText(tr("I have found it"))
        self.accuse.setToolTip(tr("Accuse the chosen suspect; a wrong guess costs 20 points"))
        self.accuse.setEnabled(bool(self.suspect))
        self.accuse.set_primary(True)
        self.give_up.setText(tr("Tell me"))
        self.give_up.setToolTip(tr("End the hunt and say what it was"))
        self.again.setText(tr("Another hunt"))
        self.again.setToolTip(tr("Back to the choice of a level"))
        for button, shown in ((self.accuse, open_), (self.give_up, open_)):
            button.setVisible(shown)
        self.again.setVisible(hunt is not None and hunt.over)
        self.suspects.setEnabled(open_)

    def _outcome(self) -> Outcome | None:
        hunt = self._hunt
        if hunt is None:
            return None
        if not hunt.over:
            if not self._wrong:
                return None
            name = suspect_words(self._wrong)
            return Outcome("wrong", "", "", tr("{name} is innocent. Go on.").format(name=f"`{name}`"))
        text = f"`{suspect_words(hunt.bug.suspect)}`: {explanation(hunt.bug)}"
        if hunt.found:
            points = tr("{n} points").format(n=hunt.score)
            return Outcome("right", "", "", f"{text}\n\n{points}")
        return Outcome("shown", "", "", text)
