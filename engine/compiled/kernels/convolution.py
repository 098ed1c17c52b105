"""Convolution as matrix products: weights times columns.

Beginning of each row: samples, image, its size, C, H, W, window (2), stride (2), padding (2), dilation (2),
output rows and columns, output channels, taps (of one group), groups; columns, the distance of one sample's
from the next (0: each takes the place of the one before), whether they are there already, and the kernel for
columns. Kernels for columns and products are called by their address. What follows is said at each kernel; at
the end is room for the rows of the called kernels.
"""

from __future__ import annotations

from typing import Any

from ..memory import Memory, Row, call, inline, skip
from ..routine import kernel
from ..simd import between, lanes, splat, store, store_masked


@inline
def columns_of(memory: Memory, row: Row, inner: Row, n: int) -> Any:
    """Make sample n's columns, unless they are there; returns where they are."""
    at = row[19] + n * row[20]
    if row[21] == 0:
        inner[0], inner[1] = row[1] + n * row[2], at
        for d in range(13):
            inner[2 + d] = row[3 + d]
        call(row[22], memory, inner)
    return at


@kernel
def conv2d(memory: Memory, row: Row) -> None:
    """out[n] = weight · columns(x[n]) + bias. Row: weight, whether there is a bias, bias, out, product."""
    weight, biased, bias, out, product = row[23], row[24], row[25], row[26], row[27]
    inner, matrix = skip(row, 28), skip(row, 43)
    taps, groups = row[17], row[18]
    pixels, channels = row[14] * row[15], row[16] // groups
    width = lanes(memory)
    matrix[0], matrix[1], matrix[2] = channels, pixels, taps
    matrix[4], matrix[5], matrix[7], matrix[8], matrix[10] = taps, 1, pixels, biased, pixels
    for n in range(row[0]):
        at = columns_of(memory, row, inner, n)
        for g in range(groups):
            if biased != 0:
                for o in range(channels):
                    value = splat(memory, bias + g * channels + o)
                    here = out + o * pixels
                    end = here + pixels
                    while here + width <= end:
                        store(memory, here, value)
                        here += width
                    if here < end:
                        store_masked(memory, here, value, between(memory, 0, end - here))
            matrix[3], matrix[6], matrix[9] = weight + g * channels * taps, at + g * taps * pixels, out
            call(product, memory, matrix)
            out += channels * pixels


@kernel
def conv2d_input_grad(memory: Memory, row: Row) -> None:
    """dx[n] = the columns weightᵀ · g[n], added up. Row: weight, g, whether columns are all, product."""
    weight, upstream, direct, product = row[23], row[24], row[25], row[26]
    inner, matrix = skip(row, 27), skip(row, 42)
    taps, groups = row[17], row[18]
    pixels, channels = row[14] * row[15], row[16] // groups
    matrix[0], matrix[1], matrix[2] = taps, pixels, channels
    matrix[4], matrix[5], matrix[7], matrix[8], matrix[10] = 1, taps, pixels, 0, pixels
    for d in range(13):
        inner[2 + d] = row[3 + d]
    for n in range(row[0]):
        image = row[1] + n * row[2]
        at = image if direct != 0 else row[19]
        for g in range(groups):
            matrix[3], matrix[6] = weight + g * channels * taps, upstream
            matrix[9] = at + g * taps * pixels
            call(product, memory, matrix)
            upstream += channels * pixels
        if direct == 0:
            inner[0], inner[1] = image, at
            call(row[22], memory, inner)


@kernel
def conv2d_weight_grad(memory: Memory, row: Row) -> None:
    """dw = Σ g[n] · columns(x[n])ᵀ. Row: g, the size of a sample of it, dw, whether to add to it, product (of
    rows and columns)."""
    first, size, out, add, product = row[23], row[24], row[25], row[26], row[27]
    inner, matrix = skip(row, 28), skip(row, 43)
    taps, groups = row[17], row[18]
    pixels, channels = row[14] * row[15], row[16] // groups
    matrix[0], matrix[1], matrix[2] = channels, taps, pixels
    matrix[4], matrix[6], matrix[9] = pixels, pixels, taps
    for n in range(row[0]):
        at = columns_of(memory, row, inner, n)
        matrix[7] = 1 if add != 0 or n > 0 else 0
        upstream = first + n * size
        for g in range(groups):
            matrix[3], matrix[5], matrix[8] = upstream, at + g * taps * pixels, out + g * channels * taps
            call(product, memory, matrix)
            upstream += channels * pixels


@kernel
def conv2d_weight_grad_turned(memory: Memory, row: Row) -> None:
    """The same by dwᵀ = Σ columns(x[n]) · g[n]ᵀ, quicker for small images. Row: as above, with a product of
    rows; then room for gᵀ and for dwᵀ. There is one group."""
    first, size, out, add, product, turned, result = (
        row[23], row[24], row[25], row[26], row[27], row[28], row[29]
    )  # fmt: skip
    inner, matrix = skip(row, 30), skip(row, 45)
    taps, pixels, channels = row[17], row[14] * row[15], row[16]
    matrix[0], matrix[1], matrix[2] = taps, channels, pixels
    matrix[4], matrix[5], matrix[6], matrix[7] = pixels, 1, turned, channels
    matrix[9], matrix[10] = result, channels
    for n in range(row[0]):
        matrix[3] = columns_of(memory, row, inner, n)
        upstream = first + n * size
        for o in range(channels):
            for p in range(pixels):
                memory[turned + p * channels + o] = memory[upstream + o * pixels + p]
        matrix[8] = 1 if n > 0 else 0
        call(product, memory, matrix)
    for o in range(channels):
        for t in range(taps):
            value = memory[result + t * channels + o]
            if add != 0:
                value += memory[out + o * taps + t]
            memory[out + o * taps + t] = value
