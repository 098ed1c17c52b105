"""Convolutions straight from the image, of sizes that leave rests in every direction."""

import numpy as np
import pytest
from gradviz.engine.compiled import compile_program
from gradviz.engine.jit import jit_disabled
from gradviz.engine.op import Sample

from tests.engine.compiled.test_samples import assert_agrees, recorded

USUAL = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1}


@pytest.mark.skipif(jit_disabled(), reason="the interpreter computes them then")
@pytest.mark.parametrize("dtype", [np.float32, pytest.param(np.float64, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("image", "weight", "padding", "dilation"),
    [
        ((2, 3, 9, 40), (7, 3, 3, 2), 0, 1),
        ((3, 2, 14, 14), (16, 2, 5, 5), 0, 1),
        ((2, 2, 7, 23), (20, 2, 3, 3), 0, 1),
        ((2, 1, 32, 32), (6, 1, 5, 5), 0, 1),
        ((1, 3, 6, 17), (4, 3, 1, 4), 0, 1),
        ((3, 2, 16, 16), (13, 2, 3, 3), 1, 1),
        ((2, 3, 9, 7), (12, 3, 3, 3), 1, 1),
        ((2, 2, 7, 15), (24, 2, 4, 2), 1, 2),
        ((1, 2, 33, 8), (5, 2, 3, 3), 2, 2),
        ((1, 6, 14, 14), (16, 6, 5, 5), 0, 1),
        ((1, 2, 12, 22), (35, 2, 3, 3), 0, 1),
        ((2, 8, 9, 10), (5, 8, 3, 4), 1, 2),
        ((2, 6, 8, 24), (3, 6, 3, 5), 0, 1),
    ],
)
def test_straight_from_the_image(
    image: tuple[int, ...], weight: tuple[int, ...], padding: int, dilation: int, dtype: type
) -> None:
    rng = np.random.default_rng(0)
    attrs = {**USUAL, "padding": (padding,) * 2, "dilation": (dilation,) * 2}
    for biased in (False, True):
        arrays = [rng.normal(size=image), rng.normal(size=weight), rng.normal(size=weight[:1])]
        given = tuple(array.astype(dtype) for array in arrays[: 2 + biased])
        program = recorded("conv2d", Sample(given, attrs))
        assert not compile_program(program).fallbacks
        assert_agrees(program)
