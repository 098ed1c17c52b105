"""Exponentials of whole vectors against exact values: about two units in the last place away."""

import numpy as np
import pytest
from gradviz.engine import Tensor
from gradviz.engine.compiled import compile_program
from gradviz.engine.jit import jit_disabled
from gradviz.engine.node import leaf
from gradviz.engine.op import Sample
from gradviz.engine.recorder import record
from gradviz.engine.tensor import apply

from tests.engine.compiled.test_samples import recorded

pytestmark = pytest.mark.skipif(jit_disabled(), reason="numpy computes them then")

EXACT = {
    "exp": np.exp,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}


def compiled(name: str, x: np.ndarray) -> np.ndarray:
    with record() as recorder:
        out = apply(name, (Tensor._from_node(leaf(x)),), {})
    program = recorder.program()
    assert out.shape == x.shape
    executor = compile_program(program, keep=[program.instrs[-1].output])
    assert not executor.fallbacks
    executor.run()
    return executor.value(program.instrs[-1].output).copy()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", EXACT)
def test_two_units_in_the_last_place(name: str, dtype: type) -> None:
    reach = 87 if dtype is np.float32 else 707
    x = np.concatenate([np.linspace(-reach, reach, 40_001), np.linspace(-1, 1, 20_001)]).astype(dtype)
    exact = EXACT[name](x.astype(np.longdouble))
    away = np.abs(compiled(name, x).astype(np.longdouble) - exact) / np.spacing(np.abs(exact).astype(dtype))
    assert away.max() <= (2.5 if name == "sigmoid" else 2)  # which rounds twice more than exp


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_ends(dtype: type) -> None:
    x = np.array([-np.inf, -1e30, -0.0, 0.0, 1e30, np.inf, np.nan], dtype)
    expected = {
        "exp": [0, 0, 1, 1, np.inf, np.inf, np.nan],
        "tanh": [-1, -1, 0, 0, 1, 1, np.nan],
        "sigmoid": [0, 0, 0.5, 0.5, 1, 1, np.nan],
    }
    for name, row in expected.items():
        np.testing.assert_array_equal(compiled(name, x), np.array(row, dtype), name)
    assert np.signbit(compiled("tanh", x)[2])
    with np.errstate(under="ignore"):
        small = np.array([-100, -95, 88.7], np.float32).astype(dtype)
        found = compiled("exp", small)
        np.testing.assert_allclose(found, np.exp(small), rtol=1e-6, atol=np.finfo(dtype).smallest_subnormal)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_softmax_along_long_lines(dtype: type) -> None:
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(5, 77)) * 20).astype(dtype)
    x[1, 40], x[2, 3], x[3, 76] = np.nan, -np.inf, np.inf
    program = recorded("log_softmax", Sample((x,), {"dim": 1}))
    executor = compile_program(program, keep=range(len(program.slots)))
    executor.run()
    near = 1e-5 if dtype is np.float32 else 1e-13
    for instr in program.instrs:
        if instr.op.startswith("log_softmax"):
            found, expected = executor.value(instr.output), program.values[instr.output]
            np.testing.assert_allclose(found, expected, rtol=near, atol=near * 20, err_msg=instr.op)
