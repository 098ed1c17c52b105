"""One element of any tensor as a scalar graph: the numbers that it is made from, down to elements of inputs.

Only what is to be drawn is made: long sums show a page of their terms, the largest first, and one node for
all others; a part that would make the picture too large stays closed until it is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from gradviz.engine.element import Call, Expr, Ref
from gradviz.engine.element_slopes import Worked
from gradviz.engine.op import REGISTRY, Op
from gradviz.engine.program import Program, SlotKind

from ..element_facts import MANY, element_expr, term_bound
from .parts import Part, parts_of, simplest
from .rivals import with_rivals
from .titles import Titles

PAGE = 12  # terms of a long sum that are shown at once
BUDGET = 72  # nodes after which inner parts stay closed

Path = tuple[int, ...]
Index = tuple[int, ...]
Kind = Literal["op", "element", "number", "rest"]
Trouble = Literal["", "outside", "unknown", "too many"]


@dataclass(frozen=True)
class Folding:
    """What the user has opened, closed and turned over; paths lead from the result to a part."""

    pages: Mapping[Path, int] = field(default_factory=dict)
    opened: Mapping[Path, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class ScopeNode:
    """One card. `fn` is the operation of an "op"; `slot`, `index` say which element an "element" is, and
    `computed` that one can go on to what it is made from.

    `count` is the number of operands, of which `shown` are drawn from number `first` on; a "rest" stands for
    `count` others. `closed` ops hide their operands. `slope` is ∂result/∂element.
    """

    path: Path
    kind: Kind
    value: float
    fn: str = ""
    slot: int = -1
    index: Index = ()
    title: str = ""
    computed: bool = False
    gradient: bool = False
    count: int = 0
    first: int = 0
    shown: int = 0
    closed: bool = False
    slope: float | None = None

    @property
    def pages(self) -> int:
        """How many pages its operands fill; 0 where they are shown all at once."""
        return -(-self.count // PAGE) if self.kind == "op" and self.count > PAGE + 1 else 0

    @property
    def page(self) -> int:
        """The page that is shown, counted from 0."""
        return self.first // PAGE


@dataclass(frozen=True)
class ScopeEdge:
    """From an operand to the node that it goes into, by number; `mark` is its role ("−", "÷")."""

    source: int
    target: int
    mark: str = ""
    chosen: bool = False  # the winner of a maximum, the branch that is taken


@dataclass(frozen=True, eq=False)
class ElementGraph:
    """The picture of one element; `nodes[0]` is the element itself, `engine` the number that the tensor
    engine computed, `value` what the graph comes to in double precision, `tolerance` how far rounding may
    bring the two apart. `trouble` says why nothing is behind it: it came "outside", its op is "unknown"."""

    program: Program
    slot: int
    index: Index
    nodes: tuple[ScopeNode, ...]
    edges: tuple[ScopeEdge, ...]
    engine: float
    value: float
    tolerance: float
    trouble: Trouble = ""

    @property
    def agrees(self) -> bool:
        """Whether the graph comes to the engine's number, to the rounding of its precision."""
        if math.isnan(self.value) or math.isnan(self.engine):
            return math.isnan(self.value) and math.isnan(self.engine)
        return self.value == self.engine or abs(self.value - self.engine) <= self.tolerance

    def operands(self, node: int) -> list[ScopeEdge]:
        """The edges into a node, in order."""
        return [edge for edge in self.edges if edge.target == node]


def behind(
    program: Program,
    slot: int,
    index: Index,
    folding: Folding | None = None,
    titles: Titles | None = None,
    registry: Mapping[str, Op] = REGISTRY,
) -> ElementGraph:
    """The scalar graph of element `index` of a slot; IndexError if there is no such element."""
    if len(index) != len(program.slots[slot].shape):
        raise IndexError(f"{index} does not name an element of shape {program.slots[slot].shape}")
    engine = float(program.values[slot][index])
    titles = titles if titles is not None else Titles(program)
    expr, trouble = _expression(program, slot, index, registry)
    if expr is None:
        alone = ScopeNode((), "element", engine, "", slot, index, titles.element(slot, index))
        return ElementGraph(program, slot, index, (alone,), (), engine, engine, 0.0, trouble)
    inputs = program.instrs[program.producers[slot]].inputs
    values = [program.values[each] for each in inputs]
    # Among equal rivals the engine has chosen one: the factors are those of the plain expression.
    slopes = Worked(expr, values).slopes()
    worked = Worked(with_rivals(program, program.producers[slot], index, expr, registry), values)
    builder = _Builder(program, inputs, worked, slopes, folding or Folding(), titles)
    builder.build(slot, index)
    return ElementGraph(
        program,
        slot,
        index,
        tuple(builder.nodes),
        tuple(builder.edges),
        engine,
        worked.value,
        _tolerance(program, slot, worked),
        "",
    )


def _expression(
    program: Program, slot: int, index: Index, registry: Mapping[str, Op]
) -> tuple[Expr | None, Trouble]:
    producer = program.producers[slot]
    if producer < 0:
        return None, "outside"
    if term_bound(program, producer) > MANY:
        return None, "too many"
    expr = element_expr(program, producer, index, registry)
    return expr, "" if expr is not None else "unknown"


