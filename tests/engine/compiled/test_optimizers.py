"""Updates in one pass over memory have the bits of those that the optimizer computes op by op."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradviz.engine.compiled import compile_program, routine
from gradviz.engine.jit import jit_disabled

import gradviz as torch
from gradviz import optim

Make = Callable[[Any], optim.Optimizer]

OPTIMIZERS: dict[str, tuple[Make, str]] = {
    "adam": (lambda p: optim.Adam(p, lr=0.02), "adam"),
    "adamw": (lambda p: optim.AdamW(p, lr=0.02), "adam"),
    "adam with decay": (lambda p: optim.Adam(p, lr=0.02, weight_decay=0.1, maximize=True), "adam"),
    "amsgrad": (lambda p: optim.Adam(p, lr=0.02, amsgrad=True), ""),
    "momentum": (lambda p: optim.SGD(p, lr=0.02, momentum=0.9), "momentum"),
    "momentum with decay": (lambda p: optim.SGD(p, lr=0.02, momentum=0.5, weight_decay=0.1), "momentum"),
    "nesterov": (lambda p: optim.SGD(p, lr=0.02, momentum=0.9, nesterov=True), ""),
}
"""With the kernel that does them, if one does."""

SHAPES = [(3, 37), (5,), (), (1,), (1, 16)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_same_bits(name: str, dtype: str) -> None:
    """The gradients are inputs, so that nothing else rounds; turned, as those of products are."""
    make, kernel = OPTIMIZERS[name]
    rng = np.random.default_rng(0)
    weights = [torch.tensor(rng.normal(size=s), dtype=getattr(torch, dtype)) for s in SHAPES]
    for weight in weights:
        weight.requires_grad_()
    optimizer = make(weights)

    def step(slopes: list[np.ndarray], recorder: Any = None) -> None:
        optimizer.zero_grad()
        given = [torch.from_numpy(slope) for slope in slopes]
        for number, (weight, slope) in enumerate(zip(weights, given, strict=True)):
            if recorder is not None:
                recorder.name(weight, f"w{number}")
                recorder.name(slope, f"g{number}")
        turned = [slope.t() if slope.ndim == 2 else slope for slope in given]
        sum((w * g).sum() for w, g in zip(weights, turned, strict=True)).backward()
        optimizer.step()

    def slopes() -> list[np.ndarray]:
        return [np.asarray(rng.normal(size=shape[::-1]), dtype) for shape in SHAPES]

    step(slopes())
    with torch.record() as recorder:
        step(slopes(), recorder)
    program = recorder.program()
    compiled = compile_program(program)
    for new, old in compiled.next.items():
        compiled.set_input(old, program.values[new])
    if not jit_disabled():
        for each in ("adam", "momentum"):
            assert (routine.address(each, dtype) in compiled.table) == (each == kernel)
    for _ in range(3):
        given = slopes()
        step(given)
        compiled.step({f"g{number}": slope for number, slope in enumerate(given)})
        for number, weight in enumerate(weights):
            found = compiled.value(compiled.ends[f"w{number}"])
            np.testing.assert_array_equal(found, weight.detach().numpy(), f"{name} {number}")


@pytest.mark.skipif(jit_disabled(), reason="nothing is compiled then")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("inputs", [3, 32, 45])
def test_a_gradient_that_is_made_with_the_update_has_the_same_bits(inputs: int, dtype: str) -> None:
    rng = np.random.default_rng(0)
    weight = torch.tensor(rng.normal(size=(21, inputs)), dtype=getattr(torch, dtype)).requires_grad_()
    optimizer = optim.SGD([weight], lr=0.02)

    def x() -> np.ndarray:
        return np.asarray(rng.normal(size=(1, inputs)), dtype)

    for _ in range(2):
        with torch.record() as recorder:
            given = torch.from_numpy(x())
            recorder.name(given, "x")
            recorder.name(weight, "w")
            optimizer.zero_grad()
            (torch.nn.functional.linear(given, weight) ** 2).sum().backward()
            optimizer.step()
    program = recorder.program()
    together, apart = compile_program(program), compile_program(program, samples=0)  # whose parts can be run
    kernel = routine.address("outer_descent", dtype)
    assert kernel in together.table
    assert kernel not in apart.table
    for _ in range(3):
        given_x = x()
        for compiled in (together, apart):
            compiled.step({"x": given_x})
        for name in ("w", "w.grad"):
            ends = [compiled.value(compiled.ends[name]) for compiled in (together, apart)]
            np.testing.assert_array_equal(*ends, name)
        assert np.any(ends[0])
