"""The ledger of a gradient: every term that is added to it, by the path it came, with the sum.

∂L/∂x = Σ (upstream gradient × local derivative) over everything that reads x, and what `.grad` held before.
Programs that write `=` where `+=` is needed keep the last term only; `overwritten` says what that does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from gradviz.engine.program import Contribution, Phase, Program
from gradviz.engine.rerun import Progress, rerun

from ..names import name_of
from ..state import StateView

Index = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One term: what input `position` of instruction `instr` sends back, or what `.grad` held before.

    `writer` is the instruction that computes it, `adder` the one that adds it (-1: it came from outside, or
    needs no adding). Numbers are those of one element, or norms of whole tensors where no element is chosen;
    `running` is the sum up to this term; both are None while they are not known. `share` is the part of
    Σ |term| that it makes up.
    """

    kind: Literal["path", "before"]
    instr: int
    position: int
    grad: int  # slots
    total: int
    writer: int
    adder: int
    term: float | None
    running: float | None
    share: float | None


@dataclass(frozen=True, eq=False)
class Ledger:
    """All terms of ∂L/∂`slot`, in the order in which they are added; those that are still to come too."""

    slot: int
    element: Index | None
    entries: tuple[Entry, ...]

    @property
    def arrived(self) -> tuple[Entry, ...]:
        """The terms that have been added so far."""
        return tuple(entry for entry in self.entries if entry.running is not None)

    @property
    def total(self) -> float | None:
        """The sum so far: the number that `+=` gives."""
        arrived = self.arrived
        return arrived[-1].running if arrived else None

    @property
    def overwritten(self) -> float | None:
        """What `=` gives: each term replaces those before it; the last that backward sends stays."""
        paths = [entry for entry in self.arrived if entry.kind == "path"]
        return paths[-1].term if paths else None

    @property
    def total_slot(self) -> int | None:
        """Where the sum so far is."""
        arrived = self.arrived
        return arrived[-1].total if arrived else None


@dataclass(frozen=True, eq=False)
class Consequence:
    """A slot that comes out otherwise where gradients are overwritten.

    `off` is ‖wrong − right‖ / ‖right‖ (infinite where right is 0).
    """

    kind: Literal["gradient", "parameter"]
    slot: int  # whose gradient it is, or the parameter before the update
    name: str
    right: np.ndarray
    wrong: np.ndarray

    @cached_property
    def off(self) -> float:
        size = float(np.linalg.norm(self.right.astype(np.float64).ravel()))
        gap = float(np.linalg.norm((self.wrong.astype(np.float64) - self.right).ravel()))
        return gap / size if size else (float("inf") if gap else 0.0)


def subject(program: Program, slot: int) -> int:
    """Whose gradient a slot is a part of: for a term, a sum or a `.grad` the slot that was differentiated by,
    for any other slot itself."""
    producer = program.producers[slot]
    if producer >= 0 and program.instrs[producer].op == "accumulate_grad":
        slot = program.instrs[producer].inputs[-1]
    for row in program.contributions:
        if slot == row.total:
            return row.slot
    terms = {row.slot for row in program.contributions if row.grad == slot}
    return terms.pop() if len(terms) == 1 else slot


def ledger(state: StateView, slot: int, element: Index | None = None) -> Ledger:
    """The terms of ∂L/∂`slot` at one element, or their norms; those of the latest backward pass."""
    program = state.program
    rows = _latest(state, program.gradients.get(slot, ()))
    found = [("path", row.instr, row.index, row.grad, row.total) for row in rows]
    if rows and (before := _accumulated(program, rows[-1].total)) is not None:
        found.append(("before", -1, -1, *before))
    sizes = [_measure(state, grad, total, element) for _, _, _, grad, total in found]
    weight = sum(abs(size) for size, _ in sizes if size is not None)
    entries = []
    for (kind, instr, position, grad, total), (term, running) in zip(found, sizes, strict=True):
        share = abs(term) / weight if term is not None and weight else None
        adder = program.producers[total] if total != grad else -1
        writer = program.producers[grad]
        entries.append(
            Entry(
                "path" if kind == "path" else "before",
                instr,
                position,
                grad,
                total,
                writer,
                adder,
                term,
                running,
                share,
            )
        )
    return Ledger(slot, element, tuple(entries))


