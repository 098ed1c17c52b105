"""Max pooling in vectors: winners as the interpreter finds them, also among equals, infinities and NaN."""

import numpy as np
import pytest
from gradviz.engine.compiled import compile_program
from gradviz.engine.op import Sample
from gradviz.engine.program import Program

import gradviz
import gradviz.nn.functional as F
from tests.engine.compiled.test_samples import assert_agrees, recorded

SHAPES = [
    ((2, 3, 8, 8), (2, 2), (2, 2), (0, 0), (1, 1)),
    ((1, 2, 9, 21), (2, 2), (2, 2), (0, 0), (1, 1)),
    ((2, 2, 34, 34), (2, 2), (2, 2), (0, 0), (1, 1)),
    ((2, 3, 16, 16), (3, 3), (2, 2), (1, 1), (1, 1)),
    ((1, 2, 7, 40), (3, 2), (2, 1), (1, 1), (1, 1)),
    ((1, 2, 19, 41), (3, 4), (1, 2), (1, 2), (2, 3)),
    ((2, 1, 11, 13), (2, 3), (3, 3), (1, 1), (1, 1)),
]


def pooled(x: np.ndarray, sizes: tuple[tuple[int, int], ...]) -> Program:
    names = ("kernel_size", "stride", "padding", "dilation")
    attrs = {**dict(zip(names, sizes, strict=True)), "ceil_mode": False}
    return recorded("max_pool2d_indices", Sample((x,), attrs))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("shape", "window", "stride", "padding", "dilation"), SHAPES)
def test_places(
    shape: tuple[int, ...],
    window: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
    dilation: tuple[int, int],
    dtype: type,
) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(-2, 3, shape).astype(dtype)  # many equals
    assert_agrees(pooled(x, (window, stride, padding, dilation)))
    x[rng.random(shape) < 0.05] = np.nan
    x[rng.random(shape) < 0.6] = -np.inf
    program = pooled(x, (window, stride, padding, dilation))
    compiled = compile_program(program, keep=range(len(program.slots)))
    compiled.run()
    slot = program.instrs[-1].output
    np.testing.assert_array_equal(compiled.value(slot), program.values[slot])


@pytest.mark.parametrize("shape", [(2, 3, 8, 8), (1, 2, 9, 21), (2, 2, 34, 34), (3, 2, 10, 4), (2, 2, 3, 3)])
def test_pairs_forward_and_back(shape: tuple[int, ...]) -> None:
    """Nobody asks for places, so winners are noted in short."""
    rng = np.random.default_rng(0)
    x = gradviz.from_numpy(rng.integers(-2, 3, shape).astype(np.float32)).requires_grad_()
    with gradviz.record() as recorder:
        y = F.max_pool2d(x, 2)
        y.backward(y + 1)
    program = recorder.program()
    read = {slot for instr in program.instrs for slot in instr.inputs}
    ends = {instr.output for instr in program.instrs} - read
    compiled = compile_program(program, keep=ends)
    compiled.run()
    for slot in ends:
        np.testing.assert_array_equal(compiled.value(slot), program.values[slot])
