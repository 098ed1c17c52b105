"""Splitting a batch: which instructions work on each sample for itself, so that few samples at a time can go
all the way forward and backward while their values stay in the cache.

A slot is *batched* along a dimension, or a *sum* over the batch (a weight's gradient, the loss), to which
each part of the batch adds. What needs a finished sum comes after the last part; if something batched needs
one (batch norm), the program is not split.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from ..op import REGISTRY, Elementwise
from ..ops.curve import Curve
from ..program import Instr, Program, Slot, SlotKind

SUM = -1
"""In place of a dimension: the slot is a sum over the batch."""

CACHE = 1 << 21
"""Bytes of values that the parts of a batch should not exceed, about what a core's own cache holds."""

_FIRST = ("conv2d", "conv2d_input_grad", "linear", "max_pool2d", "max_pool2d_backward", "max_pool2d_indices")
_SHAPES = ("expand", "flatten", "reshape", "squeeze", "unsqueeze")
_CONSTANT = ("ones_like", "zero_grad", "zeros_like")  # whose result depends on the shape only
_SOFTMAX = ("softmax", "softmax_backward", "log_softmax", "log_softmax_backward")


class Split:
    """How a program's batch of `size` samples can be split, and the program as it is for a part of it."""

    def __init__(
        self, program: Program, size: int, dims: dict[int, int], inside: list[bool], after: list[bool]
    ) -> None:
        self.program = program
        self.size = size
        self.dims = dims  # by slot: the dimension that is the batch, or SUM
        self.inside = inside  # by instruction: whether it is run for each part
        self.after = after  # whether it waits for the last part
        self.whole: frozenset[int] = (
            frozenset()
        )  # batched slots of which all rows are kept for what comes after
        self.part = cache(self._part)

    def batched(self, slot: int) -> bool:
        """Whether a slot has a row for each sample."""
        return self.dims.get(slot, SUM) != SUM

    def summed(self, slot: int) -> bool:
        """Whether a slot is a sum over the batch, to which parts add."""
        return self.dims.get(slot) == SUM

    def can_keep(self, slots: Iterable[int]) -> bool:
        """Whether all samples' values of these slots can be put together."""
        rows = self.program.slots
        return all(
            not self.batched(slot)
            or rows[slot].kind is not SlotKind.VALUE
            or (self.dims[slot] == 0 and rows[slot].dtype in ("float32", "float64"))
            for slot in slots
        )

    def chunk(self) -> int:
        """How many samples at a time fit into the cache."""
        slots = self.program.slots
        each = sum(
            math.prod(slots[slot].shape) * (4 if slots[slot].dtype == "float32" else 8) / self.size
            for slot in self.dims
            if self.batched(slot)
        )
        fitting = CACHE / max(2 * each, 1)  # about as much again for columns
        return max(1, min(self.size, 1 << int(math.log2(max(fitting, 1)))))

    def deferred(self, chunk: int) -> Split:
        """The same, but large products that are sums over the batch come after the last part, in one piece:
        their factors are smaller than what parts of `chunk` samples would add to again and again."""
        program = self.program
        inside, after = list(self.inside), list(self.after)
        whole: set[int] = set()
        for index, instr in enumerate(program.instrs):
            if not inside[index] or instr.op != "mm" or self.dims.get(instr.output) != SUM:
                continue
            turned = program.producers[instr.inputs[0]]
            if turned < 0 or program.instrs[turned].op != "t":
                continue
            factors = program.instrs[turned].inputs[0], instr.inputs[1]
            m, n = program.slots[instr.output].shape
            if m * n > (m + n) * chunk and self.can_keep(factors):
                inside[index], after[index], after[turned] = False, True, True
                whole.update(factors)
        made = Split(program, self.size, self.dims, inside, after)
        made.whole = frozenset(whole)
        return made

    def _part(self, count: int) -> Program:
        """The program with `count` samples; only shapes matter."""

        slots = list(self.program.slots)
        for number, dim in self.dims.items():
            if dim != SUM:
                slot = slots[number]
                shape = (*slot.shape[:dim], count, *slot.shape[dim + 1 :])
                slots[number] = Slot(shape, slot.dtype, slot.kind, slot.name, slot.requires_grad)
        instrs = list(self.program.instrs)
        for index, instr in enumerate(instrs):
            if "shape" in instr.attrs and self.dims.get(instr.output) == 0:
                shape = (count, *instr.attrs["shape"][1:])
                instrs[index] = replace(instr, attrs={**instr.attrs, "shape": shape})
        return replace(self.program, slots=tuple(slots), instrs=tuple(instrs))


