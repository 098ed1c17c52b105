"""The list of lessons: what each is about, how long it takes, how far one has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gradviz.app.i18n import language, ntr, tr
from gradviz.app.lessons.library import Progress
from gradviz.app.lessons.model import Lesson, LessonError

from ... import icons
from ...theme import Theme, ThemeManager
from .buttons import Button
from .texts import STRONG, Label, plain


class Catalogue(QWidget):
    """Cards, one for each lesson, and one for each that cannot be read."""

    chosen = pyqtSignal(object)  # Lesson
    folder_wanted = pyqtSignal()

    def __init__(self, themes: ThemeManager, progress: Progress, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._progress = progress
        self.cards: list[LessonCard] = []
        self.broken: list[BrokenCard] = []
        self._heading, self._intro = Label(14, STRONG), Label(tone="muted", wordWrap=True)
        self.open = Button()
        self.open.clicked.connect(self.folder_wanted)
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(16, 12, 16, 16)
        self._column.setSpacing(12)
        self._column.addWidget(self._heading)
        self._column.addWidget(self._intro)
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
        for card in (*self.cards, *self.broken):
            self._column.removeWidget(card)
            card.deleteLater()
        self.cards = [LessonCard(lesson, self._themes.theme) for lesson in lessons]
        self.broken = [BrokenCard(problem, self._themes.theme) for problem in problems]
        for place, widget in enumerate((*self.cards, *self.broken)):
            self._column.insertWidget(self._first + place, widget)
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
        self.open.setText(tr("Open a lesson folder…"))
        self.open.setToolTip(tr("Show a lesson that somebody else has made"))
        titles = {card.lesson.id: plain(card.lesson.text(language()).title) for card in self.cards}
        for card in self.cards:
            card.show_words(titles, self._progress)
        for broken in self.broken:
            broken.show_words()

    def _recolour(self, theme: Theme) -> None:
        self.open.setIcon(icons.icon("open", theme))
        for card in self.cards:
            card.recolour(theme)
        for broken in self.broken:
            broken.recolour(theme)


class LessonCard(QFrame):
    """One lesson with the button that begins it, or goes on with it."""

    chosen = pyqtSignal(object)  # Lesson

    def __init__(self, lesson: Lesson, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lesson = lesson
        self.setProperty("surface", "card")
        self.title, self.aim = Label(11, STRONG, wordWrap=True), Label(wordWrap=True)
        self.facts = Label(9, tabular=True, tone="muted", wordWrap=True)
        self._done = QLabel()
        self.bar = QProgressBar(textVisible=False, maximum=len(lesson.steps))
        self.begin = Button()
        self.begin.clicked.connect(lambda: self.chosen.emit(lesson))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        head.addWidget(self._done, 0, Qt.AlignmentFlag.AlignTop)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.facts, 1)
        foot.addWidget(self.begin)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.aim)
        column.addWidget(self.bar)
        column.addLayout(foot)
        self.recolour(theme)

    def show_words(self, titles: Mapping[str, str], progress: Progress) -> None:
        """The words in the current language; `titles` are those of all lessons."""
        lesson = self.lesson
        text = lesson.text(language())
        self.title.setText(plain(text.title))
        self.aim.setText(plain(text.aim))
        steps, reached = len(lesson.steps), progress.furthest(lesson.id) + 1
        done = progress.done(lesson.id)
        minutes = ntr("{n} minute", "{n} minutes", lesson.minutes).format(n=lesson.minutes)
        facts = [minutes, ntr("{n} step", "{n} steps", steps).format(n=steps)]
        if done:
            facts.append(tr("finished"))
        elif reached:
            facts.append(tr("step {n} reached").format(n=reached))
        needs = [titles[name] for name in lesson.requires if name in titles]
        lines = [" · ".join(facts)]
        if needs:
            lines.append(tr("Builds on “{title}”").format(title="”, “".join(needs)))
        self.facts.setText("\n".join(lines))
        self.bar.setVisible(bool(reached))
        self.bar.setValue(min(reached, steps))
        self._done.setVisible(done)
        self.begin.setText(tr("Again") if done else tr("Continue") if reached else tr("Start"))
        self.begin.set_primary(not done)
        self.begin.setAccessibleName(
            tr("{action}: {title}").format(action=self.begin.text(), title=plain(text.title))
        )
        self.begin.setToolTip(tr("Run this lesson's code and open its first step"))

    def recolour(self, theme: Theme) -> None:
        """Take on a theme's colours."""
        self._done.setPixmap(icons.pixmap("check", theme.update, 16, self.devicePixelRatioF()))


class BrokenCard(QFrame):
    """A lesson that cannot be read, and why: the others can be all the same."""

    def __init__(self, problem: LessonError, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self._problem = problem
        self._icon, self.words = QLabel(), Label(wordWrap=True)
        self.words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        self.recolour(theme)

    def show_words(self) -> None:
        """Say what is wrong, and where."""
        problem = self._problem
        place = problem.path.name if problem.line is None else f"{problem.path.name}:{problem.line}"
        self.words.setText(
            tr("The lesson “{name}” cannot be read. {place}: {message}").format(
                name=problem.path.parent.name, place=place, message=problem.message
            )
        )
        self.words.setToolTip(str(problem.path))
        self.words.setAccessibleName(self.words.text())

    def recolour(self, theme: Theme) -> None:
        """Take on a theme's colours."""
        self._icon.setPixmap(icons.pixmap("warning", theme.warning, 16, self.devicePixelRatioF()))
