"""Which wrong answers one can expect to the question for a number, a sign or a shape of a recorded program.

    for mistake in mistakes(program, instr, element): mistake.id, mistake.answers

Each is computed from the recording by doing what the learner did wrong: leaving out the upstream gradient,
exchanging the operands of a product, overwriting instead of adding. `hints.hint(id)` has the words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradviz.engine.program import Phase, Program

from . import slips_backward, slips_forward
from .slips import Case, Slip, case_of

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A kind of mistake, and the numbers that it leads to: several where there are several ways to it."""

    id: str
    answers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ShapeMistake:
    """The same for shapes."""

    id: str
    answers: tuple[Shape, ...]


def mistakes(program: Program, index: int, element: tuple[int, ...]) -> tuple[Mistake, ...]:
    """The mistakes that one can make about element `element` of what instruction `index` computes.

    The likeliest come first. An answer that equals the right one is no mistake and is left out.
    """
    case = case_of(program, index, element)
    found: dict[str, dict[float, None]] = {}
    for name, numbers in _slips(case):
        for number in numbers:
            if np.isfinite(number) and number != case.right:
                found.setdefault(name, {})[float(number)] = None
    return tuple(Mistake(name, tuple(numbers)) for name, numbers in found.items())


def shape_mistakes(program: Program, index: int) -> tuple[ShapeMistake, ...]:
    """The mistakes that one can make about the shape of what instruction `index` computes."""
    instr = program.instrs[index]
    right = program.slots[instr.output].shape
    found: dict[str, dict[Shape, None]] = {}
    for name, shape in _shape_slips(program, index, right):
        if shape != right:
            found.setdefault(name, {})[shape] = None
    return tuple(ShapeMistake(name, tuple(shapes)) for name, shapes in found.items())


def _slips(case: Case) -> Iterator[Slip]:
    match case.instr.site.phase:
        case Phase.BACKWARD:
            yield from slips_backward.slips(case)
        case Phase.UPDATE:
            yield from slips_forward.update_slips(case)
        case _:
            yield from slips_forward.slips(case)
    if (number := _transposed(case)) is not None:
        yield "transposed", (number,)
    yield "wrong_sign", (-case.right,)


def _transposed(case: Case) -> float | None:
    """The element with row and column exchanged."""
    if len(case.element) < 2:
        return None
    place = (*case.element[:-2], case.element[-1], case.element[-2])
    inside = all(i < n for i, n in zip(place, case.value.shape, strict=True))
    return float(case.value[place]) if inside else None


def _shape_slips(program: Program, index: int, right: Shape) -> Iterator[tuple[str, Shape]]:
    instr = program.instrs[index]
    if instr.site.phase is Phase.BACKWARD:
        case = case_of(program, index, (0,) * len(right))
        if case.upstream is not None:
            yield "shape_of_output", program.slots[case.upstream].shape
    if len(right) >= 2:
        yield "transposed", (*right[:-2], right[-1], right[-2])
    for slot in instr.inputs:
        yield "shape_of_input", program.slots[slot].shape
    if right:
        yield "lost_dimension", right[1:]
        yield "lost_dimension", right[:-1]
    yield "extra_dimension", (1, *right)
