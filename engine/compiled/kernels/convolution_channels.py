"""Convolutions straight from the image with vectors along the filters; see `convolution_direct`.

Weights and results are turned for that: all filters of a tap, or of a pixel, lie side by side.
"""

from __future__ import annotations

from ..memory import Memory, Row, ints
from ..routine import kernel
from ..simd import between, fma, lanes, load, load_masked, settle, splat, store, zeros
from .turning import turn


@kernel
def conv2d_channels(memory: Memory, row: Row) -> None:
    """10 pixels of a line and a vector of filters at a time. Row: at the end weight, whether there is a bias,
    bias, out, room for turned weights, for a turned result, and the length of their lines, whole vectors."""
    samples, image, size, line, rows, cols, filters, taps, table = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]
    )  # fmt: skip
    weight, biased, bias, out, turned, result, apart = (
        row[9], row[10], row[11], row[12], row[13], row[14], row[15]
    )  # fmt: skip
    index = ints(memory)
    width, pixels = lanes(memory), rows * cols
    turn(memory, weight, taps, turned, apart, filters, taps)
    for n in range(samples):
        for o in range(0, filters, width):
            first = zeros(memory)
            if biased != 0:
                first = load_masked(memory, bias + o, between(memory, 0, filters - o))
            for y in range(rows):
                start = image + n * size + y * line
                at = result + y * cols * apart + o
                for x in range(0, cols, 10):
                    x0 = min(x + 0, cols - 1)
                    x1 = min(x + 1, cols - 1)
                    x2 = min(x + 2, cols - 1)
                    x3 = min(x + 3, cols - 1)
                    x4 = min(x + 4, cols - 1)
                    x5 = min(x + 5, cols - 1)
                    x6 = min(x + 6, cols - 1)
                    x7 = min(x + 7, cols - 1)
                    x8 = min(x + 8, cols - 1)
                    x9 = min(x + 9, cols - 1)
                    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = s8 = s9 = first
                    for t in range(taps):
                        here = start + index[table + 2 * t]
                        w = load(memory, turned + t * apart + o)
                        s0 = fma(splat(memory, here + x0), w, s0)
                        s1 = fma(splat(memory, here + x1), w, s1)
                        s2 = fma(splat(memory, here + x2), w, s2)
                        s3 = fma(splat(memory, here + x3), w, s3)
                        s4 = fma(splat(memory, here + x4), w, s4)
                        s5 = fma(splat(memory, here + x5), w, s5)
                        s6 = fma(splat(memory, here + x6), w, s6)
                        s7 = fma(splat(memory, here + x7), w, s7)
                        s8 = fma(splat(memory, here + x8), w, s8)
                        s9 = fma(splat(memory, here + x9), w, s9)
                        settle(memory)
                    store(memory, at + x0 * apart, s0)
                    store(memory, at + x1 * apart, s1)
                    store(memory, at + x2 * apart, s2)
                    store(memory, at + x3 * apart, s3)
                    store(memory, at + x4 * apart, s4)
                    store(memory, at + x5 * apart, s5)
                    store(memory, at + x6 * apart, s6)
                    store(memory, at + x7 * apart, s7)
                    store(memory, at + x8 * apart, s8)
                    store(memory, at + x9 * apart, s9)
        turn(memory, result, apart, out, pixels, pixels, filters)
        out += filters * pixels


