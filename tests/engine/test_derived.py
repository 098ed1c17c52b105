"""Distances of pairs, limited norms, angles, powers of two: values by hand, and finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from gradviz.engine.gradcheck import gradcheck, gradgradcheck

import gradviz as torch
import gradviz.nn.functional as F

CASES = {
    "cdist": (lambda a, b: torch.cdist(a, b), ((3, 2), (2, 2))),
    "cdist, p = 3": (lambda a, b: torch.cdist(a, b, p=3), ((2, 1, 2), (3, 2))),
    "renorm": (lambda x: torch.renorm(x, 2, 0, 0.5), ((2, 3),)),
    "ldexp": (lambda x, y: torch.ldexp(x, y), ((2, 3), (3,))),
}


@pytest.mark.parametrize("name", CASES)
def test_finite_differences(name: str) -> None:
    call, shapes = CASES[name]
    rng = np.random.default_rng(3)
    inputs = tuple(torch.tensor(rng.normal(size=shape), requires_grad=True) for shape in shapes)
    assert gradcheck(call, inputs)
    assert gradgradcheck(call, inputs)


def test_values() -> None:
    a, b = torch.tensor([[0.0, 0], [3, 4]]), torch.tensor([[0.0, 0]])
    assert torch.cdist(a, b).tolist() == [[0], [5]]
    assert torch.cdist(a, b, p=math.inf).tolist() == [[0], [4]]
    assert torch.renorm(a, 2, 0, 1).tolist()[1] == pytest.approx([0.6, 0.8], abs=1e-6)
    assert torch.angle(torch.tensor([-2.0, 0, 3])).tolist() == pytest.approx([math.pi, 0, 0])
    assert torch.ldexp(torch.tensor([1.5]), torch.tensor([3])).tolist() == [12]
    assert torch.ldexp(torch.tensor([1.0], dtype=torch.float64), torch.tensor([200])).item() == 2.0**200
    assert torch.ldexp(torch.tensor([1.0]).half(), torch.tensor([2])).dtype is torch.float16
    assert torch.fill(torch.zeros(2), 7).tolist() == [7, 7]
    assert torch.tensor([1, 2]).isreal().tolist() == [True, True]
    assert torch.real(a) is a


def test_slopes_at_the_edges() -> None:
    same = torch.zeros(1, 2, requires_grad=True)
    torch.cdist(same, torch.zeros(1, 2)).sum().backward()
    assert same.grad is not None
    assert same.grad.tolist() == [[0, 0]]
    x = torch.tensor([-1.0, math.nan], requires_grad=True)
    x.angle().sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 0]
    x = torch.tensor([1.0, 1, 0], requires_grad=True)
    x.max().backward(torch.tensor(math.inf))
    assert x.grad is not None
    assert x.grad.tolist() == [math.inf, math.inf, 0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: torch.cdist(torch.zeros(2), torch.zeros(2, 2)), "at least 2D tensors, X1 got: 1D"),
        (lambda: torch.cdist(torch.zeros(2, 2), torch.zeros(2, 3)), "same number of columns"),
        (lambda: torch.cdist(torch.zeros(2, 2), torch.zeros(2, 2), -1), "non-negative p values"),
        (lambda: torch.renorm(torch.zeros(2), 2, 0, 1), "at least 2 dimensions"),
        (lambda: torch.renorm(torch.zeros(2, 2), 0, 0, 1), "non-positive-norm"),
        (lambda: torch.renorm(torch.zeros(2, 2), 2, 0, -1), "maxnorm to be >= 0"),
        (lambda: torch.fill(torch.zeros(2), torch.zeros(2)), "0-dimension value tensor"),
    ],
)
def test_refused(call, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        call()


def test_whole_numbers_and_truth_values() -> None:
    yes = torch.tensor([True, False])
    assert torch.addr(torch.zeros(2, 2).bool(), yes, yes, alpha=2).tolist() == [[True, False], [False, False]]
    assert torch.block_diag(torch.tensor(1).short(), torch.ones(1, 1).byte()).dtype is torch.uint8
    volume = torch.tensor([[[[1, 2], [4, 0]], [[3, 3], [1, 1]]]])
    assert F.avg_pool3d(volume, 2).tolist() == [[[[1]]]]
    assert yes.sum_to_size().tolist() == 1


def test_equal_elements_have_no_spread() -> None:
    x = torch.full((3,), -0.6904916674604646, dtype=torch.float64, requires_grad=True)
    deviation = x.std()
    deviation.backward()
    assert deviation.item() == 0
    assert x.grad is not None
    assert x.grad.tolist() == [0, 0, 0]


def test_ldexp_needs_its_result_only() -> None:
    """As in PyTorch, the gradient of the exponent reads the result, so that the factor may have changed."""
    x, y = torch.tensor([1.5, 2.0], requires_grad=True), torch.tensor([3.0, 1.0], requires_grad=True)
    factor = x * 1.0
    z = torch.ldexp(factor, y)
    factor += 1.0
    z.sum().backward()
    assert x.grad.tolist() == [8.0, 2.0]
    assert y.grad.tolist() == pytest.approx([12 * math.log(2), 4 * math.log(2)])
