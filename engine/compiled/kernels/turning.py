"""Matrices, transposed: by squares of as many lines as a vector has lanes, where they are large enough."""

from __future__ import annotations

from ..memory import Memory, Row, inline
from ..routine import kernel
from ..simd import lanes, settle, transpose


@inline
def turn(memory: Memory, source: int, apart: int, target: int, aside: int, rows: int, cols: int) -> None:
    """target[j, i] = source[i, j]; their lines begin `apart` and `aside` from one another."""
    width = lanes(memory)
    if rows < width or cols < width:
        for j in range(cols):
            for i in range(rows):
                memory[target + j * aside + i] = memory[source + i * apart + j]
                settle(memory)
        return
    for y in range(0, rows, width):
        i = min(y, rows - width)
        for x in range(0, cols, width):
            j = min(x, cols - width)
            transpose(memory, source + i * apart + j, apart, target + j * aside + i, aside)


@kernel
def turned(memory: Memory, row: Row) -> None:
    """A matrix, transposed. Row: rows, columns; source, its row stride; target, its row stride."""
    turn(memory, row[2], row[3], row[4], row[5], row[0], row[1])
