"""The operands of an expression as they are drawn: nested sums and products are one, copies are none."""

from __future__ import annotations

from dataclasses import dataclass

from gradviz.engine.element import Call, Expr, Ref
from gradviz.engine.element_slopes import Worked

from ..element_numbers import signed_terms


@dataclass(frozen=True, eq=False)
class Part:
    """An operand: its number among all, its role ("−" in a difference), whether it decided the result."""

    expr: Expr
    place: int = 0
    mark: str = ""
    chosen: bool = False


def simplest(expr: Expr) -> Expr:
    """What an expression is a mere copy of, or else itself."""
    while isinstance(expr, Call) and len(expr.args) == 1 and expr.fn in ("id", "add", "mul", "max", "min"):
        expr = expr.args[0]
    return expr


def parts_of(expr: Expr, worked: Worked, inner: bool = True) -> tuple[str, list[Part]]:
    """The operation that is drawn, and its operands; a whole (not `inner`) that is a copy is an "id"."""
    found = simplest(expr)
    if not isinstance(found, Call):
        is_copy = not inner and (isinstance(found, Ref) or found is not expr)
        return "id", [Part(found)] if is_copy else []
    fn, args = found.fn, found.args
    if fn in ("add", "sub"):
        terms = signed_terms(found)
        return "add", [Part(term, i, "−" if sign < 0 else "") for i, (sign, term) in enumerate(terms)]
    if fn == "mul":
        factors = _factors(found)
        if len(factors) == 2 and factors[0] is factors[1]:
            return "square", [Part(factors[0])]
        return "mul", [Part(factor, i) for i, factor in enumerate(factors)]
    if fn in ("max", "min"):
        best = worked.of(found)
        winner = next((i for i, arg in enumerate(args) if worked.of(arg) == best), -1)
        return fn, [Part(arg, i, "", i == winner) for i, arg in enumerate(args)]
    if fn == "argmax":
        won = worked.of(found)
        pairs = list(zip(args[::2], args[1::2], strict=True))
        winner = next((i for i, pair in enumerate(pairs) if worked.of(pair[1]) == won), -1)
        return fn, [
            Part(value, i, f"#{worked.of(place):g}", i == winner) for i, (value, place) in enumerate(pairs)
        ]
    if fn == "where":
        taken = 1 if worked.of(args[0]) else 2
        marks = ("?", "1", "0")
        return fn, [Part(arg, i, marks[i], i == taken) for i, arg in enumerate(args)]
    if fn in ("kth", "place"):
        values = args[1:]
        best = worked.of(found)
        chosen = [i == best if fn == "place" else worked.of(arg) == best for i, arg in enumerate(values)]
        rank = Part(args[0], 0, "#")
        return fn, [rank, *(Part(arg, i + 1, "", chosen[i]) for i, arg in enumerate(values))]
    roles = _ROLES.get(fn, ("",) * len(args))
    return fn, [Part(arg, i, role) for i, (arg, role) in enumerate(zip(args, roles, strict=True))]


_ROLES: dict[str, tuple[str, ...]] = {
    "div": ("", "÷"),
    "pow": ("", "^"),
    "copysign": ("", "±"),
    "polygamma": ("n", ""),
}


def _factors(expr: Call) -> list[Expr]:
    """The factors of nested products, from left to right; a product that is used twice stays one."""
    found: list[Expr] = []
    waiting: list[Expr] = [expr]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Call) and part.fn == "mul" and not _is_square(part):
            waiting += reversed(part.args)
        elif part is expr and isinstance(part, Call):
            found += part.args
        else:
            found.append(part)
    return found


def _is_square(expr: Call) -> bool:
    return len(expr.args) == 2 and expr.args[0] is expr.args[1] and isinstance(expr.args[0], Call)
