"""What every lesson of gradviz's own course has, beyond being free of faults."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradviz.app.anchors import Anchors
from gradviz.app.i18n import tr

from .checks import texts_of
from .model import Lesson, LessonError
from .typed import typed_faults

STEPS = 8  # at least
PREDICTIONS = 3  # at least, with MISTAKES computed mistakes each
MISTAKES = 2
SUMMARY = "summary"
_ABOUT_PYTORCH = re.compile(r"PyTorch|`[^`\n]*\b(?:torch|nn|F)\.\w")  # by its name, or code that calls it


def course_faults(lesson: Lesson, anchors: Anchors) -> Iterator[LessonError]:
    """What is missing for the course."""
    path = lesson.folder / "lesson.toml"
    if len(lesson.steps) < STEPS:
        yield LessonError(path, None, tr("fewer than {n} steps").format(n=STEPS))
    questions = [step.question for step in lesson.steps if step.question is not None]
    rich = sum(len(question.mistakes) >= MISTAKES for question in questions)
    if rich < PREDICTIONS:
        problem = tr("only {n} questions have {m} mistakes or more; {wanted} are needed")
        yield LessonError(path, None, problem.format(n=rich, m=MISTAKES, wanted=PREDICTIONS))
    if not any(step.do for step in lesson.steps):
        yield LessonError(path, None, tr("no step has an experiment (do)"))
    if lesson.steps[-1].id != SUMMARY:
        problem = tr("the last step must be {name!r}").format(name=SUMMARY)
        yield LessonError(path, lesson.steps[-1].line, problem)
    if not lesson.part or not lesson.number or not lesson.topics:
        yield LessonError(path, 1, tr("number, part and topics are needed"))
    yield from typed_faults(lesson, anchors)
    yield from _claimless(lesson)


def _claimless(lesson: Lesson) -> Iterator[LessonError]:
    """Steps that say something about PyTorch which no claim tries out."""
    claimed = {step for claim in lesson.claims for step in claim.steps}
    for text in lesson.texts.values():
        for step, words in text.steps.items():
            if step not in claimed and any(_ABOUT_PYTORCH.search(part) for part in texts_of(words)):
                problem = tr("step {step!r} speaks of PyTorch, but no claim has it among its steps")
                yield LessonError(text.path, words.line, problem.format(step=step))
