"""What a lesson is made of, independent of how it is stored and shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

QuestionKind = Literal["number", "sign", "shape", "choice"]
LANGUAGES = ("en", "zh_CN")
TOLERANCE = 0.01  # of the answer's size
ABSOLUTE = 1e-4


class LessonError(Exception):
    """A lesson that cannot be used; the message names the file and, where it is known, the line."""

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")
        self.path = path
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer that can be computed: who gives `answer` gets the hint `id`."""

    id: str
    answer: str  # an expression


@dataclass(frozen=True, slots=True)
class Question:
    """A prediction; the right answer is an expression that the engine's numbers decide.

    For "choice" the expression gives the id of the right choice. A number is right within `tolerance` of the
    answer's size, or within `absolute`. `reveal_at` is the anchor that the cursor goes to when it is
    answered.
    """

    kind: QuestionKind
    answer: str
    tolerance: float = TOLERANCE
    absolute: float = ABSOLUTE
    choices: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    reveal_at: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: where the cursor goes (`at`), what is opened, selected and shown, and perhaps a question."""

    id: str
    at: str = ""
    iteration: int = 0
    open: tuple[str, ...] = ()
    select: str = ""
    element: tuple[int, ...] | None = None
    question: Question | None = None
    line: int = 0  # of the lesson file, for messages


@dataclass(frozen=True, slots=True)
class StepText:
    """The words of a step in one language, in Markdown with {{ expressions }}."""

    heading: str
    body: str
    question: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    explanation: str = ""
    hints: Mapping[str, str] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class LessonText:
    """The words of a lesson in one language."""

    path: Path
    title: str
    aim: str
    steps: Mapping[str, StepText]


@dataclass(frozen=True)
class Lesson:
    """A lesson as it was read from its folder."""

    id: str
    folder: Path
    order: int
    minutes: int
    setup: Path
    steps: tuple[Step, ...]
    texts: Mapping[str, LessonText]
    requires: tuple[str, ...] = ()

    def text(self, language: str) -> LessonText:
        """The words in a language; where there are none, in English, or else in any."""
        return self.texts.get(language) or self.texts.get("en") or next(iter(self.texts.values()))
