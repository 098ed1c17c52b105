"""Elements that whole numbers name: embeddings, gather and scatter, indexing by tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...program import Instr, SlotKind
from ..lowering import Lowering, rule
from ..rows import PRECISIONS
from ..values import Operand, View
from .term import Term

TAKE, ADD, PUT = 0, 1, 2


class Index(NamedTuple):
    """Whole numbers that count along a dimension of `size` elements, `step` apart; the least that is allowed;
    and their strides in the common shape."""

    view: View
    step: int
    size: int
    low: int
    strides: tuple[int, ...]


def emit(
    lowering: Lowering,
    code: int,
    shape: Sequence[int],
    array: View,
    strides: Sequence[int],
    values: View,
    indices: Sequence[Index],
) -> None:
    """Take elements of `array` to `values`, add `values` to them, or put them there; `strides` are the
    array's in the common shape."""
    shape, strides = tuple(shape) or (1,), tuple(strides) or (0,)
    operands: list[Operand] = [code, len(shape), len(indices), array.place, values.place, lowering.trouble()]
    operands += [*shape, *strides]
    for index in indices:
        operands += [index.view.place, index.step, index.size, index.low, *(index.strides or (0,))]
    lowering.emit("named", array.dtype, *operands, *([0] * len(shape)))


def _inputs(lowering: Lowering, instr: Instr, *numbers: int) -> list[View] | None:
    """The inputs: some are numbers in the result's precision, all others int64; None if they are not."""
    slots = lowering.program.slots
    dtype = np.dtype(slots[instr.output].dtype)
    found = []
    for i, slot in enumerate(instr.inputs):
        wanted = dtype if i in numbers else np.dtype(np.int64)
        constant = slots[slot].kind is SlotKind.CONSTANT
        view = lowering.operand(slot, wanted) if constant else lowering.view(slot)
        if view is None or view.dtype != wanted:
            return None
        found.append(view)
    return found if dtype in PRECISIONS else None


def _start(lowering: Lowering, instr: Instr, source: View | None) -> View:
    """The result before anything is named: a copy of an input, or zeros."""
    out = lowering.out(instr.output)
    if source is None:
        zero = lowering.constant(np.array(0, out.dtype))
        source = View(zero.buffer, 0, out.shape, (0,) * len(out.shape), out.dtype)
    lowering.each("copy", out, [source])
    return out


@rule("embedding")
def embedding(lowering: Lowering, instr: Instr) -> bool:
    """Rows of a matrix."""
    views = _inputs(lowering, instr, 0)
    if views is None:
        return False
    weight, index = views
    _rows(lowering, TAKE, weight, lowering.out(instr.output), index)
    return True


@rule("embedding_backward")
def embedding_backward(lowering: Lowering, instr: Instr) -> bool:
    """Added up, one after the other."""
    views = _inputs(lowering, instr, 0)
    if views is None:
        return False
    _rows(lowering, ADD, _start(lowering, instr, None), lowering.dense(views[0]), views[1])
    return True


def _rows(lowering: Lowering, code: int, matrix: View, values: View, index: View) -> None:
    strides = (*(0 for _ in index.shape), matrix.strides[1])
    named = Index(index, matrix.strides[0], matrix.shape[0], 0, (*index.strides, 0))
    emit(lowering, code, (*index.shape, matrix.shape[1]), matrix, strides, values, [named])


def _along(lowering: Lowering, code: int, array: View, values: View, index: View, dim: int) -> None:
    """Along a dimension by positions in it; an index without that dimension has one for each line."""
    if not array.shape:
        emit(lowering, code, (index.size,), array, (0,), values, [Index(index, 0, 1, 0, (1,))])
        return
    strides = [s for d, s in enumerate(array.strides) if d != dim]
    if len(index.shape) == len(array.shape):
        strides.insert(dim, 0)
    named = Index(index, array.strides[dim], array.shape[dim], 0, index.strides)
    emit(lowering, code, index.shape, array, strides, values, [named])


