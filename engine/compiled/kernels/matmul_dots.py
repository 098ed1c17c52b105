"""Matrix products with the rows of the first and the columns of the second factor dense, held in registers.

Row: m, n, k; a, its row stride; b, its column stride; whether to add; out, its row
stride. Rows and columns beyond the last are done twice.
"""

from __future__ import annotations

from ..memory import Memory, Row
from ..routine import kernel
from ..simd import between, fma, lanes, load, load_masked, total, zeros


@kernel
def columns4x4(memory: Memory, row: Row) -> None:
    """4 rows and 4 columns at a time; their sums are added up at the end."""
    m, n, k, a, a_row, b, b_column, add, out, out_row = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9]
    )  # fmt: skip
    width = lanes(memory)
    full = k - k % width
    rest = between(memory, 0, k - full)
    for i in range(0, m, 4):
        r0 = i
        r1 = min(i + 1, m - 1)
        r2 = min(i + 2, m - 1)
        r3 = min(i + 3, m - 1)
        a0, c0 = a + r0 * a_row, out + r0 * out_row
        a1, c1 = a + r1 * a_row, out + r1 * out_row
        a2, c2 = a + r2 * a_row, out + r2 * out_row
        a3, c3 = a + r3 * a_row, out + r3 * out_row
        for j in range(0, n, 4):
            j0 = j
            j1 = min(j + 1, n - 1)
            j2 = min(j + 2, n - 1)
            j3 = min(j + 3, n - 1)
            b0 = b + j0 * b_column
            b1 = b + j1 * b_column
            b2 = b + j2 * b_column
            b3 = b + j3 * b_column
            s00 = s01 = s02 = s03 = zeros(memory)
            s10 = s11 = s12 = s13 = zeros(memory)
            s20 = s21 = s22 = s23 = zeros(memory)
            s30 = s31 = s32 = s33 = zeros(memory)
            for p in range(0, full, width):
                y0 = load(memory, b0 + p)
                y1 = load(memory, b1 + p)
                y2 = load(memory, b2 + p)
                y3 = load(memory, b3 + p)
                x = load(memory, a0 + p)
                s00 = fma(x, y0, s00)
                s01 = fma(x, y1, s01)
                s02 = fma(x, y2, s02)
                s03 = fma(x, y3, s03)
                x = load(memory, a1 + p)
                s10 = fma(x, y0, s10)
                s11 = fma(x, y1, s11)
                s12 = fma(x, y2, s12)
                s13 = fma(x, y3, s13)
                x = load(memory, a2 + p)
                s20 = fma(x, y0, s20)
                s21 = fma(x, y1, s21)
                s22 = fma(x, y2, s22)
                s23 = fma(x, y3, s23)
                x = load(memory, a3 + p)
                s30 = fma(x, y0, s30)
                s31 = fma(x, y1, s31)
                s32 = fma(x, y2, s32)
                s33 = fma(x, y3, s33)
            if full < k:
                y0 = load_masked(memory, b0 + full, rest)
                y1 = load_masked(memory, b1 + full, rest)
                y2 = load_masked(memory, b2 + full, rest)
                y3 = load_masked(memory, b3 + full, rest)
                x = load_masked(memory, a0 + full, rest)
                s00 = fma(x, y0, s00)
                s01 = fma(x, y1, s01)
                s02 = fma(x, y2, s02)
                s03 = fma(x, y3, s03)
                x = load_masked(memory, a1 + full, rest)
                s10 = fma(x, y0, s10)
                s11 = fma(x, y1, s11)
                s12 = fma(x, y2, s12)
                s13 = fma(x, y3, s13)
                x = load_masked(memory, a2 + full, rest)
                s20 = fma(x, y0, s20)
                s21 = fma(x, y1, s21)
                s22 = fma(x, y2, s22)
                s23 = fma(x, y3, s23)
                x = load_masked(memory, a3 + full, rest)
                s30 = fma(x, y0, s30)
                s31 = fma(x, y1, s31)
                s32 = fma(x, y2, s32)
                s33 = fma(x, y3, s33)
            t00 = total(s00)
            t01 = total(s01)
            t02 = total(s02)
            t03 = total(s03)
            t10 = total(s10)
            t11 = total(s11)
            t12 = total(s12)
            t13 = total(s13)
            t20 = total(s20)
            t21 = total(s21)
            t22 = total(s22)
            t23 = total(s23)
            t30 = total(s30)
            t31 = total(s31)
            t32 = total(s32)
            t33 = total(s33)
            if add != 0:
                t00 += memory[c0 + j0]
                t01 += memory[c0 + j1]
                t02 += memory[c0 + j2]
                t03 += memory[c0 + j3]
                t10 += memory[c1 + j0]
                t11 += memory[c1 + j1]
                t12 += memory[c1 + j2]
                t13 += memory[c1 + j3]
                t20 += memory[c2 + j0]
                t21 += memory[c2 + j1]
                t22 += memory[c2 + j2]
                t23 += memory[c2 + j3]
                t30 += memory[c3 + j0]
                t31 += memory[c3 + j1]
                t32 += memory[c3 + j2]
                t33 += memory[c3 + j3]
            memory[c0 + j0] = t00
            memory[c0 + j1] = t01
            memory[c0 + j2] = t02
            memory[c0 + j3] = t03
            memory[c1 + j0] = t10
            memory[c1 + j1] = t11
            memory[c1 + j2] = t12
            memory[c1 + j3] = t13
            memory[c2 + j0] = t20
            memory[c2 + j1] = t21
            memory[c2 + j2] = t22
            memory[c2 + j3] = t23
            memory[c3 + j0] = t30
            memory[c3 + j1] = t31
            memory[c3 + j2] = t32
            memory[c3 + j3] = t33


