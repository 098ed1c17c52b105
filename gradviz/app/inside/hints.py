"""What to say about a mistake, in the current language."""

from __future__ import annotations

from ..i18n import tr


def hint(mistake: str) -> str:
    """The hint for a kind of mistake; a general one for "" and for kinds unknown here."""
    return _hints().get(mistake) or tr(
        "Not a mistake that is known here. Go through the story once more: upstream gradient, local "
        "derivative, contribution, sum; or through the formula, operand by operand."
    )


def _hints() -> dict[str, str]:
    return {
        "forgot_upstream": tr(
            "That is the local derivative alone. Multiply it by the upstream gradient: the chain rule."
        ),
        "forgot_local": tr("That is the upstream gradient, unchanged. Multiply it by the local derivative."),
        "swapped": tr("The operands are exchanged: the derivative of a product by one factor is the other."),
        "exchanged": tr("The operands are exchanged: their order matters here."),
        "overwrote": tr(
            "That is the last term alone: it has overwritten those before it. "
            "Gradients are added: += and not =."
        ),
        "one_path": tr(
            "That is one of the terms. The value is used in several places: add what all send back."
        ),
        "missed_sum": tr("That is one term of a sum. Add them all: one number here serves several places."),
        "averaged_sum": tr("The terms are added, not averaged."),
        "wrong_sign": tr("The size is right, the sign is not."),
        "transposed": tr("Row and column are exchanged."),
        "forgot_mean": tr("The loss is a mean: divide by the number of terms that it is taken over."),
        "forgot_rate": tr("The learning rate is missing: the step is the rate times the gradient."),
        "wrong_direction": tr(
            "The step goes uphill: subtract the gradient's step, so that the loss becomes smaller."
        ),
        "not_updated": tr("That is the value before the update."),
        "forgot_bias": tr("The bias is missing."),
        "added_factors": tr("That is the sum; here the operands are multiplied."),
        "multiplied_terms": tr("That is the product; here the operands are added."),
        "copied_input": tr("That is what goes in, unchanged. The operation does something to it."),
        "value_for_gradient": tr("That is the value itself; its gradient is asked for."),
        "shape_of_output": tr(
            "That is the shape of the result. A gradient has the shape of what it belongs to: what was "
            "broadcast is summed."
        ),
        "shape_of_input": tr("That is the shape of an input. The operation changes it."),
        "lost_dimension": tr("A dimension is missing."),
        "extra_dimension": tr("There is a dimension too many."),
    }


MISTAKES = (
    "forgot_upstream",
    "forgot_local",
    "swapped",
    "exchanged",
    "overwrote",
    "one_path",
    "missed_sum",
    "averaged_sum",
    "wrong_sign",
    "transposed",
    "forgot_mean",
    "forgot_rate",
    "wrong_direction",
    "not_updated",
    "forgot_bias",
    "added_factors",
    "multiplied_terms",
    "copied_input",
    "value_for_gradient",
    "shape_of_output",
    "shape_of_input",
    "lost_dimension",
    "extra_dimension",
)
"""All kinds of mistakes that are computed."""
