"""Reading what a lesson proves: its `[[formulas]]`, `[[numbers]]`, and its `[[claims]]` about PyTorch."""

from __future__ import annotations

import re

from gradviz.app.i18n import tr

from .expressions import ExpressionError, parse_expression
from .model import Claim, Formula, KnownNumber
from .table import Table

EXACT = 1e-6  # how far both sides of a formula may be apart, of their size
_FORMULA_KEYS = frozenset({"id", "text", "left", "right", "tolerance", "let"})
_NUMBER_KEYS = frozenset({"text", "value", "why"})
_CLAIM_KEYS = frozenset({"id", "script", "steps"})
_ID = re.compile(r"[\w-]+")


def read_formulas(table: Table) -> tuple[Formula, ...]:
    """The formulas of a lesson; LessonError tells what is wrong."""
    return tuple(_formula(row) for row in _named(table.tables("formulas")))


def read_numbers(table: Table) -> tuple[KnownNumber, ...]:
    """The typed numbers that a lesson declares; LessonError tells what is wrong."""
    return tuple(_number(row) for row in table.tables("numbers"))


def read_claims(table: Table) -> tuple[Claim, ...]:
    """The claims of a lesson; LessonError tells what is wrong."""
    return tuple(_claim(row) for row in _named(table.tables("claims")))


def _named(rows: list[Table]) -> list[Table]:
    seen: set[str] = set()
    for row in rows:
        name = row.text("id", "")
        if not _ID.fullmatch(name) or name in seen:
            raise row.error(tr("each needs an id of its own, of letters, digits, - and _"))
        seen.add(name)
    return rows


def _formula(row: Table) -> Formula:
    row.only(_FORMULA_KEYS)
    inner = row.table("let")
    let = {name: inner.text(name, "") for name in inner.keys} if inner is not None else {}
    text, left, right = (row.text(key, "") for key in ("text", "left", "right"))
    if not (text and left and right):
        raise row.error(tr("a formula needs its text, and what is left and right of the equals sign"))
    try:
        for position, source in enumerate(let.values()):
            parse_expression(source, frozenset(list(let)[:position]))
        for source in (left, right):
            parse_expression(source, frozenset(let))
    except ExpressionError as error:
        raise row.error(str(error)) from None
    return Formula(row.text("id", ""), text, left, right, row.number("tolerance", EXACT), let, row.line or 0)


def _number(row: Table) -> KnownNumber:
    row.only(_NUMBER_KEYS)
    text, value, why = (row.text(key, "") for key in ("text", "value", "why"))
    if not text or bool(value) == bool(why):
        raise row.error(tr("a number needs its text, and the expression for its value, or why it is free"))
    try:
        if value:
            parse_expression(value)
    except ExpressionError as error:
        raise row.error(str(error)) from None
    return KnownNumber(text, value, why, row.line or 0)


def _claim(row: Table) -> Claim:
    row.only(_CLAIM_KEYS)
    script, _, function = row.text("script", "").partition(":")
    if not script or not function.isidentifier():
        raise row.error(tr('a claim needs script = "claims.py:function"'))
    path = row.file(script, tr("there is no file {name!r} in the folder"))
    return Claim(row.text("id", ""), path, function, row.texts("steps"), row.line or 0)
