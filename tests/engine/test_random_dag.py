"""Gradients of random programs agree with finite differences, to second order."""

from typing import Any

from gradviz.engine.gradcheck import gradcheck, gradgradcheck
from gradviz.engine.interpret import run as replay
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz
from tests.random_dag import leaves, run

SEEDS = st.integers(0, 10**6)


def inputs(seed: int) -> list[Any]:
    return [gradviz.tensor(array, requires_grad=True) for array in leaves(seed)]


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_first_order(seed: int) -> None:
    def call(*xs: Any) -> Any:
        return run(gradviz, seed, list(xs))

    assert gradcheck(call, inputs(seed), rtol=1e-4, atol=1e-6, fast_mode=True)


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_second_order(seed: int) -> None:
    def call(*xs: Any) -> Any:
        return run(gradviz, seed, list(xs), steps=6)

    assert gradgradcheck(call, inputs(seed), rtol=1e-4, atol=1e-6, fast_mode=True)


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_they_replay_as_they_ran(seed: int) -> None:
    with gradviz.record() as recorder:
        run(gradviz, seed, inputs(seed)).backward()
    program = recorder.program()
    assert [a.tobytes() for a in program.values] == [b.tobytes() for b in replay(program)]
