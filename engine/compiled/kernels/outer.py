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


@kernel
def outer_descent(memory: Memory, row: Row) -> None:
    """The same, a weight's gradient, and new weights w − rate · that, all dense: in one pass over memory,
    where two would read the gradient again. Row: m, n; a, its stride; b; out; w; the rate, a whole vector;
    the new w, which may lie where the old one does. Each step is rounded as if computed for itself."""
    m, n, a, step, b, out, weight, new = row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[8]
    rate = load(memory, row[7])
    width = lanes(memory)
    full = n - n % width
    for i in range(m):
        x = splat(memory, a + i * step)
        here = i * n
        for j in range(0, full, width):
            gradient = x * load(memory, b + j)
            w = load(memory, weight + here + j)
            store(memory, out + here + j, gradient)
            store(memory, new + here + j, w - rate * gradient)
    if full == n:
        return
    rest = between(memory, 0, n - full)
    y = load_masked(memory, b + full, rest)
    for i in range(m):  # afterwards: the next line's load would wait for a store that covers it in part
        gradient = splat(memory, a + i * step) * y
        here = i * n + full
        w = load_masked(memory, weight + here, rest)
        store_masked(memory, out + here, gradient, rest)
        store_masked(memory, new + here, w - rate * gradient, rest)
