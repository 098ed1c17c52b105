"""What a tape does in machine code: take one op more, find what a gradient reaches, and send it there.

The rounding is numpy's: each number is computed by the same operations in the same order.
"""

from __future__ import annotations

from typing import Any

from .memory import DOUBLES, from_address, inline, ints_at, singles_at
from .tape_rows import (
    ADD,
    AGAIN,
    AT,
    CAPACITY,
    CONSTANT,
    COUNT,
    DIV,
    FREED,
    FULL,
    HEAD,
    HERE,
    KIND,
    LEFT,
    MUL,
    NUMBER,
    PLACE,
    RIGHT,
    SINGLE,
    SIZE,
    SUB,
    UNWANTED,
    VALUES,
    WANTS,
    WORDS,
)

_doubles_at = from_address(DOUBLES)


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
    else:
        for i in range(size):
            values[z + i] = values[x + i] / values[y + i]


def append(tape: int, kind: int, left: int, right: int, number: int, at: int) -> int:
    """Compute one op on the values of two rows; returns its row, FULL, or UNWANTED without gradients.

    All of them keep the interpreter's lock: giving it back takes longer than the work.
    """
    head = ints_at(tape)
    row: int = head[COUNT]
    if row >= head[CAPACITY]:
        return FULL
    rows = ints_at(tape + HEAD * 8)
    wants = 0
    if rows[left * WORDS + KIND] != CONSTANT:
        wants = 1
    if rows[right * WORDS + KIND] != CONSTANT:
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


def reach(rows: Any, marks: Any, top: int) -> int:
    """Mark what the marked rows were made of; AGAIN if a value that is needed has been freed."""
    for row in range(top, -1, -1):
        kind = rows[row, KIND]
        if marks[row] == 0 or kind > DIV:
            continue
        if rows[row, FREED] != 0 and kind >= MUL:
            return AGAIN
        marks[rows[row, LEFT]] = 1
        marks[rows[row, RIGHT]] = 1
    return 0


def pull(rows: Any, values: Any, grads: Any, filled: Any, marks: Any, top: int, free: int) -> None:
    """Send the gradients of rows on to their inputs, the youngest row first."""
    size = values.shape[1]
    for row in range(top, -1, -1):
        kind = rows[row, KIND]
        if marks[row] == 0 or kind > DIV:
            continue
        if filled[row] != 0:
            left, right = rows[row, LEFT], rows[row, RIGHT]
            if rows[row, WANTS] & 1:
                first = filled[left] == 0
                filled[left] = 1
                for i in range(size):
                    g = grads[row, i]
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
