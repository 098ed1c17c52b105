"""The language of the graph's search field: words, shapes, kinds and conditions; all terms have to hold.

relu · 1x6x28x28 · *x10 · ...x5x5 · op:conv2d · module:fc1 · phase:backward
norm>1 · mean<0.1 · max>=5 · grad<1e-3 · nan · inf · zero-grad

A hit is an instruction, or a value from outside; words may also be part of a node's title. Conditions are
about the moment: what is not computed yet has no number and is no hit.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from gradviz.engine.program import Phase, Program

from ..state import StateView
from .measures import Measure, Measures
from .model import GraphModel, GraphNode

NUMBERS = ("norm", "mean", "max", "grad")
FLAGS = ("nan", "inf", "zero-grad")
FIELDS = ("op", "module", "phase", "name")
PHASES = {phase.value.replace("_", "-"): phase for phase in Phase}

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}
_CONDITION = re.compile(r"(norm|mean|max|grad)(>=|<=|>|<|=)(.*)")
_SHAPE = re.compile(r"(\d+|\*|\.\.\.|…)(?:[x×](\d+|\*))+")
_FIELD = re.compile(r"(op|module|phase|name):(.*)")

Kind = Literal["word", "shape", "op", "module", "phase", "name", "number", "flag"]


@dataclass(frozen=True, slots=True)
class Term:
    """One term: a condition is `name sign bound`, all others are a kind and a text."""

    kind: Kind
    text: str
    sign: str = ""
    bound: float = 0.0
    whole: bool = False  # of an op: not only a part of its name

    @property
    def measured(self) -> bool:
        """Whether it is about numbers, and so about the moment."""
        return self.kind in ("number", "flag")


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; `wrong` is the first term that makes no sense ("norm>abc"), or ""."""

    terms: tuple[Term, ...] = ()
    wrong: str = ""

    @property
    def measured(self) -> bool:
        """Whether the hits depend on the moment."""
        return any(term.measured for term in self.terms)


def parse(text: str) -> Query:
    """Read what the user has typed; a term that is still being typed ("op:") looks for everything."""
    terms = []
    for part in text.casefold().split():
        term = _term(part)
        if term is None:
            return Query((), part)
        terms.append(term)
    return Query(tuple(terms))


def _term(part: str) -> Term | None:
    if found := _CONDITION.fullmatch(part):
        name, sign, number = found.groups()
        if not number:
            return Term("word", "")
        try:
            return Term("number", name, sign, float(number))
        except ValueError:
            return None
    if part in FLAGS:
        return Term("flag", part)
    if found := _FIELD.fullmatch(part):
        kind, text = found.groups()
        if kind == "phase":
            names = [name for name in PHASES if name.startswith(text.replace("_", "-"))]
            return Term("phase", names[0]) if names else None
        return Term("name" if kind == "name" else "op" if kind == "op" else "module", text)
    if _SHAPE.fullmatch(part):
        return Term("shape", part.replace("×", "x").replace("…", "..."))
    return Term("word", part)


@dataclass(frozen=True, slots=True)
class Hit:
    """A node with a hit; `instrs` are its instructions that are hits (none for values from outside)."""

    node: str
    instrs: tuple[int, ...]


class Finder:
    """Finds the hits of one query in one graph; what does not depend on the moment is worked out once."""

    def __init__(self, query: Query, model: GraphModel, program: Program, measures: Measures) -> None:
        self.query = query
        self._measures = measures
        self.program = program
        self._candidates = _candidates(query, model, program)

    def needed(self, state: StateView) -> list[int]:
        """The slots that have to be measured first."""
        if not self.query.measured:
            return []
        wanted = (slot for _, rows in self._candidates for _, slot in rows)
        wanted = (slot for slot in wanted if state.written(slot))
        pairs = ((slot, state.gradient_slot(slot)) for slot in wanted)
        return [slot for pair in pairs for slot in pair if slot is not None]

    def hits(self, state: StateView) -> list[Hit]:
        """The nodes with a hit at a moment, those first whose title begins with the first word."""
        found = []
        measured = [term for term in self.query.terms if term.measured]
        hidden = state.shapeless if any(term.kind == "shape" for term in self.query.terms) else frozenset()
        for node, rows in self._candidates:
            good = [
                index
                for index, slot in rows
                if slot not in hidden and all(self._holds(t, slot, node, state) for t in measured)
            ]
            if good:
                found.append(Hit(node.id, tuple(index for index in good if index >= 0)))
        return found

    def _holds(self, term: Term, slot: int, node: GraphNode, state: StateView) -> bool:
        if not state.written(slot):
            return False
        gradient = state.gradient_slot(slot)
        if gradient is None and (node.kind == "gradient" or slot in self._measures.gradients):
            gradient = slot
        if state.hidden and (slot in state.hidden or gradient in state.hidden):
            return False  # with some patience one could read off what is to be predicted
        of = self._measures.get
        match term.text:
            case "nan":
                return of(slot).nan or (gradient is not None and of(gradient).nan)
            case "inf":
                return of(slot).inf or (gradient is not None and of(gradient).inf)
            case "zero-grad":
                return gradient is not None and of(gradient).zero
            case "grad":
                return gradient is not None and _compare(of(gradient).norm, term)
        return _compare(_number(of(slot), term.text), term)