@kernel
def columns3x4(memory: Memory, row: Row) -> None:
    """3 rows and 4 columns at a time, as many as 16 registers hold: 12 sums, the rows, and one column."""
    m, n, k, a, a_row, b, b_column, add, out, out_row = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9]
    )  # fmt: skip
    width = lanes(memory)
    full = k - k % width
    rest = between(memory, 0, k - full)
    for i in range(0, m, 3):
        r0 = i
        r1 = min(i + 1, m - 1)
        r2 = min(i + 2, m - 1)
        a0, c0 = a + r0 * a_row, out + r0 * out_row
        a1, c1 = a + r1 * a_row, out + r1 * out_row
        a2, c2 = a + r2 * a_row, out + r2 * out_row
        for j in range(0, n, 4):
            j0 = j
            j1 = min(j + 1, n - 1)
            j2 = min(j + 2, n - 1)
            j3 = min(j + 3, n - 1)
            b0 = b + j0 * b_column
            b1 = b + j1 * b_column
            b2 = b + j2 * b_column
            b3 = b + j3 * b_column
            s00 = s01 = s02 = s03 = zeros(memory)
            s10 = s11 = s12 = s13 = zeros(memory)
            s20 = s21 = s22 = s23 = zeros(memory)
            for p in range(0, full, width):
                x0 = load(memory, a0 + p)
                x1 = load(memory, a1 + p)
                x2 = load(memory, a2 + p)
                y = load(memory, b0 + p)
                s00 = fma(x0, y, s00)
                s10 = fma(x1, y, s10)
                s20 = fma(x2, y, s20)
                y = load(memory, b1 + p)
                s01 = fma(x0, y, s01)
                s11 = fma(x1, y, s11)
                s21 = fma(x2, y, s21)
                y = load(memory, b2 + p)
                s02 = fma(x0, y, s02)
                s12 = fma(x1, y, s12)
                s22 = fma(x2, y, s22)
                y = load(memory, b3 + p)
                s03 = fma(x0, y, s03)
                s13 = fma(x1, y, s13)
                s23 = fma(x2, y, s23)
            if full < k:
                x0 = load_masked(memory, a0 + full, rest)
                x1 = load_masked(memory, a1 + full, rest)
                x2 = load_masked(memory, a2 + full, rest)
                y = load_masked(memory, b0 + full, rest)
                s00 = fma(x0, y, s00)
                s10 = fma(x1, y, s10)
                s20 = fma(x2, y, s20)
                y = load_masked(memory, b1 + full, rest)
                s01 = fma(x0, y, s01)
                s11 = fma(x1, y, s11)
                s21 = fma(x2, y, s21)
                y = load_masked(memory, b2 + full, rest)
                s02 = fma(x0, y, s02)
                s12 = fma(x1, y, s12)
                s22 = fma(x2, y, s22)
                y = load_masked(memory, b3 + full, rest)
                s03 = fma(x0, y, s03)
                s13 = fma(x1, y, s13)
                s23 = fma(x2, y, s23)
            t00 = total(s00)
            t01 = total(s01)
            t02 = total(s02)
            t03 = total(s03)
            t10 = total(s10)
            t11 = total(s11)
            t12 = total(s12)
            t13 = total(s13)
            t20 = total(s20)
            t21 = total(s21)
            t22 = total(s22)
            t23 = total(s23)
            if add != 0:
                t00 += memory[c0 + j0]
                t01 += memory[c0 + j1]
                t02 += memory[c0 + j2]
                t03 += memory[c0 + j3]
                t10 += memory[c1 + j0]
                t11 += memory[c1 + j1]
                t12 += memory[c1 + j2]
                t13 += memory[c1 + j3]
                t20 += memory[c2 + j0]
                t21 += memory[c2 + j1]
                t22 += memory[c2 + j2]
                t23 += memory[c2 + j3]
            memory[c0 + j0] = t00
            memory[c0 + j1] = t01
            memory[c0 + j2] = t02
            memory[c0 + j3] = t03
            memory[c1 + j0] = t10
            memory[c1 + j1] = t11
            memory[c1 + j2] = t12
            memory[c1 + j3] = t13
            memory[c2 + j0] = t20
            memory[c2 + j1] = t21
            memory[c2 + j2] = t22
            memory[c2 + j3] = t23


