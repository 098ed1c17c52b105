"""Convolutions with stride 1 straight from the image, without columns: vectors go along the lines.

Beginning of each row: samples, image, its size, the length of its lines, output rows and columns, filters,
taps; and a table with two numbers for each tap: where its pixel lies, counted from the window's first, and
its weight, counted from the filter's first. What is padded has been given a border before. Vectors at the end
of a line begin earlier, if they would not fit, so that some results are computed twice.
"""

from __future__ import annotations

from ..memory import Memory, Row, ints
from ..routine import kernel
from ..simd import between, fma, lanes, load, load_masked, splat, store, store_masked, total, zeros


@kernel
def bordered(memory: Memory, row: Row) -> None:
    """Images with a border of zeros. Row: planes, images, target, H, W, border above and below, left and
    right."""
    planes, image, out, height, wide, pad_y, pad_x = row[0], row[1], row[2], row[3], row[4], row[5], row[6]
    width = lanes(memory)
    nothing = zeros(memory)
    line = wide + 2 * pad_x
    size = (height + 2 * pad_y) * line
    for _ in range(planes):
        end = out + size
        for x in range(0, size - width + 1, width):
            store(memory, out + x, nothing)
        store_masked(memory, end - width, nothing, between(memory, max(0, width - size), width))
        out += pad_y * line + pad_x
        for _ in range(height):
            x = 0
            while x + width <= wide:
                store(memory, out + x, load(memory, image + x))
                x += width
            if x < wide:
                rest = between(memory, 0, wide - x)
                store_masked(memory, out + x, load_masked(memory, image + x, rest), rest)
            image += wide
            out += line
        out = end


@kernel
def conv2d_lines(memory: Memory, row: Row) -> None:
    """6 filters and 2 vectors at a time, of one line or of two. Row: at the end weight, the distance of a
    filter from the next, whether there is a bias, bias, out, the size of a result."""
    samples, image, size, line, rows, cols, filters, taps, table = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]
    )  # fmt: skip
    weight, apart, biased, bias, out, out_size = row[9], row[10], row[11], row[12], row[13], row[14]
    index = ints(memory)
    width, pixels = lanes(memory), rows * cols
    last = max(cols - width, 0)
    mask = between(memory, 0, cols)
    for o in range(0, filters, 6):
        o0 = min(o + 0, filters - 1)
        o1 = min(o + 1, filters - 1)
        o2 = min(o + 2, filters - 1)
        o3 = min(o + 3, filters - 1)
        o4 = min(o + 4, filters - 1)
        o5 = min(o + 5, filters - 1)
        w0, w1, w2 = weight + o0 * apart, weight + o1 * apart, weight + o2 * apart
        w3, w4, w5 = weight + o3 * apart, weight + o4 * apart, weight + o5 * apart
        for n in range(samples):
            x = y = 0
            while y < rows:
                left = min(x, last)
                a0, c0 = image + n * size + y * line + left, out + n * out_size + y * cols + left
                x += width
                if x >= cols:
                    x = 0
                    y += 1
                a1, c1 = a0, c0
                if y < rows:
                    left = min(x, last)
                    a1, c1 = image + n * size + y * line + left, out + n * out_size + y * cols + left
                    x += width
                    if x >= cols:
                        x = 0
                        y += 1
                s00 = s01 = s10 = s11 = s20 = s21 = zeros(memory)
                s30 = s31 = s40 = s41 = s50 = s51 = zeros(memory)
                if biased != 0:
                    s00 = s01 = splat(memory, bias + o0)
                    s10 = s11 = splat(memory, bias + o1)
                    s20 = s21 = splat(memory, bias + o2)
                    s30 = s31 = splat(memory, bias + o3)
                    s40 = s41 = splat(memory, bias + o4)
                    s50 = s51 = splat(memory, bias + o5)
                for t in range(taps):
                    pixel, tap = index[table + 2 * t], index[table + 2 * t + 1]
                    y0, y1 = load(memory, a0 + pixel), load(memory, a1 + pixel)
                    w = splat(memory, w0 + tap)
                    s00, s01 = fma(w, y0, s00), fma(w, y1, s01)
                    w = splat(memory, w1 + tap)
                    s10, s11 = fma(w, y0, s10), fma(w, y1, s11)
                    w = splat(memory, w2 + tap)
                    s20, s21 = fma(w, y0, s20), fma(w, y1, s21)
                    w = splat(memory, w3 + tap)
                    s30, s31 = fma(w, y0, s30), fma(w, y1, s31)
                    w = splat(memory, w4 + tap)
                    s40, s41 = fma(w, y0, s40), fma(w, y1, s41)
                    w = splat(memory, w5 + tap)
                    s50, s51 = fma(w, y0, s50), fma(w, y1, s51)
                store_masked(memory, c0 + o0 * pixels, s00, mask)
                store_masked(memory, c1 + o0 * pixels, s01, mask)
                store_masked(memory, c0 + o1 * pixels, s10, mask)
                store_masked(memory, c1 + o1 * pixels, s11, mask)
                store_masked(memory, c0 + o2 * pixels, s20, mask)
                store_masked(memory, c1 + o2 * pixels, s21, mask)
                store_masked(memory, c0 + o3 * pixels, s30, mask)
                store_masked(memory, c1 + o3 * pixels, s31, mask)
                store_masked(memory, c0 + o4 * pixels, s40, mask)
                store_masked(memory, c1 + o4 * pixels, s41, mask)
                store_masked(memory, c0 + o5 * pixels, s50, mask)
                store_masked(memory, c1 + o5 * pixels, s51, mask)