def overwritten(program: Program, slot: int, progress: Progress | None = None) -> tuple[Consequence, ...]:
    """What follows if the last term overwrites the others: other gradients further down, and other updates.

    The first consequence is the gradient of `slot` itself. AbandonedError if `progress` says so.
    """
    rows = _latest(StateView(program, len(program)), program.gradients.get(slot, ()))
    if not rows:
        return ()
    last = program.values[rows[-1].grad]
    changes = {rows[-1].total: last}
    if (before := _accumulated(program, rows[-1].total)) is not None:
        changes[before[1]] = last
    again = rerun(program, changes, None, progress)
    shown = [(slot, before[1] if before is not None else rows[-1].total)]
    shown += [(other, each[-1].total) for other, each in program.gradients.items() if other != slot]
    found = [_consequence("gradient", program, again, *pair) for pair in shown]
    found += [_consequence("parameter", program, again, *pair) for pair in _updates(program)]
    return tuple(each for each in found if each is not None)


def _latest(state: StateView, rows: tuple[Contribution, ...]) -> tuple[Contribution, ...]:
    """The rows of the latest backward pass that has begun to arrive, else of the first one: each pass begins
    with a term that is its own sum."""
    starts = [number for number, row in enumerate(rows) if row.grad == row.total]
    arrived = len(state.contributions(rows[0].slot)) if rows else 0
    begun = [start for start in starts if start < max(arrived, 1)]
    if not begun:
        return rows
    following = [start for start in starts if start > begun[-1]]
    return rows[begun[-1] : following[0] if following else len(rows)]


def _accumulated(program: Program, total: int) -> tuple[int, int] | None:
    """The slots of the `.grad` from before and of the new one, if the gradient is added to one."""
    for index, _ in program.consumers[total]:
        instr = program.instrs[index]
        if instr.op == "accumulate_grad" and len(instr.inputs) == 2 and instr.inputs[1] == total:
            return instr.inputs[0], instr.output
    return None


def _measure(
    state: StateView, grad: int, total: int, element: Index | None
) -> tuple[float | None, float | None]:
    """A term and the sum so far, as far as they are known."""
    values = [state.value(grad), state.value(total)]
    if not state.written(total) or any(value is None for value in values):
        return None, None
    found = []
    for value in values:
        assert value is not None
        found.append(float(value[element]) if element is not None else _norm(value))
    return found[0], found[1]


def _norm(value: np.ndarray) -> float:
    if value.size == 1:
        return float(value.reshape(()))
    return float(np.linalg.norm(value.astype(np.float64, copy=False).ravel()))


def _updates(program: Program) -> list[tuple[int, int]]:
    """For each name that the update binds anew the slots before and after."""
    found: dict[str, list[int]] = {}
    for row in program.bindings:
        if row.slot is None or row.name.endswith(".grad"):
            continue
        found.setdefault(row.name, []).append(row.slot)
    pairs = []
    for slots in found.values():
        producer = program.producers[slots[-1]]
        if len(slots) > 1 and producer >= 0 and program.instrs[producer].site.phase is Phase.UPDATE:
            pairs.append((slots[0], slots[-1]))
    return pairs


def _consequence(
    kind: Literal["gradient", "parameter"], program: Program, again: Program, slot: int, shown: int
) -> Consequence | None:
    right, wrong = program.values[shown], again.values[shown]
    if right is wrong or np.array_equal(right, wrong, equal_nan=right.dtype.kind == "f"):
        return None
    if kind == "parameter":  # by how much it is changed says more than what it becomes
        start = program.values[slot]
        right, wrong = right - start, wrong - start
    return Consequence(kind, slot, name_of(program, slot), right, wrong)
