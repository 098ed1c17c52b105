"""Everything that can be wrong with a lesson, found without a window: `gradviz lesson check DIR`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import gradviz
from gradviz.app.anchors import Anchors
from gradviz.app.i18n import tr
from gradviz.app.recording import Recording
from gradviz.app.storage import load_recording

from .answers import agrees, expected_answer, mistaken_answers
from .checks import recording_faults, texts_of
from .exercise_faults import exercise_faults
from .expressions import placeholders
from .given_away import given_away
from .links import link_faults
from .model import LANGUAGES, Lesson, LessonError, Question, Step
from .proofs import formula_faults, run_claim
from .reader import parse_lesson

KEPT_ITERATIONS = 12  # of what a lesson's code trains, as in the window
TIME_LIMIT = 120.0  # s for the setup code
_FORMULA = re.compile(r"\$[^$\n]+\$")

Record = Callable[[Lesson], Recording]


def inspect(folder: Path, record: Record | None = None) -> Iterator[LessonError]:
    """Read a lesson, run its code in processes of their own, and tell every fault with file and line."""
    try:
        lesson, faults = parse_lesson(folder)
    except LessonError as error:
        yield error
        return
    found = list(faults)
    yield from found
    yield from translation_faults(lesson)
    yield from link_faults(lesson)
    yield from exercise_faults(lesson)
    if found:
        return  # what follows needs words for every step
    try:
        recording = (record or run_setup)(lesson)
    except LessonError as error:
        yield error
        return
    anchors = Anchors([iteration.program for iteration in recording.iterations])
    wrong = list(recording_faults(lesson, anchors))
    yield from wrong
    if not wrong:
        yield from answer_faults(lesson, anchors)
        yield from given_away(lesson, anchors)
    yield from formula_faults(lesson, anchors)
    yield from claim_faults(lesson)


def run_setup(lesson: Lesson) -> Recording:
    """Run the setup code in a process of its own; LessonError says where it failed."""
    root = Path(gradviz.__file__).resolve().parent.parent
    ways = os.environ.get("PYTHONPATH", "")
    if (root / "pyproject.toml").exists():
        ways = os.pathsep.join(filter(None, (str(root), ways)))
    with tempfile.TemporaryDirectory(prefix="gradviz-") as folder:
        out = Path(folder) / "lesson.gradviz"
        child = ["-P", "-m", "gradviz.app.script_child", "--keep", str(KEPT_ITERATIONS)]
        try:
            run = subprocess.run(
                [sys.executable, *child, str(lesson.setup.resolve()), "--out", str(out)],
                cwd=lesson.folder,
                env={**os.environ, "PYTHONPATH": ways},
                capture_output=True,
                text=True,
                timeout=TIME_LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            message = tr("the setup code did not end within {n} seconds").format(n=f"{TIME_LIMIT:g}")
            raise LessonError(lesson.setup, None, message) from None
        if not out.exists():
            raise LessonError(lesson.setup, None, run.stderr.strip() or tr("the setup code recorded nothing"))
        recording = load_recording(out)
    if recording.problem is not None:
        raise LessonError(lesson.setup, recording.problem_line, recording.problem)
    if not recording.iterations:
        raise LessonError(lesson.setup, None, tr("the setup code recorded nothing"))
    return recording


def answer_faults(lesson: Lesson, anchors: Anchors) -> Iterator[LessonError]:
    """Mistakes that are no mistakes, or that are one and the same; wrong answers that get no hint."""
    path = lesson.folder / "lesson.toml"
    for step in lesson.steps:
        question = step.question
        if question is None or question.kind == "code":
            continue
        expected, seen = expected_answer(question, anchors), dict[str, object]()
        for name, answer in mistaken_answers(question, anchors).items():
            if agrees(question, answer, expected):
                problem = tr("step {step!r}: the mistake {mistake!r} is the right answer")
                yield LessonError(path, step.line, problem.format(step=step.id, mistake=name))
            twin = next((other for other, known in seen.items() if agrees(question, answer, known)), None)
            if twin is not None:
                problem = tr("step {step!r}: the mistakes {one!r} and {other!r} give the same answer")
                yield LessonError(path, step.line, problem.format(step=step.id, one=twin, other=name))
            seen[name] = answer
        yield from _hintless(lesson, step, question, expected, set(seen.values()))


def _hintless(
    lesson: Lesson, step: Step, question: Question, expected: object, known: set[object]
) -> Iterator[LessonError]:
    """Every wrong answer gets a hint: its own, or the general one."""
    if question.kind == "choice" and set(question.choices) <= {expected, *known}:
        return
    for text in lesson.texts.values():
        words = text.steps[step.id]
        if not words.hints.get(""):
            problem = tr("step {step!r} has no hint for any other wrong answer (### ~)")
            yield LessonError(text.path, words.line, problem.format(step=step.id))


def translation_faults(lesson: Lesson) -> Iterator[LessonError]:
    """Languages that are missing, and steps that have other numbers or formulas in another language."""
    for code in LANGUAGES:
        if code not in lesson.texts:
            yield LessonError(lesson.folder / f"lesson.{code}.md", None, tr("this language is missing"))
    if len(lesson.texts) < len(LANGUAGES):
        return
    first, *others = (lesson.texts[code] for code in LANGUAGES)
    for other in others:
        for name, words in other.steps.items():
            if name not in first.steps:
                continue
            model = first.steps[name]
            pairs = [(one, two) for one, two in zip(texts_of(model), texts_of(words), strict=False)]
            for one, two in pairs:
                for kind, found in ((tr("numbers"), placeholders), (tr("formulas"), _formulas)):
                    if missing := Counter(found(one)) - Counter(found(two)):
                        problem = tr("step {step!r} lacks {kind} that {file} has: {missing}")
                        message = problem.format(
                            step=name, kind=kind, file=first.path.name, missing=", ".join(missing)
                        )
                        yield LessonError(other.path, words.line, message)
                    if more := Counter(found(two)) - Counter(found(one)):
                        problem = tr("step {step!r} has {kind} that {file} lacks: {more}")
                        message = problem.format(
                            step=name, kind=kind, file=first.path.name, more=", ".join(more)
                        )
                        yield LessonError(other.path, words.line, message)


def _formulas(text: str) -> Iterator[str]:
    return iter(_FORMULA.findall(text))


def claim_faults(lesson: Lesson) -> Iterator[LessonError]:
    """Claims about PyTorch that gradviz itself does not bear out by running, or that no step makes."""
    steps = {step.id for step in lesson.steps}
    for claim in lesson.claims:
        for unknown in sorted(set(claim.steps) - steps):
            problem = tr("claim {claim!r}: there is no step {step!r}").format(claim=claim.id, step=unknown)
            yield LessonError(lesson.folder / "lesson.toml", claim.line, problem)
        try:
            result = run_claim(claim, gradviz)
        except LessonError as error:
            yield error
            continue
        except Exception as error:  # whatever the author's function does
            message = f"claim {claim.id!r}: {type(error).__name__}: {error}"
            yield LessonError(claim.script, None, message)
            continue
        if result is None:
            problem = tr("claim {claim!r} returns nothing to compare")
            yield LessonError(claim.script, None, problem.format(claim=claim.id))
