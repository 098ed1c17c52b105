"""Training that goes on until it is told to pause or stop, in the background, with its numbers of now."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from gradviz.app.experiment import Experiment, ExperimentError
from gradviz.app.i18n import tr
from gradviz.app.recording import Iteration, Metrics, Recording

from .workers.task import Report, Task

if TYPE_CHECKING:
    from .lab import Lab

RATE_SECONDS = 1.0  # over which the rate is measured
POINTS = 5000  # the session gets to know at most so many of a run's iterations; the log has them all


class TrainingState(Enum):
    """What training does."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"


@dataclass(frozen=True)
class TrainingNews:
    """Where training is: `done` of `total` iterations of this run (0: without end), at `rate` per second.

    `seconds`: since it went on, in which it did `new` of them.
    """

    row: Metrics
    epoch: int  # complete ones
    done: int
    total: int
    rate: float
    seconds: float = 0.0
    new: int = 0

    @property
    def seconds_left(self) -> float | None:
        """About how long it still takes; None if that is not known."""
        return (self.total - self.done) / self.rate if self.total and self.rate else None


class Training(QObject):
    """Starts, pauses and stops the training of a lab's experiment.

    A pause remembers how far the run was to go. When a run ends or pauses, the last iteration is shown just
    as it was trained.
    """

    running_changed = pyqtSignal()
    advanced = pyqtSignal(object)  # TrainingNews, as often as one can see

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self._lab = lab
        self._task: Task | None = None
        self._goal: tuple[Experiment, int, int | None] | None = None  # first batch, last batch (None: no end)
        self._pausing = False
        self._then: list[Callable[[], None]] = []
        self._state = TrainingState.IDLE
        self.news: TrainingNews | None = None

    @property
    def state(self) -> TrainingState:
        return self._state

    @property
    def running(self) -> bool:
        return self._state is TrainingState.RUNNING

    @property
    def paused(self) -> bool:
        """Whether `resume` can go on with a run."""
        return self._state is TrainingState.PAUSED and self._of_this_experiment()

    # Commands.

    def run(self, iterations: int | None = None, epochs: int | None = None) -> None:
        """Train so many iterations or epochs; without end if neither is given."""
        experiment = self._lab.experiment
        if experiment is None or self.running:
            return
        trainer = experiment.trainer
        end = None
        if iterations is not None:
            end = trainer.batch + iterations
        elif epochs is not None:
            end = trainer.batches.end_of(trainer.epochs + epochs)
        self._goal = (experiment, trainer.batch, end)
        self._go(experiment, trainer.batch, end)

    def resume(self) -> None:
        """Go on with the run that was paused."""
        if self.paused and self._goal is not None:
            self._go(*self._goal)

    def pause(self, then: Callable[[], None] | None = None) -> bool:
        """Stop after the present iteration, but remember how far the run was to go; then do something else.

        False, and nothing happens, if it does not run.
        """
        if not self.running or self._task is None:
            return False
        self._pausing = True
        if then is not None:
            self._then.append(then)
        self._task.cancel()
        return True

    def stop(self) -> None:
        """Stop after the present iteration; what is trained stays."""
        if self.running and self._task is not None:
            self._pausing = False
            self._task.cancel()
        else:
            self._goal = None
            self._become(TrainingState.IDLE)

    def so_many(self, iterations: int) -> None:
        """Train so many iterations and show the last; a paused run stays paused."""
        if self.paused:
            self._extra(iterations)
        else:
            self.run(iterations=iterations)

    def one_iteration(self) -> None:
        """Train one iteration and show it; a paused run stays paused."""
        self._extra(1)

    def one_epoch(self) -> None:
        """Train to the end of the present epoch; a paused run stays paused."""
        experiment = self._lab.experiment
        if experiment is not None:
            self._extra(experiment.trainer.left_of_epoch)

    # How.

    def _of_this_experiment(self) -> bool:
        return self._goal is not None and self._goal[0] is self._lab.experiment

    def _extra(self, count: int) -> None:
        experiment = self._lab.experiment
        if experiment is None or self.running:
            return
        self._pausing = self.paused
        now = experiment.trainer.batch
        self._go(experiment, now, now + count)

    def _go(self, experiment: Experiment, first: int, last: int | None) -> None:
        trainer, lab = experiment.trainer, self._lab
        shown_before, known = self._lab.session.recording, len(experiment.log.rows)
        total = 0 if last is None else last - first
        done_before = trainer.batch - first

        def work(report: Report) -> tuple[Iteration | None, Recording | None]:
            clock = _Rate()
            well = trainer.diverged is None
            if lab.learning_rate != experiment.spec.learning_rate:
                experiment.choose_learning_rate(lab.learning_rate)
            run = trainer.run(None if last is None else max(last - trainer.batch, 0))
            try:
                for done, row in enumerate(run, done_before + 1):
                    rate, new = clock.tick(), done - done_before
                    news = TrainingNews(row, trainer.epochs, done, total, rate, clock.passed, new)
                    if not report(news) or (well and trainer.diverged is not None):
                        break
                    if lab.learning_rate != experiment.spec.learning_rate:
                        experiment.choose_learning_rate(lab.learning_rate)
            finally:
                run.close()
            if len(experiment.log.rows) == known:  # it was stopped before it began
                return None, None
            try:
                iteration = experiment.at(trainer.count)
            except ExperimentError:  # it was trained without being noted
                return None, None
            return iteration, experiment.recording(iteration)

        def done(made: tuple[Iteration | None, Recording | None]) -> None:
            self._lab.tell_if_slow(experiment.slow_because)
            self._tell_if_diverged(experiment, known)
            rows = experiment.log.rows
            new = thinned(
                rows, known, len(rows) - (made[0] is not None)
            )  # the last one comes with its values
            self._lab.show(new, *made, before=shown_before)

        task = self._lab.start(tr("Training"), work, done, total, ended=self._ended)
        if task is not None:
            self._task = task
            task.progress.connect(self._advance)
            self._become(TrainingState.RUNNING)

    def _advance(self, news: TrainingNews) -> None:
        self.news = news
        self.advanced.emit(news)

    def _tell_if_diverged(self, experiment: Experiment, known: int) -> None:
        number = experiment.trainer.diverged
        rows = experiment.log.rows
        if number is not None and known < len(rows) and number >= rows[known].iteration:
            self._pausing = True
            text = tr("The loss stopped being a finite number at iteration {n}, so training is paused.")
            self._lab.messages.show_message(text.format(n=number), "warning")

    def _ended(self) -> None:
        self._task = None
        pausing, self._pausing = self._pausing, False
        if not pausing:
            self._goal = None
        self._become(TrainingState.PAUSED if pausing else TrainingState.IDLE)
        then, self._then = self._then, []
        for act in then:
            act()

    def _become(self, state: TrainingState) -> None:
        self._state = state
        self.running_changed.emit()


class _Rate:
    """Iterations per second, over the last second or so."""

    def __init__(self) -> None:
        self._began = self._start = time.perf_counter()
        self._count, self._rate = 0, 0.0

    @property
    def passed(self) -> float:
        """Seconds since it was made."""
        return time.perf_counter() - self._began

    def tick(self) -> float:
        now = time.perf_counter()
        self._count += 1
        passed = now - self._start
        if passed >= RATE_SECONDS or self._start == self._began:  # in the first second the best that is known
            self._rate = self._count / max(passed, 1e-9)
        if passed >= RATE_SECONDS:
            self._start, self._count = now, 0
        return self._rate


def thinned(rows: Sequence[Metrics], first: int, last: int) -> Sequence[Metrics]:
    """At most POINTS of the rows from `first` up to `last`, evenly; others are never made."""
    return rows[first : last : -(-(last - first) // POINTS) or 1]
