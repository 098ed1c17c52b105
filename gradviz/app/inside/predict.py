"""A number, a sign or a shape to be predicted, and how an answer is judged."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from gradviz.engine.program import Program

from ..lessons.answers import agrees, answer_text, read_answer
from ..lessons.model import ABSOLUTE, TOLERANCE, Question
from .hints import hint
from .mistakes import mistakes, shape_mistakes

Kind = Literal["number", "sign", "shape"]
SLOW = 2**15  # numbers that are read or written; mistakes about more of them may take 50 ms
KINDS: tuple[Kind, ...] = ("number", "sign", "shape")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer is worth: both texts, and the hint for a wrong one ("" for a right one).

    `mistake` is the id of the computed mistake that it equals, "" if there is none.
    """

    correct: bool
    given: str
    expected: str
    mistake: str
    hint: str


@dataclass(frozen=True, eq=False)
class Prediction:
    """What is asked of one slot."""

    program: Program
    slot: int
    element: tuple[int, ...]
    kind: Kind
    answer: Any  # float, -1 0 1, or a shape
    question: Question

    @cached_property
    def wrong(self) -> tuple[tuple[str, tuple[Any, ...]], ...]:
        """The answers that each kind of mistake leads to; none of them is right."""
        found = []
        for name, answers in _mistaken(self.program, self.slot, self.element, self.kind):
            kept = tuple(each for each in answers if not agrees(self.question, each, self.answer))
            if kept:
                found.append((name, kept))
        return tuple(found)

    def slow(self, text: str) -> bool:
        """Whether to judge this takes longer than a window may wait: mistakes are computed for wrong answers.

        UnreadableAnswerError as `judge`.
        """
        if agrees(self.question, read_answer(self.question, text), self.answer) or "wrong" in self.__dict__:
            return False
        producer = self.program.producers[self.slot]
        slots = (*self.program.instrs[producer].inputs, self.slot) if producer >= 0 else ()
        return sum(self.program.values[slot].size for slot in slots) > SLOW

    def judge(self, text: str) -> Outcome:
        """Judge what was typed; UnreadableAnswerError if it is no answer of this kind."""
        given = read_answer(self.question, text)
        shown = answer_text(self.question, given), answer_text(self.question, self.answer)
        if agrees(self.question, given, self.answer):
            return Outcome(True, *shown, "", "")
        name = next(
            (name for name, answers in self.wrong if any(self._like(given, each) for each in answers)), ""
        )
        return Outcome(False, *shown, name, hint(name))

    def _like(self, given: Any, answer: Any) -> bool:
        return agrees(_question(self.kind, answer), given, answer)


def predict(program: Program, slot: int, element: tuple[int, ...], kind: Kind) -> Prediction:
    """Ask for an element of a slot, its sign, or the slot's shape.

    A number is right within the lessons' tolerance of its size; one that is 0 has to be 0. ValueError where
    there is no answer (NaN).
    """
    answer = _answer(program, slot, element, kind)
    return Prediction(program, slot, element, kind, answer, _question(kind, answer))


def _mistaken(
    program: Program, slot: int, element: tuple[int, ...], kind: Kind
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    producer = program.producers[slot]
    if producer < 0:
        return
    if kind == "shape":
        yield from ((each.id, each.answers) for each in shape_mistakes(program, producer))
        return
    for each in mistakes(program, producer, element):
        yield each.id, each.answers if kind == "number" else tuple({_sign(x): None for x in each.answers})


def _answer(program: Program, slot: int, element: tuple[int, ...], kind: Kind) -> Any:
    if kind == "shape":
        return program.slots[slot].shape
    value = float(program.values[slot][element])
    if math.isnan(value):
        raise ValueError("NaN cannot be predicted")
    return value if kind == "number" else _sign(value)


def _question(kind: Kind, answer: Any) -> Question:
    """As a lesson would ask: gradients may be far smaller than a lesson's absolute tolerance."""
    if kind != "number":
        return Question(kind, "")
    size = abs(answer) if math.isfinite(answer) else 0.0
    return Question(kind, "", TOLERANCE, min(ABSOLUTE, TOLERANCE * size))


def _sign(value: float) -> int:
    return int(value > 0) - int(value < 0)