def _number(measure: Measure, name: str) -> float:
    return {"norm": measure.norm, "mean": measure.mean, "max": measure.largest}[name]


def _compare(x: float, term: Term) -> bool:
    return _COMPARE[term.sign](x, term.bound)


_Rows = list[tuple[int, int]]  # instruction (-1: a value from outside) and the slot that it writes


def _candidates(query: Query, model: GraphModel, program: Program) -> list[tuple[GraphNode, _Rows]]:
    """The nodes and instructions for which all terms hold that are not about numbers."""
    if not query.terms or all(term.kind == "word" and not term.text for term in query.terms):
        return []
    ops = {instr.op for instr in program.instrs}
    terms = [_settled(term, ops) for term in query.terms if not term.measured]
    found = []
    for node in model.nodes:
        left = [term for term in terms if not _names(term, node)]
        rows = [(index, program.instrs[index].output) for index in node.instrs]
        rows = rows or [(-1, node.slot)]
        rows = [row for row in rows if all(_describes(term, *row, node, program) for term in left)]
        if rows and rows[0][1] >= 0:
            found.append((node, rows))
    first = next((term.text for term in terms if term.kind == "word"), "")
    found.sort(key=lambda pair: not pair[0].title.casefold().startswith(first))
    return found


def _settled(term: Term, ops: set[str]) -> Term:
    """An op's whole name means that op alone: conv2d is not conv2d_weight_grad."""
    return replace(term, whole=True) if term.kind == "op" and term.text in ops else term


def _names(term: Term, node: GraphNode) -> bool:
    """Whether a word is part of what stands on the node itself, however much is folded into it."""
    if term.kind != "word":
        return False
    return any(term.text in part.casefold() for part in (node.title, node.module, node.subtitle))


def _describes(term: Term, index: int, slot: int, node: GraphNode, program: Program) -> bool:
    """Whether a term holds for an instruction, or for a value from outside."""
    instr = program.instrs[index] if index >= 0 else None
    info = program.slots[slot]
    match term.kind:
        case "word":
            return term.text in f"{instr.op if instr else ''} {info.name} {node.module}".casefold()
        case "shape":
            return fits(term.text, info.shape)
        case "op":
            return instr is not None and (instr.op == term.text if term.whole else term.text in instr.op)
        case "module":
            path = instr.site.module if instr is not None and instr.site.module else node.module
            return term.text in path.casefold()
        case "name":
            return term.text in info.name.casefold()
        case "phase":
            phase = instr.site.phase if instr is not None else node.phase
            return phase is PHASES[term.text]
    return True


def fits(pattern: str, shape: tuple[int, ...]) -> bool:
    """Whether a shape is of the form "1x*x28x28", with "..." in front for any number of sizes.

    A pattern of sizes alone may also be a part of the shape: "28x28".
    """
    parts = pattern.split("x")
    count = len(parts)
    if parts[0] == "...":
        return len(shape) >= count - 1 and _agree(parts[1:], shape[len(shape) - count + 1 :])
    if "*" in parts:
        return _agree(parts, shape)
    return any(_agree(parts, shape[at : at + count]) for at in range(len(shape) - count + 1))


def _agree(parts: list[str], shape: tuple[int, ...]) -> bool:
    return len(parts) == len(shape) and all(
        part == "*" or int(part) == size for part, size in zip(parts, shape, strict=True)
    )
