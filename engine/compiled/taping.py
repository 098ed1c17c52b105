"""What a tape does in machine code: take one op more, find what a gradient reaches, and send it there.

The rounding is numpy's: each number is computed by the same operations in the same order.
"""

from __future__ import annotations

from typing import Any

from .memory import BYTES, DOUBLES, from_address, inline, ints_at, singles_at
from .tape_rows import (
    ADD,
    AGAIN,
    AT,
    CAPACITY,
    CONSTANT,
    COUNT,
    DIV,
    ELSEWHERE,
    FREED,
    FULL,
    HEAD,
    HERE,
    KIND,
    LEFT,
    LINK,
    MEAN,
    MUL,
    NUMBER,
    OUTSIDE,
    PLACE,
    RIGHT,
    SINGLE,
    SIZE,
    SUB,
    SUM,
    UNWANTED,
    VALUES,
    WANTS,
    WORDS,
)

_doubles_at = from_address(DOUBLES)
_octets_at = from_address(BYTES)


@inline
def _total(values: Any, x: int, z: int, size: int) -> None:
    """values[z] = Σ values[x + i], in numpy's order: eight sums that are added up in pairs."""
    if size < 8:
        total = values[x]
        for i in range(1, size):
            total = total + values[x + i]
    else:
        a, b, c, d = values[x], values[x + 1], values[x + 2], values[x + 3]
        e, f, g, h = values[x + 4], values[x + 5], values[x + 6], values[x + 7]
        i = 8
        while i + 8 <= size:
            a, b, c, d = (
                a + values[x + i],
                b + values[x + i + 1],
                c + values[x + i + 2],
                d + values[x + i + 3],
            )
            e, f, g, h = (
                e + values[x + i + 4],
                f + values[x + i + 5],
                g + values[x + i + 6],
                h + values[x + i + 7],
            )
            i += 8
        total = ((a + b) + (c + d)) + ((e + f) + (g + h))
        while i < size:
            total = total + values[x + i]
            i += 1
    values[z] = total + 0  # numpy begins with 0, which no zero can make negative


@inline
def _compute(values: Any, kind: int, x: int, y: int, z: int, size: int) -> None:
    if kind == ADD:
        for i in range(size):
            values[z + i] = values[x + i] + values[y + i]
    elif kind == SUB:
        for i in range(size):
            values[z + i] = values[x + i] - values[y + i]
    elif kind == MUL:
        for i in range(size):
            values[z + i] = values[x + i] * values[y + i]
    elif kind == DIV:
        for i in range(size):
            values[z + i] = values[x + i] / values[y + i]
    else:
        _total(values, x, z, size)
        if kind == MEAN:
            values[z] = values[z] / size


def append(tape: int, kind: int, left: int, right: int, number: int, at: int) -> int:
    """Compute one op on the values of two rows; returns its row, FULL, or UNWANTED without gradients.

    For a sum or a mean both rows are the same. FULL also where a row has another shape.

    All of them keep the interpreter's lock: giving it back takes longer than the work.
    """
    head = ints_at(tape)
    row: int = head[COUNT]
    if row >= head[CAPACITY]:
        return FULL
    rows = ints_at(tape + HEAD * 8)
    kind_of_left, kind_of_right = rows[left * WORDS + KIND], rows[right * WORDS + KIND]
    if SUM <= kind_of_left <= MEAN or SUM <= kind_of_right <= MEAN:
        return FULL
    wants = 0
    if kind_of_left != CONSTANT:
        wants = 1
    if kind_of_right != CONSTANT and kind < SUM:
        wants |= 2
    if wants == 0:
        return UNWANTED
    new = row * WORDS
    rows[new + KIND] = kind
    rows[new + LEFT] = left
    rows[new + RIGHT] = right
    rows[new + NUMBER] = number
    rows[new + PLACE] = head[HERE]
    rows[new + AT] = at
    rows[new + WANTS] = wants
    rows[new + FREED] = 0
    size = head[SIZE]
    if head[SINGLE] != 0:
        _compute(singles_at(tape + head[VALUES]), kind, left * size, right * size, row * size, size)
    else:
        _compute(_doubles_at(tape + head[VALUES]), kind, left * size, right * size, row * size, size)
    head[COUNT] = row + 1
    return row