@kernel
def conv2d_channel_pairs(memory: Memory, row: Row) -> None:
    """5 pixels of a line and 2 vectors of filters at a time. Row: as above."""
    samples, image, size, line, rows, cols, filters, taps, table = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]
    )  # fmt: skip
    weight, biased, bias, out, turned, result, apart = (
        row[9], row[10], row[11], row[12], row[13], row[14], row[15]
    )  # fmt: skip
    index = ints(memory)
    width, pixels = lanes(memory), rows * cols
    turn(memory, weight, taps, turned, apart, filters, taps)
    for n in range(samples):
        for o in range(0, filters, 2 * width):
            p = min(o + width, apart - width)
            first = second = zeros(memory)
            if biased != 0:
                first = load_masked(memory, bias + o, between(memory, 0, filters - o))
                second = load_masked(memory, bias + p, between(memory, 0, filters - p))
            for y in range(rows):
                start = image + n * size + y * line
                at = result + y * cols * apart
                for x in range(0, cols, 5):
                    x0 = min(x + 0, cols - 1)
                    x1 = min(x + 1, cols - 1)
                    x2 = min(x + 2, cols - 1)
                    x3 = min(x + 3, cols - 1)
                    x4 = min(x + 4, cols - 1)
                    s0 = s1 = s2 = s3 = s4 = first
                    r0 = r1 = r2 = r3 = r4 = second
                    for t in range(taps):
                        here = start + index[table + 2 * t]
                        w, v = load(memory, turned + t * apart + o), load(memory, turned + t * apart + p)
                        z = splat(memory, here + x0)
                        s0, r0 = fma(z, w, s0), fma(z, v, r0)
                        z = splat(memory, here + x1)
                        s1, r1 = fma(z, w, s1), fma(z, v, r1)
                        z = splat(memory, here + x2)
                        s2, r2 = fma(z, w, s2), fma(z, v, r2)
                        z = splat(memory, here + x3)
                        s3, r3 = fma(z, w, s3), fma(z, v, r3)
                        z = splat(memory, here + x4)
                        s4, r4 = fma(z, w, s4), fma(z, v, r4)
                        settle(memory)
                    store(memory, at + x0 * apart + o, s0)
                    store(memory, at + x0 * apart + p, r0)
                    store(memory, at + x1 * apart + o, s1)
                    store(memory, at + x1 * apart + p, r1)
                    store(memory, at + x2 * apart + o, s2)
                    store(memory, at + x2 * apart + p, r2)
                    store(memory, at + x3 * apart + o, s3)
                    store(memory, at + x3 * apart + p, r3)
                    store(memory, at + x4 * apart + o, s4)
                    store(memory, at + x4 * apart + p, r4)
        turn(memory, result, apart, out, pixels, pixels, filters)
        out += filters * pixels


@kernel
def conv2d_weight_grad_channels(memory: Memory, row: Row) -> None:
    """8 taps and a vector of filters at a time. Row: at the end g, dw, whether to add to it, room for turned
    g of all samples, for a turned result, and the length of their lines, whole vectors."""
    samples, image, size, line, rows, cols, filters, taps, table = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]
    )  # fmt: skip
    upstream, out, add, turned, result, apart = row[9], row[10], row[11], row[12], row[13], row[14]
    index = ints(memory)
    width, pixels = lanes(memory), rows * cols
    for n in range(samples):
        here, there = upstream + n * filters * pixels, turned + n * pixels * apart
        turn(memory, here, pixels, there, apart, filters, pixels)
    for o in range(0, filters, width):
        for t in range(0, taps, 8):
            t0 = min(t + 0, taps - 1)
            t1 = min(t + 1, taps - 1)
            t2 = min(t + 2, taps - 1)
            t3 = min(t + 3, taps - 1)
            t4 = min(t + 4, taps - 1)
            t5 = min(t + 5, taps - 1)
            t6 = min(t + 6, taps - 1)
            t7 = min(t + 7, taps - 1)
            d0 = index[table + 2 * t0]
            d1 = index[table + 2 * t1]
            d2 = index[table + 2 * t2]
            d3 = index[table + 2 * t3]
            d4 = index[table + 2 * t4]
            d5 = index[table + 2 * t5]
            d6 = index[table + 2 * t6]
            d7 = index[table + 2 * t7]
            s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = zeros(memory)
            g = turned + o
            for n in range(samples):
                for y in range(rows):
                    here = image + n * size + y * line
                    for _ in range(cols):
                        p = load(memory, g)
                        s0 = fma(splat(memory, here + d0), p, s0)
                        s1 = fma(splat(memory, here + d1), p, s1)
                        s2 = fma(splat(memory, here + d2), p, s2)
                        s3 = fma(splat(memory, here + d3), p, s3)
                        s4 = fma(splat(memory, here + d4), p, s4)
                        s5 = fma(splat(memory, here + d5), p, s5)
                        s6 = fma(splat(memory, here + d6), p, s6)
                        s7 = fma(splat(memory, here + d7), p, s7)
                        g += apart
                        here += 1
                        settle(memory)
            store(memory, result + t0 * apart + o, s0)
            store(memory, result + t1 * apart + o, s1)
            store(memory, result + t2 * apart + o, s2)
            store(memory, result + t3 * apart + o, s3)
            store(memory, result + t4 * apart + o, s4)
            store(memory, result + t5 * apart + o, s5)
            store(memory, result + t6 * apart + o, s6)
            store(memory, result + t7 * apart + o, s7)
    if add == 0:
        turn(memory, result, apart, out, taps, taps, filters)
        return
    for o in range(filters):
        for t in range(taps):
            memory[out + o * taps + t] += memory[result + t * apart + o]
            settle(memory)
