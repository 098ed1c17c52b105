"""Whether the exercises of a lesson can be solved, and whether its typical mistakes get their hints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gradviz.app.i18n import tr

from .exercise import run_exercise
from .model import Exercise, Lesson, LessonError, Question, Step


def exercise_faults(lesson: Lesson) -> Iterator[LessonError]:
    """Solutions that do not pass, skeletons that do, mistakes that are not recognised, files without use.

    The author's own files are run here, in this process.
    """
    declared: set[Path] = set()
    for step in lesson.steps:
        question = step.question
        if question is None or question.exercise is None:
            continue
        declared |= {_mistake_file(lesson, mistake.id) for mistake in question.mistakes}
        yield from _faults(lesson, step, question, question.exercise)
    for file in sorted(lesson.folder.glob("mistakes/*.py")):
        if file not in declared:
            yield LessonError(file, None, tr("no question in lesson.toml names this mistake"))


def _faults(lesson: Lesson, step: Step, question: Question, exercise: Exercise) -> Iterator[LessonError]:
    check = (exercise.check, exercise.function)
    result = run_exercise(_read(exercise.solution), *check)
    if not result.passed:
        why = result.problem or (f"{result.failed.name}: {result.failed.message}" if result.failed else "")
        problem = tr("step {step!r}: the solution does not pass: {why}")
        line = result.line or None
        yield LessonError(exercise.solution, line, problem.format(step=step.id, why=why or tr("no checks")))
    known = {check.name for check in result.checks}
    if run_exercise(_read(exercise.given), *check).passed:
        problem = tr("step {step!r}: what is given passes already")
        yield LessonError(exercise.given, None, problem.format(step=step.id))
    for mistake in question.mistakes:
        file = _mistake_file(lesson, mistake.id)
        found = run_exercise(_read(file), *check)
        got = found.failed.name if found.failed is not None else found.problem or tr("no failed check")
        if got != mistake.id:
            problem = tr("step {step!r}: this leads to {got!r} and not to {mistake!r}")
            yield LessonError(file, None, problem.format(step=step.id, got=got, mistake=mistake.id))
    for name in sorted(known - {mistake.id for mistake in question.mistakes}):
        for text in lesson.texts.values():
            words = text.steps.get(step.id)
            if words is not None and not words.hints.get(""):
                problem = tr("step {step!r} has no hint for the check {name!r}, and none for any (### ~)")
                yield LessonError(text.path, words.line, problem.format(step=step.id, name=name))


def _mistake_file(lesson: Lesson, name: str) -> Path:
    return lesson.folder / "mistakes" / f"{name}.py"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