@inline
def _mark(rows: Any, marks: Any, top: int, waiting: int) -> int:
    """Mark what the marked rows were made of, `waiting` of them ops; returns the oldest op, or AGAIN."""
    row = top + 1
    while waiting > 0:
        row -= 1
        kind = rows[row, KIND]
        if marks[row] == 0 or kind > MEAN:
            continue
        waiting -= 1
        if rows[row, FREED] != 0 and MUL <= kind <= DIV:
            return AGAIN
        left, right = rows[row, LEFT], rows[row, RIGHT]
        if marks[left] == 0:
            marks[left] = 1
            if rows[left, KIND] <= MEAN:
                waiting += 1
        if marks[right] == 0:
            marks[right] = 1
            if rows[right, KIND] <= MEAN:
                waiting += 1
    return row


def reach(rows: Any, marks: Any, top: int) -> int:
    """Mark what the marked rows were made of; AGAIN if a value that is needed has been freed."""
    waiting = 0
    for row in range(top + 1):
        if marks[row] != 0 and rows[row, KIND] <= MEAN:
            waiting += 1
    return AGAIN if _mark(rows, marks, top, waiting) == AGAIN else 0


@inline
def _send(
    rows: Any, values: Any, grads: Any, filled: Any, marks: Any, top: int, oldest: int, free: int
) -> None:
    size = values.shape[1]
    for row in range(top, oldest - 1, -1):
        kind = rows[row, KIND]
        if marks[row] == 0 or kind > MEAN:
            continue
        if filled[row] != 0:
            left, right = rows[row, LEFT], rows[row, RIGHT]
            if kind == MEAN:
                grads[row, 0] = grads[row, 0] / size  # written, so that it has the array's precision
            if rows[row, WANTS] & 1:
                first = filled[left] == 0
                filled[left] = 1
                for i in range(size):
                    g = grads[row, 0 if kind >= SUM else i]
                    if kind == MUL:
                        g = g * values[right, i]
                    elif kind == DIV:
                        g = g / values[right, i]
                    grads[left, i] = g if first else grads[left, i] + g
            if rows[row, WANTS] & 2:
                first = filled[right] == 0
                filled[right] = 1
                for i in range(size):
                    g = grads[row, i]
                    if kind == SUB:
                        g = -g
                    elif kind == MUL:
                        g = g * values[left, i]
                    elif kind == DIV:
                        g = -g * (values[row, i] / values[right, i])
                    grads[right, i] = g if first else grads[right, i] + g
            if free != 0:
                rows[row, FREED] = 1


def pull(rows: Any, values: Any, grads: Any, filled: Any, marks: Any, top: int, free: int) -> None:
    """Send the gradients of rows on to their inputs, the youngest row first."""
    _send(rows, values, grads, filled, marks, top, 0, free)


def pull_back(
    tape: int, rows: Any, values: Any, grads: Any, filled: Any, marks: Any, last: int, free: int
) -> int:
    """A whole backward pass from a sum or mean, whose gradient is 1; it is done if 0 comes back.

    AGAIN if a value that is needed has been freed; ELSEWHERE if some of it lies on another tape, or a value
    from outside has been written to or is marked.
    """
    if rows[last, KIND] < SUM or rows[last, KIND] > MEAN:
        return ELSEWHERE
    for row in range(last + 1):
        filled[row] = 0
        marks[row] = 0
    marks[last] = 1
    oldest = _mark(rows, marks, last, 1)
    if oldest == AGAIN:
        return AGAIN
    length = values.shape[1] * values.itemsize
    head = ints_at(tape)
    kept = _octets_at(tape + head[VALUES])
    row = head[OUTSIDE]
    while row >= 0:
        if marks[row] != 0 and (rows[row, KIND] == LINK or rows[row, WANTS] != 0):
            return ELSEWHERE
        if marks[row] != 0 and rows[row, LEFT] != 0:
            there = _octets_at(rows[row, LEFT])
            for i in range(length):
                if there[i] != kept[row * length + i]:
                    return ELSEWHERE
        row = rows[row, RIGHT]
    filled[last] = 1
    grads[last, 0] = 1
    _send(rows, values, grads, filled, marks, last, oldest, free)
    return 0
