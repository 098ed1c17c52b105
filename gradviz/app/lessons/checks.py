"""Whether the words of a lesson fit its steps, and whether all of it fits what its code recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gradviz.app.anchors import AnchorError, Anchors
from gradviz.app.graph.build import all_modules
from gradviz.app.i18n import tr

from .answers import expected_answer, mistaken_answers
from .expressions import ExpressionError, evaluate, parse_expression, placeholders
from .model import Lesson, LessonError, LessonText, Step, StepText


def check_text(lesson: Lesson, text: LessonText) -> None:
    """Every step has its words, every question its choices and hints, every expression can be parsed."""
    known = {step.id for step in lesson.steps}
    for unknown in text.steps.keys() - known:
        raise LessonError(
            text.path, text.steps[unknown].line, tr("lesson.toml has no step {step!r}").format(step=unknown)
        )
    if "{{" in text.title + text.aim:
        raise LessonError(text.path, 1, tr("title and aim are shown before there are any numbers"))
    for step in lesson.steps:
        words = text.steps.get(step.id)
        if words is None:
            raise LessonError(text.path, None, tr("step {step!r} has no text").format(step=step.id))
        _check_parts(step, words, text.path)
        _check_expressions(step, words, text.path)


def _check_parts(step: Step, words: StepText, path: Path) -> None:
    def fault(problem: str, **names: str) -> LessonError:
        return LessonError(path, words.line, problem.format(step=step.id, **names))

    if not words.body:
        raise fault(tr("step {step!r} has no text"))
    question = step.question
    if question is None:
        if words.question or words.explanation or words.hints or words.choices:
            raise fault(tr("step {step!r} has no question in lesson.toml"))
        return
    if not words.question:
        raise fault(tr("step {step!r} has a question but no words for it"))
    if not words.explanation:
        raise fault(tr("step {step!r} does not say what is shown with the answer (### !)"))
    if set(question.choices) != set(words.choices):
        given = ", ".join(question.choices)
        raise fault(tr("step {step!r} has other choices in lesson.toml: {choices}"), choices=given)
    wanted = {mistake.id for mistake in question.mistakes}
    for missing in sorted(wanted - words.hints.keys()):
        raise fault(tr("step {step!r} has no hint {hint!r}"), hint=missing)
    for unknown in sorted(words.hints.keys() - wanted - {""}):
        raise fault(
            tr("step {step!r} has a hint for {hint!r}, which lesson.toml does not know"), hint=unknown
        )


def _check_expressions(step: Step, words: StepText, path: Path) -> None:
    for text in texts_of(words):
        try:
            for expression in placeholders(text):
                parse_expression(expression)
        except ExpressionError as error:
            raise LessonError(path, words.line, f"step {step.id!r}: {error}") from None
        if text.count("{{") != sum(1 for _ in placeholders(text)):
            problem = tr("step {step!r}: a {opening} without {closing}")
            raise LessonError(path, words.line, problem.format(step=step.id, opening="{{", closing="}}"))


def texts_of(words: StepText) -> Iterator[str]:
    """Everything in a step that may hold expressions."""
    yield from (words.body, words.question, words.explanation)
    yield from words.hints.values()
    yield from words.choices.values()


def check_recording(lesson: Lesson, anchors: Anchors) -> None:
    """Resolve every anchor and compute every number; LessonError names the file and the step's line."""
    for step in lesson.steps:
        try:
            _check_step(step, anchors)
        except ValueError as error:
            path = lesson.folder / "lesson.toml"
            raise LessonError(path, step.line, f"step {step.id!r}: {error}") from None
        for text in lesson.texts.values():
            words = text.steps[step.id]
            try:
                for part in texts_of(words):
                    for expression in placeholders(part):
                        evaluate(expression, anchors)
            except ExpressionError as error:
                raise LessonError(text.path, words.line, f"step {step.id!r}: {error}") from None


def _check_step(step: Step, anchors: Anchors) -> None:
    question = step.question
    for place in filter(None, (step.at, question.reveal_at if question else "")):
        anchors.moment(place, step.iteration)
    if step.select:
        shape = anchors.program(step.iteration).slots[anchors.slot(step.select, step.iteration)].shape
        if step.element is not None and (
            len(step.element) != len(shape) or any(i >= n for i, n in zip(step.element, shape, strict=True))
        ):
            raise AnchorError(
                tr("{name} of shape {shape} has no element {element}").format(
                    name=step.select, shape=shape, element=step.element
                )
            )
    known = all_modules(anchors.program(step.iteration))
    for name in step.open:
        if name not in known:
            raise AnchorError(tr("there is no module {name!r} to open").format(name=name))
    if question is not None:
        expected_answer(question, anchors)
        mistaken_answers(question, anchors)
