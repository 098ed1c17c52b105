"""What is said of topics and exercises, in the interface's language."""

from __future__ import annotations

from gradviz.app.i18n import ntr, tr
from gradviz.app.numerals import index_text

from .exercise import Exercise


def topic_words(topic: str) -> str:
    """A topic's name."""
    return {
        "add": tr("Sums and differences"),
        "mul": tr("Products and quotients"),
        "chain rule": tr("The chain rule"),
        "accumulate": tr("Values that are used twice"),
        "tanh": "tanh",
        "sigmoid": "sigmoid",
        "exp": "exp",
        "relu": "ReLU",
        "broadcasting": tr("Broadcasting"),
        "matmul": tr("Matrix products"),
        "loss": tr("Mean square error"),
        "cross-entropy": tr("Softmax and cross-entropy"),
        "convolution": tr("Convolution"),
        "pooling": tr("Pooling"),
        "update": tr("The update"),
    }.get(topic, topic)


def question_words(exercise: Exercise) -> str:
    """What is asked, in Markdown."""
    asked = exercise.prediction
    element = index_text(asked.element) if asked.element else ""
    name = f"`{exercise.draft.name}{element}`"
    if asked.kind == "shape":
        return tr("Which shape does {name} have?").format(name=name)
    if exercise.draft.gradient:
        return tr("What is the gradient of the loss with respect to {name}?").format(name=name)
    return tr("What is {name}?").format(name=name)


def due_words(count: int) -> str:
    """How much is due today."""
    if not count:
        return tr("Nothing is due now. You can always practise something new.")
    return ntr("{n} rule is due now", "{n} rules are due now", count).format(n=count)
