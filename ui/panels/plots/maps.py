"""What is computed of a run's model in the background: its loss surface, its answers everywhere, its path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from gradviz.app.decision import Fit, Region, fit, region
from gradviz.app.landscape import Surface, gradient_plane, length, random_plane, surface
from gradviz.app.recording import Iteration, last_gradients, parameter_slots
from gradviz.app.train_log import TrainLog
from gradviz.data import Dataset

from ...workers.task import Report, Task

EVERY = 250  # ms between two looks at the model while it trains
PATH = 200  # places of the path at most
_PATH_BYTES = 512 * 2**10  # larger models leave no path, which so takes 100 MB at most
_SAMPLES, _FEW, _LARGE = 256, 64, 10**6  # samples of the surface; fewer for models of so many parameters
_SIDE, _SMALL_SIDE = 31, 21  # places along a side of it
_NEAR = 0.1  # of the weights' length: how far the plane of the gradient reaches

Weights = Mapping[str, np.ndarray]


class Runs(Protocol):
    """What a model of a run can be asked; from one thread at a time."""

    def weights(self) -> dict[str, np.ndarray]: ...

    def outputs(self, inputs: np.ndarray, weights: Weights | None = None) -> np.ndarray: ...

    def loss(self, inputs: np.ndarray, targets: np.ndarray, weights: Weights | None = None) -> float: ...


class Run(Protocol):
    """A training run, as plots need it."""

    @property
    def log(self) -> TrainLog: ...

    @property
    def data(self) -> Dataset: ...

    def evaluator(self) -> Runs: ...


@dataclass(frozen=True, eq=False)
class SurfaceOf:
    """A surface around the weights of an iteration; kind: "random", "gradient" (with momentum) or "step"
    (the gradient without momentum, and a random direction)."""

    surface: Surface
    iteration: int
    kind: str


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
    progressed = pyqtSignal(int, int)  # of the surface: done, total
    computing_changed = pyqtSignal(bool)
    told = pyqtSignal(str, str)  # text, level

    def __init__(self, iteration: Callable[[], Iteration | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._iteration = iteration
        self._run: Run | None = None
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

    def follow(self, run: Run | None) -> None:
        """Another run, or none: forget all that was computed."""
        if run is self._run:
            return
        self.cancel()
        self._run, self._evaluator = run, None
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
        """Whether there is a model to ask."""
        return self._run is not None

    # The loss surface.

    def compute(self, kind: str) -> None:
        """Begin with the surface of this kind around the weights of now."""
        run = self._run
        if run is None or self._task is not None:
            return
        at = None if self.running else self._iteration()

        def work(report: Report) -> SurfaceOf | None:
            evaluator = run.evaluator()
            number, origin = _origin(run, at, evaluator)
            d1, d2, found = _plane(kind, origin, at)
            size = sum(w.size for w in origin.values())
            inputs, targets = _some(run.data, _FEW if size > _LARGE else _SAMPLES)
            span = 1.0 if found == "random" else _NEAR * max(length(origin), 1e-6)
            side = _SMALL_SIDE if size > 20_000 else _SIDE
            made = surface(evaluator, origin, d1, d2, span, side, inputs, targets, lambda *news: report(news))
            return None if made is None else SurfaceOf(made, number, found)

        self._task = task = Task(work, self)
        task.progress.connect(lambda news: self.progressed.emit(*news))
        task.finished.connect(lambda made: self._made(run, made))
        task.failed.connect(lambda message, _: self.told.emit(message, "error"))
        task.ended.connect(self._ended)
        self.computing_changed.emit(True)
        task.start()

    def cancel(self) -> None:
        """Stop with the surface; there is none of it then."""
        if self._task is not None:
            self._task.cancel()

    def _made(self, run: Run, made: SurfaceOf | None) -> None:
        if made is not None and run is self._run:
            self.surface = made
            self.changed.emit()

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
            number, weights = _origin(run, at, evaluator)
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


def _origin(run: Run, at: Iteration | None, evaluator: Runs) -> tuple[int, dict[str, np.ndarray]]:
    """An iteration and the weights that it began with; those of now, after the last one, if none is given."""
    if at is not None:
        values = at.program.values
        return at.number, {
            name: np.asarray(values[before]) for name, (before, _) in parameter_slots(at.program).items()
        }
    number = run.log.rows[-1].iteration if len(run.log.rows) else 0  # first, so that it claims no more
    return number, evaluator.weights()


def _plane(kind: str, origin: Weights, at: Iteration | None) -> tuple[Weights, Weights, str]:
    """Two directions, and which they are: without a recorded gradient random ones."""
    random = random_plane(origin)
    if kind != "gradient" or at is None:
        return *random, "random"
    program = at.program
    slots = last_gradients(program)
    zero = {name: np.zeros(w.shape) for name, w in origin.items()}
    gradient = {n: np.asarray(program.values[slots[n]]) if n in slots else z for n, z in zero.items()}
    names = {row.name: row.slot for row in program.bindings if row.slot is not None}
    momentum: dict[str, Any] = dict(zero)
    for name in zero:
        for state in ("momentum", "momentum_buffer", "exp_avg"):
            if f"{name}.{state}" in names:
                momentum[name] = np.asarray(program.values[names[f"{name}.{state}"]])
    try:
        return *gradient_plane(gradient, momentum), "gradient"
    except ValueError:
        pass
    try:
        return *gradient_plane(gradient, random[1]), "step"
    except ValueError:
        return *random, "random"


def _some(data: Dataset, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Evenly chosen training samples, the same each time."""
    train = data.split()[0]
    chosen = np.unique(np.linspace(0, len(train) - 1, min(count, len(train))).astype(int))
    return train.inputs[chosen], train.targets[chosen]


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
