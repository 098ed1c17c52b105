"""What every lesson of gradviz's own course has, beyond being free of faults."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradviz.app.i18n import tr

from .checks import texts_of
from .model import Lesson, LessonError

STEPS = 8  # at least
PREDICTIONS = 3  # at least, with MISTAKES computed mistakes each
MISTAKES = 2
SUMMARY = "summary"
_EXPRESSION = re.compile(r"\{\{.*?\}\}|```.*?```|`[^`\n]*`", re.DOTALL)
_RESULT = re.compile(r"\d\.\d{3,}")  # so long a decimal can only come from a run
_SMALL = re.compile(r"\b0\.0+1\b|\b0\.9+\b")  # a small step, Adam's betas


def course_faults(lesson: Lesson) -> Iterator[LessonError]:
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
    yield from typed_numbers(lesson)


def typed_numbers(lesson: Lesson) -> Iterator[LessonError]:
    """Results that are typed into the text, where they may be wrong."""
    for text in lesson.texts.values():
        for words in text.steps.values():
            for part in texts_of(words):
                plain = _SMALL.sub("", _EXPRESSION.sub("", part))
                if found := _RESULT.search(plain):
                    problem = tr("the number {number} is typed; let an expression compute it")
                    yield LessonError(text.path, words.line, problem.format(number=found[0]))