@kernel
def conv2d_weight_grad_lines(memory: Memory, row: Row) -> None:
    """3 filters and 4 taps at a time: sums along the lines. Row: at the end g, the size of a sample of it,
    dw, and whether to add to it."""
    samples, image, size, line, rows, cols, filters, taps, table = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]
    )  # fmt: skip
    upstream, g_size, out, add = row[9], row[10], row[11], row[12]
    index = ints(memory)
    width, pixels = lanes(memory), rows * cols
    for o in range(0, filters, 3):
        o0 = min(o + 0, filters - 1)
        o1 = min(o + 1, filters - 1)
        o2 = min(o + 2, filters - 1)
        for t in range(0, taps, 4):
            t0 = min(t + 0, taps - 1)
            t1 = min(t + 1, taps - 1)
            t2 = min(t + 2, taps - 1)
            t3 = min(t + 3, taps - 1)
            d0, d1, d2, d3 = (
                index[table + 2 * t0], index[table + 2 * t1], index[table + 2 * t2], index[table + 2 * t3]
            )  # fmt: skip
            s00 = s01 = s02 = s03 = zeros(memory)
            s10 = s11 = s12 = s13 = zeros(memory)
            s20 = s21 = s22 = s23 = zeros(memory)
            for n in range(samples):
                here = image + n * size
                g = upstream + n * g_size
                for _ in range(rows):
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
                    here += line
                    g += cols
            c0, c1, c2 = out + o0 * taps, out + o1 * taps, out + o2 * taps
            v00 = total(s00)
            v01 = total(s01)
            v02 = total(s02)
            v03 = total(s03)
            v10 = total(s10)
            v11 = total(s11)
            v12 = total(s12)
            v13 = total(s13)
            v20 = total(s20)
            v21 = total(s21)
            v22 = total(s22)
            v23 = total(s23)
            if add != 0:  # all before any is written, as the last may stand for several
                v00 += memory[c0 + t0]
                v01 += memory[c0 + t1]
                v02 += memory[c0 + t2]
                v03 += memory[c0 + t3]
                v10 += memory[c1 + t0]
                v11 += memory[c1 + t1]
                v12 += memory[c1 + t2]
                v13 += memory[c1 + t3]
                v20 += memory[c2 + t0]
                v21 += memory[c2 + t1]
                v22 += memory[c2 + t2]
                v23 += memory[c2 + t3]
            memory[c0 + t0] = v00
            memory[c0 + t1] = v01
            memory[c0 + t2] = v02
            memory[c0 + t3] = v03
            memory[c1 + t0] = v10
            memory[c1 + t1] = v11
            memory[c1 + t2] = v12
            memory[c1 + t3] = v13
            memory[c2 + t0] = v20
            memory[c2 + t1] = v21
            memory[c2 + t2] = v22
            memory[c2 + t3] = v23
