"""Which cells a cell is made from, which it reaches, and by what factor: one instruction's local derivatives.

Backwards from the expression of an output's element, forwards by the Jacobian-vector product of one input's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradviz.engine.element import references
from gradviz.engine.element_slopes import Worked
from gradviz.engine.forward_mode import jvp
from gradviz.engine.op import REGISTRY
from gradviz.engine.program import Program

from ..element_facts import SOME, element_expr, term_bound
from .rivals import with_rivals

Index = tuple[int, ...]
Factors = Mapping[Index, float]
SLOW = 20_000  # elements in all tensors of an instruction: more take longer than a frame
NONE: Factors = {}


def made_from(program: Program, instr: int, element: Index) -> tuple[Factors, ...]:
    """For each input of an instruction the cells that an element of its output is made from.

    Each with ∂output[element]/∂cell, which is 0 for a cell that only decides, such as an index or a rival.
    """
    inputs = program.instrs[instr].inputs
    found: list[dict[Index, float]] = [{} for _ in inputs]
    expr = element_expr(program, instr, element) if term_bound(program, instr) <= SOME else None
    if expr is not None:
        for ref, slope in Worked(expr, [program.values[slot] for slot in inputs]).slopes().items():
            found[ref.input][ref.index] = slope
        for ref in references(with_rivals(program, instr, element, expr)):
            found[ref.input].setdefault(ref.index, 0.0)
    return tuple(found)


def reached(program: Program, instr: int, position: int, element: Index) -> Factors:
    """The cells of an instruction's output that move with an element of one input, with ∂cell/∂element.

    If the same tensor is read twice (x·x), both uses count.
    """
    slot = program.instrs[instr].inputs[position]
    value = program.values[slot]
    if value.dtype.kind != "f" or program.instrs[instr].op not in REGISTRY:
        return NONE
    seed = np.zeros(value.shape, value.dtype)
    seed[element] = 1.0
    moved = jvp(program, instr, {slot: seed})
    if moved is None:
        return NONE
    cells = np.argwhere(moved != 0)
    return {tuple(cell): float(moved[tuple(cell)]) for cell in cells.tolist()}


def slow(program: Program, instr: int) -> bool:
    """Whether `reached` may take longer than a frame."""
    row = program.instrs[instr]
    return sum(program.values[slot].size for slot in (*row.inputs, row.output)) > SLOW


@dataclass(frozen=True)
class Summary:
    """How many cells are lit, how many of them count, and the one with the largest factor."""

    cells: int
    counting: int
    largest: Index | None
    factor: float


def summary(factors: Factors) -> Summary:
    """The factors in a few numbers."""
    counting = {cell: factor for cell, factor in factors.items() if factor != 0}
    largest = max(counting, key=lambda cell: abs(counting[cell]), default=None)
    return Summary(len(factors), len(counting), largest, counting[largest] if largest is not None else 0.0)
