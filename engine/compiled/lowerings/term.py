"""Formulas of arrays: each operator and function of a term becomes a row."""

from __future__ import annotations

import numpy as np

from ..lowering import Lowering
from ..values import View

CODES = {
    "log": ("logarithm", 0),
    "log1p": ("logarithm", 1),
    "log2": ("logarithm", 2),
    "log10": ("logarithm", 3),
    "expm1": ("logarithm", 4),
    "erf": ("logarithm", 5),
    "erfc": ("logarithm", 6),
    "lgamma": ("logarithm", 7),
    "tan": ("angle", 0),
    "asin": ("angle", 1),
    "acos": ("angle", 2),
    "atan": ("angle", 3),
    "sinh": ("angle", 4),
    "cosh": ("angle", 5),
    "asinh": ("angle", 6),
    "acosh": ("angle", 7),
    "atanh": ("angle", 8),
    "floor": ("rounded", 0),
    "ceil": ("rounded", 1),
    "trunc": ("rounded", 2),
    "round": ("rounded", 3),
    "pow": ("pair", 0),
    "atan2": ("pair", 1),
    "hypot": ("pair", 2),
    "fmod": ("pair", 3),
    "copysign": ("pair", 4),
    "eq": ("compare", 0),
    "ne": ("compare", 1),
    "lt": ("compare", 2),
    "le": ("compare", 3),
}
"""What kernels for many functions call each of them; all others have a kernel of their own name."""


class Term:
    """An array that rows have computed, in one floating point precision; truth is 1 or 0."""

    __slots__ = ("lowering", "view")
    __hash__ = None  # type: ignore[assignment]  # == makes a row

    def __init__(self, lowering: Lowering, view: View) -> None:
        self.lowering = lowering
        self.view = view

    def of(self, name: str, *others: Term | float) -> Term:
        """A function of this array and others that broadcast; numbers are rounded to its precision."""
        views = [self.view, *(self._view(other) for other in others)]
        kernel, code = CODES.get(name, (name, None))
        if code is not None:
            views.append(self._view(code))
        shape = np.broadcast_shapes(*(view.shape for view in views))
        out = self.lowering.new(shape, self.view.dtype)
        self.lowering.each(kernel, out, views)
        return Term(self.lowering, out)

    def _view(self, value: Term | float) -> View:
        if isinstance(value, Term):
            return value.view
        return self.lowering.constant(np.array(value, self.view.dtype))

    def number(self, value: float) -> Term:
        """A number as a term of this precision."""
        return Term(self.lowering, self._view(value))

    def reaches(self, shape: tuple[int, ...]) -> Term:
        """The same, repeated to a shape."""
        view = self.view
        return Term(self.lowering, View(view.buffer, view.offset, shape, view.broadcast(shape), view.dtype))

    def where(self, yes: Term | float, no: Term | float) -> Term:
        """`yes` where this is not 0, else `no`."""
        return self.of("choose", yes, no)

    def __add__(self, other: Term | float) -> Term:
        return self.of("add", other)

    def __radd__(self, other: float) -> Term:
        return self.number(other) + self

    def __sub__(self, other: Term | float) -> Term:
        return self.of("sub", other)

    def __rsub__(self, other: float) -> Term:
        return self.number(other) - self

    def __mul__(self, other: Term | float) -> Term:
        return self.of("mul", other)

    def __rmul__(self, other: float) -> Term:
        return self.number(other) * self

    def __truediv__(self, other: Term | float) -> Term:
        return self.of("div", other)

    def __rtruediv__(self, other: float) -> Term:
        return self.number(other) / self

    def __neg__(self) -> Term:
        return self.of("neg")

    def __abs__(self) -> Term:
        return self.of("fabs")

    def __eq__(self, other: Term | float) -> Term:  # type: ignore[override]
        return self.of("eq", other)

    def __ne__(self, other: Term | float) -> Term:  # type: ignore[override]
        return self.of("ne", other)

    def __lt__(self, other: Term | float) -> Term:
        return self.of("lt", other)

    def __le__(self, other: Term | float) -> Term:
        return self.of("le", other)

    def __gt__(self, other: Term | float) -> Term:
        return (other if isinstance(other, Term) else self.number(other)).of("lt", self)

    def __ge__(self, other: Term | float) -> Term:
        return (other if isinstance(other, Term) else self.number(other)).of("le", self)

    def __and__(self, other: Term) -> Term:  # of truth
        return self.of("mul", other)

    def __or__(self, other: Term) -> Term:
        return self.of("maximum", other)

    def __invert__(self) -> Term:
        return self.of("eq", 0)
