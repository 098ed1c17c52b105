"""Convolution of images so small that their pixels do not fill a vector: vectors go along the taps instead.

For that the columns are turned: (pixels, taps). Rows begin as in `convolution`; there is one group.
"""

from __future__ import annotations

from ..memory import Memory, Row, call, skip
from ..routine import kernel
from .convolution import columns_of
from .turning import turn


@kernel
def conv2d_small(memory: Memory, row: Row) -> None:
    """out[n] = weight · turned columns. Row: weight, whether there is a bias, bias, out, product of rows and
    columns, room for the turned columns."""
    weight, biased, bias, out, product, turned = row[23], row[24], row[25], row[26], row[27], row[28]
    inner, matrix = skip(row, 29), skip(row, 44)
    taps, pixels, channels = row[17], row[14] * row[15], row[16]
    matrix[0], matrix[1], matrix[2], matrix[3], matrix[4] = channels, pixels, taps, weight, taps
    matrix[5], matrix[6], matrix[7], matrix[9] = turned, taps, biased, pixels
    for n in range(row[0]):
        turn(memory, columns_of(memory, row, inner, n), pixels, turned, taps, taps, pixels)
        if biased != 0:
            for o in range(channels):
                for p in range(pixels):
                    memory[out + o * pixels + p] = memory[bias + o]
        matrix[8] = out
        call(product, memory, matrix)
        out += channels * pixels


@kernel
def conv2d_input_grad_small(memory: Memory, row: Row) -> None:
    """dx[n] = g[n]ᵀ · weight, turned and added up. Row: weight, g, whether columns are all, product, room for
    the turned columns."""
    weight, upstream, direct, product, turned = row[23], row[24], row[25], row[26], row[27]
    inner, matrix = skip(row, 28), skip(row, 43)
    taps, pixels, channels = row[17], row[14] * row[15], row[16]
    matrix[0], matrix[1], matrix[2], matrix[4], matrix[5] = pixels, taps, channels, 1, pixels
    matrix[6], matrix[7], matrix[8], matrix[9], matrix[10] = weight, taps, 0, turned, taps
    for d in range(13):
        inner[2 + d] = row[3 + d]
    for n in range(row[0]):
        image = row[1] + n * row[2]
        matrix[3] = upstream
        call(product, memory, matrix)
        upstream += channels * pixels
        if direct != 0:
            turn(memory, turned, taps, image, pixels, pixels, taps)
        else:
            turn(memory, turned, taps, row[19], pixels, pixels, taps)
            inner[0], inner[1] = image, row[19]
            call(row[22], memory, inner)


@kernel
def conv2d_weight_grad_small(memory: Memory, row: Row) -> None:
    """dw = Σ g[n] · turned columns. Row: g, the size of a sample of it, dw, whether to add, product,
    room for the turned columns."""
    first, size, out, add, product, turned = row[23], row[24], row[25], row[26], row[27], row[28]
    inner, matrix = skip(row, 29), skip(row, 44)
    taps, pixels, channels = row[17], row[14] * row[15], row[16]
    matrix[0], matrix[1], matrix[2], matrix[4], matrix[5] = channels, taps, pixels, pixels, 1
    matrix[6], matrix[7], matrix[9], matrix[10] = turned, taps, out, taps
    for n in range(row[0]):
        turn(memory, columns_of(memory, row, inner, n), pixels, turned, taps, taps, pixels)
        matrix[3] = first + n * size
        matrix[8] = 1 if add != 0 or n > 0 else 0
        call(product, memory, matrix)