def _tolerance(program: Program, slot: int, worked: Worked) -> float:
    """How far the engine's rounding may have led: each part off by one unit of its precision or a few."""
    dtype = program.values[slot].dtype
    if dtype.kind != "f":
        return 0.0
    kind = np.finfo(dtype)
    reach = worked.reach()
    return float(kind.eps) * 8.0 * max(reach, abs(worked.value)) + float(kind.tiny)


_TOGETHER: Mapping[str, Callable[[list[float]], float]] = {
    "add": sum,  # not fsum, which refuses infinities
    "mul": math.prod,
    "max": max,
    "min": min,
}


class _Builder:
    """Grows the picture from the result on, level by level, until it is large enough."""

    def __init__(
        self,
        program: Program,
        inputs: tuple[int, ...],
        worked: Worked,
        slopes: Mapping[Ref, float],
        folding: Folding,
        titles: Titles,
    ) -> None:
        self._program = program
        self._inputs = inputs
        self._worked = worked
        self._folding = folding
        self._titles = titles
        self._slopes = slopes
        self._gradients = {slot for row in program.contributions for slot in (row.grad, row.total)}
        self._seen: set[int] = set()
        self.nodes: list[ScopeNode] = []
        self.edges: list[ScopeEdge] = []

    def build(self, slot: int, index: Index) -> None:
        """Make nodes and edges; the result first."""
        root = Part(self._worked.expr)
        level = [(self._add(root, (), slot, index), root)]
        while level:
            following: list[tuple[int, Part]] = []
            for number, part in level:
                following += self._open(number, part)
            level = following

    def _add(self, part: Part, path: Path, slot: int = -1, index: Index = ()) -> int:
        value = self._worked.of(part.expr)
        expr = simplest(part.expr)
        if path == ():
            title, gradient = self._titles.element(slot, index), slot in self._gradients
            node = ScopeNode(path, "op", value, "id", slot, index, title, gradient=gradient)
        elif isinstance(expr, Ref):
            node = self._element(expr, path, value)
        elif isinstance(expr, Call):
            node = ScopeNode(path, "op", value, expr.fn)
        else:
            node = ScopeNode(path, "number", value)
        self.nodes.append(node)
        return len(self.nodes) - 1

    def _element(self, ref: Ref, path: Path, value: float) -> ScopeNode:
        slot = self._inputs[ref.input]
        return ScopeNode(
            path,
            "element",
            value,
            slot=slot,
            index=ref.index,
            title=self._titles.element(slot, ref.index),
            computed=self._program.slots[slot].kind is SlotKind.VALUE,
            gradient=slot in self._gradients,
            slope=self._slopes.get(ref, 0.0),
        )

    def _open(self, number: int, part: Part) -> list[tuple[int, Part]]:
        """Add the operands of a node, and an edge from each; what is to be opened in turn."""
        node = self.nodes[number]
        if node.kind != "op":
            return []
        fn, parts = parts_of(part.expr, self._worked, inner=node.path != ())
        many = len(parts) > PAGE + 1  # one term too many is shown rather than folded
        shown = parts
        first = 0
        if many:
            parts = sorted(parts, key=self._size)
            first = PAGE * min(self._folding.pages.get(node.path, 0), (len(parts) - 1) // PAGE)
            shown = parts[first : first + PAGE]
        closed = not self._folding.opened.get(node.path, self._opens(part.expr, node.path, len(shown)))
        drawn = () if closed else shown
        self.nodes[number] = replace(
            node, fn=fn, count=len(parts), first=first, shown=len(drawn), closed=closed and bool(shown)
        )
        found = []
        for each in drawn:
            source = self._add(each, (*node.path, each.place))
            self.edges.append(ScopeEdge(source, number, each.mark, each.chosen))
            found.append((source, each))
        if many and not closed:
            self._rest(number, [part for part in parts if part not in shown], fn)
        return found

    def _opens(self, expr: Expr, path: Path, count: int) -> bool:
        """Whether a part is open as long as the user says nothing: the first of its kind, and if it fits."""
        expr = simplest(expr)
        again = id(expr) in self._seen and isinstance(expr, Call)
        self._seen.add(id(expr))
        return not path or (not again and len(self.nodes) + count <= BUDGET)

    def _size(self, part: Part) -> tuple[bool, float]:
        value = self._worked.of(part.expr)
        return value == value, -abs(value)  # a NaN is what one looks for

    def _rest(self, number: int, others: list[Part], fn: str) -> None:
        """One node for the terms of all other pages: their sum, product or extreme."""
        values = [(-1.0 if part.mark == "−" else 1.0) * self._worked.of(part.expr) for part in others]
        value = float(_TOGETHER[fn](values)) if fn in _TOGETHER else math.nan
        path = (*self.nodes[number].path, -1)
        self.nodes.append(ScopeNode(path, "rest", value, fn, count=len(others)))
        self.edges.append(ScopeEdge(len(self.nodes) - 1, number))
