"""Sums over dimensions.

Row: in, out, divisor, whether to add, how many dimensions stay, how many go; the sizes of those that stay and
their strides, the sizes of those that go and their strides; room for the counters of both.
"""

from __future__ import annotations

from typing import Any

from ..memory import Memory, Row, convert, inline
from ..routine import kernel
from ..simd import between, fill, lanes, load, load_masked, store, store_masked, total, zeros


@inline
def advance(row: Row, counters: int, sizes: int, dims: int, strides: int) -> Any:
    """Count one up, the last dimension first; returns how far that moves in memory."""
    moved = 0
    d = dims - 1
    while d >= 0:
        row[counters + d] += 1
        moved += row[strides + d]
        if row[counters + d] < row[sizes + d]:
            return moved
        moved -= row[counters + d] * row[strides + d]
        row[counters + d] = 0
        d -= 1
    return moved


@kernel
def sum_rows(memory: Memory, row: Row) -> None:
    """Each result for itself: its elements lie side by side, or anywhere."""
    at, out, divisor, add, kept, gone = row[0], row[1], row[2], row[3], row[4], row[5]
    sizes, steps = 6, 6 + kept
    counts, strides = 6 + 2 * kept, 6 + 2 * kept + gone
    places, inner = counts + 2 * gone, counts + 2 * gone + kept
    results, turns = 1, 1
    for d in range(kept):
        results *= row[sizes + d]
        row[places + d] = 0
    for d in range(gone - 1):
        turns *= row[counts + d]
    n, stride = row[counts + gone - 1], row[strides + gone - 1]
    width = lanes(memory)
    for result in range(results):
        for d in range(gone):
            row[inner + d] = 0
        here = at
        one, two, three, four = zeros(memory), zeros(memory), zeros(memory), zeros(memory)
        single = convert(memory, 0)
        for _ in range(turns):
            if stride == 1:
                i = 0
                while i + 4 * width <= n:
                    one = one + load(memory, here + i)
                    two = two + load(memory, here + i + width)
                    three = three + load(memory, here + i + 2 * width)
                    four = four + load(memory, here + i + 3 * width)
                    i += 4 * width
                while i < n:
                    one = one + load_masked(memory, here + i, between(memory, 0, n - i))
                    i += width
            else:
                for i in range(n):
                    single += memory[here + i * stride]
            here += advance(row, inner, counts, gone - 1, strides)
        value = (total((one + two) + (three + four)) + single) / divisor
        if add != 0:
            value += memory[out + result]
        memory[out + result] = value
        at += advance(row, places, sizes, kept, steps)


@kernel
def sum_columns(memory: Memory, row: Row) -> None:
    """A vector of results at a time: what stays lies side by side."""
    at, out, divisor, add, kept, gone = row[0], row[1], row[2], row[3], row[4], row[5]
    sizes, steps = 6, 6 + kept
    counts, strides = 6 + 2 * kept, 6 + 2 * kept + gone
    places, inner = counts + 2 * gone, counts + 2 * gone + kept
    outer, turns = 1, 1
    for d in range(kept - 1):
        outer *= row[sizes + d]
        row[places + d] = 0
    for d in range(gone):
        turns *= row[counts + d]
    n = row[sizes + kept - 1]
    width = lanes(memory)
    by = fill(memory, divisor)
    for _ in range(outer):
        j = 0
        while j < n:
            rest = between(memory, 0, n - j)
            for d in range(gone):
                row[inner + d] = 0
            here = at + j
            if j + width <= n:
                found = zeros(memory)
                for _ in range(turns):
                    found = found + load(memory, here)
                    here += advance(row, inner, counts, gone, strides)
                found = found / by
                if add != 0:
                    found = found + load(memory, out + j)
                store(memory, out + j, found)
            else:
                found = zeros(memory)
                for _ in range(turns):
                    found = found + load_masked(memory, here, rest)
                    here += advance(row, inner, counts, gone, strides)
                found = found / by
                if add != 0:
                    found = found + load_masked(memory, out + j, rest)
                store_masked(memory, out + j, found, rest)
            j += width
        out += n
        at += advance(row, places, sizes, kept - 1, steps)
