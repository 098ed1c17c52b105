"""Mistakes about values, in forward and in the update."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradviz.engine.program import Phase, Program

from .replay import replay, together
from .slips import Case, Slip, averaged, label, terms

_PAIRS = {"add": ("multiplied_terms", np.multiply), "mul": ("added_factors", np.add)}


def slips(case: Case) -> Iterator[Slip]:
    """Mistakes about what a forward instruction computes."""
    program, instr = case.program, case.instr
    values = [program.values[slot] for slot in instr.inputs]
    if len(instr.inputs) == 2 and values[0].shape == values[1].shape:
        first, second = instr.inputs
        yield "exchanged", case.at(replay(program, case.index, {first: values[1], second: values[0]}))
    if instr.op in _PAIRS and len(values) == 2:
        name, combine = _PAIRS[instr.op]
        with np.errstate(all="ignore"):
            yield name, case.at(np.asarray(combine(*values)))
    for position, slot in enumerate(instr.inputs):
        if label(instr.op, position).lstrip("*") in ("b", "bias"):
            yield "forgot_bias", case.at(replay(program, case.index, {slot: np.zeros_like(values[position])}))
    if (count := averaged(program, case.index)) > 1:
        yield "forgot_mean", (case.right * count,)
    yield "missed_sum", terms(case)
    if len(values) == 1:
        yield "copied_input", case.at(values[0])


def update_slips(case: Case) -> Iterator[Slip]:
    """Mistakes about a step of the optimizer."""
    program = case.program
    rates = {
        slot: np.ones_like(program.values[slot])
        for slot, row in enumerate(program.slots)
        if row.name.rpartition(".")[2] == "lr" and not row.shape
    }
    read = {slot for each in together(program, case.index) for slot in program.instrs[each].inputs}
    grads = {slot: -program.values[slot] for slot in read if _from_backward(program, slot)}
    if rates:
        yield "forgot_rate", case.at(replay(program, case.index, rates))
    yield "wrong_direction", case.at(replay(program, case.index, grads))
    if case.instr.inputs:
        yield "not_updated", case.at(program.values[case.instr.inputs[0]])
    yield from slips(case)


def _from_backward(program: Program, slot: int) -> bool:
    producer = program.producers[slot]
    return producer >= 0 and program.instrs[producer].site.phase is Phase.BACKWARD
