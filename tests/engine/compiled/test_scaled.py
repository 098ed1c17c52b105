"""Sums and differences with a product take one row, and have the bits of two."""

from collections.abc import Callable

import numpy as np
import pytest
from gradviz.engine import interpret
from gradviz.engine.compiled import compile_program, routine
from gradviz.engine.jit import jit_disabled

import gradviz as torch

Formula = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]

FORMULAS: dict[str, tuple[Formula, str]] = {
    "a scale and a bias": (lambda x, y, c: x * c.reshape(1, 5, 1) + c.reshape(1, 5, 1), "add_scaled"),
    "the product first": (lambda x, y, c: x * y + x, "add_scaled"),
    "the product last": (lambda x, y, c: x + x * y, "add_scaled"),
    "two products": (lambda x, y, c: x * y + y * y, "add_scaled"),
    "a difference": (lambda x, y, c: x - x * y, "sub_scaled"),
    "the product read twice": (lambda x, y, c: (p := x * y) + p, ""),
    "a larger result": (lambda x, y, c: c.reshape(5, 1) * c.reshape(5, 1) + x, ""),
}
"""With the kernel of both ops, if there is one."""


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", FORMULAS)
def test_the_bits_of_two_rows(name: str, dtype: torch.dtype) -> None:
    formula, kernel = FORMULAS[name]
    rng = np.random.default_rng(0)
    x, y, c = (torch.tensor(rng.normal(size=s), dtype=dtype) for s in ((3, 5, 7), (3, 5, 7), (5,)))
    with torch.record() as recorder:
        recorder.name(formula(x, y, c) * 1, "found")
    program = recorder.program()
    compiled = compile_program(program)
    compiled.run()
    expected = interpret.run(program)
    slot = compiled.ends["found"]
    np.testing.assert_array_equal(compiled.value(slot), expected[slot])
    if not jit_disabled():
        precision = str(dtype).removeprefix("torch.")
        for each in ("add_scaled", "sub_scaled"):
            addresses = {routine.address(each, precision)}
            assert bool(addresses & set(compiled.table.tolist())) == (each == kernel)
