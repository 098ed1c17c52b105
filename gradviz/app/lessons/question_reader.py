"""Reading a `[steps.question]` of a lesson."""

from __future__ import annotations

import re
from typing import Any

from gradviz.app.i18n import tr

from .expressions import ExpressionError, parse_expression
from .model import ABSOLUTE, TOLERANCE, Exercise, Mistake, Question
from .table import Table

_KINDS = ("number", "sign", "shape", "choice", "code")
_KEYS = frozenset({"kind", "answer", "tolerance", "absolute", "choices", "mistakes", "reveal_at"})
_CODE_KEYS = frozenset({"kind", "given", "check", "solution", "mistakes", "reveal_at"})
_ID = re.compile(r"[\w-]+")


def read_question(row: Table) -> Question:
    """The question of a step; LessonError tells what is wrong with it."""
    kind: Any = row.text("kind", "")
    if kind not in _KINDS:
        raise row.error(tr("a question's kind is one of {kinds}").format(kinds=", ".join(_KINDS)))
    question = _code_question(row) if kind == "code" else _prediction(kind, row)
    names = [mistake.id for mistake in question.mistakes]
    if len(set(names)) != len(names):
        raise row.error(tr("two mistakes have the same id"))
    return question


def _prediction(kind: Any, row: Table) -> Question:
    row.only(_KEYS)
    choices = row.texts("choices")
    if (kind == "choice") != bool(choices) or len(set(choices)) != len(choices):
        raise row.error(tr("a question of the kind 'choice', and no other, needs choices"))
    question = Question(
        kind=kind,
        answer=_expression(row),
        tolerance=row.number("tolerance", TOLERANCE),
        absolute=row.number("absolute", ABSOLUTE),
        choices=choices,
        mistakes=tuple(Mistake(_id(each, "answer"), _expression(each)) for each in row.tables("mistakes")),
        reveal_at=row.text("reveal_at", ""),
    )
    if min(question.tolerance, question.absolute) < 0:
        raise row.error(tr("a tolerance cannot be negative"))
    return question


def _code_question(row: Table) -> Question:
    row.only(_CODE_KEYS)
    missing = tr("there is no file {name!r} in the folder")
    check, _, function = row.text("check", "check.py").partition(":")
    mistakes = tuple(Mistake(_id(each)) for each in row.tables("mistakes"))
    for mistake in mistakes:
        row.file(f"mistakes/{mistake.id}.py", missing)
    exercise = Exercise(
        given=row.file(row.text("given", "exercise.py"), missing),
        check=row.file(check, missing),
        function=function or "check",
        solution=row.file(row.text("solution", "solution.py"), missing),
    )
    return Question("code", "", mistakes=mistakes, reveal_at=row.text("reveal_at", ""), exercise=exercise)


def _id(row: Table, *keys: str) -> str:
    row.only(frozenset({"id", *keys}))
    name = row.text("id", "")
    if not _ID.fullmatch(name):
        raise row.error(tr("a mistake needs an id of letters, digits, - and _"))
    return name


def _expression(row: Table) -> str:
    source = row.text("answer", "")
    if not source:
        raise row.error(tr("a question and a mistake need an answer: an expression"))
    try:
        parse_expression(source)
    except ExpressionError as error:
        raise row.error(str(error)) from None
    return source
