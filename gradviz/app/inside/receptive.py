"""Receptive fields: which elements of an earlier tensor a number depends on, through all layers between.

The cells are found by walking backwards over what each element reads, whatever the numbers are; how strongly
each counts now is the derivative, from one sweep backwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradviz.engine.autograd import grad
from gradviz.engine.element import references
from gradviz.engine.interpret import spec_of
from gradviz.engine.node import leaf
from gradviz.engine.program import Program
from gradviz.engine.rerun import AbandonedError, Progress, affected
from gradviz.engine.state import GradMode, state
from gradviz.engine.tensor import Tensor, apply

from ..element_facts import element_expr
from .rivals import with_rivals

Index = tuple[int, ...]
MOST = 60_000  # reads of one instruction that are followed one by one


@dataclass(frozen=True, eq=False)
class Field:
    """`cells` marks the elements of `source` that the number depends on, `slopes` how it moves with each.

    `whole`: an instruction with too many reads, and without gradients, was taken to read all of its input.
    """

    source: int
    cells: np.ndarray
    slopes: np.ndarray
    whole: bool

    @property
    def size(self) -> int:
        """How many elements the number depends on."""
        return int(np.count_nonzero(self.cells))


def depends(program: Program, slot: int, source: int) -> bool:
    """Whether a slot is computed from another one."""
    stop = program.producers[slot] + 1
    return any(program.instrs[i].output == slot for i in affected(program, {source}, stop))


def receptive_field(
    program: Program,
    slot: int,
    element: Index,
    source: int,
    progress: Progress | None = None,
    most: int = MOST,
) -> Field:
    """The receptive field of `slot[element]` in `source`; AbandonedError if `progress` says so."""
    stop = program.producers[slot] + 1
    ways = affected(program, {source}, stop)
    cells, whole = _walk(program, slot, element, source, ways, progress, most)
    return Field(source, cells, _slopes(program, slot, element, source, ways, progress), whole)


def _walk(
    program: Program,
    slot: int,
    element: Index,
    source: int,
    ways: list[int],
    progress: Progress | None,
    most: int,
) -> tuple[np.ndarray, bool]:
    """Mark what each marked element reads, from the last instruction to the first."""
    moving = {source, *(program.instrs[i].output for i in ways)}
    marks = {slot: np.zeros(program.slots[slot].shape, bool)}
    marks[slot][element] = True
    whole = False
    for done, index in enumerate(reversed(ways)):
        _report(progress, done, 2 * len(ways))
        instr = program.instrs[index]
        marked = marks.pop(instr.output, None) if instr.output != source else None
        if marked is None:
            continue
        inputs = moving.intersection(instr.inputs)
        for each in inputs:
            marks.setdefault(each, np.zeros(program.slots[each].shape, bool))
        reads = _reads(program, index, marked, most)
        if reads is not None:
            for each, place in reads:
                if each in moving:
                    marks[each][place] = True
            continue
        found = _generic(program, index, marked, inputs)
        for each in inputs:
            marks[each] |= found.get(each, True)
        whole = whole or len(found) < len(inputs)
    return marks.get(source, np.zeros(program.slots[source].shape, bool)), whole


def _reads(program: Program, index: int, marked: np.ndarray, most: int) -> list[tuple[int, Index]] | None:
    """What the marked elements of an output read, as (slot, element); None if that is too much."""
    inputs = program.instrs[index].inputs
    found: list[tuple[int, Index]] = []
    places = np.argwhere(marked).tolist()
    for place in places:
        expr = element_expr(program, index, tuple(place))
        if expr is None:
            return None
        reads = references(with_rivals(program, index, tuple(place), expr))
        found += [(inputs[ref.input], ref.index) for ref in reads]
        if len(found) * len(places) > most and place is places[0]:
            return None
    return found


def _generic(program: Program, index: int, marked: np.ndarray, slots: set[int]) -> dict[int, np.ndarray]:
    """Which elements of `slots` the marked ones depend on: those with a gradient, at random inputs.

    With such numbers no product of a chain rule is 0 and no sum cancels, whatever the recorded ones are.
    """
    instr, rng = program.instrs[index], np.random.default_rng(0)
    tensors: dict[int, Tensor] = {}
    for slot in instr.inputs:
        value = program.values[slot]
        drawn = rng.uniform(0.5, 1.5, value.shape) if value.dtype.kind == "f" else value
        tensor = Tensor._from_node(leaf(np.array(drawn, value.dtype)))
        tensors[slot] = tensor.requires_grad_() if value.dtype.kind == "f" and slot in slots else tensor
    moving = [slot for slot in slots if tensors[slot].requires_grad]
    recorder, state.recorder = state.recorder, None
    try:
        with GradMode(True):
            out = apply(instr.op, tuple(tensors[slot] for slot in instr.inputs), instr.attrs)
            if not out.requires_grad:
                return {}
            seed = (marked * rng.uniform(0.5, 1.5, marked.shape)).astype(out.dtype.numpy)
            upstream = Tensor._from_node(leaf(seed))
            rates = grad(out, [tensors[slot] for slot in moving], upstream, allow_unused=True)
    finally:
        state.recorder = recorder
    return {slot: rate.numpy() != 0 for slot, rate in zip(moving, rates, strict=True) if rate is not None}


def _slopes(
    program: Program, slot: int, element: Index, source: int, ways: list[int], progress: Progress | None
) -> np.ndarray:
    """∂slot[element]/∂source: the instructions between run once more, and backwards."""
    start = np.array(program.values[source])
    if start.dtype.kind != "f" or not ways:
        return np.zeros(start.shape)
    tensors = {source: Tensor._from_node(leaf(start)).requires_grad_()}
    recorder, state.recorder = state.recorder, None
    try:
        with GradMode(True):
            for done, index in enumerate(ways):
                _report(progress, len(ways) + done, 2 * len(ways))
                instr = program.instrs[index]
                inputs = [
                    tensors[each] if each in tensors else _still(program, each) for each in instr.inputs
                ]
                tensors[instr.output] = apply(instr.op, tuple(inputs), instr.attrs)
            out = tensors[slot]
            if not out.requires_grad:
                return np.zeros(start.shape)
            seed = np.zeros(out.shape, out.dtype.numpy)
            seed[element] = 1.0
            upstream = Tensor._from_node(leaf(seed))
            (found,) = grad(out, [tensors[source]], upstream, allow_unused=True)
    finally:
        state.recorder = recorder
    return np.zeros(start.shape) if found is None else found.numpy()


def _still(program: Program, slot: int) -> Tensor:
    return Tensor._from_node(leaf(np.array(program.values[slot]), spec_of(program, slot).weak))


def _report(progress: Progress | None, done: int, of: int) -> None:
    if progress is not None and not progress(done, of):
        raise AbandonedError
