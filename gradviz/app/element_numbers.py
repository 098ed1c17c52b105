"""One element of an op's output written out with this moment's numbers: `0.83·0.12 + 0.5·0.2 … = 0.214`.

The result is text with formulas between dollar signs; a line may be broken between two of them. Numbers that
are upstream gradients are set with `\\mathbf`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gradviz.engine.element import Call, Expr, Ref, evaluate

from .i18n import ntr
from .numerals import DIGITS, number, tex_number

TERMS = 6  # longer sums show their largest terms and fold the others
_NESTED_TERMS = 3  # of a sum inside of something else
_SUM, _PRODUCT, _SIGN, _POWER, ATOM = range(5)  # how tightly an expression binds
_MOST_DIGITS = 9  # float32 holds no more
_PLACES = 4  # of an argmax
_OPPOSITES = {"lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "eq": "ne", "ne": "eq"}
_FUNCTIONS = {
    **{name: rf"\{name}" for name in ("sin", "cos", "tan", "arcsin", "arccos", "arctan")},
    **{name: rf"\{name}" for name in ("sinh", "cosh", "tanh")},
    "log": r"\ln",
    "sigmoid": r"\sigma",
    "log2": r"\log_2",
    "log10": r"\log_{10}",
}
_RELATIONS = {"lt": "<", "le": r"\leq", "gt": ">", "ge": r"\geq", "eq": "=", "ne": r"\neq"}


@dataclass(frozen=True, slots=True)
class Tex:
    text: str
    binds: int


def written_out(
    left: str, expr: Expr, inputs: Sequence[np.ndarray], result: float, strong: frozenset[int] = frozenset()
) -> str:
    """`left`, `expr` with the numbers of the inputs, `= result`; inputs in `strong` are set in bold."""
    return Writer(inputs, strong).equation(left, expr, result)


class Writer:
    """Turns expression trees into mathtext, given the arrays that they refer to."""

    def __init__(self, inputs: Sequence[np.ndarray], strong: frozenset[int]) -> None:
        self._inputs = inputs
        self._strong = strong
        self._last_place: int | None = None

    def equation(self, left: str, expr: Expr, result: float) -> str:
        """The whole line; one formula for each term of a sum, so that it can be broken between them."""
        if isinstance(expr, Call) and expr.fn == "id" and len(expr.args) == 1:
            expr = expr.args[0]
        if isinstance(expr, Call) and expr.fn in ("add", "sub"):
            self._last_place = self._needed_place(signed_terms(expr))
            parts = self._folded_sum(signed_terms(expr), TERMS)
        else:
            parts = [f"${self._write(expr).text}$"]
        end = f"$= {self._tex(result)}$"
        if not parts:  # a sum of nothing
            return f"{left} ${self._tex(result)}$"
        if not isinstance(expr, Call) or (
            expr.fn == "add" and isinstance(expr.args[0], Ref) and len(parts) == 1
        ):
            return f"{left} {parts[0]}"  # a copy: "0.5 = 0.5" says nothing
        return " ".join([left, *parts, end])

    def _needed_place(self, terms: list[tuple[int, Expr]]) -> int | None:
        """The decimal place down to which numbers are written, so that a small change (w − lr·g) shows."""
        sizes = [abs(self._value(term)) for _, term in terms[:TERMS]]
        if len(terms) != 2 or not all(map(math.isfinite, sizes)) or min(sizes) == 0.0:
            return None
        return math.floor(math.log10(min(sizes))) - 2

    def _tex(self, value: float) -> str:
        if self._last_place is None or not math.isfinite(value) or value == 0.0:
            return tex_number(value)
        digits = math.floor(math.log10(abs(value))) - self._last_place + 1
        return tex_number(value, min(max(digits, DIGITS), _MOST_DIGITS))

    def _folded_sum(self, terms: list[tuple[int, Expr]], limit: int) -> list[str]:
        """Formulas for the terms of a sum, each with its sign in front."""
        shown, rest = self._largest(terms, limit)
        parts: list[str] = []
        for plus, term in shown:
            parts.append(f"${self._signed(plus, term, first=not parts)}$")
        if rest:
            value, count = sum(rest), len(rest)
            more = ntr("{n} more term", "{n} more terms", count).format(n=count)
            more = f"(… {more})".replace(" ", "\u00a0")  # one word for the line breaker
            sign = "-" if value < 0 else "+"
            parts.append(rf"${sign}\,{tex_number(abs(value))}$ {more}")
        return parts

    def _largest(
        self, terms: list[tuple[int, Expr]], limit: int
    ) -> tuple[list[tuple[int, Expr]], list[float]]:
        """The terms to show and the values of those to fold; of many the largest come first."""
        if len(terms) <= limit:
            return terms, []
        values = [sign * self._value(term) for sign, term in terms]
        # A NaN is what one looks for: it counts as the largest.
        order = sorted(range(len(terms)), key=lambda i: (values[i] == values[i], -abs(values[i])))
        return [terms[i] for i in order[:limit]], [values[i] for i in order[limit:]]

    def _signed(self, sign: int, term: Expr, first: bool) -> str:
        """A term of a sum with its plus or minus; the sign of a leading factor comes out in front."""
        written = self._write(term)
        text = written.text
        if text.startswith("-") and written.binds != _SUM:
            sign, text = -sign, text[1:]
        elif written.binds == _SUM and sign < 0:
            text = _brackets(text)
        if first:
            return text if sign > 0 else f"-{text}"
        return rf"+\,{text}" if sign > 0 else rf"-\,{text}"

    def _value(self, expr: Expr) -> float:
        return evaluate(expr, self._inputs)

    def _write(self, expr: Expr) -> Tex:
        if isinstance(expr, Ref):
            return self._number(float(self._inputs[expr.input][expr.index]), expr.input in self._strong)
        if isinstance(expr, Call):
            return self._call(expr.fn, expr.args)
        return self._number(float(expr), False)

    def _number(self, value: float, strong: bool) -> Tex:
        text = self._tex(value)
        if strong:
            sign = "-" if text.startswith("-") else ""
            text = rf"{sign}\mathbf{{{text.removeprefix('-')}}}"
        if text.startswith("-"):
            return Tex(text, _SIGN)
        return Tex(text, _POWER if r"\times" in text else ATOM)

    def _call(self, fn: str, args: tuple[Expr, ...]) -> Tex:
        writer = _WRITERS.get(fn)
        if writer is not None:
            return writer(self, args)
        if fn in _RELATIONS:
            left, right = (self._write(arg).text for arg in args)
            return Tex(rf"[\,{left} {_RELATIONS[fn]} {right}\,]", ATOM)
        name = _FUNCTIONS.get(fn, rf"\mathrm{{{fn}}}")
        return Tex(rf"{name}({self._listed(args)})", ATOM)

    def _listed(self, args: tuple[Expr, ...]) -> str:
        return r",\,".join(self._write(arg).text for arg in args)

    def _within(self, expr: Expr, at_least: int) -> str:
        """An operand, in brackets if it binds less tightly than asked."""
        written = self._write(expr)
        return written.text if written.binds >= at_least else _brackets(written.text)

    def _sum(self, args: tuple[Expr, ...]) -> Tex:
        return self._nested_sum(signed_terms(Call("add", args)))

    def _difference(self, args: tuple[Expr, ...]) -> Tex:
        return self._nested_sum(signed_terms(Call("sub", args)))

    def _nested_sum(self, terms: list[tuple[int, Expr]]) -> Tex:
        """A sum inside of a formula; here no words can say how many terms are folded, so dots must do."""
        shown, rest = self._largest(terms, _NESTED_TERMS)
        parts: list[str] = []
        for sign, term in shown:
            parts.append(self._signed(sign, term, first=not parts))
        if rest:
            parts.append(r"+\,\ldots")
        return Tex(" ".join(parts), _SUM if len(parts) > 1 else _PRODUCT)

    def _product(self, args: tuple[Expr, ...]) -> Tex:
        first = self._within(args[0], _PRODUCT)
        others = (self._within(arg, _POWER) for arg in args[1:])
        return Tex(r" \cdot ".join((first, *others)), _PRODUCT)

    def _quotient(self, args: tuple[Expr, ...]) -> Tex:
        above, below = (self._write(arg).text for arg in args)
        return Tex(rf"\dfrac{{{above}}}{{{below}}}", _POWER)

    def _negative(self, args: tuple[Expr, ...]) -> Tex:
        return Tex(f"-{self._within(args[0], _POWER)}", _SIGN)

    def _power(self, args: tuple[Expr, ...]) -> Tex:
        base, exponent = args
        return Tex(f"{self._within(base, ATOM)}^{{{self._write(exponent).text}}}", _POWER)

    def _exponential(self, args: tuple[Expr, ...]) -> Tex:
        return Tex(f"e^{{{self._write(args[0]).text}}}", _POWER)

    def _root(self, args: tuple[Expr, ...]) -> Tex:
        return Tex(rf"\sqrt{{{self._write(args[0]).text}}}", ATOM)

    def _absolute(self, args: tuple[Expr, ...]) -> Tex:
        return Tex(f"|{self._write(args[0]).text}|", ATOM)

    def _floor(self, args: tuple[Expr, ...]) -> Tex:
        return Tex(rf"\lfloor {self._write(args[0]).text} \rfloor", ATOM)

    def _copy(self, args: tuple[Expr, ...]) -> Tex:
        return self._write(args[0])

    def _relu(self, args: tuple[Expr, ...]) -> Tex:
        return Tex(rf"\max(0,\,{self._write(args[0]).text})", ATOM)

    def _choice(self, args: tuple[Expr, ...]) -> Tex:
        """Only the branch that is taken, with the condition that takes it."""
        condition = args[0]
        holds = bool(self._value(condition))
        taken = self._write(args[1] if holds else args[2]).text
        verdict = "" if holds else r"\neg\,"
        if not holds and isinstance(condition, Call) and condition.fn in _OPPOSITES:
            condition, verdict = Call(_OPPOSITES[condition.fn], condition.args), ""
        reason = self._write(condition).text.removeprefix(r"[\,").removesuffix(r"\,]")
        return Tex(rf"{taken}\;\;({verdict}{reason})", _SUM)

    def _place_of_largest(self, args: tuple[Expr, ...]) -> Tex:
        """Pairs of a value and its place, the largest value first."""
        pairs = sorted(zip(args[::2], args[1::2], strict=True), key=lambda pair: -self._value(pair[0]))
        texts = [f"{self._write(place).text}: {self._write(value).text}" for value, place in pairs[:_PLACES]]
        dots = [r"\ldots"] if len(pairs) > _PLACES else []
        listed = r",\;".join(texts + dots)
        return Tex(rf"\arg\max\,\{{{listed}\}}", ATOM)

    def _extreme(self, fn: str, args: tuple[Expr, ...]) -> Tex:
        """The winner first, then the runners-up."""
        if len(args) <= TERMS:
            return Tex(rf"\{fn}({self._listed(args)})", ATOM)
        sign = -1.0 if fn == "max" else 1.0
        best = sorted(args, key=lambda arg: sign * self._value(arg))[: TERMS - 1]
        return Tex(rf"\{fn}({self._listed(tuple(best))},\,\ldots)", ATOM)

    def _max(self, args: tuple[Expr, ...]) -> Tex:
        return self._extreme("max", args)

    def _min(self, args: tuple[Expr, ...]) -> Tex:
        return self._extreme("min", args)


_WRITERS: dict[str, Callable[[Writer, tuple[Expr, ...]], Tex]] = {
    "add": Writer._sum,
    "sub": Writer._difference,
    "mul": Writer._product,
    "div": Writer._quotient,
    "neg": Writer._negative,
    "pow": Writer._power,
    "exp": Writer._exponential,
    "sqrt": Writer._root,
    "abs": Writer._absolute,
    "floor": Writer._floor,
    "id": Writer._copy,
    "relu": Writer._relu,
    "where": Writer._choice,
    "argmax": Writer._place_of_largest,
    "max": Writer._max,
    "min": Writer._min,
}


def signed_terms(expr: Expr, sign: int = 1) -> list[tuple[int, Expr]]:
    """The terms of nested sums and differences, from left to right (no recursion: chains may be long)."""
    found: list[tuple[int, Expr]] = []
    waiting: list[tuple[int, Expr]] = [(sign, expr)]
    while waiting:
        sign, expr = waiting.pop()
        if isinstance(expr, Call) and expr.fn == "add":
            waiting += [(sign, arg) for arg in reversed(expr.args)]
        elif isinstance(expr, Call) and expr.fn == "sub":
            waiting += [(-sign, expr.args[1]), (sign, expr.args[0])]
        elif isinstance(expr, Call) and expr.fn == "neg":
            waiting.append((-sign, expr.args[0]))
        else:
            found.append((sign, expr))
    return found


def _brackets(text: str) -> str:
    return f"({text})"


__all__ = ["TERMS", "number", "signed_terms", "written_out"]
