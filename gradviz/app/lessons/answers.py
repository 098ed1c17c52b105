"""Reading what a learner types, and judging it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gradviz.app.anchors import Anchors

from .expressions import ExpressionError, evaluate, format_answer
from .model import Question

_SIGNS = {
    "+": 1,
    "-": -1,
    "−": -1,
    "0": 0,
    "positive": 1,
    "negative": -1,
    "zero": 0,
    "正": 1,
    "负": -1,
    "零": 0,
}
_SEPARATORS = re.compile(r"[×x*,，\s()\[\]]+")


class UnreadableAnswerError(ValueError):
    """What was typed is not an answer of the question's kind; it is not counted as a try."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an answer is right, the right one as text, and which computed mistake it equals ("" for
    none)."""

    correct: bool
    given: str
    expected: str
    mistake: str = ""


def judge(question: Question, text: str, anchors: Anchors) -> Verdict:
    """Compare what was typed with what the engine computed."""
    given = read_answer(question, text)
    expected = expected_answer(question, anchors)
    shown = format_answer(given), format_answer(expected)
    if _equal(question, given, expected):
        return Verdict(True, *shown)
    for mistake in question.mistakes:
        if _equal(question, given, _as_kind(question, evaluate(mistake.answer, anchors))):
            return Verdict(False, *shown, mistake.id)
    return Verdict(False, *shown)


def expected_answer(question: Question, anchors: Anchors) -> Any:
    """The right answer, from the engine's numbers."""
    return _as_kind(question, evaluate(question.answer, anchors))


def read_answer(question: Question, text: str) -> Any:
    """A typed answer: "-0.5", "1/3", "1e-3" · "+", "negative" · "6×28×28", "(6, 28, 28)" · a choice's id."""
    text = text.strip()
    try:
        match question.kind:
            case "number":
                return _number(text)
            case "sign":
                return _SIGNS[text.lower()]
            case "shape":
                return tuple(int(part) for part in _SEPARATORS.split(text) if part)
    except (ValueError, KeyError, ZeroDivisionError, OverflowError):
        raise UnreadableAnswerError(text) from None
    if text not in question.choices:
        raise UnreadableAnswerError(text)
    return text


def _number(text: str) -> float:
    plain = text.replace("−", "-").replace("，", ".").replace(",", ".")
    if "/" in plain:
        return float(Fraction(plain.replace(" ", "")))
    return float(plain)


def _as_kind(question: Question, value: Any) -> Any:
    match question.kind:
        case "number":
            return float(value)
        case "sign":
            return int(value > 0) - int(value < 0)
        case "shape":
            return tuple(int(size) for size in value)
    if str(value) not in question.choices:
        raise ExpressionError(f"{question.answer} gives {value!r}, which is no choice")
    return str(value)


def _equal(question: Question, given: Any, expected: Any) -> bool:
    if question.kind != "number":
        return bool(given == expected)
    if not math.isfinite(expected) or not math.isfinite(given):
        return bool(given == expected)
    return bool(abs(given - expected) <= max(question.tolerance * abs(expected), question.absolute))
