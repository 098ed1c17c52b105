"""Max-pooling: the winners and their values are found in one row."""

from __future__ import annotations

import numpy as np

from ...program import Instr, SlotKind
from ..lowering import Lowering, rule
from ..rows import PRECISIONS
from ..values import Operand, View
from .elementwise import elementwise


@rule("max_pool2d_indices")
def indices(lowering: Lowering, instr: Instr) -> bool:
    """Computes the values too, which are usually asked for next."""
    x = lowering.view(instr.inputs[0])
    if x.dtype not in PRECISIONS:
        return False
    x = lowering.dense(x)
    program = lowering.program
    readers = lowering.readers.get(instr.output, [])
    values = next(
        (
            k
            for k in readers
            if program.instrs[k].op == "max_pool2d"
            and program.instrs[k].inputs == (*instr.inputs, instr.output)
        ),
        None,
    )
    shape = program.slots[instr.output].shape
    out = lowering.new(shape, x.dtype) if values is None else lowering.out(program.instrs[values].output)
    if values is not None:
        lowering.postpone(values, lambda: None)
    common: list[Operand] = [shape[0] * shape[1], x.place, out.place]
    sizes = [*x.shape[2:], *shape[2:]]
    if _pairs(lowering, instr, values):
        winners = lowering.views[instr.output] = lowering.new(shape, x.dtype)
        lowering.codes.add(instr.output)
        lowering.absorbed.add(instr.output)
        cut = int(instr.inputs[0] in lowering.folded)
        lowering.emit("pairs_pool2d", x.dtype, *common, winners.place, *sizes, cut)
        return True
    places = lowering.out(instr.output)
    pairs = [n for key in ("kernel_size", "stride", "padding", "dilation") for n in instr.attrs[key]]
    kernel = "lines_pool2d" if pairs[3] <= 2 else "max_pool2d"
    lowering.emit(kernel, x.dtype, *common, places.place, *sizes, *pairs)
    return True


def _pairs(lowering: Lowering, instr: Instr, values: int | None) -> bool:
    """Whether windows are 2 × 2, and nobody looks at the places but the way back."""
    attrs = instr.attrs
    usual = all(tuple(attrs[key]) == (2, 2) for key in ("kernel_size", "stride"))
    plain = tuple(attrs["padding"]) == (0, 0) and tuple(attrs["dilation"]) == (1, 1)
    x, out = lowering.program.slots[instr.inputs[0]].shape, lowering.program.slots[instr.output].shape
    inside = 2 * out[2] <= x[2] and 2 * out[3] <= x[3]
    others = [lowering.program.instrs[k].op for k in lowering.readers.get(instr.output, ()) if k != values]
    free = instr.output not in lowering.kept and all(op == "max_pool2d_backward" for op in others)
    return usual and plain and inside and free


@rule("max_pool2d_backward")
def backward(lowering: Lowering, instr: Instr) -> bool:
    """Each number to its winner."""
    g, winners = (lowering.dense(lowering.view(slot)) for slot in instr.inputs)
    if g.dtype not in PRECISIONS:
        return False
    shape = lowering.program.slots[instr.output].shape
    common: list[Operand] = [shape[0] * shape[1], g.place, winners.place]
    if instr.inputs[1] in lowering.codes:
        out = lowering.out(instr.output)
        largest = lowering.folded.get(instr.inputs[1])
        ends: list[Operand] = [0, 0]
        if largest is not None:
            ends = [1, lowering.dense(lowering.view(largest)).place]
            after = lowering.program.instrs[lowering.readers[instr.output][0]]
            lowering.postpone(lowering.readers[instr.output][0], lambda: _same(lowering, after, out))
            lowering.absorbed.add(instr.output)
        sizes = (*shape[2:], *g.shape[2:])
        lowering.emit("pairs_pool2d_backward", g.dtype, *common, out.place, *sizes, *ends)
    elif lowering.program.slots[instr.inputs[1]].kind is SlotKind.VALUE and _computed(lowering, instr):
        out = lowering.out(instr.output)
        windows, pixels = g.shape[2] * g.shape[3], shape[2] * shape[3]
        lowering.emit("max_pool2d_backward", g.dtype, *common, out.place, windows, pixels)
    else:  # places from outside may be anywhere
        return False
    return True


def _same(lowering: Lowering, instr: Instr, out: View) -> None:
    lowering.views[instr.output] = out


@rule("relu")
def relu(lowering: Lowering, instr: Instr) -> bool:
    """Left to the pooling that follows, if nobody else looks at it but their ways back; else elementwise."""
    return _fold(lowering, instr) or elementwise(lowering, instr)


def _fold(lowering: Lowering, instr: Instr) -> bool:
    """Find relu, pooling and their ways back: y = relu(x), (k, v) = pool(y); h = back(g, k), back(h, y)."""
    program, y = lowering.program, instr.output
    if y in lowering.kept or lowering.view(instr.inputs[0]).dtype not in PRECISIONS:
        return False
    readers = {program.instrs[k].op: program.instrs[k] for k in lowering.readers.get(y, ())}
    wanted = {"max_pool2d_indices", "max_pool2d", "relu_backward"}
    if set(readers) != wanted or len(lowering.readers[y]) != len(wanted):
        return False
    places, back = readers["max_pool2d_indices"], readers["relu_backward"]
    k = places.output
    values = next((n for n in lowering.readers[k] if program.instrs[n].op == "max_pool2d"), None)
    if values is None or program.instrs[values].inputs != (y, k) or not _pairs(lowering, places, values):
        return False
    backs = [n for n in lowering.readers[k] if n != values]
    if len(backs) != 1 or back.inputs != (program.instrs[backs[0]].output, y):
        return False
    if lowering.only_reader(back.inputs[0]) is None:
        return False
    lowering.views[y] = lowering.view(instr.inputs[0])
    lowering.absorbed.add(y)
    lowering.folded[y] = lowering.folded[k] = program.instrs[values].output
    return True


def _computed(lowering: Lowering, instr: Instr) -> bool:
    program = lowering.program
    producer = program.instrs[program.producers[instr.inputs[1]]]
    x = program.slots[producer.inputs[0]].shape if producer.op == "max_pool2d_indices" else ()
    return x == program.slots[instr.output].shape and winners_dtype(lowering, instr) == np.int64


def winners_dtype(lowering: Lowering, instr: Instr) -> np.dtype[np.int64] | np.dtype[np.float32]:
    """What winners are noted as."""
    view: View = lowering.view(instr.inputs[1])
    return view.dtype
