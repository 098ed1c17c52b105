"""`x[...]`: what each kind of index gives, what its gradient is, and which mistakes are named."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from gradviz.engine.interpret import run
from gradviz.engine.program import Instr, Program

import gradviz as torch

X = np.arange(24.0).reshape(2, 3, 4)


def made(requires_grad: bool = False) -> torch.Tensor:
    return torch.tensor(X, requires_grad=requires_grad)


BASIC = [
    (lambda x: x[1], X[1]),
    (lambda x: x[-1, 0], X[-1, 0]),
    (lambda x: x[0, 1, 2], X[0, 1, 2]),
    (lambda x: x[:, 1:], X[:, 1:]),
    (lambda x: x[..., ::2], X[..., ::2]),
    (lambda x: x[:, None, 0], X[:, None, 0]),
    (lambda x: x[None, ..., None], X[None, ..., None]),
    (lambda x: x[1:1], X[1:1]),
    (lambda x: x[5:], X[5:]),
    (lambda x: x.select(1, 2), X[:, 2]),
    (lambda x: x.narrow(2, 1, 2), X[:, :, 1:3]),
]
ADVANCED = [
    (lambda x: x[[1, 0, 1]], X[[1, 0, 1]]),
    (lambda x: x[torch.tensor([[0], [1]]), torch.tensor([0, 2])], X[[[0], [1]], [0, 2]]),
    (lambda x: x[:, torch.tensor([2, 0])], X[:, [2, 0]]),
    (lambda x: x[x > 10], X[X > 10]),
    (lambda x: x[:, np.array([True, False, True])], X[:, [True, False, True]]),
    (lambda x: x[1, :, [3, 0]], X[1][:, [3, 0]]),  # numpy itself would put the list's dimension first
    (lambda x: x[range(2), ..., 0], X[[0, 1], ..., 0]),
    (lambda x: x.index_select(2, torch.tensor([3, 3])), X[:, :, [3, 3]]),
    (lambda x: x.masked_select(x < 2), X[X < 2]),
]
Read = Callable[[torch.Tensor], torch.Tensor]


@pytest.mark.parametrize(("read", "expected"), [*BASIC, *ADVANCED])
def test_reading(read: Read, expected: np.ndarray) -> None:
    result = read(made())
    assert tuple(result.shape) == np.shape(expected)
    np.testing.assert_array_equal(result.numpy(), expected)


@pytest.mark.parametrize(("read", "expected"), [*BASIC, *ADVANCED])
def test_the_gradient_counts_how_often_each_element_was_read(read: Read, expected: np.ndarray) -> None:
    x = made(requires_grad=True)
    read(x).sum().backward()
    counts = np.zeros(24)
    for number in np.ravel(expected):
        counts[int(number)] += 1
    np.testing.assert_array_equal(x.grad.numpy().ravel(), counts)


@pytest.mark.parametrize(("read", "expected"), BASIC)
def test_basic_indices_are_views(read: Read, expected: np.ndarray) -> None:
    x = made()
    read(x).zero_()
    assert x.sum().item() == X.sum() - np.sum(expected)


@pytest.mark.parametrize(("read", "expected"), ADVANCED)
def test_indices_by_tensors_are_copies(read: Read, expected: np.ndarray) -> None:
    x = made()
    read(x).zero_()
    np.testing.assert_array_equal(x.numpy(), X)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (0, 5.0),
        ((slice(None), 1), np.ones(4)),
        ((Ellipsis, 0), np.ones((1, 2, 3))),
        ((1, [0, 2]), 7.0),
        (X > 5, -1.0),
        ((slice(None), np.array([True, False, True]), slice(1, 3)), np.zeros((2, 2, 2))),
        ((None, 0), 3.0),
        ((slice(0, 2), 0, slice(None, None, 3)), 2.0),
    ],
)
def test_writing(key: object, value: object) -> None:
    x, expected = made(), X.copy()
    x[key] = torch.tensor(value) if isinstance(value, np.ndarray) else value
    expected[key] = value
    np.testing.assert_array_equal(x.numpy(), expected)


@pytest.mark.parametrize(
    ("mistake", "error", "message"),
    [
        (lambda x: x[2], IndexError, "index 2 is out of bounds for dimension 0 with size 2"),
        (lambda x: x[0, 0, 0, 0], IndexError, "too many indices for tensor of dimension 3"),
        (
            lambda x: x[torch.tensor([0, 9])],
            IndexError,
            "index 9 is out of bounds for dimension 0 with size 2",
        ),
        (lambda x: x[torch.tensor([0.5])], IndexError, "tensors used as indices must be long"),
        (lambda x: x["a"], TypeError, "only integers, slices"),
        (lambda x: x[1.5], IndexError, "only integers, slices"),
        (lambda x: x[::-1], ValueError, "step must be greater than zero"),
        (lambda x: x[..., ...], IndexError, "single ellipsis"),
        (lambda x: x[torch.tensor([True, False, True])], IndexError, "does not match the shape"),
        (lambda x: x.__setitem__(0, torch.ones(5)), RuntimeError, r"value tensor of shape \[5\] cannot be"),
        (lambda x: x.select(5, 0), IndexError, "Dimension out of range"),
        (lambda x: x.narrow(0, 1, 5), RuntimeError, "exceeds dimension size"),
        (lambda x: x.gather(0, torch.tensor([0])), RuntimeError, "same number of dimensions"),
    ],
)
def test_mistakes_are_named(mistake: Callable[[torch.Tensor], object], error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        mistake(made())


def test_an_index_can_be_stored_as_json() -> None:
    with torch.record() as recorder:
        x = made()
        x[:, None, 1:, [0, 2]]
        x[x > 3]
    for instr in recorder.program().instrs:
        json.dumps(dict(instr.attrs))


def test_attributes_may_come_back_as_lists() -> None:
    """What JSON makes of tuples."""

    def listed(value: object) -> object:
        return [listed(each) for each in value] if isinstance(value, tuple) else value

    x = made(requires_grad=True)
    with torch.record() as recorder:
        y = (x[:, None, 1:] * 2).sum((0, 1)).reshape(8).permute(0).amax(0, keepdim=True) + x[[1, 0]].mean(
            (1, 2)
        )[0]
        (y.expand(3, 1).squeeze(1) + x.max(0).values.gather(0, torch.tensor([[0, 1]])).sum()).sum().backward()
    program = recorder.program()
    instrs = tuple(
        Instr(i.op, i.inputs, {k: listed(v) for k, v in i.attrs.items()}, i.output, i.site)
        for i in program.instrs
    )
    again = Program(instrs, program.slots, program.values)
    for a, b in zip(run(again), program.values, strict=True):
        np.testing.assert_array_equal(a, b)


def test_nothing_gathered_has_no_gradient() -> None:
    x = torch.ones(2, 3, requires_grad=True)
    found = x.gather(0, torch.zeros(0, 3, dtype=torch.int64))
    assert found.shape == (0, 3)
    found.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[0.0] * 3] * 2


def test_positions_named_twice_get_both_gradients() -> None:
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    twice = torch.tensor([0, 0, 2])
    for pick in (
        lambda: x[twice],
        lambda: x.index_select(0, twice),
        lambda: x.gather(0, twice),
        lambda: x.take(twice),
        lambda: x.take_along_dim(twice, 0),
        lambda: torch.zeros(3).index_add(0, torch.tensor([0, 1, 2]), x[twice]),
    ):
        x.grad = None
        pick().sum().backward()
        assert x.grad is not None
        assert x.grad.tolist() == [2.0, 0.0, 1.0]


def test_values_for_one_place_add_up() -> None:
    x, v = torch.zeros(3), torch.tensor([1.0, 2.0, 4.0])
    places = torch.tensor([1, 1, 0])
    assert x.scatter_add(0, places, v).tolist() == [4.0, 3.0, 0.0]
    assert x.index_add(0, places, v, alpha=2).tolist() == [8.0, 6.0, 0.0]
    assert x.index_put((places,), v, accumulate=True).tolist() == [4.0, 3.0, 0.0]
    assert x.scatter_reduce(0, places, v, "amax").tolist() == [4.0, 2.0, 0.0]
    assert x.scatter_reduce(0, places, v, "mean", include_self=False).tolist() == [4.0, 1.5, 0.0]
