"""Random programs of many ops and shapes, forward and backward, give what the interpreter gives."""

from collections.abc import Callable

import numpy as np
from gradviz.engine import interpret
from gradviz.engine.compiled import compile_program
from gradviz.engine.program import Program, SlotKind
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz as torch

STEPS = 14

Make = Callable[[np.random.Generator, torch.Tensor, torch.Tensor], torch.Tensor | None]


def fits(x: torch.Tensor, y: torch.Tensor) -> bool:
    return all(a in (1, b) or b == 1 for a, b in zip(x.shape[::-1], y.shape[::-1], strict=False))


def matrices(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor | None:
    if x.ndim == 2 == y.ndim:
        for left, right in ((x, y), (x.t(), y), (x, y.t())):
            if left.shape[1] == right.shape[0]:
                return left @ right
    return None


def slices(rng: np.random.Generator, x: torch.Tensor) -> torch.Tensor | None:
    if not x.ndim or x.shape[-1] < 2:
        return None
    start = int(rng.integers(0, x.shape[-1] - 1))
    return x[..., start :: int(rng.integers(1, 3))]


def turned(rng: np.random.Generator, x: torch.Tensor) -> torch.Tensor:
    return x.permute(*(int(d) for d in rng.permutation(x.ndim))) if x.ndim else x


MAKERS: list[Make] = [
    lambda rng, x, y: x + y if fits(x, y) else None,
    lambda rng, x, y: x - y if fits(x, y) else None,
    lambda rng, x, y: x * y if fits(x, y) else None,
    lambda rng, x, y: x / (y * y + 1.5) if fits(x, y) else None,
    lambda rng, x, y: torch.maximum(x, y) if fits(x, y) else None,
    lambda rng, x, y: torch.where(x > 0, x, y) if fits(x, y) else None,
    lambda rng, x, y: matrices(x, y),
    lambda rng, x, y: x.tanh(),
    lambda rng, x, y: x.relu(),
    lambda rng, x, y: (-x.abs()).exp(),
    lambda rng, x, y: (x * x + 0.5).sqrt(),
    lambda rng, x, y: x.sigmoid() * 2,
    lambda rng, x, y: turned(rng, x),
    lambda rng, x, y: x.reshape(-1),
    lambda rng, x, y: x.unsqueeze(int(rng.integers(x.ndim + 1))) if x.ndim < 3 else None,
    lambda rng, x, y: slices(rng, x),
    lambda rng, x, y: x.sum(int(rng.integers(x.ndim)), keepdim=bool(rng.integers(2))) if x.ndim else None,
    lambda rng, x, y: x.mean(int(rng.integers(x.ndim)), keepdim=True) if x.ndim else None,
    lambda rng, x, y: torch.softmax(x, int(rng.integers(x.ndim))) if x.ndim else None,
    lambda rng, x, y: torch.cat([x, x * 0.5], 0) if x.ndim else None,
    lambda rng, x, y: (
        torch.nn.functional.max_pool2d(x[None], 2, 1) if x.ndim == 3 and min(x.shape) > 1 else None
    ),
]


def random_program(seed: int, dtype: torch.dtype) -> Program:
    rng = np.random.default_rng(seed)
    shapes = [(), (3,), (2, 3), (3, 2), (1, 3), (4, 3, 2), (2, 1), (17,), (3, 19)]
    with torch.record() as recorder:
        pool = [
            torch.tensor(rng.normal(size=shape), dtype=dtype, requires_grad=bool(rng.integers(2)))
            for shape in shapes
        ]
        for _ in range(STEPS):
            x, y = (pool[int(rng.integers(len(pool)))] for _ in range(2))
            made = MAKERS[int(rng.integers(len(MAKERS)))](rng, x, y)
            if made is not None and made.numel() < 2000:
                pool.append(made)
        loss = sum((each.tanh() ** 2).mean() for each in pool[len(shapes) - 3 :])
        if loss.requires_grad:
            loss.backward()
    return recorder.program()


def agrees(program: Program, tolerance: float) -> None:
    rng = np.random.default_rng(0)
    inputs = {
        slot: np.asarray(program.values[slot] + 0.1 * rng.normal(size=row.shape), row.dtype)
        for slot, row in enumerate(program.slots)
        if row.kind in (SlotKind.INPUT, SlotKind.PARAMETER)
    }
    everything = compile_program(program, keep=range(len(program.slots)))
    little = compile_program(program)  # memory is shared by what is not wanted
    for compiled in (everything, little):
        for slot, value in inputs.items():
            compiled.set_input(slot, value)
        compiled.run()
    expected = interpret.run(program, inputs)
    wanted = [n for n, row in enumerate(program.slots) if row.kind is SlotKind.VALUE]
    for compiled, slots in ((everything, wanted), (little, set(little.ends.values()))):
        for slot in slots:
            value = expected[slot]
            found = compiled.value(slot)
            scale = float(np.abs(value).max(initial=1.0)) if value.dtype.kind == "f" else 1.0
            np.testing.assert_allclose(
                found, value, rtol=0, atol=tolerance * scale, err_msg=f"{slot}: {program.pretty()}"
            )


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_in_double_precision(seed: int) -> None:
    agrees(random_program(seed, torch.float64), 1e-9)


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_in_single_precision(seed: int) -> None:
    agrees(random_program(seed, torch.float32), 2e-4)
