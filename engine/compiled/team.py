"""Work on a single sample, for two threads: rows that take long are cut in two, by channels or lines of the
result, and both parts run at once.

Each number is computed as by one thread, so the results are the same. Both parts read and write what the row
did, nothing else; so it does not matter for where buffers lie.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from .halves import ELEMENTWISE, OF_ROWS
from .lowerings.convolution_geometry import room_of
from .values import Fallback, Operand, Place, Row, Share

WORTH = 12.0
"""Microseconds from which a row is cut; handing over takes about one."""
PRODUCTS, MOVED, NEAR = 40_000, 4_000, 20_000
"""In a microsecond, about: multiply-adds, numbers read or written, and such as stay in the cache."""
CACHED = 1 << 18
"""Numbers that stay in the cache of a core."""
LINE = 16
"""Elements to whose multiples lines are cut."""

Cut = tuple[float, int, Callable[[int], Sequence[tuple[int, int]]], int, int]
"""How long a row takes; the operand that counts what is cut, for a first part of a size the operands that
move on in the second and how far; the size, and what the first part should be a multiple of."""


def cut(steps: Sequence[Row | Fallback]) -> tuple[list[Row | Fallback], list[Share]]:
    """The steps with long rows replaced by two, and where these are."""
    made: list[Row | Fallback] = []
    shares = []
    for step in steps:
        parts = _parts(step) if isinstance(step, Row) else None
        if parts is None:
            made.append(step)
        else:
            shares.append(Share(len(made), len(made) + 1, len(made) + 2))
            made += parts
    return made, shares


def _parts(row: Row) -> tuple[Row, Row] | None:
    """Two rows that do what one does; None if that does not pay, or is not known."""
    find = _KINDS.get(row.kernel)
    found = None if find is None else find(row.operands)
    if found is None or found[0] < WORTH:
        return None
    _, counter, moves, size, unit = found
    half = size // 2 // unit * unit
    if half == 0:
        return None
    one, two = list(row.operands), list(row.operands)
    one[counter], two[counter] = half, size - half
    for operand, distance in moves(half):
        place = two[operand]
        assert isinstance(place, Place)
        two[operand] = place.moved(distance)
    return replace(row, operands=tuple(one)), replace(row, operands=tuple(two))


Operands = tuple[Operand, ...]


def _sizes(operands: Operands, *which: int) -> tuple[int, ...]:
    found = tuple(operands[k] for k in which)
    assert all(isinstance(each, int) for each in found)
    return found  # type: ignore[return-value]  # just asserted


def _moving(numbers: float) -> float:
    """How long it takes to read or write them."""
    return numbers / (NEAR if numbers <= CACHED else MOVED)


def _time(m: int, n: int, k: int) -> float:
    return m * n * k / PRODUCTS + _moving(m * k + k * n + m * n)


def _rows(operands: Operands) -> Cut:
    """See `kernels.matmul`."""
    m, n, k, a_row, out_row = _sizes(operands, 0, 1, 2, 4, 10)
    if m >= LINE:
        return _time(m, n, k), 0, lambda half: ((3, half * a_row), (9, half * out_row)), m, 4
    return _time(m, n, k), 1, lambda half: ((6, half), (9, half)), n, LINE


def _dots(operands: Operands) -> Cut:
    """See `kernels.matmul_dots`."""
    m, n, k, a_row, b_column, out_row = _sizes(operands, 0, 1, 2, 4, 6, 9)
    if m >= LINE:
        return _time(m, n, k), 0, lambda half: ((3, half * a_row), (8, half * out_row)), m, 3
    return _time(m, n, k), 1, lambda half: ((5, half * b_column), (8, half)), n, LINE


def _outer(operands: Operands) -> Cut:
    m, n, step, out_row = _sizes(operands, 0, 1, 3, 6)
    return _time(m, n, 1), 0, lambda half: ((2, half * step), (5, half * out_row)), m, 1


def _descent(operands: Operands) -> Cut:
    """See `kernels.outer`."""
    m, n, step = _sizes(operands, 0, 1, 3)
    return _time(m, n, 1), 0, lambda half: ((2, half * step), *((k, half * n) for k in (5, 6, 8))), m, 1


def _columns(operands: Operands) -> Cut:
    """See `kernels.columns`."""
    channels, height, wide, *rest = _sizes(operands, 2, 3, 4, 5, 6, 13, 14)
    lines = math.prod(rest)
    return (
        channels * lines / 2000,
        2,
        lambda half: ((0, half * height * wide), (1, half * lines)),
        channels,
        1,
    )


def _turned(operands: Operands) -> Cut:
    rows, cols, source_row, target_row = _sizes(operands, 0, 1, 3, 5)
    if cols >= LINE:
        return rows * cols / 1000, 1, lambda half: ((2, half), (4, half * target_row)), cols, 1
    return rows * cols / 1000, 0, lambda half: ((2, half * source_row), (4, half)), rows, LINE


def _pool(operands: Operands) -> Cut:
    """See `kernels.pooling`."""
    planes, *sizes = _sizes(operands, 0, 4, 5, 6, 7, 8, 9)
    image, pixels = math.prod(sizes[:2]), math.prod(sizes[2:4])
    time = planes * math.prod(sizes[2:]) / 1000
    return time, 0, lambda half: ((1, half * image), (2, half * pixels), (3, half * pixels)), planes, 1


def _lines(operands: Operands) -> Cut:
    """See `kernels.convolution_direct`."""
    samples, size, rows, cols, filters, taps, apart, biased, out_size = _sizes(
        operands, 0, 2, 4, 5, 6, 7, 10, 11, 14
    )
    time = samples * rows * cols * filters * taps / PRODUCTS
    if samples > 1:
        return time, 0, lambda half: ((1, half * size), (13, half * out_size)), samples, 1

    def moves(half: int) -> list[tuple[int, int]]:
        bias = [(12, half)] if biased else []
        return [(9, half * apart), *bias, (13, half * rows * cols)]

    return time, 6, moves, filters, 6


def _channels(operands: Operands) -> Cut:
    """See `kernels.convolution_channels`: by samples, with room for each."""
    samples, size, rows, cols, filters, taps, apart = _sizes(operands, 0, 2, 4, 5, 6, 7, 15)
    rooms = (13, taps * apart), (14, max(taps, rows * cols) * apart)
    time = samples * rows * cols * filters * taps / PRODUCTS
    return time, 0, lambda half: ((1, half * size), (12, half * filters * rows * cols), *rooms), samples, 1


def _taps(operands: Operands) -> Cut:
    """See `kernels.convolution_taps`: by samples, with room for each."""
    samples, size, channels, window_y, window_x = _sizes(operands, 0, 2, 7, 8, 9)
    height, wide, apart, line, border = _sizes(operands, 15, 16, 20, 21, 22)
    weights = _sizes(operands, 5)[0] * window_y * apart
    rooms = (17, weights), (18, (line - border) * apart), (19, line * apart)
    time = samples * size * channels * window_y * window_x / PRODUCTS
    return time, 0, lambda half: ((1, half * size), (14, half * channels * height * wide), *rooms), samples, 1


def _columned(operands: Operands) -> tuple[int, int, int, int, float]:
    """Of a convolution with columns (see `kernels.convolution`): the sizes of a sample, of its result and of
    the room for its columns, the distance of kept ones, and how long it takes."""
    samples, size, rows, cols, filters, taps, groups, apart = _sizes(operands, 0, 2, 14, 15, 16, 17, 18, 20)
    result = filters * rows * cols
    return size, result, room_of(groups * taps * rows * cols), apart, samples * result * taps / PRODUCTS


def _convolution(operands: Operands) -> Cut:
    size, result, room, apart, time = _columned(operands)
    turned = [(28, room)] if len(operands) > 28 and isinstance(operands[28], Place) else []

    def moves(half: int) -> list[tuple[int, int]]:
        return [(1, half * size), (19, half * apart or room), (26, half * result), *turned]

    return time, 0, moves, int(_sizes(operands, 0)[0]), 1


def _image_gradient(operands: Operands) -> Cut:
    size, result, room, _, time = _columned(operands)
    turned = [(27, room)] if isinstance(operands[27], Place) else []
    samples = _sizes(operands, 0)[0]
    return time, 0, lambda half: ((1, half * size), (19, room), (24, half * result), *turned), samples, 1


def _weights_gradient(operands: Operands) -> Cut | None:
    """By filters: both read columns that are there, or make their own."""
    _, result, room, apart, time = _columned(operands)
    filters, taps, groups, made = _sizes(operands, 16, 17, 18, 21)
    if groups > 1 or (apart and not made):
        return None
    own = [] if apart else [(19, room)]
    pixels = result // filters

    def moves(half: int) -> list[tuple[int, int]]:
        return [(23, half * pixels), (25, half * taps), *own]

    return time, 16, moves, filters, 6


def _weights_gradient_small(operands: Operands) -> Cut | None:
    found = _weights_gradient(operands)
    if found is None:
        return None
    time, counter, moves, size, unit = found
    room = _columned(operands)[2]
    return time, counter, lambda half: (*moves(half), (28, room)), size, unit


def _weights_gradient_turned(operands: Operands) -> Cut | None:
    found = _weights_gradient(operands)
    if found is None:
        return None
    time, counter, moves, size, unit = found
    taps, (rows, cols) = _sizes(operands, 17)[0], _sizes(operands, 14, 15)

    def more(half: int) -> list[tuple[int, int]]:
        return [*moves(half), (28, half * rows * cols), (29, half * taps)]

    return time, counter, more, size, unit


def _lines_weights(operands: Operands) -> Cut:
    samples, rows, cols, filters, taps = _sizes(operands, 0, 4, 5, 6, 7)
    time = samples * rows * cols * filters * taps / PRODUCTS
    return time, 6, lambda half: ((9, half * rows * cols), (11, half * taps)), filters, 3


def _bordered(operands: Operands) -> Cut:
    planes, height, wide, pad_y, pad_x = _sizes(operands, 0, 3, 4, 5, 6)
    size = (height + 2 * pad_y) * (wide + 2 * pad_x)
    return _moving(planes * size), 0, lambda half: ((1, half * height * wide), (2, half * size)), planes, 1


def _elementwise(operands: Operands) -> Cut:
    (size,) = _sizes(operands, 0)
    steps = _sizes(operands, *range(3, len(operands), 2))
    moving = [1, *(2 + 2 * k for k, step in enumerate(steps) if step)]
    return _moving(size * len(moving) / 2), 0, lambda half: [(k, half) for k in moving], size, LINE


def _nest(operands: Operands) -> Cut | None:
    """See `kernels.nest`: along the outermost dimension, with scratch for each."""
    count, dims, inner, block = _sizes(operands, 1, 2, 3, 4)
    if dims == 0:
        return None
    sizes = _sizes(operands, *range(6, 6 + dims))
    own = [6 + dims + k * (dims + 2) for k in range(count)]
    steps = _sizes(operands, *(at + 2 for at in own))

    def moves(half: int) -> list[tuple[int, int]]:
        return [(5, count * block), *((at, half * step) for at, step in zip(own, steps, strict=True))]

    return _moving(math.prod(sizes) * inner * count / 2), 6, moves, sizes[0], 1


def _sums(operands: Operands) -> Cut | None:
    """See `kernels.reduce`: along the outermost dimension that stays."""
    kept, gone = _sizes(operands, 4, 5)
    if kept == 0:
        return None
    sizes, steps = _sizes(operands, *range(6, 6 + kept)), _sizes(operands, *range(6 + kept, 6 + 2 * kept))
    counts = _sizes(operands, *range(6 + 2 * kept, 6 + 2 * kept + gone))
    results = math.prod(sizes[1:])
    time = _moving(math.prod(sizes) * math.prod(counts))
    return time, 6, lambda half: ((0, half * steps[0]), (1, half * results)), sizes[0], LINE


_KINDS: dict[str, Callable[[Operands], Cut | None]] = {
    **dict.fromkeys((*OF_ROWS, "rows1x6"), _rows),
    **dict.fromkeys(("columns4x4", "columns3x4", "columns1x4"), _dots),
    **dict.fromkeys(("columns", "columns_dense", "columns_back", "columns_back_dense"), _columns),
    **dict.fromkeys((*ELEMENTWISE, "relu", "relu_backward"), _elementwise),
    **dict.fromkeys(("sum_columns", "sum_rows"), _sums),
    "bordered": _bordered,
    "conv2d": _convolution,
    "conv2d_input_grad": _image_gradient,
    "conv2d_input_grad_small": _image_gradient,
    "conv2d_input_grad_taps": _taps,
    "conv2d_small": _convolution,
    "conv2d_weight_grad": _weights_gradient,
    "conv2d_weight_grad_small": _weights_gradient_small,
    "conv2d_weight_grad_turned": _weights_gradient_turned,
    "conv2d_channel_pairs": _channels,
    "conv2d_channels": _channels,
    "conv2d_lines": _lines,
    "conv2d_weight_grad_lines": _lines_weights,
    "conv2d_weight_grad_six_lines": _lines_weights,
    "lines_pool2d": _pool,
    "max_pool2d": _pool,
    "nest": _nest,
    "outer": _outer,
    "outer_descent": _descent,
    "turned": _turned,
}
