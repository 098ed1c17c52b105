"""Convolutions with stride 1 and without padding straight from the image, without columns.

Beginning of each row: samples, image, C, H, W, window (2), output rows and columns, output channels; then
weight, whether there is a bias, bias, out; or g, dw, and whether to add to it. Vectors go along the pixels of
a line (`lines`), or along the output channels (`channels`), for which weights and results are turned.
"""

from __future__ import annotations

from ..memory import Memory, Row, inline
from ..routine import kernel
from ..simd import between, fma, lanes, load, load_masked, splat, store_masked, total, zeros


@inline
def shift_of(tap: int, window_y: int, window_x: int, height: int, wide: int) -> int:
    """How far in the image the pixel of a tap is from that of the first."""
    line = tap // window_x
    return (line // window_y * height + line % window_y) * wide + tap % window_x


@inline
def put(memory: Memory, place: int, value: float, add: int, own: bool) -> None:
    """Write or add a sum, unless it is the repetition of another."""
    if own:
        if add != 0:
            value += memory[place]
        memory[place] = value


@inline
def turn(memory: Memory, source: int, target: int, rows: int, cols: int, apart: int) -> None:
    """target[j, i] = source[i, j]; the target's lines begin `apart` from one another."""
    for i in range(rows):
        for j in range(cols):
            memory[target + j * apart + i] = memory[source + i * cols + j]


@kernel
def conv2d_lines(memory: Memory, row: Row) -> None:
    """6 channels and 2 vectors of a line at a time."""
    samples, image, channels, height, wide, window_y, window_x, rows, cols, filters = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9]
    )  # fmt: skip
    weight, biased, bias, out = row[10], row[11], row[12], row[13]
    width, pixels, taps = lanes(memory), rows * cols, channels * window_y * window_x
    for n in range(samples):
        for y in range(rows):
            for x in range(0, cols, 2 * width):
                m0, m1 = between(memory, 0, cols - x), between(memory, 0, cols - x - width)
                start = image + n * channels * height * wide + y * wide + x
                for o in range(0, filters, 6):
                    o0 = min(o + 0, filters - 1)
                    o1 = min(o + 1, filters - 1)
                    o2 = min(o + 2, filters - 1)
                    o3 = min(o + 3, filters - 1)
                    o4 = min(o + 4, filters - 1)
                    o5 = min(o + 5, filters - 1)
                    if biased != 0:
                        s00 = s01 = splat(memory, bias + o0)
                        s10 = s11 = splat(memory, bias + o1)
                        s20 = s21 = splat(memory, bias + o2)
                        s30 = s31 = splat(memory, bias + o3)
                        s40 = s41 = splat(memory, bias + o4)
                        s50 = s51 = splat(memory, bias + o5)
                    else:
                        s00 = s01 = zeros(memory)
                        s10 = s11 = zeros(memory)
                        s20 = s21 = zeros(memory)
                        s30 = s31 = zeros(memory)
                        s40 = s41 = zeros(memory)
                        s50 = s51 = zeros(memory)
                    tap = weight
                    for c in range(channels):
                        for i in range(window_y):
                            here = start + (c * height + i) * wide
                            for _ in range(window_x):
                                y0, y1 = load(memory, here), load(memory, here + width)
                                w = splat(memory, tap + o0 * taps)
                                s00, s01 = fma(w, y0, s00), fma(w, y1, s01)
                                w = splat(memory, tap + o1 * taps)
                                s10, s11 = fma(w, y0, s10), fma(w, y1, s11)
                                w = splat(memory, tap + o2 * taps)
                                s20, s21 = fma(w, y0, s20), fma(w, y1, s21)
                                w = splat(memory, tap + o3 * taps)
                                s30, s31 = fma(w, y0, s30), fma(w, y1, s31)
                                w = splat(memory, tap + o4 * taps)
                                s40, s41 = fma(w, y0, s40), fma(w, y1, s41)
                                w = splat(memory, tap + o5 * taps)
                                s50, s51 = fma(w, y0, s50), fma(w, y1, s51)
                                tap += 1
                                here += 1
                    at = out + n * filters * pixels + y * cols + x
                    store_masked(memory, at + o0 * pixels, s00, m0)
                    store_masked(memory, at + o0 * pixels + width, s01, m1)
                    store_masked(memory, at + o1 * pixels, s10, m0)
                    store_masked(memory, at + o1 * pixels + width, s11, m1)
                    store_masked(memory, at + o2 * pixels, s20, m0)
                    store_masked(memory, at + o2 * pixels + width, s21, m1)
                    store_masked(memory, at + o3 * pixels, s30, m0)
                    store_masked(memory, at + o3 * pixels + width, s31, m1)
                    store_masked(memory, at + o4 * pixels, s40, m0)
                    store_masked(memory, at + o4 * pixels + width, s41, m1)
                    store_masked(memory, at + o5 * pixels, s50, m0)
                    store_masked(memory, at + o5 * pixels + width, s51, m1)


