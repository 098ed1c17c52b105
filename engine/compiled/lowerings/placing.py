"""Arrays put together from parts of others, by copies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...ops.slice import key_of
from ...program import Instr, SlotKind
from ..alias import shown
from ..lowering import Lowering, rule
from ..rows import PRECISIONS
from ..values import View


def numbers(lowering: Lowering, instr: Instr) -> list[View] | None:
    """The inputs, if all have the result's precision, or are constants."""
    slots = lowering.program.slots
    dtype = np.dtype(slots[instr.output].dtype)
    if dtype not in PRECISIONS:
        return None
    found = []
    for slot in instr.inputs:
        constant = slots[slot].kind is SlotKind.CONSTANT
        view = lowering.operand(slot, dtype) if constant else lowering.view(slot)
        if view is None or view.dtype != dtype:
            return None
        found.append(view)
    return found


def filled(lowering: Lowering, shape: Sequence[int], value: float, dtype: np.dtype[Any]) -> View:
    """One number, repeated without taking memory."""
    one = lowering.constant(np.array(value, dtype))
    return View(one.buffer, 0, tuple(shape), (0,) * len(shape), dtype)


def sliced(view: View, key: tuple[slice, ...]) -> View:
    """A part of a view; also backwards."""
    offset, shape, strides = view.offset, [], []
    for part, size, stride in zip(key, view.shape, view.strides, strict=True):
        start, stop, step = part.indices(size)
        offset += start * stride
        shape.append(len(range(start, stop, step)))
        strides.append(stride * step)
    return View(view.buffer, offset, tuple(shape), tuple(strides), view.dtype)


def padded(lowering: Lowering, x: View, widths: Sequence[tuple[int, int]], value: float, out: View) -> None:
    """A copy of x with a border; negative widths cut."""
    lowering.each("copy", out, [filled(lowering, out.shape, value, out.dtype)])
    inside = tuple(slice(max(a, 0), n - max(b, 0)) for n, (a, b) in zip(out.shape, widths, strict=True))
    kept = tuple(slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(x.shape, widths, strict=True))
    lowering.each("copy", sliced(out, inside), [sliced(x, kept)])


@rule("pad")
def pad(lowering: Lowering, instr: Instr) -> bool:
    """With a constant."""
    views = numbers(lowering, instr)
    if views is None:
        return False
    padded(lowering, views[0], instr.attrs["widths"], instr.attrs["value"], lowering.out(instr.output))
    return True


@rule("flip")
def flip(lowering: Lowering, instr: Instr) -> bool:
    """Read backwards."""
    views = numbers(lowering, instr)
    if views is None:
        return False
    count = len(views[0].shape)
    dims = {d % count for d in instr.attrs["dims"]} if count else set()
    key = tuple(slice(None, None, -1 if d in dims else 1) for d in range(count))
    lowering.each("copy", lowering.out(instr.output), [sliced(views[0], key)])
    return True


@rule("roll")
def roll(lowering: Lowering, instr: Instr) -> bool:
    """Each dimension in two parts."""
    views = numbers(lowering, instr)
    if views is None:
        return False
    x, count = views[0], len(views[0].shape)
    parts: list[list[tuple[slice, slice]]] = [[(slice(None), slice(None))] for _ in range(count)]
    for shift, dim in zip(instr.attrs["shifts"], instr.attrs["dims"], strict=True) if count else ():
        if len(parts[dim]) > 1:
            return False  # one dimension twice
        cut = -shift % x.shape[dim]
        parts[dim] = [(slice(cut, None), slice(0, x.shape[dim] - cut))]
        if cut:
            parts[dim].append((slice(0, cut), slice(x.shape[dim] - cut, None)))
        elif shift:
            parts[dim].append((slice(0, 0), slice(0, 0)))
    out = lowering.out(instr.output)
    pairs: list[tuple[tuple[slice, ...], tuple[slice, ...]]] = [((), ())]
    for choices in parts:
        pairs = [((*a, source), (*b, target)) for a, b in pairs for source, target in choices]
    for source, target in pairs:
        lowering.each("copy", sliced(out, target), [sliced(x, source)])
    return True


