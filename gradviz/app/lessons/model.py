"""What a lesson is made of, independent of how it is stored and shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

QuestionKind = Literal["number", "sign", "shape", "choice", "code"]
LANGUAGES = ("en", "zh_CN")
TOLERANCE = 0.01  # of the answer's size
ABSOLUTE = 1e-4
PARTS = ("scalars", "tensors", "networks", "training", "beyond")  # of the course, in order
TOOLS = ("nudge", "check", "microscope", "lens", "ledger", "predict", "update")
EXPERIMENTS = (*TOOLS, "change", "train", "record", "surface", "free")  # "free": the learner says when
PANELS = ("plots", "code", "inspector")  # that a step can bring to the front


class LessonError(Exception):
    """A lesson that cannot be used; the message names the file and, where it is known, the line."""

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")
        self.path = path
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer that can be computed: who gives `answer` gets the hint `id`.

    For "code" there is no expression: `mistakes/ID.py` in the lesson's folder makes the mistake.
    """

    id: str
    answer: str = ""  # an expression


@dataclass(frozen=True, slots=True)
class Exercise:
    """What a learner is to program: three files of the lesson's folder, and the function that checks."""

    given: Path
    check: Path
    function: str
    solution: Path


@dataclass(frozen=True, slots=True)
class Question:
    """A prediction; the right answer is an expression that the engine's numbers decide.

    For "choice" the expression gives the id of the right choice. A number is right within `tolerance` of the
    answer's size, or within `absolute`. `reveal_at` is the anchor that the cursor goes to when it is
    answered. For "code" there is an `exercise` instead of an expression.
    """

    kind: QuestionKind
    answer: str
    tolerance: float = TOLERANCE
    absolute: float = ABSOLUTE
    choices: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    reveal_at: str = ""
    exercise: Exercise | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step: where the cursor goes (`at`), what is opened, selected and shown, and perhaps a question.

    `show` brings a panel to the front ("plots:updates"), `tool` opens one of TOOLS on what is selected, `do`
    asks for an experiment with one of EXPERIMENTS.
    """

    id: str
    at: str = ""
    iteration: int = 0
    open: tuple[str, ...] = ()
    select: str = ""
    element: tuple[int, ...] | None = None
    show: str = ""
    tool: str = ""
    do: str = ""
    question: Question | None = None
    line: int = 0  # of the lesson file, for messages


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of the text, and two expressions that agree if it is right; `let` names parts of them."""

    id: str
    text: str  # mathtext, without the dollars
    left: str
    right: str
    tolerance: float
    let: Mapping[str, str]
    line: int = 0


@dataclass(frozen=True, slots=True)
class KnownNumber:
    """A number that is typed into the text as `text`, and the expression that it is checked against.

    Where there is nothing to check, `why` says so instead: the reader is to choose it, or it is an example.
    """

    text: str
    value: str = ""
    why: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim about PyTorch: a function of a script that is given `torch` and returns the same on both.

    `steps` are those whose text says so.
    """

    id: str
    script: Path
    function: str
    steps: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class StepText:
    """The words of a step in one language, in Markdown with {{ expressions }}."""

    heading: str
    body: str
    question: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    explanation: str = ""
    hints: Mapping[str, str] = field(default_factory=dict)
    task: str = ""  # the experiment
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
    """A lesson as it was read from its folder; `foreign` if it does not come with gradviz."""

    id: str
    folder: Path
    number: int
    minutes: int
    setup: Path
    steps: tuple[Step, ...]
    texts: Mapping[str, LessonText]
    requires: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    part: str = ""
    formulas: tuple[Formula, ...] = ()
    numbers: tuple[KnownNumber, ...] = ()
    claims: tuple[Claim, ...] = ()
    foreign: bool = False

    @property
    def key(self) -> str:
        """The name by which progress is kept."""
        return key_of(self.id)

    def text(self, language: str) -> LessonText:
        """The words in a language; where there are none, in English, or else in any."""
        return self.texts.get(language) or self.texts.get("en") or next(iter(self.texts.values()))

    def code_files(self) -> tuple[Path, ...]:
        """All code of the folder that may be run when somebody takes the lesson."""
        found = {self.setup: None}
        for step in self.steps:
            if step.question is not None and step.question.exercise is not None:
                found[step.question.exercise.check] = None
        return tuple(found)


def key_of(lesson_id: str) -> str:
    """A lesson's name without its number, which may change: "03-one-neuron" is "one-neuron"."""
    return re.sub(r"^\d+-", "", lesson_id)
