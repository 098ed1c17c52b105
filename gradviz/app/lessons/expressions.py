"""The small expressions of lessons, `value("w") * grad("z")`: arithmetic on the engine's numbers and nothing
else.

They are parsed with Python's grammar and walked here, node by node; nothing is ever executed as Python. What
can be written is short, its numbers stay within 64 bits, and it can make no array larger than those of the
recording, so that an expression of a stranger's lesson can neither do harm nor run for long.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradviz.app.anchors import AnchorError, Anchors
from gradviz.app.i18n import tr
from gradviz.app.numerals import number, shape_text

from .functions import BROADCASTING, CONSTANTS, FUNCTIONS, MOST

MAX_LENGTH = 500  # characters; bounds the nesting, too
_MAX_POWER = 64
_MAX_WHOLE = 2**63
_MAX_ELEMENTS = 10**7

_PLACEHOLDER = re.compile(r"\{\{(.+?)\}\}", re.DOTALL)
_FIRST_OF_LINE = re.compile(r"(?:^|\n)[ >]*$")
_BEGINS_LIST = re.compile(r"\d{1,9}[.)]\s", re.ASCII)

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_LOOKUPS: dict[str, tuple[str, ...]] = {
    "value": ("name", "iteration", "when"),
    "grad": ("name", "iteration", "when"),
    "shape": ("name", "iteration"),
    "count": ("place", "iteration"),
}
_ALLOWED = (
    ast.BinOp,
    ast.UnaryOp,
    ast.BoolOp,
    ast.Compare,
    ast.IfExp,
    ast.Constant,
    ast.Tuple,
    ast.Subscript,
    ast.Slice,
    ast.keyword,
    ast.And,
    ast.Or,
    ast.Load,
    *_BINARY,
    *_UNARY,
    *_COMPARE,
)


class ExpressionError(ValueError):
    """An expression that is not understood, or that asks for something that is not there."""


def _fault(problem: str, source: str, **names: object) -> ExpressionError:
    return ExpressionError(problem.format(source=source, **names))


def placeholders(text: str) -> Iterator[str]:
    """The expressions in {{ double braces }} of a text."""
    return (match[1].strip() for match in _PLACEHOLDER.finditer(text))


def fill(text: str, anchors: Anchors) -> str:
    """Put the numbers in place of the expressions; Markdown shall not take "2. The …" for a list's second."""

    def written(match: re.Match[str]) -> str:
        answer = format_answer(evaluate(match[1].strip(), anchors))
        begins = _FIRST_OF_LINE.search(text[: match.start()])
        lists = begins and _BEGINS_LIST.fullmatch(answer + text[match.end() : match.end() + 2])
        return answer + "\\" if lists else answer

    return _PLACEHOLDER.sub(written, text)


def parse_expression(source: str, names: Collection[str] = ()) -> ast.expr:
    """Parse an expression and check that it uses only what is allowed, and names of its own."""
    source = source.strip()
    if len(source) > MAX_LENGTH:
        raise ExpressionError(
            tr("longer than {most} characters: {source}…").format(most=MAX_LENGTH, source=source[:40])
        )
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _fault(tr("not an expression: {source}"), source) from None
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Name) and node.id in names):
            _check(node, source)
    return tree


def _check(node: ast.AST, source: str) -> None:
    match node:
        case ast.Call(ast.Name(name), args, keywords) if name in _LOOKUPS:
            known = _LOOKUPS[name]
            if not 1 <= len(args) + len(keywords) <= len(known) or not args:
                raise _fault(tr("{name} takes a name in quotes first: {source}"), source, name=name)
            if any(k.arg not in known[1:] for k in keywords):
                raise _fault(tr("{name} takes {names}: {source}"), source, name=name, names=", ".join(known))
        case ast.Call(ast.Name(name), args, keywords) if name in FUNCTIONS:
            if keywords or not 1 <= len(args) <= MOST.get(name, 1):
                raise _fault(tr("{name} takes one number or tensor: {source}"), source, name=name)
        case ast.Call():
            raise _fault(tr("no such function: {source}"), source)
        case ast.Name(name):
            if name not in {*FUNCTIONS, *_LOOKUPS, *CONSTANTS}:
                raise _fault(
                    tr("{name!r} is not known (names of tensors are quoted): {source}"), source, name=name
                )
        case ast.Constant(value):
            if not isinstance(value, bool | int | float | str):
                raise _fault(tr("{value!r} is no number: {source}"), source, value=value)
            if isinstance(value, int) and abs(value) > _MAX_WHOLE:
                raise _fault(tr("the number is too large: {source}"), source)
        case ast.Compare(_, ops, _) if len(ops) != 1:
            raise _fault(tr("compare two things at a time: {source}"), source)
        case _ if not isinstance(node, _ALLOWED):
            raise _fault(tr("{kind} is not allowed: {source}"), source, kind=type(node).__name__)


def evaluate(source: str, anchors: Anchors, names: Mapping[str, Any] | None = None) -> Any:
    """The value of an expression: a float, an int, a bool, a string, a tuple (a shape) or an array.

    `names` are values by names that stand in it without quotes.
    """
    names = names or {}
    tree = parse_expression(source, names)
    try:
        with np.errstate(all="ignore"):
            return _plain(_walk(tree, _Scope(anchors, names)))
    except ExpressionError as error:
        raise ExpressionError(f"{source}: {error}") from None
    except (AnchorError, TypeError, LookupError, ValueError, ArithmeticError, MemoryError) as error:
        raise ExpressionError(f"{source}: {error}") from None


