"""The small expressions of lessons, `value("w") * grad("z")`: arithmetic on the engine's numbers and nothing
else.

They are parsed with Python's grammar and walked here, node by node; nothing is ever executed as Python.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gradviz.app.anchors import AnchorError, Anchors

_PLACEHOLDER = re.compile(r"\{\{(.+?)\}\}", re.DOTALL)

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "sum": np.sum,
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "argmax": np.argmax,
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "sqrt": np.sqrt,
    "norm": lambda x: np.linalg.norm(np.asarray(x).ravel()),
    "count_zero": lambda x: int(np.count_nonzero(np.asarray(x) == 0)),
    "size": lambda x: int(np.asarray(x).size),
    "len": len,
    "round": round,
}
_LOOKUPS = ("value", "grad", "shape", "index_of_winner")
_MAX_POWER = 64


class ExpressionError(ValueError):
    """An expression that is not understood, or that asks for something that is not there."""


def placeholders(text: str) -> Iterator[str]:
    """The expressions in {{ double braces }} of a text."""
    return (match[1].strip() for match in _PLACEHOLDER.finditer(text))


def fill(text: str, anchors: Anchors) -> str:
    """Put the numbers in place of the expressions."""
    return _PLACEHOLDER.sub(lambda match: format_answer(evaluate(match[1].strip(), anchors)), text)


def parse_expression(source: str) -> ast.expr:
    """Parse an expression and check that it uses only what is allowed."""
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError(f"not an expression: {source}") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if not isinstance(node.func, ast.Name) or node.func.id not in {*_FUNCTIONS, *_LOOKUPS}:
                raise ExpressionError(f"no such function in {source!r}")
        elif isinstance(node, ast.Name):
            if node.id not in {*_FUNCTIONS, *_LOOKUPS, "pi", "e", "inf"}:
                raise ExpressionError(f"{node.id!r} is not known in {source!r}; names of tensors are quoted")
        elif not isinstance(node, _ALLOWED):
            raise ExpressionError(f"{type(node).__name__} is not allowed in {source!r}")
    return tree


_ALLOWED = (
    ast.BinOp,
    ast.UnaryOp,
    ast.BoolOp,
    ast.Compare,
    ast.IfExp,
    ast.Constant,
    ast.Tuple,
    ast.Subscript,
    ast.keyword,
    ast.operator,
    ast.unaryop,
    ast.boolop,
    ast.cmpop,
    ast.expr_context,
)


def evaluate(source: str, anchors: Anchors) -> Any:
    """The value of an expression: a float, an int, a bool, a string, a tuple (a shape) or an array."""
    tree = parse_expression(source)
    try:
        with np.errstate(all="ignore"):
            return _plain(_walk(tree, anchors))
    except AnchorError as error:
        raise ExpressionError(f"{source}: {error}") from None
    except (TypeError, IndexError, ValueError, ArithmeticError, KeyError) as error:
        raise ExpressionError(f"{source}: {error}") from None


def _walk(node: ast.expr, anchors: Anchors) -> Any:
    match node:
        case ast.Constant(value):
            return value
        case ast.Name(name):
            return {"pi": math.pi, "e": math.e, "inf": math.inf}[name]
        case ast.Tuple(items):
            return tuple(_walk(item, anchors) for item in items)
        case ast.UnaryOp(op, operand):
            value = _walk(operand, anchors)
            return -value if isinstance(op, ast.USub) else (not value) if isinstance(op, ast.Not) else +value
        case ast.BinOp(left, op, right):
            a, b = _walk(left, anchors), _walk(right, anchors)
            if isinstance(op, ast.Pow) and abs(float(b)) > _MAX_POWER:
                raise ExpressionError("the exponent is too large")
            if type(op) not in _BINARY or isinstance(a, str | tuple) or isinstance(b, str | tuple):
                raise TypeError("arithmetic works on numbers")
            return _BINARY[type(op)](a, b)
        case ast.Compare(left, [op], [right]) if type(op) in _COMPARE:
            return _COMPARE[type(op)](_walk(left, anchors), _walk(right, anchors))
        case ast.BoolOp(op, values):
            found = [bool(_walk(value, anchors)) for value in values]
            return all(found) if isinstance(op, ast.And) else any(found)
        case ast.IfExp(test, body, orelse):
            return _walk(body if _walk(test, anchors) else orelse, anchors)
        case ast.Subscript(value, index):
            return _walk(value, anchors)[_walk(index, anchors)]
        case ast.Call(ast.Name(name), args, keywords):
            given = [_walk(arg, anchors) for arg in args]
            named = {k.arg: _walk(k.value, anchors) for k in keywords if k.arg is not None}
            if name in _LOOKUPS:
                return getattr(anchors, name)(*given, **named)
            return _FUNCTIONS[name](*given)
    raise ExpressionError(f"{type(node).__name__} is not understood")


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.size == 1:
        return value.item()
    return value.item() if isinstance(value, np.generic) else value


def format_answer(value: Any) -> str:
    """A number with four significant digits and a true minus, a shape as 6×28×28, anything else as it is."""
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, tuple):
        return "×".join(str(size) for size in value) if value else "()"
    if isinstance(value, int):
        return str(value).replace("-", "−")
    if isinstance(value, float):
        return f"{value:.4g}".replace("-", "−")
    return np.array2string(np.asarray(value), precision=4, separator=", ").replace("-", "−")
