"""`gradviz lesson export`: walks a lesson without a display and writes it as HTML and PDF."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PyQt6.QtWidgets import QApplication

from gradviz.app.i18n import language, tr
from gradviz.app.lessons.library import lesson_folders
from gradviz.app.lessons.model import Lesson, LessonError, StepText, key_of
from gradviz.app.lessons.player import LessonPlayer
from gradviz.app.lessons.reader import read_lesson
from gradviz.app.settings import Settings

from .app import Gradviz
from .lesson_document import Handout, Leaf, html, write_pdf
from .panels.lesson.question import answer_words
from .panels.lesson.texts import plain
from .tour import SIZE, Ready, Tour

WIDTH = 1400  # pixels of a step's picture


class LessonExport(Tour):
    """Takes one step of a lesson after another and writes NAME.LANGUAGE.html and .pdf."""

    def __init__(self, app: QApplication, running: Gradviz, folder: Path, lesson: Lesson) -> None:
        super().__init__(app, running, folder)
        self._lesson = lesson

    def _walk(self) -> Iterator[Ready]:
        window = self._running.window
        window.lesson.runner.failed.connect(self._fail)
        window.lesson.start_trusted(self._lesson)
        yield lambda: window.lesson.player is not None
        player = window.lesson.player
        assert player is not None
        leaves = []
        for index in range(len(player.lesson.steps)):
            player.go(index)
            yield self._laid_out
            picture = window.graph.canvas.render_image(WIDTH)
            player.reveal()
            leaves.append(_leaf(player, picture))
        text = player.lesson.text(language())
        code = player.lesson.setup.read_text(encoding="utf-8")
        handout = Handout(plain(text.title), text.aim, leaves, code, language())
        name, theme = key_of(self._lesson.folder.name), self._running.themes.theme
        page = html(handout, theme)
        self._save(f"{name}.{language()}.html", lambda path: path.write_text(page, encoding="utf-8"))
        self._save(f"{name}.{language()}.pdf", lambda path: write_pdf(handout, theme, path))


def _leaf(player: LessonPlayer, picture: object) -> Leaf:
    words: StepText = player.words(language())
    question = player.step.question
    answer = ""
    choices = {name: player.text(choice) for name, choice in words.choices.items()}
    if question is not None:
        expected = answer_words(question, player.expected, choices)
        shown = f"```python\n{expected}\n```" if question.exercise is not None else f"**{expected}**"
        answer = f"{shown}\n\n{player.text(words.explanation)}"
    return Leaf(
        heading=plain(words.heading),
        body=player.text(words.body),
        picture=picture,  # type: ignore[arg-type]
        task=player.text(words.task),
        question=player.text(words.question),
        choices=tuple(choices.values()),
        answer=answer,
    )


def find_lesson(name: str) -> Lesson:
    """One of gradviz's lessons by its name, with or without its number, or one in a folder; LessonError."""
    for folder in lesson_folders():
        if key_of(folder.name) == key_of(name):
            return read_lesson(folder)
    folder = Path(name).resolve()
    return replace(read_lesson(folder), id=str(folder), foreign=True)


def main(name: str, folder: Path, language: str | None = None, theme: str | None = None) -> int:
    """Write a lesson to `folder`; returns the exit status."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
    try:
        lesson = find_lesson(name)
        folder.mkdir(parents=True, exist_ok=True)
    except (LessonError, OSError) as error:
        print(f"gradviz: {error}", file=sys.stderr)  # noqa: T201
        return 1
    app = QApplication(["gradviz"])
    with tempfile.TemporaryDirectory(prefix="gradviz-export-") as scratch:
        settings = Settings(folder=Path(scratch), welcome=False, reduced_motion=True)
        running = Gradviz(app, settings, language, theme or "light")
        running.window.resize(*SIZE)
        export = LessonExport(app, running, folder, lesson)
        before, sys.excepthook = sys.excepthook, export.stumble
        export.begin()
        app.exec()
        sys.excepthook = before
        running.shut_down()
    for path in export.written:
        print(path)  # noqa: T201
    if export.problem is not None:
        print(tr("gradviz: {problem}").format(problem=export.problem), file=sys.stderr)  # noqa: T201
    return 0 if export.problem is None else 1
