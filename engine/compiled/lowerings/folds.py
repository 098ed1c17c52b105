"""Reductions other than sums: extremes, products, variances, norms; and running sums."""

from __future__ import annotations

import math

import numpy as np

from ...dims import axes, reduced_shape
from ...program import Instr
from ..lowering import Lowering, rule
from ..rows import PRECISIONS
from ..values import View
from .formulas import answer, finish
from .reduce import fold, summed
from .term import Term

_CODES = {"amax": 0, "max": 0, "any": 0, "amin": 1, "min": 1, "all": 1, "prod": 2, "argmax": 3, "argmin": 4}


def reduced(x: Term, dim: tuple[int, ...] | None, code: int | None = None) -> Term:
    """The sum over some dimensions, or what the code of the kernel `fold` says; they stay, with size 1."""
    view, shape = x.view, x.view.shape
    over = set(range(len(shape)) if dim is None else (d % len(shape) for d in dim)) if shape else set()
    out = x.lowering.new(reduced_shape(shape, dim, True), view.dtype)
    if code is None:
        fold(x.lowering, view, over, out, 1, 0)
    else:
        fold(x.lowering, view, over, out, code, 0, "fold")
    return Term(x.lowering, out)


def _input(lowering: Lowering, instr: Instr) -> Term | None:
    view = lowering.view(instr.inputs[0])
    same = view.dtype in PRECISIONS and view.dtype == np.dtype(lowering.program.slots[instr.output].dtype)
    return Term(lowering, view) if same else None


def _reshaped(lowering: Lowering, instr: Instr, result: Term) -> bool:
    """The result without the dimensions that are gone."""
    shape = lowering.program.slots[instr.output].shape
    return finish(lowering, instr, Term(lowering, lowering.dense(result.view).reshaped(*shape)))


@rule("amax", "amin", "max", "min", "prod")
def extreme(lowering: Lowering, instr: Instr) -> bool:
    """Of floating point."""
    x = _input(lowering, instr)
    if x is None:
        return False
    return _reshaped(lowering, instr, reduced(x, instr.attrs["dim"], _CODES[instr.op]))


@rule("argmax", "argmin")
def place(lowering: Lowering, instr: Instr) -> bool:
    """Where the first of the largest or smallest is."""
    view = lowering.view(instr.inputs[0])
    if view.dtype not in PRECISIONS:
        return False
    dim = instr.attrs["dim"]
    along = range(len(view.shape)) if dim is None or not view.shape else (dim % len(view.shape),)
    fold(lowering, view, along, lowering.out(instr.output), _CODES[instr.op], 0, "fold")
    return True


@rule("any", "all")
def quantifier(lowering: Lowering, instr: Instr) -> bool:
    """Of truth."""
    mask = lowering.operand(instr.inputs[0], np.dtype(np.float32))
    if lowering.view(instr.inputs[0]).dtype != bool or mask is None:
        return False
    result = reduced(Term(lowering, mask), instr.attrs["dim"], _CODES[instr.op])
    shape = lowering.program.slots[instr.output].shape
    return answer(lowering, instr, Term(lowering, result.view.reshaped(*shape)))


@rule("winner_share")
def winner_share(lowering: Lowering, instr: Instr) -> bool:
    """1 at the winners, divided by how many there are."""
    views = [lowering.view(slot) for slot in instr.inputs]
    x, dim = views[0], instr.attrs["dim"]
    if x.dtype not in PRECISIONS or views[1].dtype != x.dtype:
        return False
    y = Term(lowering, lowering.dense(views[1]).reshaped(*reduced_shape(x.shape, dim, True)))
    element = Term(lowering, x)
    won = element == y
    if instr.attrs["nan"]:
        won = won | ((element != element) & (y != y))
    return finish(lowering, instr, won / reduced(won, dim))


@rule("var", "std")
def variance(lowering: Lowering, instr: Instr) -> bool:
    """In two passes, with the first element taken off before."""
    x = _input(lowering, instr)
    if x is None:
        return False
    view, dim = x.view, instr.attrs["dim"]
    along = axes(dim, len(view.shape))
    dims = range(len(view.shape)) if along is None else along
    first = View(view.buffer, view.offset, reduced_shape(view.shape, dim, True), view.strides, view.dtype)
    count = view.size // max(math.prod(first.shape), 1)
    x = x - Term(lowering, first)
    off = x - reduced(x, tuple(dims)) / count
    result = reduced(off * off, tuple(dims)) / max(count - instr.attrs["correction"], 0)
    return _reshaped(lowering, instr, result if instr.op == "var" else result.of("sqrt"))


@rule("logsumexp")
def logsumexp(lowering: Lowering, instr: Instr) -> bool:
    """With the largest element, if it is finite, taken off before."""
    x = _input(lowering, instr)
    if x is None:
        return False
    dim = instr.attrs["dim"]
    largest = reduced(x, dim, _CODES["max"])
    largest = (abs(largest) == math.inf).where(0.0, largest)
    return _reshaped(lowering, instr, reduced((x - largest).of("exp"), dim).of("log") + largest)


@rule("nansum")
def nansum(lowering: Lowering, instr: Instr) -> bool:
    """The sum of the numbers."""
    x = _input(lowering, instr)
    if x is None:
        return False
    dims = axes(instr.attrs["dim"], len(x.view.shape))
    numbers = (x != x).where(0.0, x).view
    return summed(lowering, instr, numbers, range(len(numbers.shape)) if dims is None else dims, 1)


@rule("linalg_vector_norm")
def norm(lowering: Lowering, instr: Instr) -> bool:
    """Of any order."""
    x = _input(lowering, instr)
    if x is None:
        return False
    size, ord, dim = abs(x), instr.attrs["ord"], instr.attrs["dim"]
    if ord == 0:
        result = reduced(size != 0, dim)
    elif math.isinf(ord):
        result = reduced(size, dim, 0 if ord > 0 else 1)
    elif ord == 1:
        result = reduced(size, dim)
    elif ord == 2:
        result = reduced(size * size, dim).of("sqrt")
    else:
        result = reduced(size.of("pow", ord), dim).of("pow", 1 / ord)
    return _reshaped(lowering, instr, result)


@rule("cumsum", "cumprod")
def running(lowering: Lowering, instr: Instr) -> bool:
    """Along one dimension."""
    x = _input(lowering, instr)
    if x is None:
        return False
    shape = x.view.shape or (1,)
    dim = instr.attrs["dim"] % len(shape)
    sizes = math.prod(shape[:dim]), shape[dim], math.prod(shape[dim + 1 :])
    source, out = lowering.dense(x.view), lowering.out(instr.output)
    lowering.emit("running", out.dtype, int(instr.op == "cumprod"), *sizes, source.place, out.place)
    return True