@kernel
def conv2d_weight_grad_lines(memory: Memory, row: Row) -> None:
    """3 channels and 4 taps at a time: sums along the lines."""
    samples, image, channels, height, wide, window_y, window_x, rows, cols, filters = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9]
    )  # fmt: skip
    upstream, out, add = row[10], row[11], row[12]
    width, pixels, taps = lanes(memory), rows * cols, channels * window_y * window_x
    for o in range(0, filters, 3):
        o0 = min(o + 0, filters - 1)
        o1 = min(o + 1, filters - 1)
        o2 = min(o + 2, filters - 1)
        for t in range(0, taps, 4):
            t0 = min(t + 0, taps - 1)
            t1 = min(t + 1, taps - 1)
            t2 = min(t + 2, taps - 1)
            t3 = min(t + 3, taps - 1)
            d0 = shift_of(t0, window_y, window_x, height, wide)
            d1 = shift_of(t1, window_y, window_x, height, wide)
            d2 = shift_of(t2, window_y, window_x, height, wide)
            d3 = shift_of(t3, window_y, window_x, height, wide)
            s00 = s01 = s02 = s03 = zeros(memory)
            s10 = s11 = s12 = s13 = zeros(memory)
            s20 = s21 = s22 = s23 = zeros(memory)
            for n in range(samples):
                for y in range(rows):
                    here = image + n * channels * height * wide + y * wide
                    g = upstream + n * filters * pixels + y * cols
                    x = 0
                    while x + width <= cols:
                        g0 = load(memory, g + o0 * pixels + x)
                        g1 = load(memory, g + o1 * pixels + x)
                        g2 = load(memory, g + o2 * pixels + x)
                        p = load(memory, here + d0 + x)
                        s00, s10, s20 = fma(g0, p, s00), fma(g1, p, s10), fma(g2, p, s20)
                        p = load(memory, here + d1 + x)
                        s01, s11, s21 = fma(g0, p, s01), fma(g1, p, s11), fma(g2, p, s21)
                        p = load(memory, here + d2 + x)
                        s02, s12, s22 = fma(g0, p, s02), fma(g1, p, s12), fma(g2, p, s22)
                        p = load(memory, here + d3 + x)
                        s03, s13, s23 = fma(g0, p, s03), fma(g1, p, s13), fma(g2, p, s23)
                        x += width
                    if x < cols:
                        rest = between(memory, 0, cols - x)
                        g0 = load_masked(memory, g + o0 * pixels + x, rest)
                        g1 = load_masked(memory, g + o1 * pixels + x, rest)
                        g2 = load_masked(memory, g + o2 * pixels + x, rest)
                        p = load_masked(memory, here + d0 + x, rest)
                        s00, s10, s20 = fma(g0, p, s00), fma(g1, p, s10), fma(g2, p, s20)
                        p = load_masked(memory, here + d1 + x, rest)
                        s01, s11, s21 = fma(g0, p, s01), fma(g1, p, s11), fma(g2, p, s21)
                        p = load_masked(memory, here + d2 + x, rest)
                        s02, s12, s22 = fma(g0, p, s02), fma(g1, p, s12), fma(g2, p, s22)
                        p = load_masked(memory, here + d3 + x, rest)
                        s03, s13, s23 = fma(g0, p, s03), fma(g1, p, s13), fma(g2, p, s23)
            put(memory, out + o0 * taps + t0, total(s00), add, o0 == o + 0 and t0 == t + 0)
            put(memory, out + o0 * taps + t1, total(s01), add, o0 == o + 0 and t1 == t + 1)
            put(memory, out + o0 * taps + t2, total(s02), add, o0 == o + 0 and t2 == t + 2)
            put(memory, out + o0 * taps + t3, total(s03), add, o0 == o + 0 and t3 == t + 3)
            put(memory, out + o1 * taps + t0, total(s10), add, o1 == o + 1 and t0 == t + 0)
            put(memory, out + o1 * taps + t1, total(s11), add, o1 == o + 1 and t1 == t + 1)
            put(memory, out + o1 * taps + t2, total(s12), add, o1 == o + 1 and t2 == t + 2)
            put(memory, out + o1 * taps + t3, total(s13), add, o1 == o + 1 and t3 == t + 3)
            put(memory, out + o2 * taps + t0, total(s20), add, o2 == o + 2 and t0 == t + 0)
            put(memory, out + o2 * taps + t1, total(s21), add, o2 == o + 2 and t1 == t + 1)
            put(memory, out + o2 * taps + t2, total(s22), add, o2 == o + 2 and t2 == t + 2)
            put(memory, out + o2 * taps + t3, total(s23), add, o2 == o + 2 and t3 == t + 3)
