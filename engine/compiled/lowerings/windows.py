"""Windows over planes that are no convolutions: average pooling, patches as columns, and their ways back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...ops.avg_pool import divisors
from ...program import Instr
from ..lowering import Lowering, rule
from ..values import View
from .placing import filled, numbers, padded, sliced
from .term import Term


def _windows(plane: View, counts: Sequence[int], attrs: Any) -> View:
    """(N, C, F, F, H', W'): what lies under each tap at each place of (N, C, H, W)."""
    steps = attrs["stride"]
    apart = attrs.get("dilation", (1, 1))
    shape = (*plane.shape[:2], *attrs["kernel_size"], *counts)
    down, right = plane.strides[2:]
    strides = (
        *plane.strides[:2], apart[0] * down, apart[1] * right, steps[0] * down, steps[1] * right
    )  # fmt: skip
    return View(plane.buffer, plane.offset, shape, strides, plane.dtype)


def _border(size: Sequence[int], counts: Sequence[int], attrs: Any) -> tuple[int, int]:
    """The height and width that windows reach over, with the padding before."""
    apart = attrs.get("dilation", (1, 1))
    reach = [
        (counts[k] - 1) * attrs["stride"][k] + (attrs["kernel_size"][k] - 1) * apart[k] + 1 for k in (0, 1)
    ]
    height, width = (max(reach[k], size[k] + attrs["padding"][k]) for k in (0, 1))
    return height, width


def _spread(lowering: Lowering, x: View, counts: Sequence[int], attrs: Any) -> View:
    """The windows of x with a border of zeros."""
    height, width = _border(x.shape[2:], counts, attrs)
    if (height, width) != x.shape[2:]:
        made = lowering.new((*x.shape[:2], height, width), x.dtype)
        before = attrs["padding"]
        after = height - x.shape[2] - before[0], width - x.shape[3] - before[1]
        padded(lowering, x, [(0, 0), (0, 0), (before[0], after[0]), (before[1], after[1])], 0, made)
        x = made
    return _windows(x, counts, attrs)


def _gathered(lowering: Lowering, parts: View, out: View, attrs: Any) -> None:
    """The way back: parts (N, C, F, F, H', W') are added to the places that they were under."""
    counts = parts.shape[4:]
    height, width = _border(out.shape[2:], counts, attrs)
    before = attrs["padding"]
    plane = out
    if (height, width) != out.shape[2:]:
        plane = lowering.new((*out.shape[:2], height, width), out.dtype)
    lowering.each("copy", plane, [filled(lowering, plane.shape, 0, plane.dtype)])
    windows = _windows(plane, counts, attrs)
    for i in range(parts.shape[2]):
        for j in range(parts.shape[3]):
            target, source = _tap(windows, i, j), _tap(parts, i, j)
            lowering.each("add", target, [target, source])
    if plane is not out:
        inside = tuple(slice(a, a + n) for a, n in zip((0, 0, *before), out.shape, strict=True))
        lowering.each("copy", out, [sliced(plane, inside)])


def _tap(windows: View, i: int, j: int) -> View:
    offset = windows.offset + i * windows.strides[2] + j * windows.strides[3]
    shape, strides = windows.shape, windows.strides
    return windows._replace(
        offset=offset, shape=(*shape[:2], *shape[4:]), strides=(*strides[:2], *strides[4:])
    )


@rule("avg_pool2d")
def avg_pool2d(lowering: Lowering, instr: Instr) -> bool:
    """Sums under windows, then one division."""
    views = numbers(lowering, instr)
    if views is None or len(views[0].shape) != 4:
        return False
    out = lowering.program.slots[instr.output].shape
    windows = _spread(lowering, views[0], out[2:], instr.attrs)
    total = Term(lowering, _tap(windows, 0, 0))
    for i, j in np.ndindex(*windows.shape[2:4]):
        if (i, j) != (0, 0):
            total = total + Term(lowering, _tap(windows, i, j))
    by = lowering.constant(divisors(out, views[0].shape, dict(instr.attrs)).astype(total.view.dtype))
    lowering.each("div", lowering.out(instr.output), [total.view, by])
    return True


@rule("avg_pool2d_backward")
def avg_pool2d_backward(lowering: Lowering, instr: Instr) -> bool:
    """One division, then sums over the windows that a place lies in."""
    views = numbers(lowering, instr)
    if views is None or len(views[0].shape) != 4:
        return False
    g, out = views[0], lowering.out(instr.output)
    by = lowering.constant(divisors(g.shape, out.shape, dict(instr.attrs)).astype(g.dtype))
    share = (Term(lowering, g) / Term(lowering, by)).view
    taps = instr.attrs["kernel_size"]
    shape = (*share.shape[:2], *taps, *share.shape[2:])
    parts = share._replace(shape=shape, strides=(*share.strides[:2], 0, 0, *share.strides[2:]))
    _gathered(lowering, parts, out, instr.attrs)
    return True


def _counts(size: Sequence[int], attrs: Any) -> list[int]:
    """How many windows there are along the height and the width."""
    return [
        (size[k] + 2 * attrs["padding"][k] - attrs["dilation"][k] * (attrs["kernel_size"][k] - 1) - 1)
        // attrs["stride"][k]
        + 1
        for k in (0, 1)
    ]


@rule("im2col")
def im2col(lowering: Lowering, instr: Instr) -> bool:
    """One copy of all windows."""
    views = numbers(lowering, instr)
    if views is None:
        return False
    windows = _spread(lowering, views[0], _counts(views[0].shape[2:], instr.attrs), instr.attrs)
    out = lowering.out(instr.output)
    lowering.each("copy", out.reshaped(*windows.shape), [windows])
    return True


@rule("col2im")
def col2im(lowering: Lowering, instr: Instr) -> bool:
    """One addition for each place of the window."""
    views = numbers(lowering, instr)
    if views is None:
        return False
    out = lowering.out(instr.output)
    counts = _counts(out.shape[2:], instr.attrs)
    parts = lowering.dense(views[0]).reshaped(*out.shape[:2], *instr.attrs["kernel_size"], *counts)
    _gathered(lowering, parts, out, instr.attrs)
    return True
