"""Derivatives of one element's expression: how its value moves with each element that it is made from.

Reverse accumulation over the small tree. Parts that are shared, such as the mean inside of a variance, are
evaluated once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from . import special
from .element import SCALAR_FUNCTIONS, Call, Expr, Ref

Partials = Callable[..., Sequence[float]]


def _product(out: float, *xs: float) -> list[float]:
    """For each factor the product of the others, also where one of them is 0."""
    before, after = [1.0], [1.0]
    for x in xs[:-1]:
        before.append(before[-1] * x)
    for x in xs[:0:-1]:
        after.append(after[-1] * x)
    return [a * b for a, b in zip(before, reversed(after), strict=True)]


def _power(out: float, x: float, y: float) -> tuple[float, float]:
    return y * x ** (y - 1) if y else 0.0, out * math.log(x) if x > 0 else 0.0


def _extreme(out: float, *xs: float) -> list[float]:
    """Ties share evenly."""
    wins = [x == out or (math.isnan(x) and math.isnan(out)) for x in xs]
    return [1.0 / sum(wins) if won else 0.0 for won in wins]


def _kth(out: float, rank: float, *xs: float) -> list[float]:
    place = int(SCALAR_FUNCTIONS["place"](rank, *xs))
    return [0.0, *(float(i == place) for i in range(len(xs)))]


def _gamma(order: int, x: float) -> float:
    return float(special.polygamma(order, np.array(x)))


_BELL = 2 / math.sqrt(math.pi)

PARTIALS: dict[str, Partials] = {
    "add": lambda out, *xs: [1.0] * len(xs),
    "sub": lambda out, x, y: (1.0, -1.0),
    "mul": _product,
    "div": lambda out, x, y: (1.0 / y, -out / y),
    "neg": lambda out, x: (-1.0,),
    "pow": _power,
    "exp": lambda out, x: (out,),
    "log": lambda out, x: (1.0 / x,),
    "sqrt": lambda out, x: (0.5 / out,),
    "tanh": lambda out, x: (1.0 - out * out,),
    "sigmoid": lambda out, x: (out * (1.0 - out),),
    "abs": lambda out, x: (float(np.sign(x)),),
    "max": _extreme,
    "min": _extreme,
    "relu": lambda out, x: (float(x > 0),),
    "where": lambda out, condition, x, y: (0.0, float(bool(condition)), float(not condition)),
    "id": lambda out, x: (1.0,),
    "kth": _kth,
    "sin": lambda out, x: (math.cos(x),),
    "cos": lambda out, x: (-math.sin(x),),
    "tan": lambda out, x: (1.0 + out * out,),
    "arcsin": lambda out, x: (1.0 / math.sqrt(1.0 - x * x),),
    "arccos": lambda out, x: (-1.0 / math.sqrt(1.0 - x * x),),
    "arctan": lambda out, x: (1.0 / (1.0 + x * x),),
    "arctan2": lambda out, y, x: (x / (x * x + y * y), -y / (x * x + y * y)),
    "sinh": lambda out, x: (math.cosh(x),),
    "cosh": lambda out, x: (math.sinh(x),),
    "arsinh": lambda out, x: (1.0 / math.sqrt(x * x + 1.0),),
    "arcosh": lambda out, x: (1.0 / math.sqrt(x * x - 1.0),),
    "artanh": lambda out, x: (1.0 / (1.0 - x * x),),
    "log2": lambda out, x: (1.0 / (x * math.log(2.0)),),
    "log10": lambda out, x: (1.0 / (x * math.log(10.0)),),
    "log1p": lambda out, x: (1.0 / (1.0 + x),),
    "expm1": lambda out, x: (out + 1.0,),
    "erf": lambda out, x: (_BELL * math.exp(-x * x),),
    "erfc": lambda out, x: (-_BELL * math.exp(-x * x),),
    "erfinv": lambda out, x: (math.exp(out * out) / _BELL,),
    "lgamma": lambda out, x: (float(special.digamma(np.array(x))),),
    "digamma": lambda out, x: (_gamma(1, x),),
    "polygamma": lambda out, n, x: (0.0, _gamma(int(n) + 1, x)),
    "copysign": lambda out, x, y: (out / x if x else 0.0, 0.0),
    "hypot": lambda out, x, y: (x / out, y / out) if out else (0.0, 0.0),
}
"""∂out/∂xᵢ of each scalar function, given `out` and the xᵢ; functions that move in jumps are left out."""


class Worked:
    """An expression with the value of each of its parts, and how the whole moves with each of them."""

    def __init__(self, expr: Expr, inputs: Sequence[np.ndarray]) -> None:
        self.expr = expr
        self._inputs = inputs
        self._order = _parts(expr)
        self._values: dict[int, float] = {}
        for part in self._order:
            self._values[id(part)] = self._evaluate(part)

    @property
    def value(self) -> float:
        """The value of the whole."""
        return self._values[id(self.expr)]

    def of(self, part: Expr) -> float:
        """The value of a part: the object itself, not one that equals it."""
        return self._values[id(part)]

    def _evaluate(self, part: Expr) -> float:
        if isinstance(part, Ref):
            return float(self._inputs[part.input][part.index])
        if isinstance(part, Call):
            return SCALAR_FUNCTIONS[part.fn](*(self._values[id(arg)] for arg in part.args))
        return float(part)

    def slopes(self) -> dict[Ref, float]:
        """∂whole/∂element for each element that is read, 0 where it only decides."""
        found = {part: 0.0 for part in self._order if isinstance(part, Ref)}
        slopes = self._adjoints()
        for part in self._order:
            if isinstance(part, Ref):
                found[part] += slopes.get(id(part), 0.0)
        return found

    def reach(self) -> float:
        """Σ |∂whole/∂part · part| over all parts: times the precision, what rounding each may come to."""
        slopes = self._adjoints()
        terms = (abs(slopes.get(id(part), 0.0) * self._values[id(part)]) for part in self._order)
        return math.fsum(term for term in terms if math.isfinite(term))

    def _adjoints(self) -> dict[int, float]:
        slopes = {id(self.expr): 1.0}
        for part in reversed(self._order):
            slope = slopes.get(id(part), 0.0)
            rule = PARTIALS.get(part.fn) if isinstance(part, Call) else None
            if rule is None or slope == 0.0 or not isinstance(part, Call):
                continue
            for arg, partial in zip(part.args, self._partials(rule, part), strict=True):
                if partial:
                    slopes[id(arg)] = slopes.get(id(arg), 0.0) + slope * partial
        return slopes

    def _partials(self, rule: Partials, part: Call) -> Sequence[float]:
        try:
            return rule(self._values[id(part)], *(self._values[id(arg)] for arg in part.args))
        except (ZeroDivisionError, ValueError, OverflowError):  # at the edge of where it is defined
            return [math.nan] * len(part.args)


def _parts(expr: Expr) -> list[Expr]:
    """Every part once, each after those that it is made from (no recursion: chains may be long)."""
    found: list[Expr] = []
    seen: set[int] = set()
    waiting: list[tuple[Expr, bool]] = [(expr, False)]
    while waiting:
        part, ready = waiting.pop()
        if ready:
            found.append(part)
        elif id(part) not in seen:
            seen.add(id(part))
            waiting.append((part, True))
            if isinstance(part, Call):
                waiting += [(arg, False) for arg in reversed(part.args)]
    return found
