"""What follows the halves of a batch, for two threads: the sums of both are added, the weights updated.

Nearly all of that is elementwise on large arrays, so each thread takes one half of the elements of every row.
An element depends only on the same element of other arrays, or on single numbers, which come first. Products
whose rows are halved the same way go along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .values import Buffer, Fallback, Operand, Place, Row, Share

SMALL = 1024
"""Elements below which a row is left to the first thread."""
LINE = 64
"""Bytes of a cache line, of which no two threads should write parts."""

ELEMENTWISE = (
    "add",
    "sub",
    "mul",
    "div",
    "neg",
    "sqrt",
    "copy",
    "sub_scaled",
    "add_scaled",
    "adam",
    "momentum",
)
_OUT = {**dict.fromkeys((*ELEMENTWISE[:-2], "cast", "number"), 1), "spread": 0}
"""The operand that is written, of the kernels that are understood here and write one."""
_OUTS = {"adam": (0, 5, 6), "momentum": (0, 4)}
"""Which of the arrays of a row are written, if not the first alone."""

OF_ROWS = ("rows8x2", "rows3x7", "rows8x1", "rows6x2", "rows4x3", "rows4_wide")
"""Kernels of products of many rows; see `kernels.matmul`."""
_SHARED = frozenset((*ELEMENTWISE, *OF_ROWS))

Steps = Sequence[Row | Fallback]
Sides = tuple[int, int, int]
"""The steps where two halves begin that run at the same time, and where the second one ends."""


def hoisted(steps: Steps, begin: int, start: int) -> tuple[list[Row | Fallback], int]:
    """Steps with the small rows after `start` that need nothing computed after `begin` moved before it;
    and how many they are."""
    written: set[Buffer] = set()
    for step in steps[begin:start]:
        written.update(_written(step))
    early: list[Row | Fallback] = []
    late: list[Row | Fallback] = []
    for step in steps[start:]:
        free = isinstance(step, Row) and step.kernel in _OUT and _size(step) < SMALL
        if free and not any(buffer in written for buffer in step.buffers()):
            early.append(step)
        else:
            late.append(step)
            written.update(_written(step))
    return [*steps[:begin], *early, *steps[begin:start], *late], len(early)


def shared_until(steps: Steps, start: int) -> int:
    """Up to which step two threads can go on from `start` without waiting for one another."""
    modes: dict[Buffer, tuple[int, ...]] = {}  # by memory: which elements each thread works on
    mixed: set[Buffer] = set()  # not always the same
    written: set[Buffer] = set()
    for number, step in enumerate(steps[start:], start):
        if not isinstance(step, Row) or step.kernel not in _SHARED:
            return number
        size = _size(step)
        alone = size < SMALL
        roots = []  # the result's first
        for place, stride in _places(step):
            mode: tuple[int, ...] = ()  # the first thread only
            if not alone:
                mode = (place.offset, size, place.itemsize) if stride else (-1,)  # a half; both
            root = place.buffer.root
            roots.append(root)
            if modes.setdefault(root, mode) != mode:
                mixed.add(root)
        written.update(roots[k] for k in _OUTS.get(step.kernel, (0,)))
        if mixed and any(root in written and root in mixed for root in roots):
            return number
    return len(steps)


def halved(steps: Steps, sides: Sides, shared: int) -> tuple[list[Row | Fallback], list[Share]]:
    """The steps with what both threads share written out for each; and the shares, first the two sides."""
    end = sides[2]
    one, two = _halves(steps[end:shared])
    shares = [Share(*sides)]
    if one and two:
        shares.append(Share(end, end + len(one), end + len(one) + len(two)))
    return [*steps[:end], *one, *two, *steps[shared:]], shares


def _halves(steps: Sequence[Row | Fallback]) -> tuple[list[Row], list[Row]]:
    """The rows of the two threads."""
    one: list[Row] = []
    two: list[Row] = []
    for step in steps:
        assert isinstance(step, Row)
        size = _size(step)
        if size < SMALL:
            one.append(step)
            continue
        places = _places(step)
        middle = _middle(size, places[0][0].itemsize)
        if step.kernel in OF_ROWS:
            m, n, k, a, a_row, *rest, out, out_row = step.operands
            half = middle // _number(n)
            one.append(replace(step, operands=(half, n, k, a, a_row, *rest, out, out_row)))
            moved = _place(a).moved(half * _number(a_row)), a_row, *rest, _place(out).moved(middle), out_row
            two.append(replace(step, operands=(_number(m) - half, n, k, *moved)))
            continue
        first: list[Operand] = [middle, places[0][0]]
        second: list[Operand] = [size - middle, places[0][0].moved(middle)]
        for place, stride in places[1:]:
            first += [place, stride]
            second += [place.moved(middle * stride), stride]
        one.append(Row(step.kernel, step.precision, tuple(first), step.instr))
        two.append(Row(step.kernel, step.precision, tuple(second), step.instr))
    return one, two


def _middle(size: int, itemsize: int) -> int:
    line = LINE // itemsize
    return size // 2 // line * line


def _size(row: Row) -> int:
    """How many elements two threads can divide; 1 if they cannot."""
    size = row.operands[0]
    if row.kernel in OF_ROWS:
        m, n, out_row = (_number(row.operands[k]) for k in (0, 1, 10))
        itemsize = _place(row.operands[9]).itemsize
        return m * n if out_row == n and _middle(m * n, itemsize) == m // 2 * n else 1
    return size if isinstance(size, int) and row.kernel not in ("number", "spread") else 1


def _places(row: Row) -> list[tuple[Place, int]]:
    """Where the operands of a row lie, the result first, and their steps; 0 for what both threads read."""
    if row.kernel in OF_ROWS:
        return [(_place(row.operands[k]), int(k == 9)) for k in (9, 3, 6)]
    out, *rest = row.operands[1:]
    pairs = zip(rest[::2], rest[1::2], strict=True)
    return [(_place(out), 1), *((_place(place), _number(stride)) for place, stride in pairs)]


def _number(operand: Operand) -> int:
    assert isinstance(operand, int)
    return operand


def _place(operand: Operand) -> Place:
    assert isinstance(operand, Place)
    return operand


def _written(step: Row | Fallback) -> Sequence[Buffer]:
    """The buffers that a step may write."""
    if isinstance(step, Row) and step.kernel in _OUT:
        return (_place(step.operands[_OUT[step.kernel]]).buffer,)
    return step.buffers()
