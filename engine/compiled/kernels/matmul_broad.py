"""Matrix products whose second factor is a few vectors wide: all of a row's sums stay in registers."""

from __future__ import annotations

from ..memory import Memory, Row
from ..routine import kernel
from ..simd import between, fma, lanes, load, load_masked, settle, splat, store_masked, zeros


@kernel
def rows3x7(memory: Memory, row: Row) -> None:
    """3 rows and 7 vectors, of which the last may be a part, at a time. Row: as in `matmul`."""
    m, n, k, a, a_row, step, b, b_row, add, out, out_row = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10]
    )  # fmt: skip
    width = lanes(memory)
    for j in range(0, n, 7 * width):
        m0 = between(memory, 0, n - j - 0 * width)
        m1 = between(memory, 0, n - j - 1 * width)
        m2 = between(memory, 0, n - j - 2 * width)
        m3 = between(memory, 0, n - j - 3 * width)
        m4 = between(memory, 0, n - j - 4 * width)
        m5 = between(memory, 0, n - j - 5 * width)
        m6 = between(memory, 0, n - j - 6 * width)
        for i in range(0, m, 3):
            r0 = i
            r1 = min(i + 1, m - 1)
            r2 = min(i + 2, m - 1)
            a0, c0 = a + r0 * a_row, out + r0 * out_row + j
            a1, c1 = a + r1 * a_row, out + r1 * out_row + j
            a2, c2 = a + r2 * a_row, out + r2 * out_row + j
            if add != 0:
                s00 = load_masked(memory, c0 + 0 * width, m0)
                s01 = load_masked(memory, c0 + 1 * width, m1)
                s02 = load_masked(memory, c0 + 2 * width, m2)
                s03 = load_masked(memory, c0 + 3 * width, m3)
                s04 = load_masked(memory, c0 + 4 * width, m4)
                s05 = load_masked(memory, c0 + 5 * width, m5)
                s06 = load_masked(memory, c0 + 6 * width, m6)
                s10 = load_masked(memory, c1 + 0 * width, m0)
                s11 = load_masked(memory, c1 + 1 * width, m1)
                s12 = load_masked(memory, c1 + 2 * width, m2)
                s13 = load_masked(memory, c1 + 3 * width, m3)
                s14 = load_masked(memory, c1 + 4 * width, m4)
                s15 = load_masked(memory, c1 + 5 * width, m5)
                s16 = load_masked(memory, c1 + 6 * width, m6)
                s20 = load_masked(memory, c2 + 0 * width, m0)
                s21 = load_masked(memory, c2 + 1 * width, m1)
                s22 = load_masked(memory, c2 + 2 * width, m2)
                s23 = load_masked(memory, c2 + 3 * width, m3)
                s24 = load_masked(memory, c2 + 4 * width, m4)
                s25 = load_masked(memory, c2 + 5 * width, m5)
                s26 = load_masked(memory, c2 + 6 * width, m6)
            else:
                s00 = s01 = s02 = s03 = s04 = s05 = s06 = zeros(memory)
                s10 = s11 = s12 = s13 = s14 = s15 = s16 = zeros(memory)
                s20 = s21 = s22 = s23 = s24 = s25 = s26 = zeros(memory)
            here = b + j
            for _ in range(k):
                x0 = splat(memory, a0)
                x1 = splat(memory, a1)
                x2 = splat(memory, a2)
                y = load(memory, here + 0 * width)
                s00, s10, s20 = fma(x0, y, s00), fma(x1, y, s10), fma(x2, y, s20)
                y = load(memory, here + 1 * width)
                s01, s11, s21 = fma(x0, y, s01), fma(x1, y, s11), fma(x2, y, s21)
                y = load(memory, here + 2 * width)
                s02, s12, s22 = fma(x0, y, s02), fma(x1, y, s12), fma(x2, y, s22)
                y = load(memory, here + 3 * width)
                s03, s13, s23 = fma(x0, y, s03), fma(x1, y, s13), fma(x2, y, s23)
                y = load(memory, here + 4 * width)
                s04, s14, s24 = fma(x0, y, s04), fma(x1, y, s14), fma(x2, y, s24)
                y = load(memory, here + 5 * width)
                s05, s15, s25 = fma(x0, y, s05), fma(x1, y, s15), fma(x2, y, s25)
                y = load(memory, here + 6 * width)
                s06, s16, s26 = fma(x0, y, s06), fma(x1, y, s16), fma(x2, y, s26)
                a0 += step
                a1 += step
                a2 += step
                here += b_row
                settle(memory)
            store_masked(memory, c0 + 0 * width, s00, m0)
            store_masked(memory, c0 + 1 * width, s01, m1)
            store_masked(memory, c0 + 2 * width, s02, m2)
            store_masked(memory, c0 + 3 * width, s03, m3)
            store_masked(memory, c0 + 4 * width, s04, m4)
            store_masked(memory, c0 + 5 * width, s05, m5)
            store_masked(memory, c0 + 6 * width, s06, m6)
            store_masked(memory, c1 + 0 * width, s10, m0)
            store_masked(memory, c1 + 1 * width, s11, m1)
            store_masked(memory, c1 + 2 * width, s12, m2)
            store_masked(memory, c1 + 3 * width, s13, m3)
            store_masked(memory, c1 + 4 * width, s14, m4)
            store_masked(memory, c1 + 5 * width, s15, m5)
            store_masked(memory, c1 + 6 * width, s16, m6)
            store_masked(memory, c2 + 0 * width, s20, m0)
            store_masked(memory, c2 + 1 * width, s21, m1)
            store_masked(memory, c2 + 2 * width, s22, m2)
            store_masked(memory, c2 + 3 * width, s23, m3)
            store_masked(memory, c2 + 4 * width, s24, m4)
            store_masked(memory, c2 + 5 * width, s25, m5)
            store_masked(memory, c2 + 6 * width, s26, m6)
