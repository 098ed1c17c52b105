"""Matrix products with the rows of the second factor dense, held in registers: for few rows.

Row: m, n, k; a, its two strides; b, its row stride; whether to add; out, its row stride. Rows beyond the last
are done twice.
"""

from __future__ import annotations

from ..memory import Memory, Row
from ..routine import kernel
from ..simd import between, fma, lanes, load, load_masked, splat, store_masked, zeros


@kernel
def rows6x2(memory: Memory, row: Row) -> None:
    """6 rows and 2 vectors at a time."""
    m, n, k, a, a_row, step, b, b_row, add, out, out_row = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10]
    )  # fmt: skip
    width = lanes(memory)
    for j in range(0, n, 2 * width):
        m0 = between(memory, 0, n - j)
        m1 = between(memory, 0, n - j - width)
        for i in range(0, m, 6):
            r0 = i
            r1 = min(i + 1, m - 1)
            r2 = min(i + 2, m - 1)
            r3 = min(i + 3, m - 1)
            r4 = min(i + 4, m - 1)
            r5 = min(i + 5, m - 1)
            a0, c0 = a + r0 * a_row, out + r0 * out_row + j
            a1, c1 = a + r1 * a_row, out + r1 * out_row + j
            a2, c2 = a + r2 * a_row, out + r2 * out_row + j
            a3, c3 = a + r3 * a_row, out + r3 * out_row + j
            a4, c4 = a + r4 * a_row, out + r4 * out_row + j
            a5, c5 = a + r5 * a_row, out + r5 * out_row + j
            if add != 0:
                s00 = load_masked(memory, c0, m0)
                s01 = load_masked(memory, c0 + width, m1)
                s10 = load_masked(memory, c1, m0)
                s11 = load_masked(memory, c1 + width, m1)
                s20 = load_masked(memory, c2, m0)
                s21 = load_masked(memory, c2 + width, m1)
                s30 = load_masked(memory, c3, m0)
                s31 = load_masked(memory, c3 + width, m1)
                s40 = load_masked(memory, c4, m0)
                s41 = load_masked(memory, c4 + width, m1)
                s50 = load_masked(memory, c5, m0)
                s51 = load_masked(memory, c5 + width, m1)
            else:
                s00 = s01 = zeros(memory)
                s10 = s11 = zeros(memory)
                s20 = s21 = zeros(memory)
                s30 = s31 = zeros(memory)
                s40 = s41 = zeros(memory)
                s50 = s51 = zeros(memory)
            here = b + j
            for _ in range(k):
                y0 = load(memory, here)
                y1 = load(memory, here + width)
                x = splat(memory, a0)
                s00 = fma(x, y0, s00)
                s01 = fma(x, y1, s01)
                a0 += step
                x = splat(memory, a1)
                s10 = fma(x, y0, s10)
                s11 = fma(x, y1, s11)
                a1 += step
                x = splat(memory, a2)
                s20 = fma(x, y0, s20)
                s21 = fma(x, y1, s21)
                a2 += step
                x = splat(memory, a3)
                s30 = fma(x, y0, s30)
                s31 = fma(x, y1, s31)
                a3 += step
                x = splat(memory, a4)
                s40 = fma(x, y0, s40)
                s41 = fma(x, y1, s41)
                a4 += step
                x = splat(memory, a5)
                s50 = fma(x, y0, s50)
                s51 = fma(x, y1, s51)
                a5 += step
                here += b_row
            store_masked(memory, c0, s00, m0)
            store_masked(memory, c0 + width, s01, m1)
            store_masked(memory, c1, s10, m0)
            store_masked(memory, c1 + width, s11, m1)
            store_masked(memory, c2, s20, m0)
            store_masked(memory, c2 + width, s21, m1)
            store_masked(memory, c3, s30, m0)
            store_masked(memory, c3 + width, s31, m1)
            store_masked(memory, c4, s40, m0)
            store_masked(memory, c4 + width, s41, m1)
            store_masked(memory, c5, s50, m0)
            store_masked(memory, c5 + width, s51, m1)


