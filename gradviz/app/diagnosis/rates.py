"""Learning rates that are too high or too low, seen by the size of the updates."""

from __future__ import annotations

import numpy as np

from ..i18n import tr
from .lasting import ITERATIONS, SHARE, gradient_norm, onset, update_ratios
from .model import Finding, Rule, RunFacts, Severity, bound, figures

_SOURCE = (
    "A. Karpathy et al., CS231n notes “Neural Networks Part 3: Learning and Evaluation”, Stanford, 2015: "
    "updates of about 1e−3 of the weights"
)


class RateTooHigh(Rule):
    """Updates change the weights a lot, and the loss does not get smaller."""

    id = "rate_high"
    causes = (
        "not_normalised",
        "zero_grad",
        "loss_scale",
    )
    formula = "max over weights of ‖Δw‖₂ / ‖w‖₂,   and L(t) / L(1)"
    threshold = 0.1
    unit = "share of the weight, per iteration"
    source = _SOURCE
    shows = "update"

    learned = 0.8
    """L(t) / L(1) below which a run is well enough."""

    def title(self) -> str:
        return tr("Learning rate too high")

    def explanation(self) -> str:
        return tr(
            "Every step changes the weights by a large part of what they are, about a hundred times more "
            "than usual, and the loss does not fall: the steps jump over the valley instead of going down "
            "into it."
        )

    def advice(self) -> str:
        return tr("Divide the learning rate by 10 until the loss falls from the first iterations on.")

    def condition(self) -> str:
        return tr(
            "The largest ratio is above {bound} while the loss is above {learned:.0%} of the first one, in "
            "{share:.0%} of {n} iterations in a row."
        ).format(bound=bound(self.threshold), learned=self.learned, share=SHARE, n=ITERATIONS)

    def limits(self) -> str:
        return tr(
            "It does not see a rate at which the loss still falls, only not as far as it could. One large "
            "step that kills the network at once shows up as dead ReLUs or NaN instead."
        )

    def find(self, run: RunFacts) -> Finding | None:
        log = run.log
        ratios = update_ratios(log)
        if not ratios or not len(log.rows):
            return None
        loss = log.column("loss")[: len(log.rows)]
        names, table = list(ratios), np.nan_to_num(np.stack(list(ratios.values())), nan=0.0, posinf=0.0)
        with np.errstate(invalid="ignore"):
            bad = loss > self.learned * _start(loss)
        first = onset((table.max(axis=0) > self.threshold) & bad, ITERATIONS, SHARE)
        if first is None:
            return None
        worst = int(np.argmax(table[:, first]))
        return self.found(
            log.rows[first].iteration,
            names[worst],
            ratio=table[worst, first],
            loss=loss[first],
            start=_start(loss),
            rate=log.rows[first].lr,
        )

    def numbers(self, finding: Finding) -> str:
        return tr("‖Δw‖ / ‖w‖ = {ratio} > {bound},  L = {loss} (first: {start}),  lr = {rate}").format(
            **figures(finding), bound=bound(self.threshold)
        )


class RateTooLow(Rule):
    """Updates hardly change the weights, and nothing has been learned yet."""

    id = "rate_low"
    formula = "max over weights of ‖Δw‖₂ / ‖w‖₂,   and L(t) / L(1)"
    threshold = 1e-5
    unit = "share of the weight, per iteration"
    source = _SOURCE
    severity = Severity.HINT
    shows = "update"

    window = 50
    learned = 0.9

    def title(self) -> str:
        return tr("Learning rate too low")

    def explanation(self) -> str:
        return tr(
            "Even the weight that changes most changes by less than a hundred-thousandth in an iteration, a "
            "hundred times less than usual, and the loss is where it was. It learns, but it would take "
            "hundreds of times as long as it needs to."
        )

    def advice(self) -> str:
        return tr("Multiply the learning rate by 10 until the loss falls, or use Adam.")

    def condition(self) -> str:
        return tr(
            "The largest ratio is below {bound}, but not 0, while the loss is above {learned:.0%} of the "
            "first one, in {share:.0%} of {n} iterations in a row."
        ).format(bound=bound(self.threshold), learned=self.learned, share=SHARE, n=self.window)

    def limits(self) -> str:
        return tr(
            "Once the loss has fallen it says nothing: at the end of training small updates are as they "
            "should be. Small gradients of a dead network look alike; gradients of 0 are left out."
        )

    def find(self, run: RunFacts) -> Finding | None:
        log = run.log
        ratios = update_ratios(log)
        if not ratios or len(log.rows) < self.window:
            return None
        loss = log.column("loss")[: len(log.rows)]
        largest = np.stack(list(ratios.values())).max(axis=0)
        with np.errstate(invalid="ignore"):
            small = (largest < self.threshold) & (gradient_norm(log) > 0) & (largest > 0)
            holds = small & (loss > self.learned * _start(loss))
        first = onset(holds, self.window, SHARE)
        if first is None:
            return None
        name = max(ratios, key=lambda one: ratios[one][first])
        return self.found(
            log.rows[first].iteration,
            name,
            ratio=largest[first],
            loss=loss[first],
            start=_start(loss),
            rate=log.rows[first].lr,
        )

    def numbers(self, finding: Finding) -> str:
        return tr("‖Δw‖ / ‖w‖ = {ratio} < {bound},  L = {loss} (first: {start}),  lr = {rate}").format(
            **figures(finding), bound=bound(self.threshold)
        )


def _start(loss: np.ndarray) -> float:
    """The first loss that there is, NaN if there is none."""
    known = loss[np.isfinite(loss)]
    return float(known[0]) if known.size else float("nan")
