"""Multiply-adds against counts by hand, and against counting loops for random convolutions."""

from collections.abc import Callable

import numpy as np
import pytest
from gradviz.engine.program import Program
from gradviz.engine.rerun import AbandonedError
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz as torch
import gradviz.nn.functional as F
from gradviz.app.inside.cost import Cost, cost_of, costs, measure
from tests.ui.fakes import lenet


def recorded(function: Callable[[], torch.Tensor], backward: bool = False) -> Program:
    with torch.record() as recorder:
        out = function()
        if backward:
            out.sum().backward()
    return recorder.program()


def ones(*shape: int) -> torch.Tensor:
    return torch.ones(*shape, requires_grad=True)


def find(program: Program, op: str) -> Cost:
    return next(cost_of(program, i) for i, instr in enumerate(program.instrs) if instr.op == op)


def test_linear() -> None:
    program = recorded(lambda: F.linear(ones(7, 5), ones(3, 5), ones(3)))
    assert find(program, "linear") == Cost(7 * 3 * 5, True, "7×3 · 5")


def test_matmul() -> None:
    assert find(recorded(lambda: ones(4, 6) @ ones(6, 2)), "mm") == Cost(4 * 2 * 6, True, "4×2 · 6")
    assert find(recorded(lambda: ones(3, 4, 6) @ ones(6, 2)), "matmul").count == 3 * 4 * 2 * 6
    assert find(recorded(lambda: torch.dot(ones(9), ones(9))), "dot").count == 9
    assert find(recorded(lambda: torch.mv(ones(4, 9), ones(9))), "mv").count == 36


def test_conv_and_its_backward() -> None:
    program = recorded(
        lambda: F.conv2d(ones(2, 4, 9, 8), ones(6, 2, 3, 5), groups=2, stride=2, padding=1), True
    )
    # (9 + 2 − 3) / 2 + 1 = 5 rows, (8 + 2 − 5) / 2 + 1 = 3 columns
    count = 2 * 6 * 5 * 3 * (2 * 3 * 5)
    assert find(program, "conv2d") == Cost(count, True, "2×6×5×3 · 2×3×5")
    assert find(program, "conv2d_weight_grad").count == count
    assert find(program, "conv2d_input_grad").count == count


@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 2), st.integers(1, 3), st.integers(1, 3), st.integers(3, 6), st.integers(1, 3),
    st.integers(1, 2), st.integers(0, 1),
)  # fmt: skip
def test_conv_counted_by_a_loop(
    n: int, channels: int, out: int, size: int, kernel: int, stride: int, padding: int
) -> None:
    program = recorded(
        lambda: F.conv2d(ones(n, channels, size, size), ones(out, channels, kernel, kernel), stride=stride,
                         padding=padding)
    )  # fmt: skip
    places = len(range(0, size + 2 * padding - kernel + 1, stride))
    count = sum(1 for _ in np.ndindex(n, out, places, places, channels, kernel, kernel))
    assert find(program, "conv2d").count == count


def test_elementwise_and_reductions_count_elements() -> None:
    program = recorded(lambda: torch.exp(ones(3, 1) + ones(4)).sum(0))
    assert find(program, "add") == Cost(12, False, "3×4")
    assert find(program, "exp") == Cost(12, False, "3×4")
    assert find(program, "sum") == Cost(12, False, "3×4")
    assert find(recorded(lambda: ones(2, 5).mean()), "mean").count == 10
    pool = recorded(lambda: F.avg_pool2d(ones(1, 2, 6, 6), 3, stride=1))
    assert find(pool, "avg_pool2d") == Cost(2 * 4 * 4 * 9, False, "1×2×4×4 · 3×3")


def test_views_cost_nothing() -> None:
    program = recorded(lambda: ones(4, 6).reshape(24))
    assert find(program, "reshape") == Cost(0, False, "")


def test_lenet() -> None:
    program = lenet().iterations[0].program
    rows = costs(program)
    assert len(rows) == len(program)
    forward = [row.count for row, x in zip(rows, program.instrs, strict=True) if x.op in ("conv2d", "linear")]
    assert forward == [28 * 28 * 6 * 25, 10 * 10 * 16 * 150, 120 * 400, 84 * 120, 10 * 84]


def test_times_are_measured_for_each_instruction() -> None:
    program = recorded(lambda: torch.exp(ones(3) * 2), True)
    seconds = measure(program, repeats=3)
    assert len(seconds) == len(program)
    assert all(0 < second < 10 for second in seconds)
    with pytest.raises(AbandonedError):
        measure(program, progress=lambda done, of: done < 1)
