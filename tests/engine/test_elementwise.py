"""Elementwise functions at their edges: special values, kinks, dtypes, refusals.

Gradients are checked for all ops alike in test_ops.py, numbers against PyTorch in tests/oracle.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest
from gradviz.engine import special
from gradviz.engine.gradcheck import gradcheck, gradgradcheck

import gradviz as torch

inf, nan = math.inf, math.nan


def slopes(function: Callable[[torch.Tensor], torch.Tensor], *points: float) -> list[float]:
    x = torch.tensor([float(each) for each in points], requires_grad=True)
    function(x).sum().backward()
    assert x.grad is not None
    found: list[float] = x.grad.tolist()
    return found


# Accuracy.


def test_erf_is_exact_to_double_precision() -> None:
    x = np.concatenate([np.linspace(-6, 6, 2001), np.linspace(-27, 27, 301)])
    for ours, exact in ((special.erf, math.erf), (special.erfc, math.erfc)):
        np.testing.assert_allclose(ours(x), [exact(float(each)) for each in x], rtol=2e-15, atol=1e-320)
    assert special.erf(np.array([-inf, -0.0, inf])).tolist() == [-1, 0, 1]
    assert special.erfc(np.array([-inf, 0.0, inf])).tolist() == [2, 1, 0]
    assert np.isnan(special.erf(np.array(nan)))


def test_erfinv_undoes_erf() -> None:
    y = np.concatenate([np.linspace(-0.999, 0.999, 999), 1 - 10.0 ** -np.arange(1.0, 16)])
    np.testing.assert_allclose(special.erf(special.erfinv(y)), y, rtol=2e-15, atol=1e-300)
    assert special.erfinv(np.array([-1.0, 1, 0])).tolist() == [-inf, inf, 0]
    assert np.isnan(special.erfinv(np.array([1.5, nan]))).all()


def test_digamma_and_its_derivatives() -> None:
    euler = 0.57721566490153286
    close = pytest.approx(-euler, rel=1e-14)
    assert special.digamma(np.array(1.0)) == close
    assert special.digamma(np.array([0.5, -0.5])).tolist() == pytest.approx(
        [-euler - 2 * math.log(2), -euler - 2 * math.log(2) + 2], rel=1e-13
    )
    assert special.polygamma(1, np.array([1.0, 0.5])).tolist() == pytest.approx(
        [math.pi**2 / 6, math.pi**2 / 2], rel=1e-13
    )
    assert special.polygamma(2, np.array(1.0)) == pytest.approx(-2.4041138063191886, rel=1e-13)
    assert special.lgamma(np.array([5.0, 0, -1, inf])).tolist() == [math.lgamma(5), inf, inf, inf]


# Kinks, edges and special values.


def test_limits() -> None:
    assert slopes(lambda x: x.clamp(-1, 1), -2, -1, 0, 1, 2) == [0, 1, 1, 1, 0]
    low = torch.tensor([0.0, 0, 0], requires_grad=True)
    x = torch.tensor([-1.0, 0, 1], requires_grad=True)
    torch.clamp(x, min=low).sum().backward()
    assert (x.grad, low.grad) != (None, None)
    assert x.grad is not None
    assert low.grad is not None
    assert (x.grad.tolist(), low.grad.tolist()) == ([0, 1, 1], [1, 0, 0])
    assert torch.clamp(torch.tensor([0.0, 5]), 3, 2).tolist() == [2, 2]  # the upper one holds
    with pytest.raises(RuntimeError, match="At least one of 'min' or 'max' must not be None"):
        x.clamp()
    with pytest.raises(TypeError, match="both numbers or both tensors"):
        x.clamp(low, 1.0)


def test_nan_gives_way_in_fmax_and_wins_in_maximum() -> None:
    a, b = torch.tensor([nan, 1.0, nan]), torch.tensor([2.0, nan, nan])
    assert a.fmax(b).tolist()[:2] == [2, 1]
    assert torch.isnan(torch.maximum(a, b)).all()
    assert slopes(lambda x: x.fmin(torch.tensor([1.0, 1, nan])), 0, 1, 5) == [1, 1, 1]


def test_whole_numbers_and_rounding() -> None:
    x = torch.tensor([-1.5, -0.5, 0.5, 2.5])
    assert x.round().tolist() == [-2, 0, 0, 2]
    assert x.frac().tolist() == [-0.5, -0.5, 0.5, 0.5]
    assert torch.fix(x).tolist() == [-1, 0, 0, 2]
    assert torch.tensor([123.456]).round(decimals=-1).item() == 120
    assert torch.tensor([0.126]).round(decimals=2).item() == pytest.approx(0.13)
    assert torch.tensor([7, -7]).fmod(3).tolist() == [1, -1]
    assert torch.tensor([7, -7]).remainder(3).tolist() == [1, 2]
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        torch.tensor([1]).fmod(0)


def test_bits() -> None:
    x = torch.tensor([5, -6])
    assert (x & 3).tolist() == [1, 2]
    assert (4 | x).tolist() == [5, -2]
    assert (x ^ 1).tolist() == [4, -5]
    assert (~x).tolist() == [-6, 5]
    assert (x << 2).tolist() == [20, -24]
    assert (x >> 1).tolist() == [2, -3]
    truth = torch.tensor([True, False])
    assert (~truth).tolist() == [False, True]
    assert (truth & torch.tensor([True, True])).dtype is torch.bool
    x &= 1
    assert x.tolist() == [1, 0]
    with pytest.raises(RuntimeError, match="not implemented for torch.float32"):
        torch.tensor([1.0]).bitwise_and(1)


def test_what_is_no_number() -> None:
    x = torch.tensor([1.0, nan, inf, -inf])
    assert x.isnan().tolist() == [False, True, False, False]
    assert x.isinf().tolist() == [False, False, True, True]
    assert x.isposinf().tolist() == [False, False, True, False]
    assert torch.tensor([True, False]).isfinite().all()
    assert x.nan_to_num(0.5, 9, -9).tolist() == [1, 0.5, 9, -9]
    assert slopes(lambda x: x.nan_to_num(), 1, nan, inf) == [1, 0, 0]
    assert torch.isclose(x, x).tolist() == [True, False, True, True]
    assert torch.allclose(x, x, equal_nan=True)
    with pytest.raises(RuntimeError, match="rtol must be greater than or equal to zero"):
        torch.isclose(x, x, rtol=-1)
    with pytest.raises(RuntimeError, match="did not match"):
        torch.isclose(x, x.double())


def test_slopes_at_the_edges() -> None:
    assert slopes(torch.abs, 0) == [0]
    assert slopes(torch.sinc, 0) == [0]
    assert slopes(lambda x: torch.xlogy(x, torch.tensor([0.0, 2])), 0, 0) == pytest.approx([0, math.log(2)])
    assert slopes(lambda x: torch.atan2(x, torch.zeros(1)), 0) == [0]
    assert slopes(lambda x: x.logit(0.1), 0.05, 0.5) == [0, 4]
    assert slopes(lambda x: torch.copysign(x, torch.tensor([-1.0, 1])), 2, 0) == [-1, 0]


def test_numbers_are_exact_beside_double_precision() -> None:
    x = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    x.lerp(torch.tensor([3.0], dtype=torch.float64), 0.1).backward()
    assert x.grad is not None
    assert x.grad.item() == 0.9
    assert torch.float_power(2, torch.tensor([0.5])).item() == 2**0.5


def test_what_was_there_gets_no_gradient_from_a_comparison_in_place() -> None:
    x = torch.tensor([1.0, 2], requires_grad=True)
    y = x * 1
    y.gt_(1.5)
    y.sum().backward()
    assert y.tolist() == [0, 1]
    assert x.grad is not None
    assert x.grad.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: x.long().lerp(x.long(), 0.5), "not implemented"),
        (lambda x: x.lerp(x.double(), 0.5), "expected dtype torch.float32 for `end`"),
        (lambda x: torch.heaviside(x, x.double()), "different dtypes"),
        (lambda x: torch.addcdiv(x.long(), x.long(), x.long()), "Integer division with addcdiv"),
        (lambda x: (x > 0).abs(), "bool tensor"),
        (lambda x: +(x > 0), "bool tensor"),
        (lambda x: x.add(x, alpha=True), "Boolean alpha"),
        (lambda x: x.float_power_(2), "requires dtype torch.float64"),
        (lambda x: torch.polygamma(-1, x), "negative n"),
        (lambda x: (x > 0) << (x > 0), "not implemented"),
    ],
)
def test_refusals(call: Callable[[torch.Tensor], object], message: str) -> None:
    with pytest.raises((RuntimeError, ValueError), match=message):
        call(torch.tensor([1.0, -1]))


COMPOSED: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "nanmean": lambda x: torch.nanmean(x, 0),
    "quantile": lambda x: x.quantile(torch.tensor([0.2, 0.7], dtype=torch.float64), dim=0),
    "nanquantile": lambda x: x.nanquantile(0.3, dim=-1),
    "diff": lambda x: x.diff(2, dim=0, prepend=x),
    "dist": lambda x: torch.dist(x, x * x, 3),
    "matrix_norm": lambda x: torch.linalg.matrix_norm(x),
    "matrix_norm 1": lambda x: torch.linalg.norm(x, 1, dim=(0, 1)),
    "nuclear norm": lambda x: x.norm("nuc"),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_gradients_of_composed_functions(name: str) -> None:
    rng = np.random.default_rng(len(name))
    x = torch.tensor(rng.uniform(0.3, 2, (3, int(rng.integers(1, 4)))), requires_grad=True)
    assert gradcheck(COMPOSED[name], [x])
    assert gradgradcheck(COMPOSED[name], [x])
