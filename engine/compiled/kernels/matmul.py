"""Matrix products. Row: m, n, k, a, its strides, b, its row (or column) length, whether to add, out, its row
length."""

from __future__ import annotations

from ..memory import Memory, Row
from ..routine import kernel
from ..simd import between, fma, lanes, load, load_masked, splat, store_masked, total, zeros


@kernel
def matmul_rows(memory: Memory, row: Row) -> None:
    """out (m, n) = a (m, k) b (k, n), with the rows of b dense: vectors along the rows of b and out."""
    m, n, k, a, a_row, a_column, b, b_row, add, out, out_row = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10]
    )  # fmt: skip
    width = lanes(memory)
    for j in range(0, n, width):
        rest = between(memory, 0, n - j)
        for i in range(m):
            found = zeros(memory)
            if add != 0:
                found = load_masked(memory, out + i * out_row + j, rest)
            for p in range(k):
                x = splat(memory, a + i * a_row + p * a_column)
                found = fma(x, load_masked(memory, b + p * b_row + j, rest), found)
            store_masked(memory, out + i * out_row + j, found, rest)


@kernel
def matmul_columns(memory: Memory, row: Row) -> None:
    """The same with the rows of a and the columns of b dense: vectors along both, summed at the end."""
    m, n, k, a, a_row, b, b_column, add, out, out_row = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9]
    )  # fmt: skip
    width = lanes(memory)
    for i in range(m):
        for j in range(n):
            found = zeros(memory)
            p = 0
            while p + width <= k:
                found = fma(load(memory, a + i * a_row + p), load(memory, b + j * b_column + p), found)
                p += width
            if p < k:
                rest = between(memory, 0, k - p)
                x = load_masked(memory, a + i * a_row + p, rest)
                found = fma(x, load_masked(memory, b + j * b_column + p, rest), found)
            value = total(found)
            if add != 0:
                value += memory[out + i * out_row + j]
            memory[out + i * out_row + j] = value
