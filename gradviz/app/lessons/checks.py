"""Whether the words of a lesson fit its steps, and whether all of it fits what its code recorded."""

from __future__ import annotations

from collections.abc import Iterator

from gradviz.app.anchors import AnchorError, Anchors
from gradviz.app.graph.build import all_modules
from gradviz.app.i18n import tr

from .answers import expected_answer, mistaken_answers
from .expressions import ExpressionError, evaluate, parse_expression, placeholders
from .model import Lesson, LessonError, LessonText, Step, StepText


def text_faults(lesson: Lesson, text: LessonText) -> Iterator[LessonError]:
    """What is wrong: steps without words, questions without choices or hints, expressions that cannot be
    parsed."""
    known = {step.id for step in lesson.steps}
    for unknown in text.steps.keys() - known:
        message = tr("lesson.toml has no step {step!r}").format(step=unknown)
        yield LessonError(text.path, text.steps[unknown].line, message)
    if "{{" in text.title + text.aim:
        yield LessonError(text.path, 1, tr("title and aim are shown before there are any numbers"))
    for step in lesson.steps:
        words = text.steps.get(step.id)
        if words is None:
            yield LessonError(text.path, None, tr("step {step!r} has no text").format(step=step.id))
            continue
        for problem, names in (*_missing_parts(step, words), *_wrong_hints(step, words)):
            yield LessonError(text.path, words.line, problem.format(step=step.id, **names))
        for message in _expression_faults(words):
            yield LessonError(text.path, words.line, f"step {step.id!r}: {message}")


def _missing_parts(step: Step, words: StepText) -> Iterator[tuple[str, dict[str, str]]]:
    if not words.body:
        yield tr("step {step!r} has no text"), {}
    if bool(step.do) != bool(words.task):
        yield tr("step {step!r}: do in lesson.toml and ### > in the text belong together"), {}
    question = step.question
    if question is None:
        if words.question or words.explanation or words.hints or words.choices:
            yield tr("step {step!r} has no question in lesson.toml"), {}
        return
    if not words.question:
        yield tr("step {step!r} has a question but no words for it"), {}
    if not words.explanation:
        yield tr("step {step!r} does not say what is shown with the answer (### !)"), {}
    if set(question.choices) != set(words.choices):
        given = ", ".join(question.choices)
        yield tr("step {step!r} has other choices in lesson.toml: {choices}"), {"choices": given}


def _wrong_hints(step: Step, words: StepText) -> Iterator[tuple[str, dict[str, str]]]:
    if step.question is None:
        return
    wanted = {mistake.id for mistake in step.question.mistakes}
    for missing in sorted(wanted - words.hints.keys()):
        yield tr("step {step!r} has no hint {hint!r}"), {"hint": missing}
    for unknown in sorted(words.hints.keys() - wanted - {""}):
        yield tr("step {step!r} has a hint for {hint!r}, which lesson.toml does not know"), {"hint": unknown}


def _expression_faults(words: StepText) -> Iterator[str]:
    for text in texts_of(words):
        for expression in placeholders(text):
            try:
                parse_expression(expression)
            except ExpressionError as error:
                yield str(error)
        if text.count("{{") != sum(1 for _ in placeholders(text)):
            yield tr("a {opening} without {closing}").format(opening="{{", closing="}}")


def texts_of(words: StepText) -> Iterator[str]:
    """Everything in a step that may hold expressions."""
    yield from (words.body, words.task, words.question, words.explanation)
    yield from words.hints.values()
    yield from words.choices.values()


def check_recording(lesson: Lesson, anchors: Anchors) -> None:
    """Resolve every anchor and compute every number; LessonError names the file and the step's line."""
    for fault in recording_faults(lesson, anchors):
        raise fault


def recording_faults(lesson: Lesson, anchors: Anchors) -> Iterator[LessonError]:
    """Anchors that are not there, and numbers that cannot be computed."""
    for step in lesson.steps:
        for message in _step_faults(step, anchors):
            yield LessonError(lesson.folder / "lesson.toml", step.line, f"step {step.id!r}: {message}")
        for text in lesson.texts.values():
            words = text.steps.get(step.id)
            for part in texts_of(words) if words is not None else ():
                for expression in placeholders(part):
                    try:
                        evaluate(expression, anchors)
                    except ExpressionError as error:
                        yield LessonError(
                            text.path, words.line if words else None, f"step {step.id!r}: {error}"
                        )


def _step_faults(step: Step, anchors: Anchors) -> Iterator[str]:
    question = step.question
    for place in filter(None, (step.at, question.reveal_at if question else "")):
        try:
            anchors.moment(place, step.iteration)
        except AnchorError as error:
            yield str(error)
    try:
        _check_selection(step, anchors)
    except AnchorError as error:
        yield str(error)
    try:
        if question is not None and question.kind != "code":
            expected_answer(question, anchors)
            mistaken_answers(question, anchors)
    except ValueError as error:
        yield str(error)


def _check_selection(step: Step, anchors: Anchors) -> None:
    program = anchors.program(step.iteration)
    if step.select:
        shape = program.slots[anchors.slot(step.select, step.iteration)].shape
        if step.element is not None and (
            len(step.element) != len(shape) or any(i >= n for i, n in zip(step.element, shape, strict=True))
        ):
            raise AnchorError(
                tr("{name} of shape {shape} has no element {element}").format(
                    name=step.select, shape=shape, element=step.element
                )
            )
    known = all_modules(program)
    for name in step.open:
        if name not in known:
            raise AnchorError(tr("there is no module {name!r} to open").format(name=name))
