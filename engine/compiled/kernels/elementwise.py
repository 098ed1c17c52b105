"""Elementwise kernels. Row: n, out, then for each input its offset and its step.

A step is 1, or 0 for one number, which then fills a whole vector in memory: loops need no case for it. The
output is dense. Inputs may overlap it only if they are the same memory, element for element.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..memory import Memory, Row, inline
from ..operators import larger, magnitude, minus, negative, over, plus, root, smaller, times
from ..routine import kernel
from ..simd import between, lanes, load, load_masked, select, splat, store, store_masked, zeros


@inline
def each1(memory: Memory, row: Row, f: Callable[..., Any]) -> None:
    """out[i] = f(a[i])."""
    n, out, a, step = row[0], row[1], row[2], row[3]
    width = lanes(memory)
    i = 0
    while i + width <= n:
        store(memory, out + i, f(load(memory, a + i * step)))
        i += width
    if i < n:
        rest = between(memory, 0, n - i)
        store_masked(memory, out + i, f(load_masked(memory, a + i * step, rest)), rest)


@inline
def each2(memory: Memory, row: Row, f: Callable[..., Any]) -> None:
    """out[i] = f(a[i], b[i])."""
    n, out, a, step_a, b, step_b = row[0], row[1], row[2], row[3], row[4], row[5]
    width = lanes(memory)
    i = 0
    while i + width <= n:
        store(memory, out + i, f(load(memory, a + i * step_a), load(memory, b + i * step_b)))
        i += width
    if i < n:
        rest = between(memory, 0, n - i)
        x, y = load_masked(memory, a + i * step_a, rest), load_masked(memory, b + i * step_b, rest)
        store_masked(memory, out + i, f(x, y), rest)


@inline
def each_number(memory: Memory, row: Row, f: Callable[..., Any]) -> None:
    """out[i] = f(a[i]) for functions that have no vector form."""
    n, out, a, step = row[0], row[1], row[2], row[3]
    for i in range(n):
        memory[out + i] = f(memory[a + i * step])


@kernel
def copy(memory: Memory, row: Row) -> None:
    """out = a."""
    n, out, a, step = row[0], row[1], row[2], row[3]
    width = lanes(memory)
    i = 0
    while i + width <= n:
        store(memory, out + i, load(memory, a + i * step))
        i += width
    if i < n:
        rest = between(memory, 0, n - i)
        store_masked(memory, out + i, load_masked(memory, a + i * step, rest), rest)


@kernel
def add(memory: Memory, row: Row) -> None:
    """out = a + b."""
    each2(memory, row, plus)


@kernel
def sub(memory: Memory, row: Row) -> None:
    """out = a − b."""
    each2(memory, row, minus)


@kernel
def mul(memory: Memory, row: Row) -> None:
    """out = a b."""
    each2(memory, row, times)


@kernel
def div(memory: Memory, row: Row) -> None:
    """out = a / b."""
    each2(memory, row, over)


@kernel
def maximum(memory: Memory, row: Row) -> None:
    """out = max(a, b), NaN if either is."""
    each2(memory, row, larger)


@kernel
def minimum(memory: Memory, row: Row) -> None:
    """out = min(a, b), NaN if either is."""
    each2(memory, row, smaller)


@kernel
def neg(memory: Memory, row: Row) -> None:
    """out = −a."""
    each1(memory, row, negative)


@kernel
def sqrt(memory: Memory, row: Row) -> None:
    """out = √a."""
    each1(memory, row, root)


@kernel
def fabs(memory: Memory, row: Row) -> None:
    """out = |a|."""
    each1(memory, row, magnitude)


@kernel
def sin(memory: Memory, row: Row) -> None:
    """out = sin a."""
    each_number(memory, row, math.sin)


@kernel
def cos(memory: Memory, row: Row) -> None:
    """out = cos a."""
    each_number(memory, row, math.cos)


@kernel
def relu(memory: Memory, row: Row) -> None:
    """out = max(a, 0); NaN stays."""
    n, out, a, step = row[0], row[1], row[2], row[3]
    width, zero = lanes(memory), zeros(memory)
    i = 0
    while i + width <= n:
        x = load(memory, a + i * step)
        store(memory, out + i, select(x <= zero, zero, x))
        i += width
    if i < n:
        rest = between(memory, 0, n - i)
        x = load_masked(memory, a + i * step, rest)
        store_masked(memory, out + i, select(x <= zero, zero, x), rest)


@kernel
def relu_backward(memory: Memory, row: Row) -> None:
    """out = a where b > 0 (or is NaN), else 0."""
    n, out, a, step_a, b, step_b = row[0], row[1], row[2], row[3], row[4], row[5]
    width, zero = lanes(memory), zeros(memory)
    i = 0
    while i + width <= n:
        off = load(memory, b + i * step_b) <= zero
        store(memory, out + i, select(off, zero, load(memory, a + i * step_a)))
        i += width
    if i < n:
        rest = between(memory, 0, n - i)
        off = load_masked(memory, b + i * step_b, rest) <= zero
        x = load_masked(memory, a + i * step_a, rest)
        store_masked(memory, out + i, select(off, zero, x), rest)


@inline
def each_scaled(memory: Memory, row: Row, f: Callable[..., Any]) -> None:
    """out[i] = f(a[i], b[i] c[i]) with the product rounded, as if computed in two steps."""
    n, out, a, step_a, b, step_b, c, step_c = row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]
    width = lanes(memory)
    i = 0
    while i + width <= n:
        product = load(memory, b + i * step_b) * load(memory, c + i * step_c)
        store(memory, out + i, f(load(memory, a + i * step_a), product))
        i += width
    if i < n:
        rest = between(memory, 0, n - i)
        product = load_masked(memory, b + i * step_b, rest) * load_masked(memory, c + i * step_c, rest)
        store_masked(memory, out + i, f(load_masked(memory, a + i * step_a, rest), product), rest)


@kernel
def sub_scaled(memory: Memory, row: Row) -> None:
    """out = a − b c: gradient descent."""
    each_scaled(memory, row, minus)


@kernel
def add_scaled(memory: Memory, row: Row) -> None:
    """out = a + b c: a scale and a bias."""
    each_scaled(memory, row, plus)


@kernel
def spread(memory: Memory, row: Row) -> None:
    """A whole vector at out of the number at a: what a step of 0 reads."""
    store(memory, row[0], splat(memory, row[1]))
