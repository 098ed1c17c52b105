"""The product of a column and a row: each number is one product."""

from __future__ import annotations

from ..memory import Memory, Row
from ..routine import kernel
from ..simd import between, lanes, load, load_masked, splat, store, store_masked


@kernel
def outer(memory: Memory, row: Row) -> None:
    """The product of a column and a row. Row: m, n; a, its stride; b; out, its row stride."""
    m, n, a, step, b, out, out_row = row[0], row[1], row[2], row[3], row[4], row[5], row[6]
    width = lanes(memory)
    for i in range(m):
        x = splat(memory, a + i * step)
        here = out + i * out_row
        j = 0
        while j + 4 * width <= n:
            y0, y1 = load(memory, b + j), load(memory, b + j + width)
            y2, y3 = load(memory, b + j + 2 * width), load(memory, b + j + 3 * width)
            store(memory, here + j, x * y0)
            store(memory, here + j + width, x * y1)
            store(memory, here + j + 2 * width, x * y2)
            store(memory, here + j + 3 * width, x * y3)
            j += 4 * width
        while j < n:
            rest = between(memory, 0, n - j)
            store_masked(memory, here + j, x * load_masked(memory, b + j, rest), rest)
            j += width
