"""Convolutions straight from the image with vectors along the output channels; see `convolution_direct`."""

from __future__ import annotations

from ..memory import Memory, Row
from ..routine import kernel
from ..simd import between, fma, lanes, load, load_masked, splat, store_masked, zeros
from .convolution_direct import put, shift_of, turn


@kernel
def conv2d_channels(memory: Memory, row: Row) -> None:
    """10 pixels of a line and a vector of channels at a time. Row: at the end, room for turned weights, for a
    turned result, and the length of their lines, whole vectors."""
    samples, image, channels, height, wide, window_y, window_x, rows, cols, filters = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9]
    )  # fmt: skip
    weight, biased, bias, out, turned, result, apart = (
        row[10], row[11], row[12], row[13], row[14], row[15], row[16]
    )  # fmt: skip
    width, pixels, taps = lanes(memory), rows * cols, channels * window_y * window_x
    turn(memory, weight, turned, filters, taps, apart)
    for n in range(samples):
        for o in range(0, filters, width):
            first = zeros(memory)
            if biased != 0:
                first = load_masked(memory, bias + o, between(memory, 0, filters - o))
            for y in range(rows):
                for x in range(0, cols, 10):
                    start = image + n * channels * height * wide + y * wide
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
                    tap = turned + o
                    for c in range(channels):
                        for i in range(window_y):
                            here = start + (c * height + i) * wide
                            for _ in range(window_x):
                                w = load(memory, tap)
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
                                tap += apart
                                here += 1
                    at = result + y * cols * apart + o
                    every = between(memory, 0, width)
                    store_masked(memory, at + x0 * apart, s0, every)
                    store_masked(memory, at + x1 * apart, s1, every)
                    store_masked(memory, at + x2 * apart, s2, every)
                    store_masked(memory, at + x3 * apart, s3, every)
                    store_masked(memory, at + x4 * apart, s4, every)
                    store_masked(memory, at + x5 * apart, s5, every)
                    store_masked(memory, at + x6 * apart, s6, every)
                    store_masked(memory, at + x7 * apart, s7, every)
                    store_masked(memory, at + x8 * apart, s8, every)
                    store_masked(memory, at + x9 * apart, s9, every)
        for o in range(filters):
            for p in range(pixels):
                memory[out + o * pixels + p] = memory[result + p * apart + o]
        out += filters * pixels


@kernel
def conv2d_weight_grad_channels(memory: Memory, row: Row) -> None:
    """8 taps and a vector of channels at a time. Row: at the end, room for turned g of all samples, for a
    turned result, and the length of their lines, whole vectors."""
    samples, image, channels, height, wide, window_y, window_x, rows, cols, filters = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9]
    )  # fmt: skip
    upstream, out, add, turned, result, apart = row[10], row[11], row[12], row[13], row[14], row[15]
    width, pixels, taps = lanes(memory), rows * cols, channels * window_y * window_x
    for n in range(samples):
        turn(memory, upstream + n * filters * pixels, turned + n * pixels * apart, filters, pixels, apart)
    every = between(memory, 0, width)
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
            d0 = shift_of(t0, window_y, window_x, height, wide)
            d1 = shift_of(t1, window_y, window_x, height, wide)
            d2 = shift_of(t2, window_y, window_x, height, wide)
            d3 = shift_of(t3, window_y, window_x, height, wide)
            d4 = shift_of(t4, window_y, window_x, height, wide)
            d5 = shift_of(t5, window_y, window_x, height, wide)
            d6 = shift_of(t6, window_y, window_x, height, wide)
            d7 = shift_of(t7, window_y, window_x, height, wide)
            s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = zeros(memory)
            g = turned + o
            for n in range(samples):
                for y in range(rows):
                    here = image + n * channels * height * wide + y * wide
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
            store_masked(memory, result + t0 * apart + o, s0, every)
            store_masked(memory, result + t1 * apart + o, s1, every)
            store_masked(memory, result + t2 * apart + o, s2, every)
            store_masked(memory, result + t3 * apart + o, s3, every)
            store_masked(memory, result + t4 * apart + o, s4, every)
            store_masked(memory, result + t5 * apart + o, s5, every)
            store_masked(memory, result + t6 * apart + o, s6, every)
            store_masked(memory, result + t7 * apart + o, s7, every)
    for o in range(filters):
        for t in range(taps):
            put(memory, out + o * taps + t, memory[result + t * apart + o], add, True)
