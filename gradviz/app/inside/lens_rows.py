"""What the lens shows for one cell of the tensor that the inspector shows: tensors with lit cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..facts import Facts, ValueFacts, gradient_of
from ..i18n import ntr, tr
from ..numerals import index_text, number
from ..state import StateView
from ..tensor_facts import FactsCache
from .lens import Factors, Index, made_from, reached, summary


@dataclass(frozen=True, eq=False)
class Row:
    """A tensor beside the one that is looked at, and the factors of its lit cells."""

    value: ValueFacts
    factors: Factors


@dataclass(frozen=True, eq=False)
class Look:
    """`way`: whether the cell is "made from" the lit ones or "reaches" them."""

    way: Literal["made", "reaches"]
    rows: tuple[Row, ...]


def position_of(facts: Facts, state: StateView, value: ValueFacts) -> int | None:
    """Which input of the instruction a value is, or is the gradient of; None for the output's side."""
    if value in facts.inputs:
        return facts.inputs.index(value)
    if value is facts.output or value is facts.gradient:
        return None
    slots = (state.gradient_slot(item.slot) for item in facts.inputs)
    return next((i for i, slot in enumerate(slots) if slot == value.slot), None)


def look(facts: Facts, state: StateView, cache: FactsCache, value: ValueFacts, cell: Index) -> Look:
    """The lens on a cell.

    A cell of the output is made from cells of the inputs, and a cell of an input reaches cells of the output.
    Gradients flow the other way by the same factors: a cell of ∂L/∂output reaches those of ∂L/∂input.
    """
    assert facts.instr is not None
    program, instr = facts.program, facts.instr.index
    flows = value.role == "gradient" and facts.story is None
    position = position_of(facts, state, value)
    rows: list[Row] = []
    if position is not None:
        side = facts.gradient if flows and facts.gradient is not None else facts.output
        rows.append(Row(side, reached(program, instr, position, cell)))
    elif value.shape == facts.output.shape:
        for item, factors in zip(facts.inputs, made_from(program, instr, cell), strict=True):
            gradient = gradient_of(state, item.slot, cache) if flows else None
            rows.append(Row(gradient if gradient is not None else item, factors))
    shown = tuple(row for row in rows if row.factors and row.value.value is not None)
    return Look("made" if flows == (position is not None) else "reaches", shown)


def title(value: ValueFacts, cell: Index, found: Look) -> str:
    """What the lit cells are to the cell that is looked at."""
    name = f"{value.title}{index_text(cell)}"
    if not found.rows:
        return tr("Lens: nothing here moves with {cell}").format(cell=name)
    if found.way == "reaches":
        return tr("Lens: {cell} reaches, by these factors").format(cell=name)
    return tr("Lens: {cell} is made from, with these factors").format(cell=name)


def told(factors: Factors) -> str:
    """ "25 cells, largest factor 0.198 at [3, 0, 0, 2]"."""
    found = summary(factors)
    cells = ntr("{n} cell", "{n} cells", found.cells).format(n=found.cells)
    if found.largest is None:
        return tr("{cells}, factor 0").format(cells=cells)
    words = {"cells": cells, "x": number(found.factor), "place": index_text(found.largest)}
    if not found.largest:  # a scalar has no places
        return tr("factor {x}").format(**words)
    if found.cells == 1:
        return tr("{cells}, factor {x} at {place}").format(**words)
    return tr("{cells}, largest factor {x} at {place}").format(**words)