def find(program: Program, needed: Sequence[bool]) -> Split | None:
    """How to split a program, or None."""
    slots = program.slots
    inputs = [n for n, slot in enumerate(slots) if slot.kind is SlotKind.INPUT and slot.shape]
    sizes = {slots[n].shape[0] for n in inputs}
    if len(sizes) != 1 or min(sizes) < 2:
        return None
    (size,) = sizes
    dims = dict.fromkeys(inputs, 0)
    inside = [False] * len(program)
    after = [False] * len(program)
    late: set[int] = set()  # slots that need a finished sum
    for index, instr in enumerate(program.instrs):
        if not needed[index]:
            continue
        if instr.op in _CONSTANT and dims.get(instr.inputs[0], SUM) == SUM:
            continue
        found = [dims.get(slot) for slot in instr.inputs]
        unknown = found.count(None)
        if SUM in found or not late.isdisjoint(instr.inputs):
            late.add(instr.output)
            after[index] = True
            if unknown + found.count(SUM) < len(found):
                return None
            continue
        if unknown == len(found):
            continue
        dim = _dimension(program, instr, found, size)
        if dim is None:
            return None
        dims[instr.output] = dim
        inside[index] = True
    return Split(program, size, dims, inside, after) if any(inside) else None


def _dimension(program: Program, instr: Instr, dims: list[int | None], size: int) -> int | None:
    """Along which dimension an instruction's result is batched, SUM, or None: not known."""
    shapes = [program.slots[slot].shape for slot in instr.inputs]
    out = program.slots[instr.output].shape
    op, attrs = instr.op, instr.attrs
    if isinstance(REGISTRY[op], Elementwise | Curve):
        fits = all(
            (len(shape) == len(out) and shape[0] == size)
            if dim == 0
            else dim is None and (len(shape) < len(out) or shape[0] == 1)
            for shape, dim in zip(shapes, dims, strict=True)
        )
        return 0 if fits and out[0] == size else None
    match op, dims:
        case "mm", [0, None]:
            return 0
        case "mm", [1, 0]:
            return SUM
        case "t", [0 | 1 as dim] if len(shapes[0]) == 2:
            return 1 - dim
        case "nll_loss", [0, 0] if program.slots[instr.inputs[1]].kind is not SlotKind.VALUE:
            return 0 if attrs["reduction"] == "none" else SUM
        case "nll_loss_backward", [None, 0] if program.slots[instr.inputs[1]].kind is not SlotKind.VALUE:
            return 0 if attrs["reduction"] != "none" else None
        case "conv2d_weight_grad", [0, 0]:
            return SUM
        case "sum", [0]:
            dim = attrs["dim"]
            gone = range(len(shapes[0])) if dim is None else [d % len(shapes[0]) for d in dim]
            return SUM if 0 in gone else 0
    if dims[0] != 0:
        return None
    if op in _SOFTMAX and all(dim == 0 for dim in dims) and attrs["dim"] % len(out) != 0:
        return 0
    if op in _SHAPES and len(out) > 0 and out[0] == size:
        return 0
    rest = {"max_pool2d": 0, "max_pool2d_backward": 0}.get(op)
    if op in _FIRST and all(dim == rest for dim in dims[1:]) and not (op == "linear" and len(out) < 2):
        return 0
    return None
