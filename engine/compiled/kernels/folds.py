"""Reductions other than sums, one kernel for all; and elements that whole numbers name."""

from __future__ import annotations

from ..memory import Memory, Row, convert, ints
from ..routine import kernel
from .reduce import advance


@kernel
def fold(memory: Memory, row: Row) -> None:
    """Row as of `sum_rows`, with a code in place of the divisor: 0 the largest, 1 the smallest, 2 the
    product, 3 and 4 where the largest and the smallest are, as int64. NaN wins; of equals the first."""
    at, out, code, kept, gone = row[0], row[1], row[2], row[4], row[5]
    sizes, steps = 6, 6 + kept
    counts, strides = 6 + 2 * kept, 6 + 2 * kept + gone
    places, inner = counts + 2 * gone, counts + 2 * gone + kept
    results, turns = 1, 1
    for d in range(kept):
        results *= row[sizes + d]
        row[places + d] = 0
    for d in range(gone):
        turns *= row[counts + d]
    sign = convert(memory, -1 if code == 1 or code == 4 else 1)
    for result in range(results):
        for d in range(gone):
            row[inner + d] = 0
        here = at
        best, found = memory[here], 0
        for turn in range(turns):
            value = memory[here]
            if code == 2:
                best = best * value if turn > 0 else value
            elif sign * value > sign * best or (value != value and best == best):
                best, found = value, turn
            here += advance(row, inner, counts, gone, strides)
        if code < 3:
            memory[out + result] = best
        else:
            ints(memory)[out + result] = found
        at += advance(row, places, sizes, kept, steps)


@kernel
def running(memory: Memory, row: Row) -> None:
    """Running sums (0), or products (1), in double precision. Row: code, lines before, length, the distance
    between two elements of a line, in, out."""
    code, before, count, step, x, out = row[0], row[1], row[2], row[3], row[4], row[5]
    for outer in range(before):
        for inner in range(step):
            at = outer * count * step + inner
            total = float(code)
            for c in range(count):
                place = at + c * step
                total = total + memory[x + place] if code == 0 else total * memory[x + place]
                memory[out + place] = total


@kernel
def named(memory: Memory, row: Row) -> None:
    """Take elements that indices name (0), add to them (1), or replace them (2), in the order of the indices.

    Row: code, dimensions of the indices' common shape and what is not indexed, how many indices, the array
    that is indexed, the dense values that are taken or given, trouble; the sizes; the array's strides; for
    each index its place, the stride that it counts, the size that it may not reach, the least that it may
    be (negative ones count from the end), and its strides; room for the counters. Trouble becomes 2 where an
    index is out of bounds.
    """
    code, dims, count, array, values, trouble = row[0], row[1], row[2], row[3], row[4], row[5]
    sizes, steps, indices = 6, 6 + dims, 6 + 2 * dims
    counters = indices + count * (4 + dims)
    turns = 1
    for d in range(dims):
        turns *= row[sizes + d]
        row[counters + d] = 0
    n, step = row[sizes + dims - 1], row[steps + dims - 1]
    still = True  # whether all elements of a line have the same indices
    for k in range(count):
        still = still and (row[indices + k * (4 + dims) + 3 + dims] == 0 or n == 1)
    run = n if still else 1
    value = values
    for _ in range(turns // run):
        at, known = array, True
        for d in range(dims):
            at += row[counters + d] * row[steps + d]
        for k in range(count):
            own = indices + k * (4 + dims)
            place = row[own]
            for d in range(dims):
                place += row[counters + d] * row[own + 4 + d]
            index = ints(memory)[place]
            if index < row[own + 3] or index >= row[own + 2]:
                ints(memory)[trouble] = 2
                known = False
            elif index < 0:
                index += row[own + 2]
            at += index * row[own + 1]
        for i in range(run if known else 0):
            if code == 0:
                memory[value + i] = memory[at + i * step]
            elif code == 1:
                memory[at + i * step] += memory[value + i]
            else:
                memory[at + i * step] = memory[value + i]
        value += run
        d = dims - 1 if run == 1 else dims - 2
        while d >= 0:
            row[counters + d] += 1
            if row[counters + d] < row[sizes + d]:
                break
            row[counters + d] = 0
            d -= 1
