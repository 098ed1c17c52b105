"""The ledger of an update: how a gradient becomes a new weight, stage by stage.

Nothing is computed beside the recording: the stages are found by walking the recorded instructions back from
the parameter's new value, so each number is one that the optimizer itself computed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from gradviz.engine.interpret import step
from gradviz.engine.program import Program

from ..numerals import number
from ..state import StateView
from .update_stages import Marked, mark
from .update_terms import Term, term_of, written

Index = tuple[int, ...]
_DIGITS = 6  # enough to check a sum by hand


@dataclass(frozen=True, eq=False)
class Stage:
    """One step on the way: `slot` is its result, `term` the expression of it, `instrs` what computes it.

    The first stage, the gradient, has no instructions of the update.
    """

    kind: str
    slot: int
    symbol: str
    term: Term
    instrs: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class UpdateLedger:
    """All stages of one update of the parameter `name`, in the order in which they are computed."""

    program: Program = field(repr=False)  # it is long
    name: str
    before: int  # slots
    gradient: int
    after: int
    stages: tuple[Stage, ...]
    symbols: dict[int, str]

    def formula(self, stage: Stage) -> str:
        """With symbols: "w₁ = w₀ − Δw"."""
        if not stage.term.op:
            return f"{stage.symbol} = ∂L/∂{self.name}"
        if stage.kind == "norm":
            count = len(set(stage.term.leaves()))
            return (
                f"{stage.symbol} = ‖{_G}‖"
                if count < 2
                else f"{stage.symbol} = ‖(∂L/∂θ₁, …, ∂L/∂θ{_below(count)})‖"
            )
        return f"{stage.symbol} = {written(stage.term, self._symbol)}"

    def numbers(self, stage: Stage, state: StateView, element: Index | None) -> str:
        """With the numbers of one element: "0.5 − 0.01"; "" if there is nothing to fill in."""
        if not stage.term.op or stage.kind == "norm":
            return ""
        return written(stage.term, lambda slot: _number(state, slot, element))

    def result(self, stage: Stage, state: StateView, element: Index | None) -> float | None:
        """The element of the stage's result, else the norm of all; None while it is not known."""
        return _value(state, stage.slot, element)

    def stage_of(self, slot: int) -> Stage | None:
        """The stage that a slot of the update belongs to."""
        producer = self.program.producers[slot]
        found = [stage for stage in self.stages if stage.slot == slot]
        found += [stage for stage in self.stages if producer >= 0 and producer in stage.instrs]
        return found[0] if found else None

    def replay(self) -> dict[int, np.ndarray]:
        """The result of every stage, computed anew from the results of those before it by the recorded
        instructions: the product of the stages."""
        program = self.program
        made = {program.instrs[i].output for stage in self.stages for i in stage.instrs}
        values: list[np.ndarray | None] = [
            None if slot in made else value for slot, value in enumerate(program.values)
        ]
        for stage in self.stages:
            for index in stage.instrs:
                values[program.instrs[index].output] = step(program, index, values)
        found = ((stage.slot, values[stage.slot]) for stage in self.stages)
        return {slot: value for slot, value in found if value is not None}

    def text(self, state: StateView, element: Index | None, titles: Iterable[str]) -> str:
        """The whole ledger to copy: for each stage its title, formula, numbers and result."""
        lines = []
        for stage, title in zip(self.stages, titles, strict=True):
            value = self.result(stage, state, element)
            lines.append(f"{title}: {self.formula(stage)}")
            if numbers := self.numbers(stage, state, element):
                lines.append(f"    = {numbers}")
            lines.append(f"    = {UNKNOWN if value is None else number(value, _DIGITS)}")
        return "\n".join(lines)

    def _symbol(self, slot: int) -> str:
        if slot in self.symbols:
            return self.symbols[slot]
        value = self.program.values[slot]
        return number(float(value.reshape(())), _DIGITS) if value.size == 1 else f"%{slot}"


UNKNOWN = "…"
_G = "g₀"


class Updates:
    """The updates of one program, found as they are asked for."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._ledgers: list[UpdateLedger] | None = None

    def all(self) -> list[UpdateLedger]:
        """Every update of every parameter, in their order."""
        if self._ledgers is None:
            self._ledgers = [_ledger(self.program, marked) for marked in mark(self.program)]
        return self._ledgers

    def of(self, name: str) -> UpdateLedger | None:
        """The last update of a parameter."""
        found = [each for each in self.all() if each.name == name]
        return found[-1] if found else None

    def around(self, slot: int) -> UpdateLedger | None:
        """The update that a slot belongs to: one of its stages, or the parameter before or after it."""
        for each in self.all():
            if slot in (each.before, each.after) or slot == each.gradient:
                return each
        return next((each for each in self.all() if each.stage_of(slot) is not None), None)


class _Known:
    """The slots at which an expression ends: stages, and what comes from outside of the update."""

    def __init__(self, stages: set[int], made: frozenset[int]) -> None:
        self._stages, self._made = stages, made

    def __contains__(self, slot: object) -> bool:
        return slot in self._stages or slot not in self._made


def _ledger(program: Program, marked: Marked) -> UpdateLedger:
    stages = []
    known = set(marked.marks)
    for slot, (kind, symbol) in marked.marks.items():
        if slot == marked.gradient:
            stages.append(Stage(kind, slot, symbol, Term(slot), ()))
            continue
        stops = known if kind != "norm" else known - marked.whole
        term, used = term_of(program, slot, _Known(stops, marked.made))
        stages.append(Stage(kind, slot, symbol, term, tuple(sorted(used))))
    symbols = marked.symbols | {slot: symbol for slot, (_, symbol) in marked.marks.items()}
    return UpdateLedger(
        program, marked.name, marked.before, marked.gradient, marked.after, tuple(stages), symbols
    )


def _value(state: StateView, slot: int, element: Index | None) -> float | None:
    value = state.value(slot)
    if value is None:
        return None
    if value.size == 1:
        return float(value.reshape(()))
    if element is None:
        return float(np.linalg.norm(value.astype(np.float64).ravel()))
    place = element[len(element) - value.ndim :] if value.ndim else ()
    try:
        return float(value[tuple(i if size > 1 else 0 for i, size in zip(place, value.shape, strict=True))])
    except (IndexError, ValueError):  # another parameter's
        return float(np.linalg.norm(value.astype(np.float64).ravel()))


def _number(state: StateView, slot: int, element: Index | None) -> str:
    value = _value(state, slot, element)
    if value is None:
        return UNKNOWN
    text = number(value, _DIGITS)
    whole = element is None and state.program.values[slot].size > 1
    return f"‖{text}‖" if whole else text


def _below(count: int) -> str:
    return str(count).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
