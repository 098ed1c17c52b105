"""Matrix products with the rows of the second factor dense, held in registers: for many rows.

Row: m, n, k; a, its two strides; b, its row stride; whether to add; out, its row stride. Rows beyond the last
are done twice.
"""

from __future__ import annotations

from ..memory import Memory, Row
from ..routine import kernel
from ..simd import between, fma, lanes, load, load_masked, splat, store_masked, zeros


@kernel
def rows8x2(memory: Memory, row: Row) -> None:
    """8 rows and 2 vectors at a time."""
    m, n, k, a, a_row, step, b, b_row, add, out, out_row = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10]
    )  # fmt: skip
    width = lanes(memory)
    for j in range(0, n, 2 * width):
        m0 = between(memory, 0, n - j)
        m1 = between(memory, 0, n - j - width)
        for i in range(0, m, 8):
            r0 = i
            r1 = min(i + 1, m - 1)
            r2 = min(i + 2, m - 1)
            r3 = min(i + 3, m - 1)
            r4 = min(i + 4, m - 1)
            r5 = min(i + 5, m - 1)
            r6 = min(i + 6, m - 1)
            r7 = min(i + 7, m - 1)
            a0, c0 = a + r0 * a_row, out + r0 * out_row + j
            a1, c1 = a + r1 * a_row, out + r1 * out_row + j
            a2, c2 = a + r2 * a_row, out + r2 * out_row + j
            a3, c3 = a + r3 * a_row, out + r3 * out_row + j
            a4, c4 = a + r4 * a_row, out + r4 * out_row + j
            a5, c5 = a + r5 * a_row, out + r5 * out_row + j
            a6, c6 = a + r6 * a_row, out + r6 * out_row + j
            a7, c7 = a + r7 * a_row, out + r7 * out_row + j
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
                s60 = load_masked(memory, c6, m0)
                s61 = load_masked(memory, c6 + width, m1)
                s70 = load_masked(memory, c7, m0)
                s71 = load_masked(memory, c7 + width, m1)
            else:
                s00 = s01 = zeros(memory)
                s10 = s11 = zeros(memory)
                s20 = s21 = zeros(memory)
                s30 = s31 = zeros(memory)
                s40 = s41 = zeros(memory)
                s50 = s51 = zeros(memory)
                s60 = s61 = zeros(memory)
                s70 = s71 = zeros(memory)
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
                x = splat(memory, a6)
                s60 = fma(x, y0, s60)
                s61 = fma(x, y1, s61)
                a6 += step
                x = splat(memory, a7)
                s70 = fma(x, y0, s70)
                s71 = fma(x, y1, s71)
                a7 += step
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
            store_masked(memory, c6, s60, m0)
            store_masked(memory, c6 + width, s61, m1)
            store_masked(memory, c7, s70, m0)
            store_masked(memory, c7 + width, s71, m1)


@kernel
def rows8x1(memory: Memory, row: Row) -> None:
    """8 rows and 1 vector at a time."""
    m, n, k, a, a_row, step, b, b_row, add, out, out_row = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10]
    )  # fmt: skip
    width = lanes(memory)
    for j in range(0, n, width):
        m0 = between(memory, 0, n - j)
        for i in range(0, m, 8):
            r0 = i
            r1 = min(i + 1, m - 1)
            r2 = min(i + 2, m - 1)
            r3 = min(i + 3, m - 1)
            r4 = min(i + 4, m - 1)
            r5 = min(i + 5, m - 1)
            r6 = min(i + 6, m - 1)
            r7 = min(i + 7, m - 1)
            a0, c0 = a + r0 * a_row, out + r0 * out_row + j
            a1, c1 = a + r1 * a_row, out + r1 * out_row + j
            a2, c2 = a + r2 * a_row, out + r2 * out_row + j
            a3, c3 = a + r3 * a_row, out + r3 * out_row + j
            a4, c4 = a + r4 * a_row, out + r4 * out_row + j
            a5, c5 = a + r5 * a_row, out + r5 * out_row + j
            a6, c6 = a + r6 * a_row, out + r6 * out_row + j
            a7, c7 = a + r7 * a_row, out + r7 * out_row + j
            if add != 0:
                s00 = load_masked(memory, c0, m0)
                s10 = load_masked(memory, c1, m0)
                s20 = load_masked(memory, c2, m0)
                s30 = load_masked(memory, c3, m0)
                s40 = load_masked(memory, c4, m0)
                s50 = load_masked(memory, c5, m0)
                s60 = load_masked(memory, c6, m0)
                s70 = load_masked(memory, c7, m0)
            else:
                s00 = zeros(memory)
                s10 = zeros(memory)
                s20 = zeros(memory)
                s30 = zeros(memory)
                s40 = zeros(memory)
                s50 = zeros(memory)
                s60 = zeros(memory)
                s70 = zeros(memory)
            here = b + j
            for _ in range(k):
                y0 = load(memory, here)
                x = splat(memory, a0)
                s00 = fma(x, y0, s00)
                a0 += step
                x = splat(memory, a1)
                s10 = fma(x, y0, s10)
                a1 += step
                x = splat(memory, a2)
                s20 = fma(x, y0, s20)
                a2 += step
                x = splat(memory, a3)
                s30 = fma(x, y0, s30)
                a3 += step
                x = splat(memory, a4)
                s40 = fma(x, y0, s40)
                a4 += step
                x = splat(memory, a5)
                s50 = fma(x, y0, s50)
                a5 += step
                x = splat(memory, a6)
                s60 = fma(x, y0, s60)
                a6 += step
                x = splat(memory, a7)
                s70 = fma(x, y0, s70)
                a7 += step
                here += b_row
            store_masked(memory, c0, s00, m0)
            store_masked(memory, c1, s10, m0)
            store_masked(memory, c2, s20, m0)
            store_masked(memory, c3, s30, m0)
            store_masked(memory, c4, s40, m0)
            store_masked(memory, c5, s50, m0)
            store_masked(memory, c6, s60, m0)
            store_masked(memory, c7, s70, m0)
