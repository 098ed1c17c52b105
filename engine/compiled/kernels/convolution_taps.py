"""The image's gradient of a convolution with stride 1, without columns: vectors go along the channels and the
taps of a window's line, which fill them where an image's lines are short.

What each tap of a line gives is summed up where the upstream gradient lies, then turned so that vectors go
along the line, and shifted to where it belongs.
"""

from __future__ import annotations

from ..memory import Memory, Row, inline, ints
from ..routine import kernel
from ..simd import (
    between,
    fma,
    lanes,
    load,
    load_masked,
    select,
    splat,
    store,
    store_masked,
    transpose,
    zeros,
)


@inline
def side_by_side(memory: Memory, row: Row, turned: int, apart: int) -> None:
    """turned[i, o] = weight[o, :, i], each `apart` numbers long with zeros at its end."""
    filters, weight, channels, window_y, window_x = row[5], row[6], row[7], row[8], row[9]
    width = lanes(memory)
    between_channels = window_y * window_x
    for v in range(0, apart, width):
        begin, end = v // window_x, min(channels, (v + width - 1) // window_x + 1)
        for i in range(window_y):
            for o in range(filters):
                found = zeros(memory)
                here = weight + (o * channels + begin) * between_channels + i * window_x
                start = begin * window_x - v
                for _ in range(begin, end):
                    under = between(memory, start, start + window_x)
                    found = select(under, load_masked(memory, here - start, under), found)
                    here += between_channels
                    start += window_x
                store(memory, turned + (i * filters + o) * apart + v, found)


@kernel
def conv2d_input_grad_taps(memory: Memory, row: Row) -> None:
    """5 pixels of a line and 2 vectors of taps at a time. Row: samples, g, the size of a sample of it, its
    rows and columns, filters; weight, channels, window (2), dilation (2), padding (2); out, H, W; room for
    turned weights, for a line's sums, for them turned; the length of the sums, whole vectors, that of turned
    lines, and what precedes a turned line."""
    samples, g, size, rows, cols, filters = row[0], row[1], row[2], row[3], row[4], row[5]
    channels, window_y, window_x, gap_y, gap_x, pad_y, pad_x = (
        row[7], row[8], row[9], row[10], row[11], row[12], row[13]
    )  # fmt: skip
    out, height, wide, turned, sums, shifted, apart, line, border, table = (
        row[14], row[15], row[16], row[17], row[18], row[19], row[20], row[21], row[22], row[23]
    )  # fmt: skip
    index = ints(memory)
    width = lanes(memory)
    nothing = zeros(memory)
    side_by_side(memory, row, turned, apart)
    for x in range(cols * apart, -(-cols // width) * width * apart, width):
        store(memory, sums + x, nothing)
    for x in range(0, apart * line, width):
        store(memory, shifted + x, nothing)
    for _ in range(samples):
        for y in range(height + 1):
            if y < height:
                first = max(0, -((rows - 1 - pad_y - y) // gap_y))
                last = min(window_y, (y + pad_y) // gap_y + 1)
                start = g + (y + pad_y) * cols
                for v in range(0, apart, 2 * width):
                    p = min(v + width, apart - width)
                    for x in range(0, cols, 5):
                        x0 = min(x + 0, cols - 1)
                        x1 = min(x + 1, cols - 1)
                        x2 = min(x + 2, cols - 1)
                        x3 = min(x + 3, cols - 1)
                        x4 = min(x + 4, cols - 1)
                        s0 = s1 = s2 = s3 = s4 = nothing
                        r0 = r1 = r2 = r3 = r4 = nothing
                        at = turned + first * filters * apart
                        for t in range(first * filters, last * filters):  # one loop: two end too often
                            here = start + index[table + t]
                            w, u = load(memory, at + v), load(memory, at + p)
                            z = splat(memory, here + x0)
                            s0, r0 = fma(z, w, s0), fma(z, u, r0)
                            z = splat(memory, here + x1)
                            s1, r1 = fma(z, w, s1), fma(z, u, r1)
                            z = splat(memory, here + x2)
                            s2, r2 = fma(z, w, s2), fma(z, u, r2)
                            z = splat(memory, here + x3)
                            s3, r3 = fma(z, w, s3), fma(z, u, r3)
                            z = splat(memory, here + x4)
                            s4, r4 = fma(z, w, s4), fma(z, u, r4)
                            at += apart
                        store(memory, sums + x0 * apart + v, s0)
                        store(memory, sums + x0 * apart + p, r0)
                        store(memory, sums + x1 * apart + v, s1)
                        store(memory, sums + x1 * apart + p, r1)
                        store(memory, sums + x2 * apart + v, s2)
                        store(memory, sums + x2 * apart + p, r2)
                        store(memory, sums + x3 * apart + v, s3)
                        store(memory, sums + x3 * apart + p, r3)
                        store(memory, sums + x4 * apart + v, s4)
                        store(memory, sums + x4 * apart + p, r4)
            if y > 0:  # the line before, which is no longer on its way to memory
                for c in range(channels):
                    at = out + (c * height + y - 1) * wide
                    for x in range(0, wide, width):
                        here = shifted + c * window_x * line + border + pad_x + x
                        found = nothing
                        for _ in range(window_x):
                            found = found + load(memory, here)
                            here += line - gap_x
                        store_masked(memory, at + x, found, between(memory, 0, wide - x))
            if y < height:
                for x in range(0, cols, width):
                    for v in range(0, apart, width):
                        transpose(memory, sums + x * apart + v, apart, shifted + v * line + border + x, line)
        g += size
        out += channels * height * wide
