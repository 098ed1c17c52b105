"""Reductions, scans and sorting at their edges: dtypes, empty tensors, ties, NaN, refusals.

Gradients are checked for all ops alike in test_ops.py, numbers against PyTorch in tests/oracle.
"""

import math
from collections.abc import Callable
from typing import Any

import pytest
from gradviz.engine.selection import order, topk

import gradviz as torch

inf, nan = math.inf, math.nan


def slopes(function: Callable[[torch.Tensor], torch.Tensor], points: Any) -> Any:
    x = torch.tensor(points, requires_grad=True)
    function(x).sum().backward()
    assert x.grad is not None
    return x.grad.tolist()


def test_products_with_zeros() -> None:
    assert slopes(torch.prod, [2.0, 3, 4]) == [12, 8, 6]
    assert slopes(torch.prod, [2.0, 0, 4]) == [0, 8, 0]
    assert slopes(torch.prod, [0.0, 0, 4]) == [0, 0, 0]
    assert slopes(lambda x: x.prod(1), [[0.0, 3], [2, 5]]) == [[3, 0], [5, 2]]
    assert slopes(lambda x: x.cumprod(0), [2.0, 0, 3]) == [1, 8, 0]
    x = torch.tensor([0.0, 0, 4], requires_grad=True)
    (g,) = torch.autograd.grad(x.prod(), x, create_graph=True)
    assert g is not None
    g[0].backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 4, 0]


def test_dtypes() -> None:
    whole = torch.tensor([2, 3], dtype=torch.int32)
    assert whole.sum().dtype is torch.int64
    assert whole.prod().dtype is torch.int64
    assert whole.cumsum(0).dtype is torch.int64
    assert whole.sum(dtype=torch.int32).dtype is torch.int32
    assert (whole > 0).sum().item() == 2
    assert whole.logsumexp(0).dtype is torch.float32
    assert whole.count_nonzero().item() == 2
    assert torch.tensor([3, 1], dtype=torch.uint8).all().dtype is torch.uint8


def test_nothing_to_reduce() -> None:
    empty = torch.zeros(0)
    assert empty.sum().item() == 0
    assert empty.prod().item() == 1
    assert torch.isnan(empty.mean())
    assert torch.isnan(empty.median())
    assert empty.norm().item() == 0
    assert empty.logsumexp(0).item() == -inf
    for call in (torch.argmax, lambda x: x.mode(), lambda x: x.median(0), lambda x: x.amax(0)):
        with pytest.raises(IndexError):
            call(empty)
    for call in (torch.amax, torch.max):
        with pytest.raises(RuntimeError):
            call(empty)
    with pytest.raises(RuntimeError, match="does not have an identity"):
        empty.norm(inf)


def test_nan() -> None:
    x = torch.tensor([1.0, nan, 3])
    assert x.nansum().item() == 4
    assert x.nanmean().item() == 2
    assert x.nanmedian().item() == 1
    assert torch.isnan(x.median())
    assert torch.isnan(x.quantile(0.5))
    assert x.nanquantile(0.5).item() == 2
    assert x.sort().indices.tolist() == [0, 2, 1]
    assert x.sort(descending=True).indices.tolist() == [1, 2, 0]
    assert x.cummax(0).indices.tolist() == [0, 1, 1]
    assert slopes(torch.nansum, [1.0, nan]) == [1, 0]


def test_ties() -> None:
    assert slopes(torch.amax, [2.0, 2, 1]) == [0.5, 0.5, 0]
    assert slopes(torch.median, [2.0, 2, 1]) == [0.5, 0.5, 0]
    assert slopes(lambda x: x.max(0).values, [2.0, 2, 1]) == [1, 0, 0]
    assert slopes(lambda x: x.sort(stable=True).values[0], [1.0, 1, 2]) == [1, 0, 0]
    assert slopes(lambda x: x.cummax(0).values, [1.0, 1, 0]) == [1, 2, 0]
    assert torch.tensor([3, 1, 3, 1]).mode().indices.item() == 3
    assert slopes(lambda x: x.aminmax().max, [2.0, 2, 1]) == [0.5, 0.5, 0]


def test_long_lines_of_equals_are_ordered_as_the_library_below_pytorch_does() -> None:
    line = torch.tensor([1, 0] * 10)
    assert line.sort(stable=True).indices.tolist() == [*range(1, 20, 2), *range(0, 20, 2)]
    found = line.sort()
    assert found.values.tolist() == [0] * 10 + [1] * 10
    assert sorted(found.indices.tolist()) == list(range(20))
    assert found.indices.tolist() == order(line.numpy(), False).tolist() != list(range(1, 20, 2))
    assert line.topk(3).indices.tolist() == topk(line.numpy(), 3, True, True).tolist()
    assert line[line.topk(7).indices].tolist() == [1] * 7