@rule("repeat")
def repeat(lowering: Lowering, instr: Instr) -> bool:
    """As often as the attribute says along each dimension."""
    views = numbers(lowering, instr)
    if views is None:
        return False
    x, times = views[0], instr.attrs["repeats"]
    missing = len(times) - len(x.shape)
    out = lowering.out(instr.output)
    shape, strides, own = [], [], []
    for d, count in enumerate(times):
        size, stride = (1, 0) if d < missing else (x.shape[d - missing], x.strides[d - missing])
        shape += [count, size]
        strides += [0, stride]
        own += [size * out.strides[d], out.strides[d]]
    source = View(x.buffer, x.offset, tuple(shape), tuple(strides), x.dtype)
    lowering.each("copy", View(out.buffer, out.offset, tuple(shape), tuple(own), out.dtype), [source])
    return True


@rule("tril", "triu")
def triangle(lowering: Lowering, instr: Instr) -> bool:
    """The rest is 0, whatever was there."""
    views = numbers(lowering, instr)
    if views is None:
        return False
    x = views[0]
    ones = np.ones(x.shape[-2:], x.dtype)
    cut = np.tril if instr.op == "tril" else np.triu
    mask = lowering.constant(cut(ones, instr.attrs["diagonal"]))
    zero = lowering.constant(np.array(0, x.dtype))
    lowering.each("choose", lowering.out(instr.output), [mask, x, zero])
    return True


def _put(lowering: Lowering, out: View, whole: View, part: View, show: Callable[[np.ndarray], Any]) -> bool:
    """A copy of `whole`, with `part` in the place that is shown."""
    found = shown(out, lambda array: np.asarray(show(array)))
    if found is None:
        return False
    lowering.each("copy", out, [whole])
    lowering.each("copy", found, [part])
    return True


@rule("slice_put", "diagonal_put", "diag_embed")
def placed(lowering: Lowering, instr: Instr) -> bool:
    """A part of an array, or of zeros, is another."""
    views = numbers(lowering, instr)
    if views is None:
        return False
    attrs = instr.attrs
    out = lowering.out(instr.output)
    if instr.op == "slice_put":
        whole, part = views
        return _put(lowering, out, whole, part, lambda array: array[key_of(attrs["items"])])
    whole = filled(lowering, out.shape, 0, out.dtype) if instr.op == "diag_embed" else views[0]
    return _put(
        lowering, out, whole, views[-1],
        lambda array: np.diagonal(array, attrs["offset"], attrs["dim1"], attrs["dim2"]),
    )  # fmt: skip


@rule("fill", "copy")
def overwritten(lowering: Lowering, instr: Instr) -> bool:
    """The second input, in the first one's shape and dtype."""
    dtype = np.dtype(lowering.program.slots[instr.output].dtype)
    source = lowering.operand(instr.inputs[1], dtype)
    if dtype not in PRECISIONS or source is None:
        return False
    lowering.each("copy", lowering.out(instr.output), [source])
    return True


@rule("unfold_grad")
def unfold_grad(lowering: Lowering, instr: Instr) -> bool:
    """One place of the windows after the other: those of one place do not overlap."""
    views = numbers(lowering, instr)
    if views is None:
        return False
    g, at, step = views[0], instr.attrs["dimension"], instr.attrs["step"]
    out = lowering.out(instr.output)
    lowering.each("copy", out, [filled(lowering, out.shape, 0, out.dtype)])
    for k in range(instr.attrs["size"]):
        stop = k + step * (g.shape[at] - 1) + 1
        key = tuple(slice(k, stop, step) if d == at else slice(None) for d in range(len(out.shape)))
        target = sliced(out, key)
        offset = g.offset + k * g.strides[-1]
        source = g._replace(offset=offset, shape=g.shape[:-1], strides=g.strides[:-1])
        lowering.each("add", target, [target, source])
    return True