@kernel
def rows4x3(memory: Memory, row: Row) -> None:
    """4 rows and 3 vectors at a time."""
    m, n, k, a, a_row, step, b, b_row, add, out, out_row = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10]
    )  # fmt: skip
    width = lanes(memory)
    for j in range(0, n, 3 * width):
        m0 = between(memory, 0, n - j)
        m1 = between(memory, 0, n - j - width)
        m2 = between(memory, 0, n - j - 2 * width)
        for i in range(0, m, 4):
            r0 = i
            r1 = min(i + 1, m - 1)
            r2 = min(i + 2, m - 1)
            r3 = min(i + 3, m - 1)
            a0, c0 = a + r0 * a_row, out + r0 * out_row + j
            a1, c1 = a + r1 * a_row, out + r1 * out_row + j
            a2, c2 = a + r2 * a_row, out + r2 * out_row + j
            a3, c3 = a + r3 * a_row, out + r3 * out_row + j
            if add != 0:
                s00 = load_masked(memory, c0, m0)
                s01 = load_masked(memory, c0 + width, m1)
                s02 = load_masked(memory, c0 + 2 * width, m2)
                s10 = load_masked(memory, c1, m0)
                s11 = load_masked(memory, c1 + width, m1)
                s12 = load_masked(memory, c1 + 2 * width, m2)
                s20 = load_masked(memory, c2, m0)
                s21 = load_masked(memory, c2 + width, m1)
                s22 = load_masked(memory, c2 + 2 * width, m2)
                s30 = load_masked(memory, c3, m0)
                s31 = load_masked(memory, c3 + width, m1)
                s32 = load_masked(memory, c3 + 2 * width, m2)
            else:
                s00 = s01 = s02 = zeros(memory)
                s10 = s11 = s12 = zeros(memory)
                s20 = s21 = s22 = zeros(memory)
                s30 = s31 = s32 = zeros(memory)
            here = b + j
            for _ in range(k):
                y0 = load(memory, here)
                y1 = load(memory, here + width)
                y2 = load(memory, here + 2 * width)
                x = splat(memory, a0)
                s00 = fma(x, y0, s00)
                s01 = fma(x, y1, s01)
                s02 = fma(x, y2, s02)
                a0 += step
                x = splat(memory, a1)
                s10 = fma(x, y0, s10)
                s11 = fma(x, y1, s11)
                s12 = fma(x, y2, s12)
                a1 += step
                x = splat(memory, a2)
                s20 = fma(x, y0, s20)
                s21 = fma(x, y1, s21)
                s22 = fma(x, y2, s22)
                a2 += step
                x = splat(memory, a3)
                s30 = fma(x, y0, s30)
                s31 = fma(x, y1, s31)
                s32 = fma(x, y2, s32)
                a3 += step
                here += b_row
            store_masked(memory, c0, s00, m0)
            store_masked(memory, c0 + width, s01, m1)
            store_masked(memory, c0 + 2 * width, s02, m2)
            store_masked(memory, c1, s10, m0)
            store_masked(memory, c1 + width, s11, m1)
            store_masked(memory, c1 + 2 * width, s12, m2)
            store_masked(memory, c2, s20, m0)
            store_masked(memory, c2 + width, s21, m1)
            store_masked(memory, c2 + 2 * width, s22, m2)
            store_masked(memory, c3, s30, m0)
            store_masked(memory, c3 + width, s31, m1)
            store_masked(memory, c3 + 2 * width, s32, m2)


@kernel
def rows1x6(memory: Memory, row: Row) -> None:
    """1 rows and 6 vectors at a time."""
    m, n, k, a, a_row, step, b, b_row, add, out, out_row = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10]
    )  # fmt: skip
    width = lanes(memory)
    for j in range(0, n, 6 * width):
        m0 = between(memory, 0, n - j)
        m1 = between(memory, 0, n - j - width)
        m2 = between(memory, 0, n - j - 2 * width)
        m3 = between(memory, 0, n - j - 3 * width)
        m4 = between(memory, 0, n - j - 4 * width)
        m5 = between(memory, 0, n - j - 5 * width)
        for i in range(0, m, 1):
            r0 = i
            a0, c0 = a + r0 * a_row, out + r0 * out_row + j
            if add != 0:
                s00 = load_masked(memory, c0, m0)
                s01 = load_masked(memory, c0 + width, m1)
                s02 = load_masked(memory, c0 + 2 * width, m2)
                s03 = load_masked(memory, c0 + 3 * width, m3)
                s04 = load_masked(memory, c0 + 4 * width, m4)
                s05 = load_masked(memory, c0 + 5 * width, m5)
            else:
                s00 = s01 = s02 = s03 = s04 = s05 = zeros(memory)
            here = b + j
            for _ in range(k):
                y0 = load(memory, here)
                y1 = load(memory, here + width)
                y2 = load(memory, here + 2 * width)
                y3 = load(memory, here + 3 * width)
                y4 = load(memory, here + 4 * width)
                y5 = load(memory, here + 5 * width)
                x = splat(memory, a0)
                s00 = fma(x, y0, s00)
                s01 = fma(x, y1, s01)
                s02 = fma(x, y2, s02)
                s03 = fma(x, y3, s03)
                s04 = fma(x, y4, s04)
                s05 = fma(x, y5, s05)
                a0 += step
                here += b_row
            store_masked(memory, c0, s00, m0)
            store_masked(memory, c0 + width, s01, m1)
            store_masked(memory, c0 + 2 * width, s02, m2)
            store_masked(memory, c0 + 3 * width, s03, m3)
            store_masked(memory, c0 + 4 * width, s04, m4)
            store_masked(memory, c0 + 5 * width, s05, m5)
