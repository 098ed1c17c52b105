"""A lesson that is edited while it is open is read again: the step stays, and the answers that still fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QFileSystemWatcher, QObject, QTimer

from gradviz.app.i18n import tr
from gradviz.app.lessons.model import Lesson, LessonError
from gradviz.app.lessons.player import LessonPlayer
from gradviz.app.lessons.reader import read_lesson

from .main_window import MainWindow

REST = 250  # ms after the last change: editors write a file in several steps


class LessonEditing(QObject):
    """Watches the folder of the lesson that is open."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._code: dict[Path, bytes] = {}
        self._watcher = QFileSystemWatcher(self)
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._watcher.directoryChanged.connect(lambda _: self._rest.start())
        self._watcher.fileChanged.connect(lambda _: self._rest.start())
        self._rest.timeout.connect(self.reload)
        window.lesson.lesson_opened.connect(self._opened)
        window.closing.connect(self._stop)

    def reload(self) -> None:
        """Read the lesson again; code that has changed is run again, after the user has agreed."""
        panel = self._window.lesson
        player = panel.player
        if player is None:
            return
        old = player.lesson
        self._watch(old.folder)
        try:
            lesson = replace(read_lesson(old.folder), id=old.id, foreign=old.foreign)
            if self._code_of(lesson) != self._code:
                panel.open_anew(lesson)
                return
            if lesson == old:
                return
            panel.put_in_place(again(player, lesson))
        except LessonError as error:
            self._window.messages.show_message(
                tr("The lesson has a fault, so it stays as it was: {fault}").format(fault=_short(error)),
                "warning",
                str(error),
            )
            return
        self._window.messages.show_message(tr("The lesson was read again."))

    def _opened(self, lesson_id: str) -> None:
        player = self._window.lesson.player
        if player is not None:
            self._code = self._code_of(player.lesson)
            self._watch(player.lesson.folder)

    def _watch(self, folder: Path) -> None:
        wanted = {str(folder), *(str(path) for path in folder.iterdir() if path.is_file())}
        known = {*self._watcher.directories(), *self._watcher.files()}
        if gone := sorted(known - wanted):
            self._watcher.removePaths(gone)
        if fresh := sorted(wanted - known):
            self._watcher.addPaths(fresh)

    def _stop(self) -> None:
        self._rest.stop()
        if known := [*self._watcher.directories(), *self._watcher.files()]:
            self._watcher.removePaths(known)

    def _code_of(self, lesson: Lesson) -> dict[Path, bytes]:
        return {file: file.read_bytes() for file in lesson.code_files()}


def again(player: LessonPlayer, lesson: Lesson) -> LessonPlayer:
    """The same lesson, read anew, over the same recording: at the same step, with the answers that fit."""
    names = [step.id for step in lesson.steps]
    here = player.step.id
    start = names.index(here) if here in names else min(player.index, len(names) - 1)
    fresh = LessonPlayer(player.session, lesson, start, player.on_progress)
    fresh.adopt(player)
    return fresh


def _short(error: LessonError) -> str:
    place = error.path.name if error.line is None else f"{error.path.name}:{error.line}"
    return f"{place}: {error.message}"
