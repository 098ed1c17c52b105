"""Two branches of one training run: the one that goes on, and the one that was left for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from gradviz.app.experiment import LEARNING_RATES, Experiment
from gradviz.app.i18n import tr
from gradviz.app.recording import Iteration, Recording

from .choosing import Guest
from .training import thinned
from .workers.task import Report

if TYPE_CHECKING:
    from .lab import Lab


@dataclass(frozen=True)
class Branch:
    """An experiment, and what was shown of it last."""

    experiment: Experiment
    recording: Recording
    guest: Guest | None


class Branches(QObject):
    """Forks a lab's experiment at a past iteration, and goes back and forth between both futures.

    One branch is kept besides the present one; what is remembered of both counts against one budget.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self._lab = lab
        self.other: Branch | None = None

    @property
    def shown(self) -> Iteration | None:
        """The experiment's iteration that the cursor is in; between two it is the one to come."""
        timeline, recording = self._lab.session.timeline, self._lab.session.recording
        if timeline is None or recording is None or not self._lab.is_shown:
            return None
        place, moment = timeline.locate()
        rows = recording.iterations
        ended = moment == len(rows[place].program) and place + 1 < len(rows)
        return rows[place + ended]

    @property
    def fork_point(self) -> int | None:
        """The past iteration that is shown, from which a second branch can begin; None if none is."""
        lab, shown = self._lab, self.shown
        if lab.experiment is None or shown is None:
            return None
        return shown.number if shown.number < lab.experiment.trainer.count else None

    def forget(self) -> None:
        """There is no other branch any more."""
        self.other = None

    def fork(self, optimizer: str | None = None) -> None:
        """Begin a branch with the iteration that is shown, with its weights as they are shown, at the chosen
        learning rate and perhaps with another optimizer (and its usual rate, if the rate is this one's usual
        one); its first iteration is trained and shown."""
        lab, number = self._lab, self.fork_point
        experiment, shown = lab.experiment, self.shown
        if number is None or experiment is None or shown is None:
            return
        if lab.training.pause(lambda: self.fork(optimizer)):
            return
        dropped = self.other
        left, before = self._present(experiment), lab.session.recording
        rate = _rate(lab.learning_rate, experiment.spec.optimizer, optimizer or experiment.spec.optimizer)

        def work(report: Report) -> Branch:
            fork = experiment.fork(number, optimizer, rate, shown.program)
            fork.train(1)
            guest = None if left.guest is None else Guest(left.guest.sample, rate)
            return Branch(fork, fork.recording(fork.at(number)), guest)

        def done(branch: Branch) -> None:
            self._show(branch, left, before)
            text = tr(
                "A second branch begins with iteration {n}. The first one stays, up to iteration {last}: "
                "the Train panel leads back to it."
            )
            said = text.format(n=number, last=experiment.trainer.count)
            if dropped is not None:
                last = dropped.experiment.trainer.count
                said += " " + tr("The branch up to iteration {last} that was not shown is let go.").format(
                    last=last
                )
            lab.messages.show_message(said, "info")

        lab.start(tr("Beginning a branch"), work, done, cancellable=False)

    def switch(self) -> None:
        """Show the other branch and go on with it; this one becomes the other."""
        lab, other, experiment = self._lab, self.other, self._lab.experiment
        if other is None or experiment is None or lab.training.pause(self.switch):
            return
        if lab.busy:
            return
        self._show(other, self._present(experiment), lab.session.recording)
        lab.shown.emit()

    def _present(self, experiment: Experiment) -> Branch:
        recording = self._lab.own_recording
        assert recording is not None, "an experiment has one"
        return Branch(experiment, recording, self._lab.guest)

    def _show(self, branch: Branch, left: Branch, before: Recording | None) -> None:
        lab, rows = self._lab, branch.experiment.log.rows
        own = {iteration.number for iteration in branch.recording.iterations}
        points = tuple(row for row in thinned(rows, 0, len(rows)) if row.iteration not in own)
        lab.take(branch.experiment, replace(branch.recording, trained=points), branch.guest, before)
        self.other = left
        if branch.guest is None:
            settings = lab.session.settings
            settings.optimizer = branch.experiment.spec.optimizer
            settings.learning_rate = branch.experiment.spec.learning_rate
            lab.choices_changed.emit()


def _rate(rate: float, before: str, after: str) -> float:
    """The rate for another optimizer: its usual one, unless the user has chosen the rate."""
    return LEARNING_RATES[after] if rate == LEARNING_RATES[before] else rate
