"""How one element of an op's output is made from scalars: small expression trees over elements of its inputs.

The inspector prints them with this moment's numbers, and a test compares each with what the kernel computed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import special

Index = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ref:
    """Element `index` of input number `input`."""

    input: int
    index: Index


@dataclass(frozen=True, slots=True)
class Call:
    """A scalar function of `SCALAR_FUNCTIONS` applied to expressions; "add" and "max" take any number of
    them."""

    fn: str
    args: tuple[Expr, ...]


Expr = Ref | Call | float


def _fold_max(*xs: float) -> float:
    return math.nan if any(math.isnan(x) for x in xs) else max(xs)


def _fold_min(*xs: float) -> float:
    return math.nan if any(math.isnan(x) for x in xs) else min(xs)


def _argmax(*pairs: float) -> float:
    best, found = pairs[0], pairs[1]
    for value, number in zip(pairs[2::2], pairs[3::2], strict=True):
        if value > best or math.isnan(value):
            best, found = value, number
    return found


def _guard(fn: Callable[..., Any]) -> Callable[..., float]:
    """numpy's functions return inf and nan where math's would raise."""

    def call(*xs: float) -> float:
        with np.errstate(all="ignore"):
            return float(fn(*(np.float64(x) for x in xs)))

    return call


def _place(rank: float, *xs: float) -> float:
    """The position of the element of a rank, counted from 0; equal ones keep their order."""
    return float(sorted(range(len(xs)), key=lambda i: (math.isnan(xs[i]), xs[i]))[int(rank)])


SCALAR_FUNCTIONS: dict[str, Callable[..., float]] = {
    "add": lambda *xs: math.fsum(xs) if all(map(math.isfinite, xs)) else sum(xs),
    "sub": lambda x, y: x - y,
    "mul": lambda *xs: math.prod(xs),
    "div": _guard(np.divide),
    "neg": lambda x: -x,
    "pow": _guard(np.power),
    "exp": _guard(np.exp),
    "log": _guard(np.log),
    "sqrt": _guard(np.sqrt),
    "tanh": _guard(np.tanh),
    "sigmoid": _guard(lambda x: 1.0 / (1.0 + np.exp(-x))),
    "abs": abs,
    "sign": _guard(np.sign),
    "not": lambda x: float(not x),
    "and": lambda x, y: float(bool(x) and bool(y)),
    "or": lambda x, y: float(bool(x) or bool(y)),
    "max": _fold_max,
    "min": _fold_min,
    "argmax": _argmax,
    "relu": lambda x: 0.0 if x < 0 else x,
    "lt": lambda x, y: float(x < y),
    "le": lambda x, y: float(x <= y),
    "gt": lambda x, y: float(x > y),
    "ge": lambda x, y: float(x >= y),
    "eq": lambda x, y: float(x == y),
    "ne": lambda x, y: float(x != y),
    "where": lambda condition, x, y: x if condition else y,
    "id": lambda x: x,
    "floor": _guard(np.floor),
    "trunc": _guard(np.trunc),
    "ceil": _guard(np.ceil),
    "round": _guard(np.rint),
    "sin": _guard(np.sin),
    "cos": _guard(np.cos),
    "tan": _guard(np.tan),
    "arcsin": _guard(np.arcsin),
    "arccos": _guard(np.arccos),
    "arctan": _guard(np.arctan),
    "arctan2": _guard(np.arctan2),
    "sinh": _guard(np.sinh),
    "cosh": _guard(np.cosh),
    "arsinh": _guard(np.arcsinh),
    "arcosh": _guard(np.arccosh),
    "artanh": _guard(np.arctanh),
    "log2": _guard(np.log2),
    "log10": _guard(np.log10),
    "log1p": _guard(np.log1p),
    "expm1": _guard(np.expm1),
    "erf": math.erf,
    "erfc": math.erfc,
    "erfinv": lambda x: float(special.erfinv(np.array(x))),
    "lgamma": lambda x: float(special.lgamma(np.array(x))),
    "digamma": lambda x: float(special.digamma(np.array(x))),
    "polygamma": lambda n, x: float(special.polygamma(int(n), np.array(x))),
    "copysign": _guard(np.copysign),
    "hypot": _guard(np.hypot),
    "place": _place,
    "kth": lambda rank, *xs: xs[int(_place(rank, *xs))],
    "bitnot": lambda x: float(~int(x)),
    "bitand": lambda x, y: float(int(x) & int(y)),
    "bitor": lambda x, y: float(int(x) | int(y)),
    "bitxor": lambda x, y: float(int(x) ^ int(y)),
}
"""The scalar vocabulary. "id" stands for a copy: reshape, indexing, the winner of a max-pool; "argmax"
takes pairs (value, number) and gives the number of the largest value; "place" and "kth" take a rank and
values."""


def evaluate(expr: Expr, inputs: Sequence[np.ndarray]) -> float:
    """The value of an expression in double precision, given the arrays of the op's inputs."""
    if isinstance(expr, Ref):
        return float(inputs[expr.input][expr.index])
    if isinstance(expr, Call):
        return SCALAR_FUNCTIONS[expr.fn](*(evaluate(arg, inputs) for arg in expr.args))
    return float(expr)


def references(expr: Expr) -> Iterator[Ref]:
    """Every element that an expression reads, from left to right."""
    if isinstance(expr, Ref):
        yield expr
    elif isinstance(expr, Call):
        for arg in expr.args:
            yield from references(arg)


def broadcast_ref(input: int, shape: Sequence[int], index: Index) -> Ref:
    """The element of a (broadcast) input of `shape` that element `index` of the result reads."""
    skip = len(index) - len(shape)
    return Ref(input, tuple(0 if size == 1 else i for size, i in zip(shape, index[skip:], strict=True)))
