"""The cards of the catalogue: one for each lesson, and one for each that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from gradviz.app.i18n import language, ntr, tr
from gradviz.app.lessons.library import Progress
from gradviz.app.lessons.model import Lesson, LessonError

from ... import icons
from ...theme import Theme
from .buttons import Button
from .texts import STRONG, Label, plain


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

    def show_words(self, titles: Mapping[str, str], progress: Progress, recommended: bool = False) -> None:
        """The words in the current language; `titles` are those of all lessons, by id."""
        lesson = self.lesson
        text = lesson.text(language())
        title = plain(text.title)
        self.title.setText(f"{lesson.number} · {title}" if lesson.number else title)
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
        self.begin.set_primary(recommended)
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