@kernel
def columns1x4(memory: Memory, row: Row) -> None:
    """1 rows and 4 columns at a time; their sums are added up at the end."""
    m, n, k, a, a_row, b, b_column, add, out, out_row = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9]
    )  # fmt: skip
    width = lanes(memory)
    full = k - k % width
    rest = between(memory, 0, k - full)
    for i in range(0, m, 1):
        r0 = i
        a0, c0 = a + r0 * a_row, out + r0 * out_row
        for j in range(0, n, 4):
            j0 = j
            j1 = min(j + 1, n - 1)
            j2 = min(j + 2, n - 1)
            j3 = min(j + 3, n - 1)
            b0 = b + j0 * b_column
            b1 = b + j1 * b_column
            b2 = b + j2 * b_column
            b3 = b + j3 * b_column
            s00 = s01 = s02 = s03 = zeros(memory)
            for p in range(0, full, width):
                y0 = load(memory, b0 + p)
                y1 = load(memory, b1 + p)
                y2 = load(memory, b2 + p)
                y3 = load(memory, b3 + p)
                x = load(memory, a0 + p)
                s00 = fma(x, y0, s00)
                s01 = fma(x, y1, s01)
                s02 = fma(x, y2, s02)
                s03 = fma(x, y3, s03)
            if full < k:
                y0 = load_masked(memory, b0 + full, rest)
                y1 = load_masked(memory, b1 + full, rest)
                y2 = load_masked(memory, b2 + full, rest)
                y3 = load_masked(memory, b3 + full, rest)
                x = load_masked(memory, a0 + full, rest)
                s00 = fma(x, y0, s00)
                s01 = fma(x, y1, s01)
                s02 = fma(x, y2, s02)
                s03 = fma(x, y3, s03)
            t00 = total(s00)
            t01 = total(s01)
            t02 = total(s02)
            t03 = total(s03)
            if add != 0:
                t00 += memory[c0 + j0]
                t01 += memory[c0 + j1]
                t02 += memory[c0 + j2]
                t03 += memory[c0 + j3]
            memory[c0 + j0] = t00
            memory[c0 + j1] = t01
            memory[c0 + j2] = t02
            memory[c0 + j3] = t03
