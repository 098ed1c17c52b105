"""Updates of weights in one pass over memory."""

from __future__ import annotations

from typing import Any

from ..memory import Memory, Row, inline
from ..operators import root
from ..routine import kernel
from ..simd import between, lanes, load, load_masked, store, store_masked


@inline
def mean_of(memory: Memory, row: Row, m: Any, g: Any) -> Any:
    """m + (g − m) a."""
    return m + (g - m) * load(memory, row[18])


@inline
def square_of(memory: Memory, row: Row, v: Any, g: Any) -> Any:
    """v b + g g c."""
    return v * load(memory, row[20]) + (g * g) * load(memory, row[22])


@inline
def step_of(memory: Memory, row: Row, m: Any, v: Any) -> Any:
    """m size / (√v / scale + ε)."""
    return m * load(memory, row[14]) / (root(v) / load(memory, row[16]) + load(memory, row[24]))


@kernel
def adam(memory: Memory, row: Row) -> None:
    """w − m size / (√v / scale + ε), with m + (g − m) a and v b + g g c for m and v, each step rounded as if
    computed for itself.

    Row: n, the new w; w, g, m, v, the new m, the new v, each with step 1; then size, scale, a, b, c, ε, each
    a whole vector of one number, with step 0. New arrays may lie where the old ones do.
    """
    n, out, w, g, m, v, new_m, new_v = row[0], row[1], row[2], row[4], row[6], row[8], row[10], row[12]
    width = lanes(memory)
    i = 0
    while i + width <= n:
        slope = load(memory, g + i)
        mean = mean_of(memory, row, load(memory, m + i), slope)
        square = square_of(memory, row, load(memory, v + i), slope)
        store(memory, out + i, load(memory, w + i) - step_of(memory, row, mean, square))
        store(memory, new_m + i, mean)
        store(memory, new_v + i, square)
        i += width
    if i < n:
        rest = between(memory, 0, n - i)
        slope = load_masked(memory, g + i, rest)
        mean = mean_of(memory, row, load_masked(memory, m + i, rest), slope)
        square = square_of(memory, row, load_masked(memory, v + i, rest), slope)
        step = step_of(memory, row, mean, square)
        store_masked(memory, out + i, load_masked(memory, w + i, rest) - step, rest)
        store_masked(memory, new_m + i, mean, rest)
        store_masked(memory, new_v + i, square, rest)


@kernel
def momentum(memory: Memory, row: Row) -> None:
    """w − rate (μ b + g), each step rounded as if computed for itself.

    Row: n, the new w; w, g, b, the new b, each with step 1; then μ and the rate, each a whole vector of one
    number, with step 0. New arrays may lie where the old ones do.
    """
    n, out, w, g, b, new_b = row[0], row[1], row[2], row[4], row[6], row[8]
    factor, rate = load(memory, row[10]), load(memory, row[12])
    width = lanes(memory)
    i = 0
    while i + width <= n:
        buffer = load(memory, b + i) * factor + load(memory, g + i)
        store(memory, out + i, load(memory, w + i) - rate * buffer)
        store(memory, new_b + i, buffer)
        i += width
    if i < n:
        rest = between(memory, 0, n - i)
        buffer = load_masked(memory, b + i, rest) * factor + load_masked(memory, g + i, rest)
        store_masked(memory, out + i, load_masked(memory, w + i, rest) - rate * buffer, rest)
        store_masked(memory, new_b + i, buffer, rest)
