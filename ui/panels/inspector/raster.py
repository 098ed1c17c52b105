"""How a tensor of any number of dimensions is laid out as one picture of cells; no Qt here.

The last two dimensions are the rows and columns of a tile, the one or two before them count the tiles, which
lie in a grid with a gap of one cell; all dimensions before those are sliced. Vectors are wrapped into lines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

LINE = 32  # a vector of more elements than this is wrapped
KERNEL = (
    11  # tiles up to this size are kernels: all of them are shown, a row of tiles for each output channel
)
_ASPECT = 4 / 3  # width : height that a grid of tiles should have

Index = tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """Where the elements of an array of `shape` lie: `grid` rows and columns of tiles of `tile` cells.

    `sliced` leading dimensions are fixed by an index chosen elsewhere; `tiles` is the number of tiles; `gap`
    cells lie between two tiles.
    """

    shape: tuple[int, ...]
    sliced: int
    grid: tuple[int, int]
    tile: tuple[int, int]
    tiles: int
    gap: int

    @property
    def rows(self) -> int:
        """Height of the picture in cells."""
        return max(1, self.grid[0] * (self.tile[0] + self.gap) - self.gap)

    @property
    def columns(self) -> int:
        """Width of the picture in cells."""
        return max(1, self.grid[1] * (self.tile[1] + self.gap) - self.gap)

    @cached_property
    def inner(self) -> tuple[int, ...]:
        """The shape of what one picture shows."""
        return self.shape[self.sliced :]

    def index_at(self, row: int, column: int, leading: Index) -> Index | None:
        """The element in a cell of the picture, None in a gap or beyond the last element."""
        if not (0 <= row < self.rows and 0 <= column < self.columns):
            return None
        tile_row, y = divmod(row, self.tile[0] + self.gap)
        tile_column, x = divmod(column, self.tile[1] + self.gap)
        number = tile_row * self.grid[1] + tile_column
        if y >= self.tile[0] or x >= self.tile[1] or number >= self.tiles:
            return None
        flat = (number * self.tile[0] + y) * self.tile[1] + x
        if flat >= math.prod(self.inner):
            return None
        return (
            *leading[: self.sliced],
            *(int(i) for i in np.unravel_index(flat, self.inner or (1,))[: len(self.inner)]),
        )

    def cell_of(self, index: Index) -> tuple[int, int]:
        """Row and column of the cell of an element (whatever its leading indices)."""
        flat = 0
        for i, size in zip(index[self.sliced :], self.inner, strict=True):
            flat = flat * size + i
        rest, x = divmod(flat, self.tile[1])
        number, y = divmod(rest, self.tile[0])
        tile_row, tile_column = divmod(number, self.grid[1])
        return tile_row * (self.tile[0] + self.gap) + y, tile_column * (self.tile[1] + self.gap) + x


def plan_for(shape: tuple[int, ...]) -> Plan:
    """The layout for a shape."""
    thin = tuple(size for size in shape if size != 1)
    if len(thin) <= 1:
        return _line(shape, math.prod(shape))
    rows, columns = shape[-2:]
    if len(shape) == 2:
        return Plan(shape, 0, (1, 1), (rows, columns), 1, 0)
    if len(shape) == 3:
        return _grid(shape, 0, shape[0])
    several = shape[-4] > 1
    if several and max(rows, columns) <= KERNEL and shape[-3] > 1:
        return Plan(shape, len(shape) - 4, (shape[-4], shape[-3]), (rows, columns), shape[-4] * shape[-3], 1)
    if several and max(rows, columns) <= KERNEL:
        return _grid(shape, len(shape) - 4, shape[-4])
    return _grid(shape, len(shape) - 3, shape[-3])


def _line(shape: tuple[int, ...], size: int) -> Plan:
    if size <= LINE:
        return Plan(shape, 0, (1, 1), (1, max(size, 1)), 1, 0)
    columns = LINE if size <= LINE * LINE else math.ceil(math.sqrt(size))
    return Plan(shape, 0, (1, 1), (math.ceil(size / columns), columns), 1, 0)


def _grid(shape: tuple[int, ...], sliced: int, tiles: int) -> Plan:
    rows, columns = shape[-2:]

    def badness(n: int) -> float:
        """How far `n` tiles in a row are from the wanted aspect, and how many places stay empty."""
        lines = math.ceil(tiles / n)
        aspect = n * (columns + 1) / (lines * (rows + 1))
        return abs(math.log(aspect / _ASPECT)) + 1.2 * (n * lines - tiles) / tiles

    best = min(range(1, tiles + 1), key=badness)
    return Plan(shape, sliced, (math.ceil(tiles / best), best), (rows, columns), tiles, 1)


def compose(plan: Plan, array: np.ndarray, leading: Index) -> tuple[np.ndarray, np.ndarray]:
    """The picture's values and which cells hold an element."""
    inner = array[tuple(leading[: plan.sliced])]
    flat = np.ascontiguousarray(inner).reshape(-1)
    height, width = plan.tile
    total = plan.grid[0] * plan.grid[1]
    cells = np.zeros(total * height * width, flat.dtype)
    cells[: flat.size] = flat
    filled = np.zeros(cells.shape, bool)
    filled[: flat.size] = True
    return _spread(plan, cells), _spread(plan, filled)


def _spread(plan: Plan, cells: np.ndarray) -> np.ndarray:
    """Lay tiles out in their grid, with gaps."""
    (grid_rows, grid_columns), (height, width) = plan.grid, plan.tile
    tiles = cells.reshape(grid_rows, grid_columns, height, width)
    if plan.gap:
        tiles = np.pad(tiles, ((0, 0), (0, 0), (0, plan.gap), (0, plan.gap)))
    picture = tiles.transpose(0, 2, 1, 3).reshape(tiles.shape[0] * tiles.shape[2], -1)
    return picture[: plan.rows, : plan.columns]


def shrink(values: np.ndarray, filled: np.ndarray, factor: int) -> tuple[np.ndarray, np.ndarray]:
    """One cell for each block of `factor` × `factor`: the value of the largest magnitude, NaN first."""
    if factor <= 1:
        return values, filled
    pad = tuple((0, -size % factor) for size in values.shape)
    values, filled = np.pad(values, pad), np.pad(filled, pad)
    rows, columns = values.shape[0] // factor, values.shape[1] // factor

    def blocks(cells: np.ndarray) -> np.ndarray:
        split = cells.reshape(rows, factor, columns, factor).transpose(0, 2, 1, 3)
        return split.reshape(rows, columns, factor * factor)

    inside = blocks(values)
    size = np.abs(inside) if inside.dtype.kind != "b" else inside.astype(np.uint8)
    if size.dtype.kind == "f":
        size = np.nan_to_num(size, nan=np.inf, copy=False)
    winner = np.argmax(size, axis=2)[..., np.newaxis]
    return np.take_along_axis(inside, winner, axis=2)[..., 0], np.asarray(blocks(filled).any(axis=2))
