"""Mistakes about gradients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gradviz.engine.program import Program
from gradviz.engine.rerun import affected

from ..gradient_facts import contribution_of
from .replay import replay
from .slips import Case, Slip, averaged, case_of, terms


def slips(case: Case) -> Iterator[Slip]:
    """Mistakes about what a backward instruction computes."""
    if case.instr.op == "accumulate_grad":
        yield from _accumulated(case)
        return
    if case.stage == "accumulation":
        yield from _summed(case)
        return
    program = case.program
    if case.upstream is not None:
        ones = np.ones_like(program.values[case.upstream])
        yield "forgot_upstream", case.at(replay(program, case.index, {case.upstream: ones}))
    if case.row is not None and case.stage == "contribution":
        yield "swapped", case.at(_swapped(case))
        if case.upstream is not None:
            yield "forgot_local", case.at(program.values[case.upstream])
    if (parts := terms(case)) and case.instr.op in ("sum", "sum_to"):
        yield "averaged_sum", (case.right / len(parts),)
    yield "missed_sum", terms(case)
    yield from _of_the_whole(case)


def _of_the_whole(case: Case) -> Iterator[Slip]:
    """What concerns the gradient, whichever way it is computed."""
    if case.row is None:
        return
    count = _mean_after(case.program, case.row.slot)
    if count > 1:
        yield "forgot_mean", (case.right * count,)
    yield "value_for_gradient", case.at(case.program.values[case.row.slot])


def _accumulated(case: Case) -> Iterator[Slip]:
    """A `.grad`: what is added to it may itself be wrong."""
    program, inputs = case.program, case.instr.inputs
    if len(inputs) == 2:
        before, added = (program.values[slot] for slot in inputs)
        yield "overwrote", case.at(added)
        yield "one_path", case.at(before)
        return
    producer = program.producers[inputs[0]]
    if producer >= 0:
        inner = case_of(program, producer, case.element)
        if inner.row is None:
            inner = replace(inner, row=contribution_of(program, producer)[0])
        yield from slips(inner)


def _summed(case: Case) -> Iterator[Slip]:
    """The sum of several terms."""
    row = case.row
    if row is None:
        return
    program, rows = case.program, case.program.gradients[row.slot]
    yield "overwrote", case.at(program.values[row.grad])
    known = rows[: rows.index(row)]
    yield "one_path", tuple(number for each in known for number in case.at(program.values[each.grad]))
    yield from _of_the_whole(case)


def _swapped(case: Case) -> np.ndarray | None:
    """The contribution if the rule read this input where it has to read the other one."""
    program, row = case.program, case.row
    assert row is not None
    origin = program.instrs[row.instr]
    if len(origin.inputs) != 2 or origin.inputs[0] == origin.inputs[1]:
        return None
    own, other = (program.values[origin.inputs[i]] for i in (row.index, 1 - row.index))
    if origin.op == "mul" and case.upstream is not None:
        with np.errstate(all="ignore"):
            return _sum_to(np.asarray(program.values[case.upstream] * own), own.shape)
    if own.shape != other.shape:
        return None
    first, second = origin.inputs
    return replay(program, case.index, {first: program.values[second], second: program.values[first]})


def _sum_to(value: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    extra = value.ndim - len(shape)
    value = value.sum(axis=tuple(range(extra)))
    wide = tuple(i for i, n in enumerate(shape) if n == 1 and value.shape[i] != 1)
    return np.asarray(value.sum(axis=wide, keepdims=True))


def _mean_after(program: Program, slot: int) -> int:
    """Over how many numbers the loss is a mean, on the way from a slot to it; 1 for none or several means."""
    if program.loss is None:
        return 1
    stop = program.producers[program.loss] + 1
    counts = [averaged(program, index) for index in affected(program, {slot}, stop)]
    means = [count for count in counts if count > 1]
    return means[0] if len(means) == 1 else 1
