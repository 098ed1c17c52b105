"""The expression that a recorded slot is, down to slots that have a symbol: "w₀ − lr · g₁"."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gradviz.engine.program import Program

_SIGNS = {"add": ("+", 1), "sub": ("−", 1), "mul": ("·", 2), "div": ("/", 2)}  # and how tightly they bind
_SAME = frozenset({"to", "clone", "detach"})  # the same numbers
_PREFIX, _POWER, _ATOM = 3, 4, 5
ELEMENTWISE = frozenset(
    {*_SIGNS, *_SAME, "sqrt", "pow", "neg", "abs", "square", "reciprocal", "rsqrt", "exp", "log", "sign"}
    | {"maximum", "minimum", "clamp", "clamp_min", "clamp_max", "where", "lerp", "addcmul", "addcdiv"}
)


@dataclass(frozen=True)
class Term:
    """What a slot is: an op of terms, or (no op) something that is known already."""

    slot: int
    op: str = ""
    args: tuple[Term, ...] = ()
    attrs: Mapping[str, Any] = field(default_factory=dict)

    def leaves(self) -> Iterator[int]:
        """The slots at the ends of the expression, from left to right."""
        if not self.op:
            yield self.slot
        for arg in self.args:
            yield from arg.leaves()


def term_of(program: Program, slot: int, known: Container[int]) -> tuple[Term, frozenset[int]]:
    """The expression of a slot down to slots that are `known`, and the instructions that it is made of.

    The slot itself is opened even if it is known.
    """
    used: set[int] = set()
    return _open(program, slot, known, used, True), frozenset(used)


def _open(program: Program, slot: int, known: Container[int], used: set[int], first: bool) -> Term:
    producer = program.producers[slot]
    if producer < 0 or (not first and slot in known):
        return Term(slot)
    instr = program.instrs[producer]
    used.add(producer)
    args = tuple(_open(program, each, known, used, False) for each in instr.inputs)
    return Term(slot, instr.op, args, instr.attrs)


def written(term: Term, text: Callable[[int], str]) -> str:
    """The expression in plain Unicode; `text` says how a leaf is written."""
    return _write(term, text)[0]


def _write(term: Term, text: Callable[[int], str]) -> tuple[str, int]:
    """The text, and how tightly its outermost operation binds."""
    if not term.op:
        leaf = text(term.slot)
        return leaf, _ATOM if not leaf.startswith("−") else _PREFIX
    if term.op in _SAME:
        return _write(term.args[0], text)
    if term.op in _SIGNS:
        return _infix(term, text)
    if term.op == "neg":
        return f"−{_inside(term.args[0], text, _POWER)}", _PREFIX
    if term.op == "pow" and len(term.args) == 2:
        base, power = (_inside(arg, text, _ATOM) for arg in term.args)
        return f"{base}^{power}", _POWER
    if term.op == "sqrt":
        return f"√{_inside(term.args[0], text, _ATOM)}", _PREFIX
    if term.op == "clamp":
        return _limited(term, text), _ATOM
    return f"{_NAMES.get(term.op, term.op)}({', '.join(_write(arg, text)[0] for arg in term.args)})", _ATOM


def _infix(term: Term, text: Callable[[int], str]) -> tuple[str, int]:
    sign, tight = _SIGNS[term.op]
    left, right = term.args
    if term.op == "mul" and left.op == right.op == "" and left.slot == right.slot:
        return f"{_inside(left, text, _ATOM)}²", _POWER
    strict = term.op in ("sub", "div")
    second = _inside(right, text, tight + 1 if strict or right.op == "div" else tight)
    if second.startswith("−"):
        second = f"({second})"
    return f"{_inside(left, text, tight)} {sign} {second}", tight


_NAMES = {"maximum": "max", "minimum": "min"}


def _limited(term: Term, text: Callable[[int], str]) -> str:
    """A clamp: from below as a maximum, from above as a minimum."""
    inner = _write(term.args[0], text)[0]
    low, high = (term.attrs.get(key) for key in ("min", "max"))
    ends = [f"{limit:g}".replace("-", "−") for limit in (low, high) if limit is not None]
    name = "clamp" if len(ends) == 2 else "max" if high is None else "min"
    return f"{name}({', '.join([inner, *ends])})"


def _inside(term: Term, text: Callable[[int], str], tight: int) -> str:
    """An operand, in brackets where it binds less tightly than what it is an operand of."""
    found, own = _write(term, text)
    return f"({found})" if own < tight else found
