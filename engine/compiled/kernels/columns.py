"""The columns of a convolution: for each tap of the window the pixels that it meets, one line of a matrix.

Row of all: image, columns, C, H, W, window (2), stride (2), padding (2), dilation (2), output rows and
columns. The matrix is (C · window, output pixels). Lines are written in order with whole vectors, so that
what one writes too much the next puts right; what follows the last stays as it is, as it may be another
thread's.

Source: K. Chellapilla, S. Puri, P. Simard, "High Performance Convolutional Neural Networks for Document
Processing", 2006.
"""

from __future__ import annotations

from ..memory import Memory, Row, convert
from ..routine import kernel
from ..simd import between, lanes, load, load_masked, store_masked, zeros
from .ends import put_before


@kernel
def columns(memory: Memory, row: Row) -> None:
    """One image to columns."""
    image, at, channels, height, wide = row[0], row[1], row[2], row[3], row[4]
    window_y, window_x, stride_y, stride_x, pad_y, pad_x, gap_y, gap_x = (
        row[5], row[6], row[7], row[8], row[9], row[10], row[11], row[12]
    )  # fmt: skip
    rows, cols = row[13], row[14]
    end = at + channels * window_y * window_x * rows * cols
    width = lanes(memory)
    nothing = zeros(memory)
    for c in range(channels):
        for i in range(window_y):
            for j in range(window_x):
                shift = j * gap_x - pad_x  # of the pixel under this tap
                low = min(max(0, -(shift // stride_x)), cols)
                high = max(low, min(cols, (wide - 1 - shift) // stride_x + 1))
                for r in range(rows):
                    y = r * stride_y - pad_y + i * gap_y
                    if y < 0 or y >= height:
                        for x in range(0, cols, width):
                            put_before(memory, at + x, nothing, end)
                        at += cols
                        continue
                    for x in range(0, low, width):
                        put_before(memory, at + x, nothing, end)
                    source = image + (c * height + y) * wide + shift
                    if stride_x == 1:
                        for x in range(low, high, width):
                            put_before(memory, at + x, load(memory, source + x), end)
                    else:
                        for x in range(low, high):
                            memory[at + x] = memory[source + x * stride_x]
                    for x in range(high, cols, width):
                        put_before(memory, at + x, nothing, end)
                    at += cols


@kernel
def columns_dense(memory: Memory, row: Row) -> None:
    """The same for stride 1 without padding: lines of pixels, copied."""
    image, at, channels, height, wide = row[0], row[1], row[2], row[3], row[4]
    window_y, window_x, gap_y, gap_x = row[5], row[6], row[11], row[12]
    rows, cols = row[13], row[14]
    end = at + channels * window_y * window_x * rows * cols
    width = lanes(memory)
    for c in range(channels):
        for i in range(window_y):
            for j in range(window_x):
                source = image + (c * height + i * gap_y) * wide + j * gap_x
                if cols <= width:
                    for _ in range(rows):
                        put_before(memory, at, load(memory, source), end)
                        at += cols
                        source += wide
                elif cols <= 2 * width:
                    for _ in range(rows):
                        put_before(memory, at, load(memory, source), end)
                        put_before(memory, at + width, load(memory, source + width), end)
                        at += cols
                        source += wide
                else:
                    for _ in range(rows):
                        for x in range(0, cols, width):
                            put_before(memory, at + x, load(memory, source + x), end)
                        at += cols
                        source += wide


@kernel
def columns_back(memory: Memory, row: Row) -> None:
    """Columns to an image that holds zeros: each number is added to the pixel that it was copied from."""
    image, at, channels, height, wide = row[0], row[1], row[2], row[3], row[4]
    window_y, window_x, stride_y, stride_x, pad_y, pad_x, gap_y, gap_x = (
        row[5], row[6], row[7], row[8], row[9], row[10], row[11], row[12]
    )  # fmt: skip
    rows, cols = row[13], row[14]
    for p in range(channels * height * wide):
        memory[image + p] = convert(memory, 0)
    for c in range(channels):
        for i in range(window_y):
            for j in range(window_x):
                for r in range(rows):
                    y = r * stride_y - pad_y + i * gap_y
                    if 0 <= y < height:
                        target = image + (c * height + y) * wide
                        for x in range(cols):
                            place = x * stride_x - pad_x + j * gap_x
                            if 0 <= place < wide:
                                memory[target + place] += memory[at + x]
                    at += cols


@kernel
def columns_back_dense(memory: Memory, row: Row) -> None:
    """The same for stride and dilation 1: a vector of pixels gathers what belongs to it."""
    image, at, channels, height, wide = row[0], row[1], row[2], row[3], row[4]
    window_y, window_x, pad_y, pad_x = row[5], row[6], row[9], row[10]
    rows, cols = row[13], row[14]
    width = lanes(memory)
    pixels = rows * cols
    for c in range(channels):
        base = at + c * window_y * window_x * pixels
        for y in range(height):
            first, last = max(0, y + pad_y - rows + 1), min(window_y, y + pad_y + 1)
            for x in range(0, wide, width):
                found = zeros(memory)
                for j in range(window_x):
                    shift = j - pad_x - x  # of the first column that this tap brings
                    under = between(memory, shift, cols + shift)
                    here = base + j * pixels + (y + pad_y) * cols - shift
                    for i in range(first, last):
                        found = found + load_masked(memory, here + i * (window_x * pixels - cols), under)
                store_masked(memory, image + x, found, between(memory, 0, wide - x))
            image += wide
