"""Looks at a training run again and again, and remembers what it has found."""

from __future__ import annotations

from ..evaluator import Evaluator
from ..experiment import Experiment
from .facts import facts_of, inputs_of, probabilities
from .model import Finding, HeldOut, InputFacts
from .rules import diagnose, in_order

HELD_OUT = 100
"""Looks at the test samples that are kept."""


class Watch:
    """One experiment's diagnosis; `look` may run in another thread than training, but not in two at once."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.findings: tuple[Finding, ...] = ()
        self._inputs: InputFacts | None = None
        self._judge: Evaluator | None = None
        self._held_out: list[HeldOut] = []
        self._epochs = 0
        self._version = -1

    @property
    def stale(self) -> bool:
        """Whether there is anything that it has not looked at."""
        return self.experiment.log.version != self._version

    def look(self) -> tuple[Finding, ...]:
        """All findings up to now; one that was found once stays as it was, with its iteration and numbers."""
        self._version = self.experiment.log.version
        if self._inputs is None:
            self._inputs = inputs_of(self.experiment.trainer)
        self._ask()
        kept = {finding.rule: finding for finding in self.findings}
        found = diagnose(facts_of(self.experiment, self._inputs, self._held_out))
        merged = {finding.rule: finding for finding in found} | kept
        self.findings = in_order(merged.values())
        return self.findings

    def _ask(self) -> None:
        """Ask the model about the test samples, once after each epoch."""
        trainer = self.experiment.trainer
        epochs = len(trainer.log.epochs)
        if epochs <= self._epochs or not len(trainer.test) or len(trainer.test.classes) < 2:
            return
        self._epochs = epochs
        self._judge = self._judge or trainer.evaluator()
        iteration = trainer.log.rows[-1].iteration
        outputs = self._judge.outputs(trainer.test.inputs)
        if outputs.ndim == 2:
            row = HeldOut(iteration, probabilities(outputs), trainer.test.targets)
            self._held_out = [*self._held_out, row][-HELD_OUT:]
