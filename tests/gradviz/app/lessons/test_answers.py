"""What a learner types is read generously, judged by the engine's numbers, and mistakes are recognised."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.app.anchors import Anchors
from gradviz.app.lessons.answers import (
    UnreadableAnswerError,
    answer_text,
    expected_answer,
    judge,
    mistaken_answers,
    read_answer,
)
from gradviz.app.lessons.expressions import ExpressionError
from gradviz.app.lessons.model import Mistake, Question, QuestionKind
from tests.programs import lenet_like, neuron

NEURON = Anchors([neuron()])
CHOICES = ("same", "half")


def question(kind: QuestionKind, answer: str = "0", **more: Any) -> Question:
    return Question(kind, answer, choices=CHOICES if kind == "choice" else (), **more)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "-0.5", -0.5),
        ("number", " −0.5 ", -0.5),
        ("number", "－０．５", -0.5),
        ("number", "1/4", 0.25),
        ("number", "0,5", 0.5),
        ("number", "48,000", 48000.0),
        ("number", "1,234,567.5", 1234567.5),
        ("number", "0,125", 0.125),
        ("number", "1e-3", 0.001),
        ("number", "-1.42 × 2", -2.84),
        ("number", "0.5·(−2)", -1.0),
        ("number", "1 − 0.5^2", 0.75),
        ("number", "6÷4", 1.5),
        ("number", "inf", float("inf")),
        ("sign", "+", 1),
        ("sign", "−", -1),
        ("sign", "Negative", -1),
        ("sign", "正", 1),
        ("sign", "0", 0),
        ("shape", "6×28×28", (6, 28, 28)),
        ("shape", "(1, 6, 28, 28)", (1, 6, 28, 28)),
        ("shape", "torch.Size([6, 5])", (6, 5)),
        ("shape", "（6，28，28）", (6, 28, 28)),
        ("shape", "6x28x28", (6, 28, 28)),
        ("shape", "6 28 28", (6, 28, 28)),
        ("shape", "()", ()),
        ("shape", "[10]", (10,)),
        ("choice", "half", "half"),
    ],
)
def test_reading(kind: QuestionKind, text: str, value: Any) -> None:
    assert read_answer(question(kind), text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number", ""),
        ("number", "much"),
        ("number", "nan"),
        ("number", "1/0"),
        ("number", "1,2,3"),
        ("number", 'value("w1")'),
        ("number", "2 +"),
        ("number", "9^9^9^9"),
        ("sign", "plus"),
        ("sign", ""),
        ("shape", ""),
        ("shape", "6×x28"[:2] + "?"),
        ("shape", "-6, 5"),
        ("shape", "6.5"),
        ("choice", "third"),
        ("choice", ""),
    ],
)
def test_what_cannot_be_read_is_no_try(kind: QuestionKind, text: str) -> None:
    with pytest.raises(UnreadableAnswerError):
        read_answer(question(kind), text)


@given(st.sampled_from(["number", "sign", "shape", "choice"]), st.text(max_size=20))
def test_anything_may_be_typed(kind: QuestionKind, text: str) -> None:
    with suppress(UnreadableAnswerError):
        read_answer(question(kind), text)


@given(st.floats(-1e300, 1e300))
def test_every_number_can_be_typed_as_it_is_shown(value: float) -> None:
    shown = answer_text(question("number"), value)
    assert read_answer(question("number"), shown) == pytest.approx(value, rel=1e-3)


def test_a_number_is_right_within_its_tolerance() -> None:
    asked = question("number", 'value("x1w1")', tolerance=0.01, absolute=0.0)  # -6
    assert judge(asked, "-6.05", NEURON).correct
    assert not judge(asked, "-6.07", NEURON).correct
    small = question("number", "0", absolute=0.001)
    assert judge(small, "0.0009", NEURON).correct
    assert not judge(small, "0.0011", NEURON).correct
    endless = question("number", "inf")
    assert judge(endless, "inf", NEURON).correct
    assert not judge(endless, "1e300", NEURON).correct


def test_a_verdict_shows_both_numbers_and_names_the_mistake() -> None:
    asked = question(
        "number",
        'grad("x1w1") * value("x1")',
        mistakes=(Mistake("forgot-upstream", 'value("x1")'), Mistake("sign", "-1")),
    )
    expected = expected_answer(asked, NEURON)
    assert mistaken_answers(asked, NEURON) == {"forgot-upstream": 2.0, "sign": -1.0}
    verdict = judge(asked, "2.00", NEURON)
    assert (verdict.correct, verdict.given, verdict.mistake) == (False, "2", "forgot-upstream")
    assert verdict.expected == answer_text(asked, expected)
    assert judge(asked, "17", NEURON).mistake == ""
    assert judge(asked, str(expected), NEURON).correct


def test_signs_shapes_and_choices() -> None:
    sign = question("sign", 'grad("o") * value("w1")')
    assert judge(sign, "-", NEURON).correct
    wrong = judge(sign, "+", NEURON)
    assert (wrong.given, wrong.expected) == ("+", "−")
    lenet = Anchors([lenet_like()])
    shape = question(
        "shape", 'shape("conv1/conv2d")', mistakes=(Mistake("no-batch", 'shape("conv1/conv2d")[1:4]'),)
    )
    assert judge(shape, "1x6x28x28", lenet).correct
    assert judge(shape, "6x28x28", lenet).mistake == "no-batch"
    choice = question("choice", '"half" if value("x1") == 2 else "same"')
    assert judge(choice, "half", NEURON).correct
    assert not judge(choice, "same", NEURON).correct


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("number", '"text"'),
        ("number", "(1, 2)"),
        ("sign", "inf - inf"),
        ("sign", '"text"'),
        ("shape", "3"),
        ("shape", '"ab"'),
        ("choice", '"third"'),
        ("choice", "3"),
    ],
)
def test_an_answer_of_another_kind_is_an_error_of_the_lesson(kind: QuestionKind, answer: str) -> None:
    with pytest.raises(ExpressionError):
        expected_answer(question(kind, answer), NEURON)