@rule("gather", "kthvalue", "mode", "sort", "take_max", "take_median", "take_min", "topk", "cummax", "cummin")
def gather(lowering: Lowering, instr: Instr) -> bool:
    """Along a dimension."""
    views = _inputs(lowering, instr, 0)
    if views is None:
        return False
    x, index = views[0], lowering.dense(views[1])
    _along(lowering, TAKE, x, lowering.out(instr.output), index, instr.attrs["dim"])
    return True


@rule("gather_grad")
def gather_grad(lowering: Lowering, instr: Instr) -> bool:
    """Added up, one after the other."""
    views = _inputs(lowering, instr, 0)
    if views is None:
        return False
    g, index = (lowering.dense(view) for view in views)
    _along(lowering, ADD, _start(lowering, instr, None), g, index, instr.attrs["dim"])
    return True


@rule("scatter", "scatter_add")
def scatter(lowering: Lowering, instr: Instr) -> bool:
    """Of several for one element, the last stays; or all are added."""
    views = _inputs(lowering, instr, 0, 2)
    if views is None:
        return False
    x, index, values = views
    if values.size == 1:  # one number for all
        values = View(values.buffer, values.offset, index.shape, (0,) * len(index.shape), values.dtype)
    if index.shape != values.shape:
        return False
    index, values = lowering.dense(index), lowering.dense(values)
    code = PUT if instr.op == "scatter" else ADD
    _along(lowering, code, _start(lowering, instr, x), values, index, instr.attrs["dim"])
    return True


@rule("index_add")
def index_add(lowering: Lowering, instr: Instr) -> bool:
    """Slices along a dimension."""
    views = _inputs(lowering, instr, 0, 2)
    if views is None:
        return False
    x, index, values = views
    dim, alpha = instr.attrs["dim"], instr.attrs["alpha"]
    if alpha != 1:
        values = (Term(lowering, values) * alpha).view
    values = lowering.dense(values)
    if len(index.shape) != 1 or len(x.shape) != len(values.shape):
        return False
    out = _start(lowering, instr, x)
    strides = [0 if d == dim else stride for d, stride in enumerate(out.strides)]
    own = tuple(index.strides[0] if d == dim else 0 for d in range(len(out.shape)))
    named = Index(index, out.strides[dim], out.shape[dim], 0, own)
    emit(lowering, ADD, values.shape, out, strides, values, [named])
    return True


@rule("index", "index_grad", "index_put")
def index(lowering: Lowering, instr: Instr) -> bool:
    """By whole numbers; masks, whose results have no shape beforehand, are left to the interpreter."""
    first = 2 if instr.op == "index_put" else 1
    at, counts = instr.attrs["at"], instr.attrs["counts"]
    views = _inputs(lowering, instr, *range(first))
    if views is None or any(count >= 0 for count in counts):
        return False
    if instr.op == "index":
        array, code, values = views[0], TAKE, lowering.out(instr.output)
    elif instr.op == "index_grad":
        array, code, values = _start(lowering, instr, None), ADD, lowering.dense(views[0])
    else:
        array, code, values = _start(lowering, instr, views[0]), PUT, views[1]
    core = np.broadcast_shapes(*(view.shape for view in views[first:]))
    together = list(at) == list(range(at[0], at[0] + len(at)))
    front = at[0] if together else 0
    rest = [d for d in range(len(array.shape)) if d not in at]
    shape = (
        *(array.shape[d] for d in rest[:front]), *core, *(array.shape[d] for d in rest[front:])
    )  # fmt: skip
    strides = [array.strides[d] for d in rest]
    strides[front:front] = [0] * len(core)
    if values.shape != shape:  # a value that is put in many places
        repeated = View(values.buffer, values.offset, shape, values.broadcast(shape), values.dtype)
        values = lowering.dense(repeated)
    values = lowering.dense(values)
    before, after = (0,) * front, (0,) * (len(rest) - front)
    indices = [
        Index(
            view,
            array.strides[dim],
            array.shape[dim],
            -array.shape[dim],
            (*before, *view.broadcast(core), *after),
        )
        for view, dim in zip(views[first:], at, strict=True)
    ]
    emit(lowering, code, shape, array, strides, values, indices)
    return True
