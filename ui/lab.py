"""The experiment at hand: a model on some data, recorded and trained in the background, one job at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.history import History
from gradviz.app.i18n import tr
from gradviz.app.own_data import told
from gradviz.app.recording import Iteration, Metrics, Recording
from gradviz.app.session import Session
from gradviz.app.train_log import TrainLog

from .branches import Branches
from .choosing import Choosing, Guest, choices_of, make_sense_of
from .jobs import Job, JobStrip
from .messages import MessageBar
from .training import Training, TrainingNews
from .workers.task import Report, Task

BUDGET = 2**30  # bytes of recorded values; beyond, the oldest iterations are let go

Make = Callable[[ExperimentSpec], Experiment]


class Lab(Choosing):
    """Makes recordings from the choices in the settings and gives them to the session."""

    busy_changed = pyqtSignal(bool)
    shown = pyqtSignal()  # a recording, or one more iteration
    failed = pyqtSignal()

    def __init__(
        self,
        session: Session,
        messages: MessageBar,
        jobs: JobStrip,
        parent: QObject | None = None,
        make: Make = Experiment,
    ) -> None:
        super().__init__(session, parent)
        self.messages, self._jobs, self._make = messages, jobs, make
        self._experiment: Experiment | None = None
        self._recording: Recording | None = None  # the experiment's own, also while another one is shown
        make_sense_of(session.settings)
        self._worked = choices_of(self._session.settings)  # the choices with which the last job went well
        self._task: Task | None = None
        self._past: Recording | None = None  # the last that was gone back to
        self._told: str | None = None  # why training is slow, once that was said
        self.training = Training(self)
        self.branches = Branches(self)

    @property
    def busy(self) -> bool:
        return self._task is not None

    @property
    def experiment(self) -> Experiment | None:
        """What is recorded and trained; None while nothing is."""
        return self._experiment

    @property
    def log(self) -> TrainLog | None:
        """The numbers of all iterations; it grows while training runs."""
        return None if self._experiment is None else self._experiment.log

    @property
    def history(self) -> History | None:
        """The iterations that can be gone back to."""
        return None if self._experiment is None else self._experiment.history

    @property
    def is_shown(self) -> bool:
        """Whether the session shows an iteration of the experiment, be it a past one."""
        shown = self._session.recording
        return any(made is not None and made.is_of(shown) for made in (self._recording, self._past))

    @property
    def samples(self) -> int:
        """How many samples the data has; 0 while nobody knows."""
        return len(self._experiment.data) if self._experiment is not None else 0

    @property
    def own_recording(self) -> Recording | None:
        """The experiment's, also while a past iteration or something else is shown."""
        return self._recording

    # Commands.

    def start_over(self) -> None:
        """Make the model anew, with fresh weights, and record its first iteration."""
        spec = ExperimentSpec(**choices_of(self._session.settings))
        shown_before = self._session.recording

        def work(report: Report) -> tuple[Experiment, Recording]:
            experiment = self._make(spec)
            return experiment, experiment.recording()

        def done(made: tuple[Experiment, Recording]) -> None:
            self.take(*made, None, shown_before)
            if spec.data == "file":
                places = made[0].trainer.samples
                self.messages.show_message(told(made[0].data, len(places)), "info")

        self.start(tr("Recording"), work, done, cancellable=False)

    def take(
        self, experiment: Experiment, recording: Recording, guest: Guest | None, before: Recording | None
    ) -> None:
        """Go on with another experiment; show it unless the user has opened something since `before`."""
        self._experiment, self._recording, self._guest = experiment, recording, guest
        self._past, self.training.news = None, None
        self.branches.forget()
        if _same(self._session.recording, before):
            self._session.load(recording)

    def record(self) -> None:
        """Record one more iteration, on the chosen sample."""
        experiment = self._experiment
        if experiment is None:
            self.start_over()
            return
        sample, rate = self.sample, self.learning_rate
        shown_before = self._session.recording

        def work(report: Report) -> tuple[Iteration, Recording]:
            experiment.choose_learning_rate(rate)
            experiment.choose_sample(sample)
            iteration = experiment.record()
            return iteration, experiment.recording(iteration)

        def done(made: tuple[Iteration, Recording]) -> None:
            self.tell_if_slow(experiment.slow_because)
            self.show([], *made, before=shown_before)

        self.start(tr("Recording"), work, done, total=1)

    def train(self, count: int) -> None:
        """Run `count` iterations on the training samples; the last one is shown as it was trained."""
        if self._experiment is None:
            self.start_over()
        else:
            self.training.so_many(count)

    def go_to(self, number: int) -> None:
        """Show a past iteration as it was; training goes on from where it is, when one lets it."""
        if (experiment := self._experiment) is None or self.training.pause(lambda: self.go_to(number)):
            return

        def done(made: Recording) -> None:
            rows = self._session.metrics
            if self._recording is not None and self.shows_own(self._session.recording):
                self._recording = _with_numbers(self._recording, rows)
            self._past = made
            self._session.load(_with_numbers(made, rows))

        self.start(tr("Going back"), lambda _: experiment.recording(experiment.at(number)), done)

    def cancel(self) -> None:
        """Stop as soon as possible; what is done so far counts."""
        if self._task is not None:
            self._task.cancel()

    def shut_down(self) -> bool:
        """Stop silently; False if something does not stop."""
        return self._task is None or self._task.shut_down()

    # How.

    def tell_if_slow(self, reason: str | None) -> None:
        """Say once why training is not compiled."""
        if reason is not None and reason != self._told:
            self._told = reason
            self.messages.show_message(_slow(reason), "info")

    def shows_own(self, recording: Recording | None) -> bool:
        """Whether a recording is the experiment's."""
        return self._recording is not None and self._recording.is_of(recording)

    def show(
        self,
        rows: Sequence[Metrics],
        iteration: Iteration | None,
        alone: Recording | None,
        before: Recording | None,
    ) -> None:
        """Show the experiment's recording with what is new, unless the user has opened something else since
        `before`; only the newest iteration (`alone`) if all are too much."""
        if not _same(self._session.recording, before):
            return
        if not self.shows_own(self._session.recording) and self._recording is not None:
            self._session.load(self._recording)
        self._session.add_metrics(rows)
        if iteration is None or alone is None or self._recording is None:
            return
        if _size(self._recording, iteration) <= BUDGET:
            self._session.add_iteration(iteration)
        else:
            self._session.load(alone)
        self._recording = self._session.recording

    def start(
        self,
        title: str,
        work: Callable[[Report], Any],
        done: Callable[[Any], None],
        total: int = 0,
        cancellable: bool = True,
        ended: Callable[[], None] | None = None,
    ) -> Task | None:
        """Do slow work in the background, unless something is being done already."""
        if self._task is not None:
            self.messages.show_message(tr("Wait until the present job has ended, or stop it"), "warning")
            return None
        self._task = task = Task(work, self)
        job = self._jobs.begin(title, task.cancel if cancellable else None)
        choices = choices_of(self._session.settings)
        task.progress.connect(lambda news: _report(job, news, total))
        task.finished.connect(lambda made: self._finished(done, made, choices))
        task.failed.connect(self._failed)
        task.ended.connect(lambda: self._ended(task, job, ended))
        self.busy_changed.emit(True)
        task.start()
        return task

    def _finished(self, done: Callable[[Any], None], made: Any, choices: dict[str, Any]) -> None:
        self._worked = choices
        done(made)
        self.shown.emit()

    def _failed(self, message: str, details: str) -> None:
        for name, value in self._worked.items():
            setattr(self._session.settings, name, value)
        self.messages.show_message(message, "error", details)
        self.choices_changed.emit()
        self.failed.emit()

    def _ended(self, task: Task, job: Job, then: Callable[[], None] | None) -> None:
        job.end()
        self._task = None
        task.deleteLater()
        self.busy_changed.emit(False)
        if then is not None:
            then()


