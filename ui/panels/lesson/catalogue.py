"""The list of lessons as a map: the parts of the course in order, what comes next, how far one has come."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from gradviz.app.i18n import language, ntr, tr
from gradviz.app.lessons.library import Progress, following
from gradviz.app.lessons.model import PARTS, Lesson, LessonError

from ... import icons
from ...theme import Theme, ThemeManager
from .buttons import Button
from .cards import BrokenCard, LessonCard
from .texts import STRONG, Label, plain

__all__ = ["BrokenCard", "Catalogue", "LessonCard"]
ELSEWHERE = ""  # the part of lessons that belong to none


class Catalogue(QWidget):
    """Cards, one for each lesson, under the headings of their parts, and one for each that cannot be read."""

    chosen = pyqtSignal(object)  # Lesson
    folder_wanted = pyqtSignal()
    practice_wanted = pyqtSignal()
    hunt_wanted = pyqtSignal()

    def __init__(self, themes: ThemeManager, progress: Progress, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._progress = progress
        self.cards: list[LessonCard] = []
        self.broken: list[BrokenCard] = []
        self.parts: dict[str, Label] = {}
        self._heading, self._intro = Label(14, STRONG), Label(tone="muted", wordWrap=True)
        self.open, self.practice, self.hunt = Button(), Button(), Button()
        self.open.clicked.connect(self.folder_wanted)
        self.practice.clicked.connect(self.practice_wanted)
        self.hunt.clicked.connect(self.hunt_wanted)
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(16, 12, 16, 16)
        self._column.setSpacing(12)
        beside = QHBoxLayout()
        beside.setSpacing(8)
        beside.addWidget(self.practice)
        beside.addWidget(self.hunt)
        beside.addStretch(1)
        self._column.addWidget(self._heading)
        self._column.addWidget(self._intro)
        self._column.addLayout(beside)
        self._first = self._column.count()
        self._column.addWidget(self.open, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addStretch(1)
        self.area = QScrollArea(widgetResizable=True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(page)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self.area)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)

    def show_lessons(self, lessons: Sequence[Lesson], problems: Sequence[LessonError]) -> None:
        """Show these and no others."""
        for old in (*self.cards, *self.broken, *self.parts.values()):
            self._column.removeWidget(old)
            old.deleteLater()
        self.cards = [LessonCard(lesson, self._themes.theme) for lesson in lessons]
        self.broken = [BrokenCard(problem, self._themes.theme) for problem in problems]
        self.parts = {}
        place = self._first
        for part in (*PARTS, ELSEWHERE):
            cards = [
                card for card in self.cards if (card.lesson.part if not card.lesson.foreign else "") == part
            ]
            if cards:
                self.parts[part] = Label(10.5, STRONG, tone="muted", wordWrap=True)
            for widget in (*([self.parts[part]] if cards else []), *cards):
                self._column.insertWidget(place, widget)
                place += 1
        for broken in self.broken:
            self._column.insertWidget(place, broken)
            place += 1
        for card in self.cards:
            card.chosen.connect(self.chosen)
        self.retranslate()

    def show_last(self) -> None:
        """Bring the last card, the newest, into view and put the keyboard there."""
        last: QWidget = self.broken[-1].words if self.broken else self.cards[-1].begin
        self._column.activate()
        self.area.ensureWidgetVisible(last, 0, 16)
        last.setFocus()

    def retranslate(self) -> None:
        """All words in the current language; also how far the learner has come."""
        self._heading.setText(tr("Lessons"))
        self._intro.setText(
            tr("Each lesson runs real code, stops it at the right moments and asks what comes next.")
        )
        for button, text, tip in (
            (self.open, tr("Open a lesson folder…"), tr("Show a lesson that somebody else has made")),
            (self.practice, tr("Practice"), tr("Exercises with fresh numbers, and what you have mastered")),
            (self.hunt, tr("Bug hunt"), tr("Find what is secretly wrong in a program")),
        ):
            button.setText(text)
            button.setToolTip(tip)
        titles = {card.lesson.id: plain(card.lesson.text(language()).title) for card in self.cards}
        wanted = following([card.lesson for card in self.cards], self._progress)
        for card in self.cards:
            card.show_words(titles, self._progress, card.lesson is wanted)
        for broken in self.broken:
            broken.show_words()
        for part, label in self.parts.items():
            label.setText(self._part_words(part))
            label.setAccessibleName(label.text())

    def _part_words(self, part: str) -> str:
        lessons = [card.lesson for card in self.cards if card.lesson.part == part]
        name = {
            "scalars": tr("Single numbers"),
            "tensors": tr("Tensors"),
            "networks": tr("Networks"),
            "training": tr("Training"),
            "beyond": tr("Beyond"),
        }.get(part, tr("More lessons"))
        done = sum(self._progress.done(lesson.id) for lesson in lessons)
        minutes = sum(lesson.minutes for lesson in lessons)
        if part == ELSEWHERE:
            return name
        time = ntr("{n} minute", "{n} minutes", minutes).format(n=minutes)
        return tr("{part} · {done} of {count} done · {time}").format(
            part=name, done=done, count=len(lessons), time=time
        )

    def _recolour(self, theme: Theme) -> None:
        self.open.setIcon(icons.icon("open", theme))
        self.practice.setIcon(icons.icon("reset", theme))
        self.hunt.setIcon(icons.icon("check", theme))
        for card in self.cards:
            card.recolour(theme)
        for broken in self.broken:
            broken.recolour(theme)
