"""Numbers on the wrong scale before anything is learned: the loss, the inputs."""

from __future__ import annotations

import math

import numpy as np

from ..i18n import tr
from ..recording import Metrics
from .model import Finding, Rule, RunFacts, bound, figures


class LossScale(Rule):
    """The first loss is far from that of a model that knows nothing."""

    id = "loss_scale"
    causes = ("not_normalised",)
    formula = "L(1) / L₀,   L₀ = ln(classes) for cross-entropy, mean(y²) for the squared error"
    threshold = 3.0
    unit = "ratio"
    source = (
        "A. Karpathy, “A recipe for training neural networks”, 2019: verify the loss at the start; CS231n "
        "notes “Neural Networks Part 3”, Stanford, 2015: look for the correct loss at chance performance"
    )
    shows = "loss"

    first = 3
    """Of so many iterations at the start two have to show it, the first one among them."""

    def title(self) -> str:
        return tr("Loss on the wrong scale")

    def explanation(self) -> str:
        return tr(
            "Before it has learned anything a model should guess, and the loss of guessing is known. This "
            "one is far from it: it is added up over the batch instead of averaged, or the initial weights "
            "are so large that the model is sure of wrong answers. The gradient is on the wrong scale too, "
            "and the learning rate no longer means what it usually does."
        )

    def advice(self) -> str:
        return tr(
            'Use reduction="mean". If it is that already, make the last layer\'s initial weights smaller, or '
            "look at the scale of inputs and targets."
        )

    def condition(self) -> str:
        text = tr(
            "The ratio is above {bound} or below 1/{bound} in the first and one more of {n} iterations."
        )
        return text.format(bound=bound(self.threshold), n=self.first)

    def limits(self) -> str:
        return tr(
            "It knows L₀ for cross-entropy, the squared error and binary cross-entropy only, and not for "
            "training that goes on with weights that have learned already."
        )

    def find(self, run: RunFacts) -> Finding | None:
        rows = [row for row in run.log.rows[: self.first + 2] if _whole(row, run)][: self.first]
        if not math.isfinite(run.baseline) or run.baseline <= 0 or len(rows) < self.first:
            return None
        ratios = [row.loss / run.baseline for row in rows]
        if not self._off(ratios[0]) or sum(map(self._off, ratios)) < 2:
            return None
        return self.found(
            rows[0].iteration, "", loss=rows[0].loss, baseline=run.baseline, ratio=ratios[0], batch=run.batch
        )

    def _off(self, ratio: float) -> bool:
        return not 1 / self.threshold <= ratio <= self.threshold

    def numbers(self, finding: Finding) -> str:
        shown, batch, ratio = figures(finding), finding.evidence["batch"], finding.evidence["ratio"]
        text = tr("{loss} / {baseline} = {ratio}").format(**shown)
        if batch > 1 and 2 / 3 < ratio / batch < 3 / 2:
            text += tr(", about the {batch} samples of a batch: a sum instead of a mean").format(**shown)
        return text


def _whole(row: Metrics, run: RunFacts) -> bool:
    """Whether an iteration took a whole batch, as far as one knows: one that was recorded may take less."""
    program = run.programs.get(row.iteration)
    x = None if program is None else program.bound("x", 0)
    return program is None or x is None or program.slots[x].shape[:1] == (run.batch,)


class NotNormalised(Rule):
    """The inputs are large, or their features have very different sizes."""

    id = "not_normalised"
    formula = "√(mean(x)² + std(x)²),   or max std(xₖ) / min std(xₖ) over features k"
    threshold = 5.0
    unit = "of the inputs"
    source = (
        "Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller, “Efficient BackProp”, 1998, section 4.3: inputs with "
        "mean 0 and like variances"
    )
    shows = "input"

    spread = 30.0
    """The second measure's threshold."""

    columns = 32
    """Of more features only the first measure is looked at: some pixels are hardly ever inked."""

    def title(self) -> str:
        return tr("Data not normalised")

    def explanation(self) -> str:
        return tr(
            "The inputs are large, or some features are much larger than others. The first layer's gradient "
            "is a product with the input, so it is just as large or unequal: one learning rate cannot fit "
            "all of its weights."
        )

    def advice(self) -> str:
        return tr(
            "Subtract each feature's mean and divide by its standard deviation, both of the training data. "
            "Pixels from 0 to 255: divide by 255 first."
        )

    def condition(self) -> str:
        return tr(
            "The first measure is above {bound}, or the second above {spread}, over the training data."
        ).format(bound=bound(self.threshold), spread=bound(self.spread))

    def limits(self) -> str:
        return tr(
            "The second measure is for data of at most {n} features. Inputs that are very small, or that a "
            "normalization layer takes care of, are not told apart."
        ).format(n=self.columns)

    def find(self, run: RunFacts) -> Finding | None:
        facts = run.inputs
        if facts is None or not len(run.log.rows):
            return None
        size = math.hypot(facts.mean, facts.std)
        vary = facts.feature_std[facts.feature_std > 0]
        unequal = 1.0
        if vary.size > 0 and facts.feature_std.size <= self.columns:
            unequal = float(vary.max() / vary.min())
        if size <= self.threshold and unequal <= self.spread:
            return None
        return self.found(
            run.log.rows[0].iteration, "x", size=size, mean=facts.mean, std=facts.std, unequal=unequal
        )

    def numbers(self, finding: Finding) -> str:
        return tr("mean {mean}, std {std}: size {size};  largest / smallest std {unequal}").format(
            **figures(finding)
        )


def input_size(values: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Mean, standard deviation, and the standard deviations of the features of (N, …) inputs."""
    rows = np.asarray(values, np.float64).reshape(len(values), -1)
    return float(rows.mean()), float(rows.std()), rows.std(axis=0)
