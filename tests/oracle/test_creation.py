"""Tensors are made, and dtypes are promoted, as PyTorch does it."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402
from tests.oracle.both import same  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:Creating a tensor from a list")]

Call = Callable[[Any], Any]

MADE: list[Call] = [
    lambda t: t.tensor([[1, 2], [3, 4]]),
    lambda t: t.tensor([1, 2.5]),
    lambda t: t.tensor([True, 2]),
    lambda t: t.tensor([True, False]),
    lambda t: t.tensor(3),
    lambda t: t.tensor(3.0),
    lambda t: t.tensor([]),
    lambda t: t.tensor([[], []]),
    lambda t: t.tensor((1, 2), dtype=t.float64),
    lambda t: t.tensor([1.7, -1.7], dtype=t.int64),
    lambda t: t.tensor([1.0], requires_grad=True),
    lambda t: t.tensor(np.arange(3)),
    lambda t: t.tensor(np.arange(3.0)),
    lambda t: t.tensor(np.float32(2)),
    lambda t: t.tensor(np.array([[1, 2]], dtype=np.uint8)),
    lambda t: t.tensor([t.tensor(1), t.tensor(2)]),
    lambda t: t.tensor([np.float64(1.5), 2]),
    lambda t: t.tensor([np.arange(2), np.arange(2)]),
    lambda t: t.tensor(range(4)),
    lambda t: t.tensor([[1, 2], [3]]),
    lambda t: t.tensor("a"),
    lambda t: t.tensor(["a"]),
    lambda t: t.tensor(None),
    lambda t: t.tensor([None]),
    lambda t: t.tensor({}),
    lambda t: t.tensor([1], requires_grad=True),
    lambda t: t.tensor(2**40),
    lambda t: t.tensor(float("nan")).isnan(),
    lambda t: t.as_tensor([1, 2]),
    lambda t: t.as_tensor(np.arange(3.0), dtype=t.float32),
    lambda t: t.from_numpy(np.arange(6.0).reshape(2, 3).T),
    lambda t: t.from_numpy(np.array(3)),
    lambda t: t.from_numpy([1, 2]),
    lambda t: t.from_numpy(np.arange(3)[::-1]),
    lambda t: t.zeros(2, 3),
    lambda t: t.zeros((2, 3)),
    lambda t: t.zeros([2, 0]),
    lambda t: t.zeros(()),
    lambda t: t.zeros(2, dtype=t.long),
    lambda t: t.zeros(t.ones(2, 3).shape),
    lambda t: t.zeros(t.ones(2, 3).size(0), 2, requires_grad=True),
    lambda t: t.zeros(-1),
    lambda t: t.ones(2, dtype=t.bool),
    lambda t: t.ones(2, 3, device="cpu"),
    lambda t: t.empty(2, 3).shape,
    lambda t: t.full((2, 2), 7),
    lambda t: t.full((2,), 7.5),
    lambda t: t.full((2,), True),
    lambda t: t.full([3], 1, dtype=t.float64),
    lambda t: t.full((2,), 1.0, requires_grad=True),
    lambda t: t.arange(5),
    lambda t: t.arange(1, 4),
    lambda t: t.arange(1, 2.5, 0.5),
    lambda t: t.arange(0, 1, 0.1),
    lambda t: t.arange(5.0),
    lambda t: t.arange(5, 0, -2),
    lambda t: t.arange(3, dtype=t.float32),
    lambda t: t.arange(0, 10, 3, requires_grad=False),
    lambda t: t.arange(3, 1),
    lambda t: t.arange(0, 3, 0),
    lambda t: t.arange(0),
    lambda t: t.linspace(0, 1, 5),
    lambda t: t.linspace(-3, 3, 1),
    lambda t: t.linspace(0, 10, steps=4, dtype=t.float64),
    lambda t: t.linspace(0, 1, 0),
    lambda t: t.eye(3),
    lambda t: t.eye(2, 3),
    lambda t: t.eye(2, dtype=t.int64),
    lambda t: t.zeros_like(t.ones(2, 3, dtype=t.float64)),
    lambda t: t.ones_like(t.arange(3)),
    lambda t: t.ones_like(t.arange(3), dtype=t.float32, requires_grad=True),
    lambda t: t.full_like(t.arange(3), 2),
    lambda t: t.full_like(t.rand(2), 5, dtype=t.int64),
    lambda t: t.rand_like(t.ones(2, 3)).shape,
    lambda t: t.rand_like(t.arange(3)),
    lambda t: t.randn_like(t.ones(2, 3, dtype=t.float64)).dtype.is_floating_point,
    lambda t: t.rand(2, 3).shape,
    lambda t: t.randn((4,), dtype=t.float64).shape,
    lambda t: t.randn(2, 3, requires_grad=True).requires_grad,
    lambda t: t.randint(10, (2, 3)).shape,
    lambda t: t.randint(3, 4, (5,)),
    lambda t: t.randint(0, 1, size=(2,)),
    lambda t: t.randint(5, 5, (1,)),
    lambda t: t.randperm(6).sum(),
    lambda t: t.rand(3, dtype=t.int64),
    lambda t: t.ones(2).new_zeros(3),
    lambda t: t.ones(2, dtype=t.int32).new_ones((2, 2)),
    lambda t: t.ones(2).double().new_full((2,), 3),
    lambda t: t.ones(2, dtype=t.float64).new_tensor([1, 2]),
    lambda t: t.Tensor([1, 2]),
    lambda t: t.Tensor(2, 3).shape,
    lambda t: t.is_tensor(np.ones(1)),
    lambda t: t.numel(t.ones(2, 3)),
    lambda t: t.ones(2, 3).to("cpu"),
    lambda t: t.ones(2, 3).to(t.device("cpu"), t.float64),
    lambda t: t.ones(2, 3).to(t.ones(1, dtype=t.int32)),
    lambda t: t.ones(2, 3).to(dtype=t.bool),
    lambda t: t.ones(2).cpu(),
    lambda t: t.tensor([1.5]).item(),
    lambda t: t.tensor([1, 2]).item(),
    lambda t: int(t.tensor(2.7)),
    lambda t: float(t.tensor([2])),
    lambda t: bool(t.tensor([0.0])),
    lambda t: bool(t.ones(2)),
    lambda t: [10, 20, 30][t.tensor(1)],
    lambda t: len(t.tensor(1)),
    lambda t: t.ones(2, requires_grad=True).numpy(),
    lambda t: np.asarray(t.arange(3)).tolist(),
    lambda t: str(np.add(np.ones(2), t.ones(2).numpy())),
    lambda t: t.float32 == t.ones(1).dtype,
    lambda t: t.ones(2, 3).shape == (2, 3),
    lambda t: t.ones(2, 3).shape[1:].numel(),
    lambda t: repr(t.ones(2, 3).shape[:1] + t.ones(4).shape + (5,)),
    lambda t: 2 in t.arange(3),
    lambda t: t.ones(1) is None or t.ones(1) == None,  # noqa: E711
]


@pytest.mark.parametrize("call", MADE)
def test_making(call: Call) -> None:
    try:
        theirs = call(torch)
    except (RuntimeError, TypeError, ValueError, IndexError):
        with pytest.raises((RuntimeError, TypeError, ValueError, IndexError)):
            call(gradviz)
        return
    same(call(gradviz), theirs)


DTYPES = ["float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool"]


@pytest.mark.parametrize(("a", "b"), list(itertools.product(DTYPES, DTYPES)))
def test_promotion_of_tensors(a: str, b: str) -> None:
    def results(t: Any) -> list[str]:
        x, y = getattr(t, a), getattr(t, b)
        one = [t.ones(2, dtype=x), t.ones((), dtype=x)]
        other = [t.ones(2, dtype=y), t.ones((), dtype=y)]
        sums = [str((p + q).dtype) for p in one for q in other]
        sums += [str((p / q).dtype) for p in one for q in other]
        sums += [str(t.where(t.tensor(True), p, q).dtype) for p in one for q in other]
        return [str(t.promote_types(x, y)), *sums, str(t.cat([one[0], other[0]]).dtype)]

    assert results(gradviz) == results(torch)


@pytest.mark.parametrize("number", [True, 2, 2.5])
@pytest.mark.parametrize("name", DTYPES)
def test_promotion_with_numbers(name: str, number: float) -> None:
    def results(t: Any) -> list[str]:
        dtype = getattr(t, name)
        found = []
        for x in (t.ones(2, dtype=dtype), t.ones((), dtype=dtype)):
            found += [x + number, number + x, x * number, x / number, number / x, x > number, t.ones(2) * x]
            if name != "bool":
                found += [x**2, x**number if number is not True else x, 2.0 * x]
        return [str(each.dtype) for each in found]

    assert results(gradviz) == results(torch)


def test_another_default_dtype() -> None:
    def results(t: Any) -> list[str]:
        t.set_default_dtype(t.float64)
        try:
            found = [
                t.tensor(1.0),
                t.zeros(1),
                t.arange(3) * 1.5,
                t.arange(3) / 2,
                t.rand(1),
                t.full((1,), 2.0),
            ]
            return [repr(t.ones(2)), *(str(each.dtype) for each in found), str(t.get_default_dtype())]
        finally:
            t.set_default_dtype(t.float32)

    assert results(gradviz) == results(torch)
