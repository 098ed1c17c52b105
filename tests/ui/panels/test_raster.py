"""Each element has a cell of its own, and the picture has its value there."""

import math
from itertools import pairwise

import numpy as np
import pytest
from gradviz.ui.panels.inspector.colours import STEPS, ColourMap, Scale, scale_for
from gradviz.ui.panels.inspector.raster import compose, plan_for, shrink
from gradviz.ui.theme import DARK, LIGHT, Theme
from hypothesis import given
from hypothesis import strategies as st

SHAPES = st.lists(st.integers(1, 7), min_size=0, max_size=5).map(tuple)


@given(SHAPES, st.data())
def test_cells_and_elements_find_each_other(shape: tuple[int, ...], data: st.DataObject) -> None:
    plan = plan_for(shape)
    leading = tuple(data.draw(st.integers(0, n - 1)) for n in shape[: plan.sliced])
    cells = set()
    for inner in np.ndindex(*shape[plan.sliced :]):
        index = (*leading, *inner)
        cell = plan.cell_of(index)
        assert plan.index_at(*cell, leading) == index
        cells.add(cell)
    assert len(cells) == math.prod(shape[plan.sliced :])
    assert all(0 <= row < plan.rows and 0 <= column < plan.columns for row, column in cells)


@given(SHAPES)
def test_the_picture_holds_each_value_at_its_cell(shape: tuple[int, ...]) -> None:
    array = np.arange(1.0, math.prod(shape) + 1).reshape(shape)
    plan = plan_for(shape)
    leading = tuple(n - 1 for n in shape[: plan.sliced])
    values, filled = compose(plan, array, leading)
    assert values.shape == filled.shape == (plan.rows, plan.columns)
    assert filled.sum() == math.prod(shape[plan.sliced :])
    for inner in np.ndindex(*shape[plan.sliced :]):
        cell = plan.cell_of((*leading, *inner))
        assert filled[cell]
        assert values[cell] == array[(*leading, *inner)]


@given(SHAPES)
def test_gaps_hold_no_element(shape: tuple[int, ...]) -> None:
    plan = plan_for(shape)
    leading = (0,) * plan.sliced
    _, filled = compose(plan, np.ones(shape), leading)
    for row in range(-1, plan.rows + 1):
        for column in range(-1, plan.columns + 1):
            inside = 0 <= row < plan.rows and 0 <= column < plan.columns and bool(filled[row, column])
            assert (plan.index_at(row, column, leading) is not None) == inside


@pytest.mark.parametrize(
    ("shape", "sliced", "grid"),
    [
        ((), 0, (1, 1)),
        ((10,), 0, (1, 1)),
        ((1, 6, 28, 28), 1, (2, 3)),  # channels as images
        ((6, 1, 5, 5), 0, (2, 3)),  # kernels of one channel
        ((16, 6, 5, 5), 0, (16, 6)),  # kernels: a row for each output channel
        ((8, 3, 32, 32), 1, (2, 2)),  # a batch of images: one at a time
        ((84, 120), 0, (1, 1)),
        ((2, 3, 4, 16, 16), 2, (2, 2)),
    ],
)
def test_layouts(shape: tuple[int, ...], sliced: int, grid: tuple[int, int]) -> None:
    plan = plan_for(shape)
    assert (plan.sliced, plan.grid) == (sliced, grid)


def test_long_vectors_are_wrapped() -> None:
    plan = plan_for((1, 120))
    assert (plan.rows, plan.columns) == (4, 32)
    assert plan.index_at(1, 0, ()) == (0, 32)


def test_shrinking_keeps_the_largest_magnitude() -> None:
    values = np.zeros((5, 6))
    values[0, 1], values[4, 5], values[2, 2] = -3.0, 2.0, np.nan
    small, filled = shrink(values, np.ones((5, 6), bool), 2)
    assert small.shape == (3, 3)
    assert small[0, 0] == -3.0
    assert np.isnan(small[1, 1])
    assert small[2, 2] == 2.0
    assert filled.all()


# Colours.


@pytest.mark.parametrize(
    ("low", "high", "scale"),
    [
        (-2.0, 1.0, Scale(-2, 2)),
        (0.5, 3.0, Scale(0, 3)),
        (math.nan, math.nan, Scale(0, 0)),
        (-1.0, -0.5, Scale(-1, 1)),
    ],
)
def test_scales(low: float, high: float, scale: Scale) -> None:
    assert scale_for(low, high) == scale


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_zero_is_neutral_and_signs_differ(theme: Theme) -> None:
    colours, scale = ColourMap(theme), Scale(-2.0, 2.0)
    assert colours.colour(0.0, scale) == colours.neutral
    negative, positive = colours.colour(-2.0, scale), colours.colour(2.0, scale)
    assert positive.blue() > positive.red()
    assert negative.red() > negative.blue()
    assert colours.colour(math.nan, scale) == colours.broken
    assert colours.colour(99.0, scale) == positive


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_colours_move_away_from_zero_steadily(theme: Theme) -> None:
    colours, scale = ColourMap(theme), Scale(-1.0, 1.0)

    def distance(value: float) -> float:
        shade, ground = colours.colour(value, scale), colours.neutral
        return math.dist(shade.getRgb()[:3], ground.getRgb()[:3])  # type: ignore[arg-type]

    for sign in (-1, 1):
        shades = [distance(sign * i / 20) for i in range(21)]
        assert all(b > a for a, b in pairwise(shades[:15]))


def test_levels_are_clipped_and_empty_cells_are_transparent() -> None:
    scale = Scale(-1.0, 1.0)
    levels = scale.level(np.array([-5.0, -1.0, 0.0, 1.0, np.inf, np.nan]))
    assert levels.tolist() == [-STEPS, -STEPS, 0, STEPS, STEPS + 1, STEPS + 1]
    pixels = ColourMap(LIGHT).pixels(np.zeros((1, 2)), np.array([[True, False]]), scale)
    assert pixels[0, 0] >> 24 == 255
    assert pixels[0, 1] == 0
