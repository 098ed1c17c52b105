"""Elementwise ops: one row each, or one for a chain."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...op import REGISTRY, Elementwise
from ...program import Instr, SlotKind
from ..lowering import Lowering, rule
from ..rows import PRECISIONS, dtype_of
from ..values import View
from .formulas import finish
from .optimizers import fused
from .term import Term

KERNELS = {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "div": "div",
    "neg": "neg",
    "relu": "relu",
    "relu_backward": "relu_backward",
    "exp": "exp",
    "sqrt": "sqrt",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "sin": "sin",
    "cos": "cos",
    "abs": "fabs",
    "maximum": "maximum",
    "minimum": "minimum",
}
"""The kernel of each op that is computed element by element in one precision."""


NUMBERS = {name: n for n, name in enumerate(("add", "sub", "mul", "div", "pow", "neg", "sqrt", "exp"))}
"""What the kernel `number` calls the ops that it knows."""


@rule("pow")
def power(lowering: Lowering, instr: Instr) -> bool:
    """Of single numbers, squares, and others one by one."""
    inputs = operands(lowering, instr)
    if inputs is None:
        return False
    if all(view.size == 1 for view in inputs):
        _number(lowering, instr, inputs)
        return True
    exponent = lowering.constants.get(inputs[1].buffer)
    if exponent is not None and (exponent == 2).all():
        lowering.each("mul", lowering.out(instr.output), [inputs[0], inputs[0]])
        return True
    x, y = (Term(lowering, view) for view in inputs)
    return finish(lowering, instr, x.of("pow", y))


def _number(lowering: Lowering, instr: Instr, inputs: list[View]) -> None:
    out = lowering.out(instr.output)
    places = (inputs[0].place, inputs[-1].place)
    lowering.emit("number", out.dtype, NUMBERS[instr.op], out.place, *places)


@rule(*(name for name in KERNELS if name != "relu"))  # which may be left to a pooling
def elementwise(lowering: Lowering, instr: Instr) -> bool:
    """In the precision that promotion asks for; other dtypes are left to the interpreter."""
    inputs = operands(lowering, instr)
    if inputs is None:
        return instr.op == "add" and _whole_numbers(lowering, instr)
    if fused(lowering, instr):
        return True
    if instr.op == "mul" and _descent(lowering, instr, inputs):
        return True
    if instr.op in NUMBERS and all(view.size == 1 for view in inputs):
        _number(lowering, instr, inputs)
        return True
    lowering.each(KERNELS[instr.op], lowering.out(instr.output), inputs)
    return True


def _whole_numbers(lowering: Lowering, instr: Instr) -> bool:
    """Counters, such as batch norm's: int64, of one shape or single numbers."""
    shape, dtype = lowering.program.slots[instr.output].shape, lowering.program.slots[instr.output].dtype
    views = [lowering.view(slot) for slot in instr.inputs]
    if dtype != "int64" or any(view.dtype != np.int64 for view in views):
        return False
    if any(view.size > 1 and (view.shape != shape or not view.dense) for view in views):
        return False
    out = lowering.out(instr.output)
    ends = [value for view in views for value in (view.place, int(view.size > 1))]
    lowering.emit("add_ints", np.dtype(np.float64), out.size, out.place, *ends, out=out, over=views[:1])
    return True


def operands(lowering: Lowering, instr: Instr) -> list[View] | None:
    """The inputs in the dtype of the result; None where this is not computed in one floating point dtype."""
    name = lowering.program.slots[instr.output].dtype
    dtype = dtype_of(name)
    if dtype not in PRECISIONS or not (
        _of_one_dtype(lowering, instr, name) or _promoted(lowering, instr, dtype)
    ):
        return None
    found = []
    for slot in instr.inputs:
        view = lowering.operand(slot, dtype)
        if view is None:
            return None
        found.append(view)
    return found


def _of_one_dtype(lowering: Lowering, instr: Instr, name: str) -> bool:
    """The usual case: the inputs have the dtype of the result, and none is a Python number."""
    slots = [lowering.program.slots[slot] for slot in instr.inputs]
    same = all(slot.dtype == name and slot.kind is not SlotKind.CONSTANT for slot in slots)
    return same and isinstance(REGISTRY[instr.op], Elementwise)


def _promoted(lowering: Lowering, instr: Instr, dtype: np.dtype[Any]) -> bool:
    """Whether the inputs are converted to the dtype of the result, or taken as they are."""
    specs = [lowering.spec(slot) for slot in instr.inputs]
    wanted = REGISTRY[instr.op].compute_dtype(*specs, **instr.attrs)
    return wanted is None or wanted.numpy == dtype


def _descent(lowering: Lowering, instr: Instr, inputs: list[View]) -> bool:
    """w − a b, the usual update, or a sum with a product, such as a scale and a bias, in one row: here for
    the product, and for the other later on."""
    reader = lowering.only_reader(instr.output)
    if reader is None:
        return False
    slots = lowering.program.slots
    then = lowering.program.instrs[reader]
    row = slots[then.output]
    if row.shape != slots[instr.output].shape or row.dtype != slots[instr.output].dtype:
        return False
    if then.op == "sub" and then.inputs[1] == instr.output:
        kernel, other = "sub_scaled", then.inputs[0]
    elif then.op == "add" and math.prod(row.shape) > 1:
        kernel, other = "add_scaled", then.inputs[then.inputs[0] == instr.output]
    else:
        return False
    start = lowering.program.producers[other]
    if start >= lowering.at and not REGISTRY[lowering.program.instrs[start].op].view:
        return False  # it may be such a product too
    if slots[other].kind is SlotKind.CONSTANT or slots[other].dtype != row.dtype:
        return False
    lowering.postpone(reader, lambda: _scaled(lowering, kernel, then, other, inputs))
    return True


def _scaled(lowering: Lowering, kernel: str, then: Instr, other: int, factors: list[View]) -> None:
    lowering.each(kernel, lowering.out(then.output), [lowering.view(other), *factors])


@rule("accumulate_grad", "clone")
def same(lowering: Lowering, instr: Instr) -> bool:
    """A copy that nobody will change needs none; a sum is a sum."""
    if len(instr.inputs) == 1:
        lowering.views[instr.output] = lowering.view(instr.inputs[0])
        return True
    views = [lowering.view(slot) for slot in instr.inputs]
    dtype = dtype_of(lowering.program.slots[instr.output].dtype)
    if dtype not in PRECISIONS or any(view.dtype != dtype for view in views):
        return False
    lowering.each("add", lowering.out(instr.output), views)
    return True


@rule("to")
def converted(lowering: Lowering, instr: Instr) -> bool:
    """To a floating point dtype."""
    view = lowering.operand(instr.inputs[0], dtype_of(lowering.program.slots[instr.output].dtype))
    if view is None:
        return False
    lowering.views[instr.output] = view
    return True


@rule("zero_grad", "zeros_like", "ones_like")
def filled(lowering: Lowering, instr: Instr) -> bool:
    """A constant."""
    row = lowering.program.slots[instr.output]
    one = lowering.constant(np.array(1 if instr.op == "ones_like" else 0, row.dtype))
    lowering.views[instr.output] = View(one.buffer, 0, row.shape, (0,) * len(row.shape), one.dtype)
    return True
