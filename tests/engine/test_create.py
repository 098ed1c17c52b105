"""Making tensors: dtypes, shapes, shared memory, random numbers."""

import copy
import pickle

import numpy as np
import pytest

import gradviz as torch


def test_data_decides_the_dtype() -> None:
    assert torch.tensor([1, 2]).dtype is torch.int64
    assert torch.tensor([1, 2.5]).dtype is torch.float32
    assert torch.tensor([True]).dtype is torch.bool
    assert torch.tensor(np.ones(2)).dtype is torch.float64
    assert torch.tensor([]).dtype is torch.float32
    assert torch.tensor([torch.tensor(1), torch.tensor(2)]).tolist() == [1, 2]
    assert torch.tensor([1.7], dtype=torch.int64).tolist() == [1]


@pytest.mark.parametrize("data", [[[1, 2], [3]], "a", ["a"], None, [None], {}])
def test_what_is_no_data(data: object) -> None:
    with pytest.raises((ValueError, TypeError, RuntimeError)):
        torch.tensor(data)


def test_numbers_keep_their_precision_in_double() -> None:
    for data in (0.1, [0.1, 1e300]):
        assert torch.tensor(data, dtype=torch.float64).tolist() == data
    assert torch.tensor([], dtype=torch.float64).dtype is torch.float64
    assert torch.tensor(2**60 + 1.0, dtype=torch.int64).item() == 2**60
    assert torch.tensor(0.1).item() == float(np.float32(0.1))


def test_filled_and_counting() -> None:
    assert torch.zeros(2, 3).shape == torch.zeros((2, 3)).shape == torch.zeros([2, 3]).shape == (2, 3)
    assert torch.full((2,), 7).dtype is torch.int64
    assert torch.arange(1, 2.5, 0.5).tolist() == [1, 1.5, 2]
    assert torch.arange(5, 0, -2).tolist() == [5, 3, 1]
    assert torch.linspace(0, 1, 5).tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert torch.eye(2, 3).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert torch.ones_like(torch.arange(3)).dtype is torch.int64
    assert torch.ones(2, dtype=torch.int32).new_zeros(3).dtype is torch.int32
    with pytest.raises(RuntimeError, match="negative dimension"):
        torch.zeros(-1)
    with pytest.raises(RuntimeError, match="step must be nonzero"):
        torch.arange(0, 3, 0)


def test_a_tensor_is_a_copy_but_from_numpy_shares() -> None:
    array = np.zeros(2)
    copied, shared, same = torch.tensor(array), torch.from_numpy(array), torch.as_tensor(array)
    array[0] = 5
    assert (copied.tolist(), shared.tolist(), same.tolist()) == ([0, 0], [5, 0], [5, 0])
    assert torch.as_tensor(shared) is shared
    with pytest.raises(TypeError, match="can't convert np.ndarray of type"):
        torch.from_numpy(np.array(["a"]))
    with pytest.raises(ValueError, match="negative"):
        torch.from_numpy(array[::-1])


def test_random_numbers() -> None:
    torch.manual_seed(3)
    x, n, i = torch.rand(10_000), torch.randn(10_000), torch.randint(2, 7, (10_000,))
    assert 0 <= min(x.tolist()) < 0.01 < 0.99 < max(x.tolist()) < 1
    assert x.mean().item() == pytest.approx(0.5, abs=0.02)
    assert n.std().item() == pytest.approx(1, abs=0.05)
    assert set(i.tolist()) == {2, 3, 4, 5, 6}
    assert sorted(torch.randperm(50).tolist()) == list(range(50))
    torch.manual_seed(3)
    assert torch.equal(torch.rand(10_000), x)
    first = torch.rand(3, generator=torch.Generator().manual_seed(9))
    assert torch.equal(torch.rand(3, generator=torch.Generator().manual_seed(9)), first)
    assert torch.Generator().manual_seed(9).initial_seed() == 9
    assert torch.rand(100, dtype=torch.float16).max().item() < 1
    with pytest.raises(RuntimeError, match="floating point"):
        torch.rand(2, dtype=torch.int64)
    assert torch.normal(5.0, 0.0, (2,)).tolist() == [5, 5]
    chosen = torch.multinomial(torch.tensor([0.0, 3.0, 1.0]), 4000, replacement=True).tolist()
    assert chosen.count(0) == 0
    assert chosen.count(1) == pytest.approx(3000, rel=0.05)
    assert sorted(torch.multinomial(torch.ones(2, 5), 5)[1].tolist()) == [0, 1, 2, 3, 4]
    with pytest.raises(RuntimeError, match="without replacement"):
        torch.multinomial(torch.ones(2), 3)
    assert torch.bernoulli(torch.tensor([0.0, 1.0])).tolist() == [0, 1]


def test_conversions() -> None:
    x = torch.tensor([1.6, -1.6])
    assert x.long().tolist() == [1, -1]
    assert x.double().dtype is torch.float64
    assert x.float() is x.to("cpu") is x.cpu() is x.contiguous() is x
    assert x.type() == "torch.FloatTensor"
    assert x.type("torch.LongTensor").dtype is torch.int64
    assert x.to(torch.ones(1, dtype=torch.int8)).dtype is torch.int8
    assert (x.numel(), x.nelement(), x.element_size(), x.stride()) == (2, 2, 4, (1,))
    assert [10, 20][torch.tensor(1)] == 20
    with pytest.raises(RuntimeError, match="cannot be converted to Scalar"):
        x.item()
    with pytest.raises(RuntimeError, match="ambiguous"):
        bool(x)


def test_copies_and_pickles_are_leaves() -> None:
    w = torch.ones(2, requires_grad=True)
    for other in (copy.deepcopy(w), copy.copy(w), pickle.loads(pickle.dumps(w))):
        assert other.tolist() == [1, 1]
        assert other.requires_grad
        assert other.is_leaf
        with torch.no_grad():
            other.add_(1)
        assert w.tolist() == [1, 1]
