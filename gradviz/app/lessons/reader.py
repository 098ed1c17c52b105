"""Reading a lesson's folder: `lesson.toml` with the steps, setup code, and the words in each language."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from gradviz.app.i18n import tr

from .checks import check_text
from .expressions import ExpressionError, parse_expression
from .model import ABSOLUTE, LANGUAGES, TOLERANCE, Lesson, LessonError, Mistake, Question, Step
from .table import Table
from .text import read_text

FILE_NAME = "lesson.toml"
_KINDS = ("number", "sign", "shape", "choice")
_HEADER = re.compile(r"^\s*\[\[\s*steps\s*\]\]")
_LESSON_KEYS = frozenset({"order", "minutes", "setup", "requires", "steps"})
_STEP_KEYS = frozenset({"id", "at", "iteration", "open", "select", "element", "question"})
_QUESTION_KEYS = frozenset({"kind", "answer", "tolerance", "absolute", "choices", "mistakes", "reveal_at"})
_MISTAKE_KEYS = frozenset({"id", "answer"})
_ID = re.compile(r"[\w-]+")


def read_lesson(folder: Path) -> Lesson:
    """Read and check a lesson; LessonError names the file and the line of the first fault. Nothing is run."""
    path = folder / FILE_NAME
    table = _parse(path)
    steps = _steps(table)
    texts = {code: read_text(file) for code in LANGUAGES if (file := folder / f"lesson.{code}.md").is_file()}
    if not texts:
        raise LessonError(folder / "lesson.en.md", None, tr("the lesson has no text"))
    setup = table.text("setup", "setup.py")
    if Path(setup).name != setup or not (folder / setup).is_file():
        raise table.error(tr("there is no setup code {name!r} in the folder").format(name=setup))
    lesson = Lesson(
        id=folder.name,
        folder=folder,
        order=table.whole("order", 0),
        minutes=table.whole("minutes", 10),
        setup=folder / setup,
        steps=steps,
        texts=texts,
        requires=table.texts("requires"),
    )
    for text in texts.values():
        check_text(lesson, text)
    return lesson


def _parse(path: Path) -> Table:
    try:
        source = path.read_text(encoding="utf-8")
        values = tomllib.loads(source)
    except FileNotFoundError:
        raise LessonError(path, None, tr("there is no such file")) from None
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(path, None, tr("cannot be read: {error}").format(error=error)) from None
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line (\d+)", str(error))
        raise LessonError(path, int(where[1]) if where else None, str(error)) from None
    except RecursionError:
        raise LessonError(path, None, tr("too many tables within tables")) from None
    table = Table(path, None, values)
    table.only(_LESSON_KEYS)
    headers = [i for i, line in enumerate(source.splitlines(), 1) if _HEADER.match(line)]
    table.lines["steps"] = headers
    return table


def _steps(table: Table) -> tuple[Step, ...]:
    steps: dict[str, Step] = {}
    for row in table.tables("steps"):
        step = _step(row)
        if step.id in steps:
            raise row.error(tr("step {step!r} stands here a second time").format(step=step.id))
        steps[step.id] = step
    if not steps:
        raise table.error(tr("a lesson needs at least one [[steps]]"))
    return tuple(steps.values())


def _step(row: Table) -> Step:
    row.only(_STEP_KEYS)
    name = row.text("id", "")
    if not _ID.fullmatch(name):
        raise row.error(tr("a step needs an id of letters, digits, - and _"))
    question = row.table("question")
    return Step(
        id=name,
        at=row.text("at", ""),
        iteration=row.whole("iteration", 0),
        open=row.texts("open"),
        select=row.text("select", ""),
        element=row.wholes("element"),
        question=_question(question) if question is not None else None,
        line=row.line or 0,
    )


def _question(row: Table) -> Question:
    row.only(_QUESTION_KEYS)
    kind: Any = row.text("kind", "")
    if kind not in _KINDS:
        raise row.error(tr("a question's kind is one of {kinds}").format(kinds=", ".join(_KINDS)))
    choices = row.texts("choices")
    if (kind == "choice") != bool(choices) or len(set(choices)) != len(choices):
        raise row.error(tr("a question of the kind 'choice', and no other, needs choices"))
    question = Question(
        kind=kind,
        answer=_expression(row),
        tolerance=row.number("tolerance", TOLERANCE),
        absolute=row.number("absolute", ABSOLUTE),
        choices=choices,
        mistakes=tuple(_mistake(each) for each in row.tables("mistakes")),
        reveal_at=row.text("reveal_at", ""),
    )
    if min(question.tolerance, question.absolute) < 0:
        raise row.error(tr("a tolerance cannot be negative"))
    names = [mistake.id for mistake in question.mistakes]
    if len(set(names)) != len(names):
        raise row.error(tr("two mistakes have the same id"))
    return question


def _mistake(row: Table) -> Mistake:
    row.only(_MISTAKE_KEYS)
    name = row.text("id", "")
    if not _ID.fullmatch(name):
        raise row.error(tr("a mistake needs an id of letters, digits, - and _"))
    return Mistake(name, _expression(row))


def _expression(row: Table) -> str:
    source = row.text("answer", "")
    if not source:
        raise row.error(tr("a question and a mistake need an answer: an expression"))
    try:
        parse_expression(source)
    except ExpressionError as error:
        raise row.error(str(error)) from None
    return source
