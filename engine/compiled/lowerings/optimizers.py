"""Updates of weights: what an optimizer records as a chain of ops, in one row."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ...program import Instr, SlotKind
from ..lowering import Lowering
from ..rows import PRECISIONS, dtype_of
from ..values import Operand, View

Pattern = Any  # a name, or (op, pattern of each input), or (op, …, name of the result)

_MEAN = ("add", "mean", ("mul", ("sub", "slope", "mean"), "a"), "new mean")
_SQUARE = ("add", ("mul", "square", "b"), ("mul", ("mul", "slope", "slope"), "c"), "new square")
_ROOT = ("add", ("div", ("sqrt", _SQUARE), "scale"), "epsilon")
_BUFFER = ("add", ("mul", "buffer", "momentum"), "slope", "new buffer")


class Update(NamedTuple):
    """How an update is recorded: the pattern of the new weight, the ops that lead to it from the update's
    first instruction, and the names of arrays before and after and of numbers, as its kernel has them."""

    kernel: str
    pattern: Pattern
    chain: tuple[str, ...]
    old: tuple[str, ...]
    new: tuple[str, ...]
    numbers: tuple[str, ...]


ADAM = Update(
    "adam",
    ("sub", "weight", ("div", ("mul", _MEAN, "size"), _ROOT)),
    ("sub", "mul", "add", "mul", "div", "sub"),
    ("weight", "slope", "mean", "square"),
    ("new mean", "new square"),
    ("size", "scale", "a", "b", "c", "epsilon"),
)
"""What `optim.Adam` and `optim.AdamW` record of one parameter."""

MOMENTUM = Update(
    "momentum",
    ("sub", "weight", ("mul", "rate", _BUFFER)),
    ("mul", "add", "mul", "sub"),
    ("weight", "slope", "buffer"),
    ("new buffer",),
    ("momentum", "rate"),
)
"""What `optim.SGD` with momentum records of one parameter."""

_INPUTS = {"sqrt": 1}  # of the ops in patterns; all others have two


def fused(lowering: Lowering, first: Instr) -> bool:
    """If `first` begins an update, let that one's last instruction do all of it."""
    return any(update.chain[0] == first.op and _found(lowering, update) for update in (ADAM, MOMENTUM))


def _found(lowering: Lowering, update: Update) -> bool:
    end = _end(lowering, update.chain)
    if end is None:
        return False
    slots: dict[str, int] = {}
    instrs: list[int] = []
    last = lowering.program.instrs[end].output
    if not _matches(lowering, last, (*update.pattern, "new weight"), slots, instrs):
        return False
    rows = lowering.program.slots
    like = rows[last]
    if dtype_of(like.dtype) not in PRECISIONS or min(instrs) != lowering.at:
        return False
    arrays = [rows[slots[name]] for name in update.old]
    if any((row.shape, row.dtype) != (like.shape, like.dtype) for row in arrays):
        return False
    if any(math.prod(rows[slots[name]].shape) != 1 for name in update.numbers):
        return False
    for index in instrs:
        lowering.postpone(index, _nothing)
    lowering.postpone(end, lambda: _emit(lowering, update, slots))
    return True


def _end(lowering: Lowering, chain: tuple[str, ...]) -> int | None:
    """The last instruction of a chain of ops that begins at the present one."""
    index = lowering.at
    for op in chain[1:]:
        readers = lowering.readers.get(lowering.program.instrs[index].output, [])
        if len(readers) != 1 or lowering.program.instrs[readers[0]].op != op:
            return None
        index = readers[0]
    return index


def _matches(
    lowering: Lowering, slot: int, pattern: Pattern, slots: dict[str, int], instrs: list[int]
) -> bool:
    """Whether a slot is computed as a pattern says, and nobody else needs what comes between."""
    if isinstance(pattern, str):
        return slots.setdefault(pattern, slot) == slot
    op, *rest = pattern
    count = _INPUTS.get(op, 2)
    index = lowering.program.producers[slot]
    if index < lowering.at or lowering.program.instrs[index].op != op:
        return False
    if len(rest) > count:
        slots[rest[count]] = slot
    elif lowering.only_reader(slot) is None:
        return False
    instrs.append(index)
    inputs = lowering.program.instrs[index].inputs
    return all(
        _matches(lowering, each, part, slots, instrs) for each, part in zip(inputs, rest[:count], strict=True)
    )


def _nothing() -> None:
    """The last instruction does it."""


def _emit(lowering: Lowering, update: Update, slots: dict[str, int]) -> None:
    old = [lowering.dense(lowering.view(slots[name])) for name in update.old]
    new = [lowering.out(slots[name]) for name in ("new weight", *update.new)]
    dtype = new[0].dtype
    operands: list[Operand] = [new[0].size, new[0].place]
    for view in (*old, *new[1:]):
        operands += [view.place, 1]
    for name in update.numbers:
        number = lowering.operand(slots[name], dtype)
        assert number is not None
        operands += [lowering.repeated(number), 0]
    lowering.emit_pairs(update.kernel, dtype, operands, zip(new, (old[0], *old[2:]), strict=True))
    for name in update.new:
        lowering.hold(slots[name])


def with_descent(lowering: Lowering, slot: int, out: View, a: View, b: View) -> bool:
    """Let a gradient that is the product of a column and a row wait for the one that reads it: the update of
    the weight, w − rate · gradient, which then does both in one pass over memory."""
    if lowering.in_parts or lowering.split is not None or lowering.only_reader(slot) is None:
        return False
    instrs, rows = lowering.program.instrs, lowering.program.slots
    gradient = instrs[lowering.readers[slot][0]]
    if gradient.op != "accumulate_grad" or len(gradient.inputs) != 1:
        return False
    chain = [lowering.readers.get(gradient.output, [])]
    if len(chain[0]) == 1 and lowering.only_reader(instrs[chain[0][0]].output) is not None:
        chain.append(lowering.readers[instrs[chain[0][0]].output])
    if len(chain) < 2:
        return False
    (scaled,), (end,) = chain
    product, update = instrs[scaled], instrs[end]
    if (product.op, update.op) != ("mul", "sub") or update.inputs[1] != product.output:
        return False
    weight, rate = update.inputs[0], product.inputs[product.inputs[0] == gradient.output]
    like = rows[slot]
    others = [rows[each] for each in (weight, product.output, update.output)]
    if any((other.shape, other.dtype) != (like.shape, like.dtype) for other in others):
        return False
    if math.prod(rows[rate].shape) != 1 or others[0].kind in (SlotKind.VALUE, SlotKind.CONSTANT):
        return False
    lowering.postpone(scaled, _nothing)
    lowering.postpone(end, lambda: _descend(lowering, update, out, a, b, rate))
    return True


def _descend(lowering: Lowering, update: Instr, out: View, a: View, b: View, rate: int) -> None:
    old, new = lowering.dense(lowering.view(update.inputs[0])), lowering.out(update.output)
    number = lowering.operand(rate, new.dtype)
    assert number is not None
    factors = out.shape[0], out.shape[1], a.place, a.strides[0], b.place
    ends = out.place, old.place, lowering.repeated(number), new.place
    lowering.emit("outer_descent", new.dtype, *factors, *ends, out=new, over=[old])
