"""Exponentials of whole vectors: at most 2 units in the last place from exact values, 2.5 for sigmoid; NaN
and infinity kept.

Source: S. Moshier, "Cephes Mathematical Library", 1992: the polynomials of exp and tanh.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..memory import Memory, Row, inline
from ..operators import larger, magnitude, nearest, negative, smaller, times_power
from ..routine import kernel
from ..simd import (
    BYTES,
    between,
    fill,
    fma,
    lanes,
    load_masked,
    select,
    store_masked,
    total,
    zeros,
)

SINGLE = BYTES // 4
"""How many numbers in single precision a vector has."""


@inline
def exp_of(memory: Memory, x: Any) -> Any:
    """eˣ = 2ⁿ eʳ with n = round(x / ln 2), so that |r| ≤ ln 2 / 2."""
    if lanes(memory) == SINGLE:
        low, high = fill(memory, -104.0), fill(memory, 89.0)
        near, rest = fill(memory, -0.693359375), fill(memory, 2.12194440e-4)
    else:
        low, high = fill(memory, -746.0), fill(memory, 710.0)
        near, rest = fill(memory, -0.693145751953125), fill(memory, -1.42860682030941723212e-6)
    x = larger(low, smaller(high, x))
    n = nearest(x * fill(memory, 1.4426950408889634))
    r = fma(n, rest, fma(n, near, x))
    if lanes(memory) == SINGLE:
        y = fill(memory, 1.9875691500e-4)
        y = fma(y, r, fill(memory, 1.3981999507e-3))
        y = fma(y, r, fill(memory, 8.3334519073e-3))
        y = fma(y, r, fill(memory, 4.1665795894e-2))
        y = fma(y, r, fill(memory, 1.6666665459e-1))
        y = fma(y, r, fill(memory, 5.0000001201e-1))
        y = fma(y, r * r, r) + fill(memory, 1.0)
    else:
        z = r * r
        p = fma(fill(memory, 1.26177193074810590878e-4), z, fill(memory, 3.02994407707441961300e-2))
        p = fma(p, z, fill(memory, 1.0)) * r
        q = fma(fill(memory, 3.00198505138664455042e-6), z, fill(memory, 2.52448340349684104192e-3))
        q = fma(fma(q, z, fill(memory, 2.27265548208155028766e-1)), z, fill(memory, 2.0))
        y = fma(p / (q - p), fill(memory, 2.0), fill(memory, 1.0))
    return times_power(y, n)


@inline
def sigmoid_of(memory: Memory, x: Any) -> Any:
    """1 / (1 + e⁻ˣ)."""
    one = fill(memory, 1.0)
    return one / (one + exp_of(memory, negative(x)))


@inline
def tanh_of(memory: Memory, x: Any) -> Any:
    """A polynomial near 0, where the other formula would cancel: 1 − 2 / (1 + e²ˣ)."""
    z = x * x
    if lanes(memory) == SINGLE:
        y = fma(fill(memory, -5.70498872745e-3), z, fill(memory, 2.06390887954e-2))
        y = fma(y, z, fill(memory, -5.37397155531e-2))
        y = fma(y, z, fill(memory, 1.33314422036e-1))
        y = fma(y, z, fill(memory, -3.33332819422e-1))
    else:
        p = fma(fill(memory, -9.64399179425052238628e-1), z, fill(memory, -9.92877231001918586564e1))
        p = fma(p, z, fill(memory, -1.61468768441708447952e3))
        q = fma(z + fill(memory, 1.12811678491632931402e2), z, fill(memory, 2.23548839060100448583e3))
        y = p / fma(q, z, fill(memory, 4.84406305325125486048e3))
    small = select(x == zeros(memory), x, fma(y, z * x, x))  # also −0
    size = magnitude(x)
    one = fill(memory, 1.0)
    large = one - fill(memory, 2.0) / (one + exp_of(memory, size + size))
    large = select(x < zeros(memory), negative(large), large)
    return select(size < fill(memory, 0.625), small, large)


@inline
def each(memory: Memory, row: Row, f: Callable[..., Any]) -> None:
    """out[i] = f(a[i])."""
    n, out, a, step = row[0], row[1], row[2], row[3]
    width = lanes(memory)
    for i in range(0, n, width):
        rest = between(memory, 0, n - i)
        store_masked(memory, out + i, f(memory, load_masked(memory, a + i * step, rest)), rest)


@kernel
def exp(memory: Memory, row: Row) -> None:
    """out = eᵃ."""
    each(memory, row, exp_of)


@kernel
def tanh(memory: Memory, row: Row) -> None:
    """out = tanh a."""
    each(memory, row, tanh_of)


@kernel
def sigmoid(memory: Memory, row: Row) -> None:
    """out = 1 / (1 + e⁻ᵃ)."""
    each(memory, row, sigmoid_of)


@kernel
def softmax_lines(memory: Memory, row: Row) -> None:
    """out = exp(x − max x) / Σ exp(x − max x) along lines that are dense. Row: lines, length, x, out."""
    count, n, x, out = row[0], row[1], row[2], row[3]
    width = lanes(memory)
    for line in range(count):
        here, there = x + line * n, out + line * n
        top = memory[here]
        for i in range(n):
            value = memory[here + i]
            if value > top or value != value:
                top = value
        highest, sums = fill(memory, top), zeros(memory)
        for i in range(0, n, width):
            rest = between(memory, 0, n - i)
            y = exp_of(memory, load_masked(memory, here + i, rest) - highest)
            store_masked(memory, there + i, y, rest)
            sums = sums + select(rest, y, zeros(memory))
        divisor = fill(memory, total(sums))
        for i in range(0, n, width):
            rest = between(memory, 0, n - i)
            store_masked(memory, there + i, load_masked(memory, there + i, rest) / divisor, rest)


@kernel
def log_softmax_lines(memory: Memory, row: Row) -> None:
    """out = x − max x − log Σ exp(x − max x) along lines that are dense. Row: lines, length, x, out."""
    count, n, x, out = row[0], row[1], row[2], row[3]
    width = lanes(memory)
    for line in range(count):
        here, there = x + line * n, out + line * n
        top = memory[here]
        for i in range(n):
            value = memory[here + i]
            if value > top or value != value:
                top = value
        highest, sums = fill(memory, top), zeros(memory)
        for i in range(0, n, width):
            rest = between(memory, 0, n - i)
            y = exp_of(memory, load_masked(memory, here + i, rest) - highest)
            sums = sums + select(rest, y, zeros(memory))
        less = fill(memory, math.log(total(sums)))
        for i in range(0, n, width):
            rest = between(memory, 0, n - i)
            store_masked(memory, there + i, load_masked(memory, here + i, rest) - highest - less, rest)


@kernel
def log_softmax_backward_lines(memory: Memory, row: Row) -> None:
    """out = g − exp(y) · Σ g along lines that are dense. Row: lines, length, g, y, out."""
    count, n, g, y, out = row[0], row[1], row[2], row[3], row[4]
    width = lanes(memory)
    for line in range(count):
        start = line * n
        sums = zeros(memory)
        for i in range(start, start + n, width):
            sums = sums + load_masked(memory, g + i, between(memory, 0, start + n - i))
        every = fill(memory, total(sums))
        for i in range(start, start + n, width):
            rest = between(memory, 0, start + n - i)
            value = exp_of(memory, load_masked(memory, y + i, rest)) * every
            store_masked(memory, out + i, load_masked(memory, g + i, rest) - value, rest)
