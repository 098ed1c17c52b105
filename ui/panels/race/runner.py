"""Runs a race in the background: start, pause, go on, stop; then its table and its map."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from gradviz.app.race import Race
from gradviz.app.race_map import RaceMap, race_map
from gradviz.app.race_table import Standing, standings

from ...workers.task import Report, Task


class RaceState(Enum):
    """What a race does."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    JUDGING = "judging"  # table and map are being made


@dataclass(frozen=True, eq=False)
class Result:
    """The end of a race; `map` is None where nobody has moved, or it was cancelled."""

    rows: tuple[Standing, ...]
    map: RaceMap | None


class RaceRunner(QObject):
    """One race at a time; another `start` gives up the one before."""

    state_changed = pyqtSignal()
    advanced = pyqtSignal(int, int)  # how far, of how much: iterations, or places of the map
    ended = pyqtSignal(object)  # Result
    failed = pyqtSignal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.race: Race | None = None
        self.state = RaceState.IDLE
        self._goal = 0
        self._task: Task | None = None
        self._stopping = False

    def start(self, race: Race, iterations: int) -> None:
        """Begin a race of so many iterations; nothing while another one is on."""
        if self.state is RaceState.IDLE and self._task is None:
            self.race, self._goal, self._stopping = race, iterations, False
            self._run()

    def pause(self) -> None:
        """Stand still after the present iteration."""
        if self.state is RaceState.RUNNING and self._task is not None:
            self._task.cancel()

    def go_on(self) -> None:
        """Run on after a pause."""
        if self.state is RaceState.PAUSED:
            self._run()

    def stop(self) -> None:
        """End the race here and judge it; while it is judged: leave the rest out."""
        if self.state is RaceState.PAUSED:
            self._judge()
        elif self._task is not None:
            self._stopping = True
            self._task.cancel()

    def shut_down(self) -> None:
        """Wait for what runs, before the window goes."""
        if self._task is not None:
            self._task.shut_down()
            self._task = None

    def _run(self) -> None:
        race, goal = self.race, self._goal
        assert race is not None
        self._begin(RaceState.RUNNING, lambda report: race.run(goal, lambda: report((race.count, goal))))

    def _judge(self) -> None:
        race = self.race
        assert race is not None

        def work(report: Report) -> Result:
            rows = standings(race)
            return Result(rows, race_map(race, lambda done, total: report((done, total))))

        self._begin(RaceState.JUDGING, work)

    def _begin(self, state: RaceState, work: Any) -> None:
        self._task = task = Task(work, self)
        self._set(state)
        task.progress.connect(lambda news: self.advanced.emit(*news))
        task.finished.connect(self._finished)
        task.failed.connect(self._failed)
        task.ended.connect(lambda: self._ended(task))
        task.start()

    def _finished(self, made: object) -> None:
        self._task = None
        if self.state is RaceState.JUDGING:
            self._set(RaceState.IDLE)
            self.ended.emit(made)
        elif made or self._stopping:
            self._judge()
        else:
            self._set(RaceState.PAUSED)

    def _failed(self, message: str, details: str) -> None:
        self._task = None
        self._set(RaceState.IDLE)
        self.failed.emit(message, details)

    def _ended(self, task: Task) -> None:
        task.deleteLater()

    def _set(self, state: RaceState) -> None:
        self.state = state
        self.state_changed.emit()
