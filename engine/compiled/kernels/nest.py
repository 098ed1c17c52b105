"""Elementwise work on arrays of any strides: loops around an elementwise kernel."""

from __future__ import annotations

from ..memory import Memory, Row, call, doubles, ints, ints_at, octets, singles, skip
from ..routine import kernel
from ..simd import splat, store


@kernel
def nest(memory: Memory, row: Row) -> None:
    """Call an elementwise kernel on each stretch of the innermost dimension.

    Row: kernel, operands, outer dimensions, inner size, block, scratch, the outer sizes; for each operand
    (the output first) its offset, inner stride and outer strides; room for the inner row and for the
    counters. What is not dense is brought into scratch, a block for each operand.
    """
    kernel_at, count, dims, size, block, scratch = row[0], row[1], row[2], row[3], row[4], row[5]
    sizes = 6
    operands = sizes + dims
    inner = operands + count * (dims + 2)
    counters = inner + 2 * count
    turns = 1
    for d in range(dims):
        turns *= row[sizes + d]
        row[counters + d] = 0
    for _ in range(turns):
        start = 0
        target, apart = 0, 1
        while start < size:
            n = min(block, size - start)
            row[inner] = n
            for k in range(count):
                own = operands + k * (dims + 2)
                at, stride = row[own], row[own + 1]
                for d in range(dims):
                    at += row[counters + d] * row[own + 2 + d]
                at += start * stride
                if k == 0:
                    target, apart = at, stride
                    row[inner + 1] = at if stride == 1 else scratch
                    continue
                step = 1
                if stride == 0 and size > 1:
                    room = scratch + k * block
                    store(memory, room, splat(memory, at))
                    at, step = room, 0
                elif stride != 1:
                    room = scratch + k * block
                    for i in range(n):
                        memory[room + i] = memory[at + i * stride]
                    at = room
                row[inner + 2 * k] = at
                row[inner + 2 * k + 1] = step
            call(kernel_at, memory, skip(row, inner))
            if apart != 1:
                for i in range(n):
                    memory[target + i * apart] = memory[scratch + i]
            start += n
        d = dims - 1
        while d >= 0:
            row[counters + d] += 1
            if row[counters + d] < row[sizes + d]:
                break
            row[counters + d] = 0
            d -= 1


@kernel
def batches(memory: Memory, row: Row) -> None:
    """Call a kernel for each index of some dimensions, with three of its operands moved on.

    Row: kernel, dimensions, where the three operands stand in its own row; the sizes; the strides of each of
    the three; room for the counters; the kernel's own row.
    """
    kernel_at, dims = row[0], row[1]
    counters = 5 + 4 * dims
    inner = skip(row, counters + dims)
    turns = 1
    for d in range(dims):
        turns *= row[5 + d]
        row[counters + d] = 0
    for _ in range(turns):
        call(kernel_at, memory, inner)
        d = dims - 1
        while d >= 0:
            row[counters + d] += 1
            back = row[5 + d] if row[counters + d] == row[5 + d] else 0
            for k in range(3):
                inner[row[2 + k]] += row[5 + (1 + k) * dims + d] * (1 - back)
            if back == 0:
                break
            row[counters + d] = 0
            d -= 1


@kernel
def add_ints(memory: Memory, row: Row) -> None:
    """out = a + b of whole numbers. Row as of the elementwise kernels; a step of 0 reads one number."""
    n, out, a, step_a, b, step_b = row[0], row[1], row[2], row[3], row[4], row[5]
    number = ints(memory)
    for i in range(n):
        number[out + i] = number[a + i * step_a] + number[b + i * step_b]


@kernel
def cast(memory: Memory, row: Row) -> None:
    """out[i] = a[i] in this precision. Row: n, out, a, what a is: 0 float32, 1 float64, 2 int64, 3 bool."""
    n, out, a, kind = row[0], row[1], row[2], row[3]
    if kind == 0:
        for i in range(n):
            memory[out + i] = singles(memory)[a + i]
    elif kind == 1:
        for i in range(n):
            memory[out + i] = doubles(memory)[a + i]
    elif kind == 2:
        for i in range(n):
            memory[out + i] = ints(memory)[a + i]
    else:
        for i in range(n):
            memory[out + i] = octets(memory)[a + i]


@kernel
def repeat(memory: Memory, row: Row) -> None:
    """Run the rows between two addresses some more times; each time some of their words grow.

    Row: times, the addresses, how many words grow; for each its position and by how much. The words get their
    old values back at the end.
    """
    times, start, stop, fixes = row[0], row[1], row[2], row[3]
    body = ints_at(start)
    for _ in range(times):
        for fix in range(fixes):
            body[row[4 + 2 * fix]] += row[5 + 2 * fix]
        here = start
        while here < stop:
            inner = ints_at(here)
            call(inner[0], memory, skip(inner, 2))
            here += inner[1] * 8
    for fix in range(fixes):
        body[row[4 + 2 * fix]] -= times * row[5 + 2 * fix]
