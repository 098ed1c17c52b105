"""What the gallery's runs are called, what is wrong with them, and what mends them."""

from __future__ import annotations

from ..diagnosis.rules import RULES
from ..i18n import tr


def title(rule: str) -> str:
    """The name of an item: that of its rule."""
    return RULES[rule].title()


def fault(rule: str) -> str:
    """What is wrong with the broken run, in a sentence."""
    return {
        "vanishing": tr("Six layers with sigmoids between them, on digits."),
        "exploding": tr("Six layers whose weights begin three times as large as they should, on digits."),
        "diverged": tr("A sine curve, learned at a rate of 0.5 with the squared error."),
        "dead_relu": tr("Every hidden bias begins at −10, so no ReLU answers to any digit."),
        "saturated": tr("tanh after weights that begin twenty times too large, on digits."),
        "rate_high": tr("Digits, learned by SGD at a rate of 2."),
        "rate_low": tr("Digits, learned by SGD at a rate of 0.000001."),
        "zero_grad": tr("Two moons, learned by a loop without optimizer.zero_grad()."),
        "loss_scale": tr("Digits, with a loss that is added up over the batch."),
        "not_normalised": tr("Digits with pixels from 0 to 255."),
        "label_noise": tr("Digits, a quarter of which have a wrong label."),
        "overfitting": tr("64 noisy points of two moons for a network with 4,482 parameters."),
    }[rule]


def repair(rule: str) -> str:
    """What the repaired run does otherwise."""
    return {
        "vanishing": tr("ReLU and He's initialization instead."),
        "exploding": tr("Weights begin as He's initialization has them, and the rate is 0.05."),
        "diverged": tr("A rate of 0.05."),
        "dead_relu": tr("Biases begin at 0, weights as He's initialization has them."),
        "saturated": tr("Weights begin as usual, and the rate is 0.1."),
        "rate_high": tr("A rate of 0.1."),
        "rate_low": tr("A rate of 0.1."),
        "zero_grad": tr("optimizer.zero_grad() at the start of each step."),
        "loss_scale": tr('reduction="mean", and a rate of 0.1.'),
        "not_normalised": tr("Pixels from 0 to 1, and a rate of 0.1."),
        "label_noise": tr("The labels as they are in the data set."),
        "overfitting": tr("All 640 training points."),
    }[rule]
