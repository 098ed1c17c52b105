"""What only shows on samples that were not trained on: overfitting, wrong labels."""

from __future__ import annotations

import numpy as np

from ..i18n import tr
from .lasting import EPOCHS, onset
from .model import Finding, HeldOut, Rule, RunFacts, Severity, bound, figures


class Overfitting(Rule):
    """The loss on test samples rises while that on training samples falls."""

    id = "overfitting"
    causes = ("label_noise",)
    formula = "GL(e) = L_test(e) / min L_test(1…e) − 1,   and accuracy_train − accuracy_test"
    threshold = 0.2
    unit = "share of the smallest test loss"
    source = "L. Prechelt, “Early stopping — but when?”, in Neural Networks: Tricks of the Trade, 1998"
    severity = Severity.HINT
    shows = "loss"

    gap = 0.05
    """The least difference of the accuracies."""

    def title(self) -> str:
        return tr("Overfitting")

    def explanation(self) -> str:
        return tr(
            "The loss still falls on the samples that it trains on, but rises on those that it does not: it "
            "learns these samples by heart instead of what they have in common."
        )

    def advice(self) -> str:
        return tr(
            "Stop where the test loss was smallest. More data, weight decay, dropout, augmentation or a "
            "smaller model push that point further back."
        )

    def condition(self) -> str:
        return tr(
            "GL is above {bound} and the training accuracy {gap:.0%} or more above the test accuracy, in {n} "
            "epochs in a row."
        ).format(bound=bound(self.threshold), gap=self.gap, n=EPOCHS)

    def limits(self) -> str:
        return tr(
            "It needs a test set, whole epochs and classes. A test loss that stays where it is, without "
            "rising, is not found."
        )

    def find(self, run: RunFacts) -> Finding | None:
        epochs = run.log.epochs
        if not epochs:
            return None
        test = np.array([row.test_loss for row in epochs])
        train = np.array([row.train_loss for row in epochs])
        gap = np.array([row.train_accuracy - row.test_accuracy for row in epochs])
        best = np.minimum.accumulate(np.where(np.isfinite(test), test, np.inf))
        lowest = np.minimum.accumulate(np.where(np.isfinite(train), train, np.inf))
        with np.errstate(invalid="ignore", divide="ignore"):
            rise = test / best - 1
            holds = (rise > self.threshold) & (gap >= self.gap) & (train <= 1.5 * lowest)
        first = onset(holds, EPOCHS)
        if first is None:
            return None
        return self.found(
            epochs[first].iteration, "", test=test[first], best=best[first], rise=rise[first], gap=gap[first],
            epoch=epochs[first].epoch,
        )  # fmt: skip

    def numbers(self, finding: Finding) -> str:
        return tr(
            "GL = {test} / {best} − 1 = {rise} > {bound};  accuracies differ by {gap};  epoch {epoch}"
        ).format(**figures(finding), bound=bound(self.threshold))


class LabelNoise(Rule):
    """Many held-out samples have a label that the model, sure of itself, contradicts."""

    id = "label_noise"
    formula = (
        "share of samples i with p(k | xᵢ) ≥ tₖ for a class k that is not its label,   "
        "tₖ = mean of p(k | x) over samples labelled k"
    )
    threshold = 0.12
    unit = "share of held-out samples"
    source = (
        "C. G. Northcutt, L. Jiang, I. L. Chuang, “Confident learning: estimating uncertainty in dataset "
        "labels”, JAIR 70, 2021"
    )
    severity = Severity.HINT
    shows = "loss"

    skill = 0.3
    """How far the mean of the tⱼ lies above guessing, of the way from guessing to 1: less is no opinion."""

    epochs = 5
    """So many in a row have to show it: early on a model is sure of much that is wrong."""

    least = 8
    """Samples that have to be contradicted."""

    def title(self) -> str:
        return tr("Wrong labels in the data")

    def explanation(self) -> str:
        return tr(
            "The model has learned something, and for many samples that it did not train on it is as sure "
            "of another class as it is for samples that do have that label. Mostly the labels are wrong, "
            "not the model. Sooner or later it learns the wrong ones by heart."
        )

    def advice(self) -> str:
        return tr(
            "Look at the samples with the largest losses and mend their labels. Until then stop early, or "
            "use label smoothing."
        )

    def condition(self) -> str:
        return tr(
            "The share is above {bound} after {n} epochs in a row, of at least {least} samples, by a model "
            "that is well above guessing."
        ).format(bound=bound(self.threshold), n=self.epochs, least=self.least)

    def limits(self) -> str:
        return tr(
            "Samples that really are ambiguous, or a model that is too small, look alike; below about one "
            "wrong label in eight it says nothing. Which labels are wrong it cannot be sure of."
        )

    def find(self, run: RunFacts) -> Finding | None:
        shares = [contradicted(row) for row in run.held_out]
        holds = [
            share > self.threshold and count >= self.least and skill >= self.skill
            for share, count, skill in shares
        ]
        first = onset(holds, self.epochs)
        if first is None:
            return None
        share, count, skill = shares[first]
        return self.found(run.held_out[first].iteration, "", share=share, samples=count, skill=skill)

    def numbers(self, finding: Finding) -> str:
        return tr("{samples} samples, {share} of them all > {bound}").format(
            **figures(finding), bound=bound(self.threshold)
        )


def contradicted(row: HeldOut) -> tuple[float, int, float]:
    """The share and number of samples that count as mislabelled, and the model's skill.

    skill: how far the mean of the tⱼ lies above guessing, 0…1. (0, 0, 0) where a class has no samples.
    """
    p, targets = row.probabilities, row.targets
    classes = p.shape[1] if p.ndim == 2 else 0
    if classes < 2 or not len(targets) or not np.isfinite(p).all():
        return 0.0, 0, 0.0
    present = np.bincount(targets, minlength=classes)[:classes] > 0
    own = [float(p[targets == j, j].mean()) if present[j] else np.inf for j in range(classes)]
    levels = np.array(own)
    sure = p >= levels
    sure[np.arange(len(targets)), targets] = False
    # More than its own label: a sample that is sure of both is not contradicted.
    stronger = np.where(sure, p, -1.0).max(axis=1) > p[np.arange(len(targets)), targets]
    count = int(np.count_nonzero(stronger))
    guess = 1 / classes
    skill = (float(levels[present].mean()) - guess) / (1 - guess)
    return count / len(targets), count, skill
