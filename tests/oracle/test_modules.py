"""Modules agree with PyTorch over randomly drawn arguments."""

import numpy as np
import pytest

pytest.importorskip("torch")

from tests.oracle.draws import rng_for
from tests.oracle.module_compare import agree_module

pytestmark = pytest.mark.oracle


def lead(rng: np.random.Generator) -> tuple[int, ...]:
    return tuple(int(n) for n in rng.integers(1, 4, int(rng.integers(0, 4))))


def test_linear() -> None:
    for n in range(20):
        rng = rng_for("linear", n)
        i, o = (int(k) for k in rng.integers(1, 6, 2))
        bias, shape = bool(rng.integers(2)), lead(rng)
        wrong = int(rng.random() < 0.1)
        agree_module(
            lambda nn: nn.Linear(i, o, bias=bias),  # noqa: B023
            lambda rng: (rng.normal(size=(*shape, i + wrong)),),  # noqa: B023
            second=True,
        )