def _slow(reason: str) -> str:
    return tr("Training is not compiled, and so slower: {reason}").format(reason=reason)


def _report(job: Job, news: tuple[int, float] | TrainingNews, total: int) -> None:
    count, loss = (news.done, news.row.loss) if isinstance(news, TrainingNews) else news
    if total > 1:
        text = tr("{done} of {total}, loss {loss:.4f}").format(done=count, total=total, loss=loss)
    else:
        text = tr("{done}, loss {loss:.4f}").format(done=count, loss=loss)
    job.report(count, total, text if total != 1 else "")


def _same(now: Recording | None, before: Recording | None) -> bool:
    """Whether the user has opened nothing else since; other values in it do not count."""
    return now is before if before is None else before.is_of(now)


def _with_numbers(recording: Recording, rows: Sequence[Metrics]) -> Recording:
    """The recording with the numbers of the iterations that it does not have itself."""
    own = {iteration.number for iteration in recording.iterations}
    return replace(recording, trained=tuple(row for row in rows if row.iteration not in own))


def _size(recording: Recording, iteration: Iteration) -> int:
    """The bytes of all values, each array counted once."""
    programs = [one.program for one in (*recording.iterations, iteration)]
    return sum({id(value): value.nbytes for program in programs for value in program.values}.values())
