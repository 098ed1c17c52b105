"""What is said of scenes, suspects and bugs, in the interface's language."""

from __future__ import annotations

from gradviz.app.i18n import tr

from .bugs import GATHER, Bug


def scene_words(scene: str) -> str:
    """What the program is about."""
    return {
        "neuron": tr("A neuron with a gate, made of single numbers."),
        "classifier": tr("A classifier with two hidden layers."),
        "convnet": tr("Two convolutions, max-pooling and average-pooling."),
        "norm": tr("Batch normalisation, written out."),
        "sgd": tr("A training loop with momentum and weight decay, written out."),
        "adam": tr("A training loop with Adam, written out."),
    }[scene]


def task_words(bug: Bug) -> str:
    """What is to be found."""
    if bug.line:
        return tr(
            "One line of the training loop does not do what it says. Compare what each line reads with what "
            "it writes: the inspector, the gradient check and the ledger help."
        )
    return tr(
        "One rule of backward is wrong in the whole program. Check gradients from the loss back: the first "
        "one that is wrong stands before the culprit. Where a value has several uses, the ledger shows its "
        "terms."
    )


def suspect_words(suspect: str) -> str:
    """A suspect as a line of the list."""
    kind, _, name = suspect.partition(":")
    if kind == "op":
        return tr("backward of {op}").format(op=name)
    return tr("the sum over all uses of a value") if suspect == GATHER else name


def explanation(bug: Bug) -> str:
    """What was wrong, for the end of the hunt."""
    return {**_rules(), **_more_rules(), **_lines()}[bug.id]


def _rules() -> dict[str, str]:
    return {
        "mul-swapped": tr("The first factor got the upstream gradient times itself, not times the other."),
        "mul-no-upstream": tr("The second factor got its local derivative without the upstream gradient."),
        "sub-sign": tr("What is subtracted got the upstream gradient with the wrong sign."),
        "tanh-of-input": tr("tanh used 1 − x², with its input; the slope is 1 − y², with its output."),
        "tanh-no-square": tr("tanh used 1 − y; the square was forgotten."),
        "gather-overwrites": tr("A value with two uses kept only the last gradient: = stood for +=."),
        "relu-inverted": tr("relu let gradients through where its input was negative, and blocked the rest."),
        "relu-open": tr("relu let every gradient through, also where it had given 0."),
        "add-no-sum": tr("The bias was spread over all rows; its gradient is their sum, not the first row."),
        "add-mean": tr("The bias got the mean over the rows; a value that was spread gets the sum."),
        "mm-weight-flipped": tr("The weight got gᵀx, its gradient xᵀg transposed; a square weight hides it."),
        "mm-not-transposed": tr("The input got g w and not g wᵀ; a square weight hides it."),
        "sigmoid-half": tr("sigmoid used y alone; its slope is y (1 − y)."),
    }


def _more_rules() -> dict[str, str]:
    return {
        "softmax-diagonal": tr("log_softmax took each logit alone; every logit moves all probabilities."),
        "nll-sum": tr("The loss is a mean over the batch, but its gradient was that of a sum."),
        "pool-first": tr("Max-pooling sent gradients to the first place of a window, not to the winner."),
        "average-whole": tr("Average-pooling sent the whole gradient to each place; each gets a quarter."),
        "conv-kernel-flipped": tr("The input's gradient was computed with the kernel turned round."),
        "conv-weight-shifted": tr("The kernel's gradient was shifted by one column."),
        "leak-closed": tr("leaky_relu blocked the negative side; it leaks a tenth there."),
        "mean-forgotten": tr("The mean sent nothing back, as if it did not depend on the batch."),
        "mean-whole": tr("The mean forgot to divide by the number of elements."),
        "root-no-half": tr("The slope of √x is 1 / (2 √x); the 2 was forgotten."),
        "quotient-sign": tr("A larger divisor makes a quotient smaller; the minus was forgotten."),
        "power-kept": tr("The slope of x² is 2 x; the exponent was not brought down."),
        "exp-of-input": tr("exp is its own slope: y, not x."),
    }


def _lines() -> dict[str, str]:
    return {
        "labels-shifted": tr("Each sample was compared with the target of the one before."),
        "never-cleared": tr("The gradient was never cleared, so each step also followed the old ones."),
        "loss-summed": tr("The squared errors were summed and not averaged."),
        "loss-turned": tr("Backward began at −loss, so the loop climbed."),
        "decay-sign": tr("Weight decay pushed the weights away from zero."),
        "decay-of-gradient": tr("Weight decay was taken of the gradient and not of the weight."),
        "momentum-sign": tr("The old velocity was subtracted."),
        "rate-squared": tr("The learning rate was used twice."),
        "step-twice": tr("The new step was added a second time to what moves the weight."),
        "moment-not-weighted": tr("The new gradient was added whole, not with its weight 1 − β₁."),
        "betas-swapped": tr("The old mean and the new gradient had their weights exchanged."),
        "square-missing": tr("The second moment averages squares; the gradient was not squared."),
        "no-correction": tr("The first moment was not corrected; the first steps were too small."),
        "other-correction": tr("The second moment was corrected with β₁ and not with β₂."),
        "root-missing": tr("The step was divided by the second moment and not by its root."),
        "labels-turned": tr("The labels were turned round: 1 − t."),
    }
