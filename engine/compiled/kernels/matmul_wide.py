"""Matrix products whose second factor exceeds the cache: it is read in order, a few rows at a time."""

from __future__ import annotations

from ..memory import Memory, Row
from ..routine import kernel
from ..simd import between, fma, lanes, load, load_masked, splat, store_masked, zeros

DEPTH = 8
"""Rows of the second factor that are added to the result at a time."""


@kernel
def rows4_wide(memory: Memory, row: Row) -> None:
    """4 rows and 2 vectors at a time, along the rows. Row: as in `matmul`."""
    m, n, k, a, a_row, step, b, b_row, add, out, out_row = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10]
    )  # fmt: skip
    width = lanes(memory)
    for p in range(0, k, DEPTH):
        depth = min(DEPTH, k - p)
        for i in range(0, m, 4):
            r0 = i
            r1 = min(i + 1, m - 1)
            r2 = min(i + 2, m - 1)
            r3 = min(i + 3, m - 1)
            for j in range(0, n, 2 * width):
                m0, m1 = between(memory, 0, n - j), between(memory, 0, n - j - width)
                a0, c0 = a + r0 * a_row + p * step, out + r0 * out_row + j
                a1, c1 = a + r1 * a_row + p * step, out + r1 * out_row + j
                a2, c2 = a + r2 * a_row + p * step, out + r2 * out_row + j
                a3, c3 = a + r3 * a_row + p * step, out + r3 * out_row + j
                if add != 0 or p > 0:
                    s00, s01 = load_masked(memory, c0, m0), load_masked(memory, c0 + width, m1)
                    s10, s11 = load_masked(memory, c1, m0), load_masked(memory, c1 + width, m1)
                    s20, s21 = load_masked(memory, c2, m0), load_masked(memory, c2 + width, m1)
                    s30, s31 = load_masked(memory, c3, m0), load_masked(memory, c3 + width, m1)
                else:
                    s00 = s01 = zeros(memory)
                    s10 = s11 = zeros(memory)
                    s20 = s21 = zeros(memory)
                    s30 = s31 = zeros(memory)
                here = b + p * b_row + j
                for _ in range(depth):
                    y0, y1 = load(memory, here), load(memory, here + width)
                    x = splat(memory, a0)
                    s00, s01 = fma(x, y0, s00), fma(x, y1, s01)
                    a0 += step
                    x = splat(memory, a1)
                    s10, s11 = fma(x, y0, s10), fma(x, y1, s11)
                    a1 += step
                    x = splat(memory, a2)
                    s20, s21 = fma(x, y0, s20), fma(x, y1, s21)
                    a2 += step
                    x = splat(memory, a3)
                    s30, s31 = fma(x, y0, s30), fma(x, y1, s31)
                    a3 += step
                    here += b_row
                store_masked(memory, c0, s00, m0)
                store_masked(memory, c0 + width, s01, m1)
                store_masked(memory, c1, s10, m0)
                store_masked(memory, c1 + width, s11, m1)
                store_masked(memory, c2, s20, m0)
                store_masked(memory, c2 + width, s21, m1)
                store_masked(memory, c3, s30, m0)
                store_masked(memory, c3 + width, s31, m1)