def calculate(source: str) -> float:
    """The value of plain arithmetic without tensors, "-0.75 * 0.5"."""
    value = evaluate(source, Anchors(()))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _fault(tr("not a number: {source}"), source)
    return float(value)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What an expression may look up."""

    anchors: Anchors
    names: Mapping[str, Any]


def _walk(node: ast.expr, scope: _Scope) -> Any:
    match node:
        case ast.Constant(value):
            return value
        case ast.Name(name) if name in scope.names:
            return scope.names[name]
        case ast.Name(name) if name in CONSTANTS:
            return CONSTANTS[name]
        case ast.Tuple(items):
            return tuple(_walk(item, scope) for item in items)
        case ast.Slice(lower, upper, step):
            return slice(*(None if part is None else _walk(part, scope) for part in (lower, upper, step)))
        case ast.UnaryOp(op, operand):
            return _UNARY[type(op)](_number(_walk(operand, scope)))
        case ast.BinOp(left, op, right):
            return _binary(op, _number(_walk(left, scope)), _number(_walk(right, scope)))
        case ast.Compare(left, [op], [right]):
            return _compare(op, _walk(left, scope), _walk(right, scope))
        case ast.BoolOp(op, values):
            found = (bool(_walk(value, scope)) for value in values)
            return all(found) if isinstance(op, ast.And) else any(found)
        case ast.IfExp(test, body, orelse):
            return _walk(body if _walk(test, scope) else orelse, scope)
        case ast.Subscript(value, index):
            return _walk(value, scope)[_walk(index, scope)]
        case ast.Call(ast.Name(name), args, keywords):
            given = [_walk(arg, scope) for arg in args]
            named = {k.arg: _walk(k.value, scope) for k in keywords if k.arg is not None}
            return _look_up(name, given, named, scope.anchors) if name in _LOOKUPS else _call(name, given)
    raise TypeError(type(node).__name__)  # parse_expression lets nothing else through


def _binary(op: ast.operator, a: Any, b: Any) -> Any:
    if isinstance(op, ast.Pow) and (np.size(b) != 1 or abs(float(b)) > _MAX_POWER):
        raise ExpressionError(tr("the exponent is too large"))
    if isinstance(op, ast.MatMult):
        _check_product(np.asarray(a), np.asarray(b))
    else:
        _check_size(a, b)
    result = _BINARY[type(op)](a, b)
    if isinstance(result, complex) or (isinstance(result, int) and abs(result) > _MAX_WHOLE):
        raise ExpressionError(tr("the result is no number, or too large"))
    return result


def _compare(op: ast.cmpop, a: Any, b: Any) -> Any:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        _check_size(_number(a), _number(b))
    return _COMPARE[type(op)](a, b)


def _check_size(a: Any, b: Any) -> None:
    if math.prod(np.broadcast_shapes(np.shape(a), np.shape(b))) > _MAX_ELEMENTS:
        raise ExpressionError(tr("the result has too many elements"))


def _check_product(a: np.ndarray, b: np.ndarray) -> None:
    if a.size and b.size and a.ndim and b.ndim:
        rows = a.size // a.shape[-1]
        columns = b.size // b.shape[-2 if b.ndim > 1 else -1]
        if rows * columns > _MAX_ELEMENTS:
            raise ExpressionError(tr("the result has too many elements"))


def _call(name: str, given: list[Any]) -> Any:
    if name in BROADCASTING:
        _check_size(*given[-2:])
        _check_size(*given[:2])
    return FUNCTIONS[name](*given)


def _number(value: Any) -> Any:
    if isinstance(value, bool | int | float | np.ndarray | np.generic):
        return value
    raise ExpressionError(tr("arithmetic works on numbers"))


def _look_up(name: str, given: list[Any], named: dict[str, Any], anchors: Anchors) -> Any:
    arguments = {**dict(zip(_LOOKUPS[name], given, strict=False)), **named}
    for key, value in arguments.items():
        wanted = int if key == "iteration" else str
        if not isinstance(value, wanted) or isinstance(value, bool):
            problem = (
                tr("{key} must be a whole number: {value!r}")
                if wanted is int
                else tr("{key} must be a name in quotes: {value!r}")
            )
            raise ExpressionError(problem.format(key=key, value=value))
    look: dict[str, Callable[..., Any]] = {
        "value": anchors.value,
        "grad": anchors.grad,
        "shape": anchors.shape,
        "count": anchors.count,
    }
    return look[name](**arguments)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.size == 1:
        return value.item()
    return value.item() if isinstance(value, np.generic) else value


def format_answer(value: Any) -> str:
    """A number with four significant digits and a true minus, a shape as 6×28×28, anything else as it is."""
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, tuple):
        return shape_text(value) or "()"
    if isinstance(value, int):
        return str(value).replace("-", "−")
    if isinstance(value, float):
        return number(value)
    return np.array2string(
        np.asarray(value),
        separator=", ",
        formatter={
            "float_kind": lambda each: number(float(each)),
            "int_kind": lambda each: str(each).replace("-", "−"),
        },
    )
