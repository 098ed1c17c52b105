"""Slow work of which only the newest counts: what was asked for before is given up and never heard of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradviz.engine.rerun import AbandonedError
from PyQt6.QtCore import QObject, pyqtSignal

from ...workers.task import Report, Task


class Latest(QObject):
    """Runs one function at a time in a thread; signals are of the newest one only."""

    progress = pyqtSignal(object)
    finished = pyqtSignal(object)
    failed = pyqtSignal(str, str)
    busy_changed = pyqtSignal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._task: Task | None = None
        self._tasks: list[Task] = []  # with those that have been given up and have not ended yet

    @property
    def busy(self) -> bool:
        return self._task is not None

    def run(self, function: Callable[[Report], Any]) -> None:
        """Begin, and give up what runs; the function may raise AbandonedError once `report` says False."""
        self._drop()
        task = Task(lambda report: _outcome(function, report), self)
        self._task = task
        self._tasks.append(task)
        task.progress.connect(lambda news: self._told(task, news))
        task.finished.connect(lambda made: self._finished(task, made))
        task.failed.connect(lambda message, details: self._failed(task, message, details))
        task.ended.connect(lambda: self._ended(task))
        self.busy_changed.emit(True)
        task.start()

    def cancel(self) -> None:
        """Give up what runs."""
        if self._drop():
            self.busy_changed.emit(False)

    def shut_down(self) -> None:
        """Give up and wait, before the window goes."""
        self._task = None
        for task in self._tasks:
            task.shut_down()

    def _drop(self) -> bool:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        return task is not None

    def _told(self, task: Task, news: object) -> None:
        if self._task is task:
            self.progress.emit(news)

    def _finished(self, task: Task, made: Any) -> None:
        if self._task is task:
            self._task = None
            self.busy_changed.emit(False)
            if made is not _GIVEN_UP:
                self.finished.emit(made)

    def _failed(self, task: Task, message: str, details: str) -> None:
        if self._task is task:
            self._task = None
            self.busy_changed.emit(False)
            self.failed.emit(message, details)

    def _ended(self, task: Task) -> None:
        self._tasks.remove(task)
        task.deleteLater()


_GIVEN_UP = object()


def _outcome(function: Callable[[Report], Any], report: Report) -> Any:
    try:
        return function(report)
    except AbandonedError:
        return _GIVEN_UP
