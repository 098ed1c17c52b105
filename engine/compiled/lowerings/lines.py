"""Softmaxes and the negative log-likelihood."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...program import Instr
from ..lowering import Lowering, rule
from ..rows import PRECISIONS
from ..values import Operand, View

LONG = 32
"""Classes from which vectors along them are quicker, and worth compiling."""

_HOW = {"none": 0, "sum": 1, "mean": 2}


@rule("softmax", "softmax_backward", "log_softmax", "log_softmax_backward")
def softmax(lowering: Lowering, instr: Instr) -> bool:
    """Along one dimension."""
    views = [lowering.dense(lowering.view(slot)) for slot in instr.inputs]
    if views[0].dtype not in PRECISIONS or any(view.dtype != views[0].dtype for view in views):
        return False
    shape = views[0].shape or (1,)
    dim = instr.attrs["dim"] % len(shape)
    out = lowering.out(instr.output)
    sizes = (math.prod(shape[:dim]), shape[dim], math.prod(shape[dim + 1 :]))
    if instr.op == "softmax" and sizes[2] == 1:
        lowering.emit("softmax_lines", out.dtype, *sizes[:2], views[0].place, out.place)
        return True
    if instr.op.startswith("log") and sizes[2] == 1 and sizes[1] >= LONG:
        places = (view.place for view in views)
        lowering.emit(f"{instr.op}_lines", out.dtype, *sizes[:2], *places, out.place)
        return True
    lowering.emit(instr.op, out.dtype, *sizes, *(view.place for view in views), out.place)
    return True


def _targets(
    lowering: Lowering, instr: Instr, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> list[Operand] | None:
    """Targets, the one that does not count, the reduction, and how many count."""
    targets = lowering.dense(lowering.view(instr.inputs[1]))
    everyone = lowering.dense(lowering.everyone(instr.inputs[1]))
    if len(instr.inputs) > 2 or len(shape) != 2 or targets.dtype != np.int64 or dtype not in PRECISIONS:
        return None
    ignored, how = instr.attrs["ignore_index"], instr.attrs["reduction"]

    def count() -> View:
        made = lowering.new((1,), dtype)
        lowering.emit(
            "count_targets",
            dtype,
            everyone.size,
            everyone.place,
            shape[1],
            ignored,
            made.place,
            lowering.trouble(),
        )
        return made

    counted = lowering.shared(("counted", everyone, ignored, dtype), count)
    return [targets.place, ignored, _HOW[how], counted.place]


@rule("nll_loss")
def nll_loss(lowering: Lowering, instr: Instr) -> bool:
    """Matrices without weights."""
    x = lowering.dense(lowering.view(instr.inputs[0]))
    rest = _targets(lowering, instr, x.shape, x.dtype)
    if rest is None:
        return False
    out = lowering.out(instr.output)
    add = int(lowering.adding and lowering.summed(instr.output))
    lowering.emit("nll_loss", x.dtype, *x.shape, x.place, *rest, out.place, add)
    return True


@rule("nll_loss_backward")
def nll_loss_backward(lowering: Lowering, instr: Instr) -> bool:
    """Matrices without weights."""
    g = lowering.dense(lowering.view(instr.inputs[0]))
    shape = lowering.program.slots[instr.output].shape
    rest = _targets(lowering, instr, shape, g.dtype)
    if rest is None:
        return False
    out = lowering.out(instr.output)
    lowering.emit("nll_loss_backward", g.dtype, *shape, g.place, *rest, out.place)
    return True
