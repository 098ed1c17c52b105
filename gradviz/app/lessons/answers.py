"""Reading what a learner types, and judging it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from gradviz.app.anchors import Anchors
from gradviz.app.i18n import tr

from .exercise import ExerciseResult
from .expressions import ExpressionError, calculate, evaluate, format_answer
from .model import Question

_SIGNS = {
    "+": 1,
    "-": -1,
    "0": 0,
    "positive": 1,
    "negative": -1,
    "zero": 0,
    "正": 1,
    "负": -1,
    "零": 0,
}
_SIGN_TEXT = {1: "+", -1: "−", 0: "0"}
_SEPARATORS = re.compile(r"[×x*,\s()\[\]]+")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
# Full-width forms, as a Chinese input method types them, and the several minus, times and division signs.
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | str.maketrans(
    {"−": "-", "–": "-", "·": "*", "⋅": "*", "×": "*", "÷": "/", "、": ",", "。": ".", "\u3000": " "}
)


class UnreadableAnswerError(ValueError):
    """What was typed is not an answer of the question's kind; it is not counted as a try."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an answer is right, the right one as text, and which computed mistake it equals ("" for
    none); `detail` is what a check of code says of it."""

    correct: bool
    given: str
    expected: str
    mistake: str = ""
    detail: str = ""


def judge(question: Question, text: str, anchors: Anchors) -> Verdict:
    """Compare what was typed with what the engine computed."""
    given = read_answer(question, text)
    expected = expected_answer(question, anchors)
    shown = answer_text(question, given), answer_text(question, expected)
    if agrees(question, given, expected):
        return Verdict(True, *shown)
    for mistake in question.mistakes:
        if agrees(question, given, _as_kind(question, mistake.answer, anchors)):
            return Verdict(False, *shown, mistake.id)
    return Verdict(False, *shown)


def judge_code(result: ExerciseResult) -> Verdict:
    """What came of a learner's code; the first failed check is the mistake."""
    if result.problem:
        text = result.problem
        if result.line:
            text = tr("line {line}: {error}").format(line=result.line, error=text)
        return Verdict(False, "", "", "", text)
    failed = result.failed
    if failed is None:
        return Verdict(result.passed, "", "")
    return Verdict(False, "", "", failed.name, failed.message)


def expected_answer(question: Question, anchors: Anchors) -> Any:
    """The right answer, from the engine's numbers."""
    return _as_kind(question, question.answer, anchors)


def mistaken_answers(question: Question, anchors: Anchors) -> dict[str, Any]:
    """What each computed mistake leads to, by its id."""
    return {mistake.id: _as_kind(question, mistake.answer, anchors) for mistake in question.mistakes}


def read_answer(question: Question, text: str) -> Any:
    """A typed answer: "-0.5", "1/3", "1e-3", "2 * 0.75" · "+", "negative" · "6×28×28", "(6, 28, 28)" · a
    choice's id."""
    text = text.strip()
    plain = text.translate(_PLAIN)
    try:
        match question.kind:
            case "number":
                return _number(plain)
            case "sign":
                return _SIGNS[plain.strip().lower()]
            case "shape":
                return _shape(plain)
    except (ValueError, KeyError):
        raise UnreadableAnswerError(text) from None
    if question.kind == "choice" and text not in question.choices:
        raise UnreadableAnswerError(text)
    return text


def answer_text(question: Question, answer: Any) -> str:
    """An answer as it is shown; a sign as +, − or 0, a choice as its id."""
    return _SIGN_TEXT[answer] if question.kind == "sign" else format_answer(answer)


def _number(text: str) -> float:
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    elif _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        value = calculate(text.replace("^", "**"))
    if math.isnan(value):
        raise ValueError(text)
    return value


def _shape(text: str) -> tuple[int, ...]:
    text = re.sub(r"^\s*(torch\.)?Size", "", text)
    if not text.strip():
        raise ValueError(text)
    sizes = tuple(int(part) for part in _SEPARATORS.split(text) if part)
    if any(size < 0 for size in sizes):
        raise ValueError(text)
    return sizes


def _as_kind(question: Question, expression: str, anchors: Anchors) -> Any:
    value = evaluate(expression, anchors)
    try:
        match question.kind:
            case "number":
                return float(value)
            case "sign" if value == value:  # not for NaN
                return int(value > 0) - int(value < 0)
            case "shape":
                return tuple(int(size) for size in value)
    except (TypeError, ValueError):
        raise _of_another_kind(question, expression, value) from None
    if not isinstance(value, str) or value not in question.choices:
        raise _of_another_kind(question, expression, value)
    return value


def _of_another_kind(question: Question, expression: str, value: object) -> ExpressionError:
    return ExpressionError(
        tr("{expression} gives {value!r}, which does not fit a question of the kind {kind!r}").format(
            expression=expression, value=value, kind=question.kind
        )
    )


def agrees(question: Question, given: Any, expected: Any) -> bool:
    """Whether an answer is as good as the expected one, within the question's tolerance."""
    if question.kind != "number":
        return bool(given == expected)
    if not math.isfinite(expected) or not math.isfinite(given):
        return bool(given == expected)
    return bool(abs(given - expected) <= max(question.tolerance * abs(expected), question.absolute))
