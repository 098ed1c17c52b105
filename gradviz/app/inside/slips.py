"""What the rules for mistakes are given, and what they share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradviz.engine.element import Call, evaluate
from gradviz.engine.op import REGISTRY
from gradviz.engine.program import Contribution, Instr, Program

from ..element_facts import element_expr, term_bound
from ..gradient_facts import Stage, gradient_story
from ..state import StateView

Slip = tuple[str, tuple[float, ...]]
"""A kind of mistake and the numbers that it gives."""

FEW = 32  # terms; among more of them nearly every number is like one


@dataclass(frozen=True, eq=False)
class Case:
    """One element of one instruction's result; for a contribution to a gradient also where it comes from."""

    program: Program
    index: int
    element: tuple[int, ...]
    row: Contribution | None  # that the instruction makes or adds
    stage: Stage
    upstream: int | None  # slot

    @property
    def instr(self) -> Instr:
        """The instruction."""
        return self.program.instrs[self.index]

    @property
    def value(self) -> np.ndarray:
        """What it computes."""
        return self.program.values[self.instr.output]

    @property
    def right(self) -> float:
        """The number that is asked for."""
        return float(self.value[self.element])

    def at(self, value: np.ndarray | None) -> tuple[float, ...]:
        """The element of another result of the same shape; nothing of another shape."""
        return (float(value[self.element]),) if value is not None and value.shape == self.value.shape else ()


def case_of(program: Program, index: int, element: tuple[int, ...]) -> Case:
    """The case of an instruction; IndexError for an element that it does not have."""
    shape = program.slots[program.instrs[index].output].shape
    if len(element) != len(shape) or not all(0 <= i < n for i, n in zip(element, shape, strict=True)):
        raise IndexError(f"no element {element} in a value of shape {shape}")
    story = gradient_story(StateView(program, index), index)
    row = None
    if story is not None and story.contribution is not None:
        rows = program.gradients[story.target if story.target is not None else -1]
        row = rows[story.step - 1]
    stage: Stage = story.stage if story is not None else "inner"
    return Case(program, index, element, row, stage, story.upstream if story is not None else None)


def terms(case: Case) -> tuple[float, ...]:
    """The few terms of the sum that makes an element; nothing if it is no sum, or one of many terms."""
    if term_bound(case.program, case.index) > FEW * FEW:
        return ()
    try:
        expr = element_expr(case.program, case.index, case.element)
    except NotImplementedError:
        return ()
    if not isinstance(expr, Call) or expr.fn != "add" or not 2 <= len(expr.args) <= FEW:
        return ()
    inputs = [case.program.values[slot] for slot in case.instr.inputs]
    return tuple(evaluate(arg, inputs) for arg in expr.args)


def averaged(program: Program, index: int) -> int:
    """Over how many numbers a forward instruction takes the mean; 1 if it takes none."""
    instr = program.instrs[index]
    values = [program.values[slot] for slot in instr.inputs]
    if instr.op == "mean":
        return max(1, values[0].size // max(1, program.values[instr.output].size))
    if instr.attrs.get("reduction") == "mean" and values:
        return max(1, values[-1].size if instr.op == "nll_loss" else values[0].size)
    return 1


def label(op: str, position: int) -> str:
    """The formula's name for an input of an op."""
    names = REGISTRY[op].inputs if op in REGISTRY else ()
    return names[position] if position < len(names) else ""
