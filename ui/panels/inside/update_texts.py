"""What the stages of an update are called, and what each of them is for."""

from __future__ import annotations

from gradviz.app.i18n import tr


def stage_title(kind: str) -> str:
    """The name of a stage; that of the optimizer's state where there is none."""
    titles = {
        "gradient": tr("Gradient"),
        "norm": tr("Norm of all gradients"),
        "clip": tr("Clipping"),
        "uphill": tr("Sign turned: uphill"),
        "decay": tr("Weight decay"),
        "shrink": tr("Weight decay, decoupled"),
        "momentum": tr("Momentum"),
        "exp_avg": tr("First moment"),
        "exp_avg_sq": tr("Second moment"),
        "max_exp_avg_sq": tr("Largest second moment"),
        "square_avg": tr("Mean of the squares"),
        "grad_avg": tr("Mean of the gradients"),
        "sum": tr("Sum of the squares"),
        "step": tr("Count of the steps"),
        "ahead": tr("Nesterov's look ahead"),
        "correction": tr("Bias correction"),
        "rate": tr("Bias correction of the rate"),
        "slower": tr("Learning-rate decay"),
        "update": tr("Update"),
        "weight": tr("New weight"),
        "part": tr("Part of the update"),
    }
    return titles.get(kind, kind)


def stage_purpose(kind: str) -> str:
    """Why there is such a stage, in one sentence; "" for one that nobody has described."""
    purposes = {
        "gradient": tr("What backward left in .grad: how the loss grows with this weight."),
        "norm": tr("The length of the gradients of all parameters together."),
        "clip": tr(
            "A gradient that is too large is cut down, so that one bad batch cannot ruin the weights."
        ),
        "uphill": tr("The optimizer maximizes: it goes up instead of down."),
        "decay": tr("A share of the weight is added to the gradient, which pulls large weights towards 0."),
        "shrink": tr("The weight itself shrinks a little; the moments do not notice."),
        "momentum": tr("A running sum of gradients: what points the same way for long grows."),
        "exp_avg": tr("m ← β₁ m + (1 − β₁) g: a running mean of the gradient smooths out the noise."),
        "exp_avg_sq": tr("v ← β₂ v + (1 − β₂) g²: how large the gradient usually is."),
        "max_exp_avg_sq": tr("The largest second moment so far: the step can only become smaller."),
        "square_avg": tr("v ← α v + (1 − α) g²: how large the gradient usually is."),
        "grad_avg": tr("A running mean of the gradient; its square is taken off the mean of the squares."),
        "sum": tr("s ← s + g²: weights that have moved much move less from now on."),
        "step": tr("The bias correction needs to know how many steps there were."),
        "ahead": tr("The gradient as it will be when momentum has moved on once more."),
        "correction": tr(
            "The mean began at 0 and is too small at first: dividing by 1 − βᵗ makes up for it."
        ),
        "rate": tr("Dividing the rate by 1 − β₁ᵗ corrects the first moment, which began at 0."),
        "slower": tr("The rate gets smaller with every step."),
        "update": tr("What is taken off the weight."),
        "weight": tr("The weight with which the next iteration begins."),
    }
    return purposes.get(kind, "")