def test_norms() -> None:
    x = torch.tensor([3.0, -4, 0])
    orders = {2: 5.0, 1: 7.0, 0: 2.0, inf: 4.0, -inf: 0.0, "fro": 5.0}
    for p, value in orders.items():
        assert x.norm(p).item() == value
    assert torch.linalg.vector_norm(x, 3).item() == pytest.approx((27 + 64) ** (1 / 3))
    assert slopes(torch.norm, [0.0, 0]) == [0, 0]
    assert slopes(lambda x: x.norm(1), [2.0, 0, -3]) == [1, 0, -1]
    assert slopes(lambda x: x.norm(inf), [2.0, -2, 1]) == [0.5, -0.5, 0]
    matrix = torch.tensor([[1.0, -2], [3, 4]])
    assert torch.linalg.norm(matrix, 1).item() == 6
    assert torch.linalg.norm(matrix, inf).item() == 7
    assert torch.linalg.matrix_norm(matrix, -1).item() == 4
    stretch = torch.tensor([[0.0, 3], [2, 0]])
    assert torch.linalg.svdvals(stretch).tolist() == pytest.approx([3, 2])
    assert stretch.norm("nuc").item() == pytest.approx(5)
    assert torch.linalg.norm(stretch, -2).item() == pytest.approx(2)
    assert torch.dist(x, torch.zeros(3), 1).item() == 7


def test_variances() -> None:
    x = torch.tensor([1.0, 2, 3, 6])
    assert torch.var_mean(x, correction=0) == (torch.tensor(3.5), torch.tensor(3.0))
    std, mean = torch.std_mean(x, dim=0, keepdim=True)
    assert (std.shape, mean.shape) == ((1,), (1,))
    assert x.var(unbiased=False).item() == 3.5


def test_counts() -> None:
    x = torch.tensor([2, 0, 2, 5])
    values, inverse, counts = x.unique(return_inverse=True, return_counts=True)
    assert (values.tolist(), inverse.tolist(), counts.tolist()) == ([0, 2, 5], [1, 0, 1, 2], [1, 2, 1])
    assert torch.unique_consecutive(torch.tensor([1, 1, 2, 1])).tolist() == [1, 2, 1]
    assert x.bincount(minlength=7).tolist() == [1, 0, 2, 0, 0, 1, 0]
    assert x.float().histc(3, 0, 6).tolist() == [1, 2, 1]
    edges = torch.tensor([0, 2, 4])
    assert torch.searchsorted(edges, x).tolist() == [1, 0, 1, 3]
    assert torch.bucketize(x, edges, right=True).tolist() == [2, 1, 2, 3]
    assert torch.isin(x, edges).tolist() == [True, True, True, False]
    assert torch.tensor([1, 4, 9]).diff().tolist() == [3, 5]


def test_a_result_prints_as_in_pytorch() -> None:
    assert repr(torch.tensor([1.0, 3]).aminmax()) == (
        "torch.return_types.aminmax(\nmin=tensor(1.),\nmax=tensor(3.))"
    )


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda x: x.topk(5), RuntimeError, "selected index k out of range"),
        (lambda x: (x > 0).topk(1), RuntimeError, "does not support bool"),
        (lambda x: x.kthvalue(0), RuntimeError, "selected number k out of range"),
        (lambda x: x.cumsum(3), IndexError, "Dimension out of range"),
        (lambda x: x.quantile(2.0), RuntimeError, r"must be in the range \[0, 1\]"),
        (lambda x: x.quantile(0.5, interpolation="up"), ValueError, "interpolation must be one of"),
        (lambda x: x.long().quantile(0.5), RuntimeError, "either float or double"),
        (lambda x: x[0].norm("nuc"), RuntimeError, "is for matrices"),
        (lambda x: torch.linalg.svdvals(x.long()), RuntimeError, "Expected a floating point"),
        (lambda x: torch.linalg.svdvals(x[0]), RuntimeError, "at least 2 dimensions"),
        (lambda x: torch.linalg.norm(x, "fro", dim=0), ValueError, "is for matrices"),
        (lambda x: x.long().norm(), RuntimeError, "Expected a floating point"),
        (lambda x: x.bincount(), RuntimeError, "1-d non-negative integral"),
        (lambda x: x.histc(bins=0), RuntimeError, "bins must be > 0"),
        (lambda x: torch.bucketize(1, x), RuntimeError, "must be 1 dimension"),
        (lambda x: torch.searchsorted(x[0], x, side="up"), RuntimeError, "'left' or 'right'"),
        (lambda x: torch.searchsorted(x[0], x, right=True, side="left"), RuntimeError, "opposites"),
        (lambda x: torch.searchsorted(x[0], x.double()), RuntimeError, "same dtype"),
        (lambda x: x.diff(-1), RuntimeError, "order must be non-negative"),
        (lambda x: x.long().nanmean(), RuntimeError, "floating point"),
    ],
)
def test_refusals(call: Callable[[torch.Tensor], object], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call(torch.tensor([[1.0, 2], [3, 4]]))
