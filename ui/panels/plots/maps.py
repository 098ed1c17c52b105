"""What is computed of a run's model in the background: its loss surface, its answers everywhere, its path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from gradviz.app.decision import Fit, Region, fit, region
from gradviz.app.recorded_run import RecordedRun
from gradviz.app.recording import Iteration
from gradviz.data import Dataset

from ...workers.task import Report, Task
from .surfaces import Run, Runs, SurfaceOf, Weights, origin_of, surface_of_recording, surface_of_run

EVERY = 250  # ms between two looks at the model while it trains
PATH = 200  # places of the path at most
_PATH_BYTES = 512 * 2**10  # larger models leave no path, which so takes 100 MB at most


@dataclass(frozen=True, eq=False)
class Answers:
    """What the model says with the weights of an iteration, and the samples that it learns from."""

    shown: Region | Fit
    iteration: int
    inputs: np.ndarray
    targets: np.ndarray
    classes: tuple[str, ...]


class Maps(QObject):
    """Computes one thing after the other; `changed` says that there is something new to draw.

    `iteration` gives the iteration whose weights count while the run stands still; those of now do while it
    trains.
    """

    changed = pyqtSignal()
    computed = pyqtSignal()  # a surface
    progressed = pyqtSignal(int, int)  # of the surface: done, total
    computing_changed = pyqtSignal(bool)
    told = pyqtSignal(str, str)  # text, level

    def __init__(self, iteration: Callable[[], Iteration | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._iteration = iteration
        self._run: Run | None = None
        self._recorded: RecordedRun | None = None
        self._evaluator: Runs | None = None
        self._task: Task | None = None
        self._looking: Task | None = None
        self.running = False  # it trains
        self.wanted = False  # somebody sees the answers
        self.surface: SurfaceOf | None = None
        self.answers: Answers | None = None
        self.path: tuple[tuple[int, Weights], ...] = ()
        self._rest = QTimer(self, singleShot=True, interval=EVERY)
        self._rest.timeout.connect(self.look)
        self._looked: tuple[object, ...] = ()

    def follow(self, run: Run | None, recorded: RecordedRun | None = None) -> None:
        """Another run, or without one what is recorded: forget all that was computed."""
        if run is self._run and (run is not None or recorded is self._recorded):
            self._recorded = recorded
            return
        self.cancel()
        self._run, self._recorded, self._evaluator = run, recorded, None
        self.surface = self.answers = None
        self.path, self._looked = (), ()
        self.changed.emit()

    @property
    def keeps_up(self) -> bool:
        """Whether the answers follow the training."""
        return self.running and self.wanted

    @property
    def computing(self) -> bool:
        return self._task is not None

    @property
    def possible(self) -> bool:
        """Whether there is a model to ask, or an iteration to run again."""
        return self._run is not None or (self._recorded is not None and self._iteration() is not None)

    # The loss surface.

    def compute(self, kind: str) -> None:
        """Begin with the surface of this kind around the weights of now."""
        run, recorded = self._run, self._recorded
        at = None if self.running else self._iteration()
        if self._task is not None or not self.possible:
            return

        def work(report: Report) -> SurfaceOf | None:
            if run is not None:
                return surface_of_run(run, at, kind, report)
            assert recorded is not None
            assert at is not None
            return surface_of_recording(recorded, at, kind, report)

        self._task = task = Task(work, self)
        task.progress.connect(lambda news: self.progressed.emit(*news))
        task.finished.connect(lambda made: self._made(run or recorded, made))
        task.failed.connect(lambda message, _: self.told.emit(message, "error"))
        task.ended.connect(self._ended)
        self.computing_changed.emit(True)
        task.start()

    def cancel(self) -> None:
        """Stop with the surface; there is none of it then."""
        if self._task is not None:
            self._task.cancel()

    def _made(self, of: Run | RecordedRun | None, made: SurfaceOf | None) -> None:
        if made is not None and of is (self._run or self._recorded):
            self.surface = made
            self.changed.emit()
            self.computed.emit()

    def _ended(self) -> None:
        if self._task is not None:
            self._task.deleteLater()
        self._task = None
        self.computing_changed.emit(False)

    # The answers and the path.

    def look(self) -> None:
        """Ask the model anew, if it has changed, but not more often than makes sense."""
        run = self._run
        if run is None or self._looking is not None or self._rest.isActive():
            return
        at = None if self.running else self._iteration()
        rows = run.log.rows
        state = (at.number if at is not None else len(rows), self.wanted)
        if not len(rows) or state == self._looked or not (self.wanted or self.running):
            return
        self._looked = state
        evaluator = self._evaluator = self._evaluator or run.evaluator()
        wanted, keeps = self.wanted, self.running

        def work(report: Report) -> tuple[int, Weights | None, Answers | None]:
            number, weights = origin_of(run, at, evaluator)
            small = sum(w.nbytes for w in weights.values()) <= _PATH_BYTES
            answers = _answers(run.data, evaluator, number, weights) if wanted else None
            return number, weights if small and keeps else None, answers

        self._looking = task = Task(work, self)
        task.finished.connect(lambda made: self._seen(run, *made))
        task.failed.connect(lambda message, _: self.told.emit(message, "error"))
        task.ended.connect(self._look_ended)
        task.start()

    def _seen(self, run: Run, number: int, weights: Weights | None, answers: Answers | None) -> None:
        if run is not self._run:
            return
        if weights is not None and (not self.path or self.path[-1][0] < number):
            path = self.path[::2] if len(self.path) >= PATH else self.path
            self.path = (*path, (number, weights))
        if answers is not None:
            self.answers = answers
        self.changed.emit()

    def _look_ended(self) -> None:
        if self._looking is not None:
            self._looking.deleteLater()
        self._looking = None
        self._rest.start()

    def shut_down(self) -> None:
        """End what runs; call this before the window goes."""
        self._rest.stop()
        for task in (self._task, self._looking):
            if task is not None:
                task.shut_down()
        self._task = self._looking = None


def _answers(data: Dataset, evaluator: Runs, number: int, weights: Weights) -> Answers | None:
    """None for samples of more than two numbers."""
    shape: Sequence[int] = data.inputs.shape[1:]
    if len(shape) != 1 or shape[0] not in (1, 2):
        return None
    inputs = np.asarray(data.inputs)
    shown: Region | Fit
    if shape[0] == 2 and data.classes:
        shown = region(evaluator, inputs, weights=dict(weights))
    elif shape[0] == 1:
        shown = fit(evaluator, inputs, weights=dict(weights))
    else:
        return None
    return Answers(shown, number, inputs, np.asarray(data.targets), data.classes)
