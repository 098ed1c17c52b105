"""Tensors print as PyTorch prints them: texts that PyTorch printed; tests/oracle compares thousands."""

from collections.abc import Callable, Iterator

import pytest

import gradviz as torch


@pytest.fixture(autouse=True)
def restore() -> Iterator[None]:
    yield
    torch.set_printoptions(profile="default")


PRINTED: list[tuple[Callable[[], torch.Tensor], str]] = [
    (
        lambda: torch.tensor([1.0, 2.0]),
        """\
tensor([1., 2.])""",
    ),
    (
        lambda: torch.tensor([0.1, 123.456]),
        """\
tensor([1.0000e-01, 1.2346e+02])""",
    ),
    (
        lambda: torch.tensor([1e-5, 1.0]),
        """\
tensor([1.0000e-05, 1.0000e+00])""",
    ),
    (
        lambda: torch.tensor([1, 2000, -3]),
        """\
tensor([   1, 2000,   -3])""",
    ),
    (
        lambda: torch.tensor([[True, False]]),
        """\
tensor([[ True, False]])""",
    ),
    (
        lambda: torch.tensor(3.14159),
        """\
tensor(3.1416)""",
    ),
    (
        lambda: torch.tensor([1.0, float("nan"), float("-inf")]),
        """\
tensor([1., nan, -inf])""",
    ),
    (
        lambda: torch.tensor([0.5, float("nan"), float("inf")]),
        """\
tensor([0.5000,    nan,    inf])""",
    ),
    (
        lambda: torch.zeros(0, 3),
        """\
tensor([], size=(0, 3))""",
    ),
    (
        lambda: torch.zeros(0, dtype=torch.int64),
        """\
tensor([], dtype=torch.int64)""",
    ),
    (
        lambda: torch.arange(24).reshape(2, 3, 4),
        """\
tensor([[[ 0,  1,  2,  3],
         [ 4,  5,  6,  7],
         [ 8,  9, 10, 11]],

        [[12, 13, 14, 15],
         [16, 17, 18, 19],
         [20, 21, 22, 23]]])""",
    ),
    (
        lambda: torch.arange(2000.0),
        """\
tensor([0.0000e+00, 1.0000e+00, 2.0000e+00,  ..., 1.9970e+03, 1.9980e+03,
        1.9990e+03])""",
    ),
    (
        lambda: torch.arange(2000.0).reshape(50, 40),
        """\
tensor([[0.0000e+00, 1.0000e+00, 2.0000e+00,  ..., 3.7000e+01, 3.8000e+01,
         3.9000e+01],
        [4.0000e+01, 4.1000e+01, 4.2000e+01,  ..., 7.7000e+01, 7.8000e+01,
         7.9000e+01],
        [8.0000e+01, 8.1000e+01, 8.2000e+01,  ..., 1.1700e+02, 1.1800e+02,
         1.1900e+02],
        ...,
        [1.8800e+03, 1.8810e+03, 1.8820e+03,  ..., 1.9170e+03, 1.9180e+03,
         1.9190e+03],
        [1.9200e+03, 1.9210e+03, 1.9220e+03,  ..., 1.9570e+03, 1.9580e+03,
         1.9590e+03],
        [1.9600e+03, 1.9610e+03, 1.9620e+03,  ..., 1.9970e+03, 1.9980e+03,
         1.9990e+03]])""",
    ),
    (
        lambda: torch.ones(2, dtype=torch.float64),
        """\
tensor([1., 1.], dtype=torch.float64)""",
    ),
    (
        lambda: torch.tensor([1, 2], dtype=torch.int8),
        """\
tensor([1, 2], dtype=torch.int8)""",
    ),
    (
        lambda: torch.ones(2, requires_grad=True),
        """\
tensor([1., 1.], requires_grad=True)""",
    ),
    (
        lambda: torch.ones(2, requires_grad=True) * 2,
        """\
tensor([2., 2.], grad_fn=<MulBackward0>)""",
    ),
    (
        lambda: torch.ones(2, requires_grad=True).sum(),
        """\
tensor(2., grad_fn=<SumBackward0>)""",
    ),
    (
        lambda: torch.arange(30) / 7,
        """\
tensor([0.0000, 0.1429, 0.2857, 0.4286, 0.5714, 0.7143, 0.8571, 1.0000, 1.1429,
        1.2857, 1.4286, 1.5714, 1.7143, 1.8571, 2.0000, 2.1429, 2.2857, 2.4286,
        2.5714, 2.7143, 2.8571, 3.0000, 3.1429, 3.2857, 3.4286, 3.5714, 3.7143,
        3.8571, 4.0000, 4.1429])""",
    ),
    (
        lambda: torch.ones(3, 30, requires_grad=True).exp(),
        """\
tensor([[2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183,
         2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183,
         2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183,
         2.7183, 2.7183, 2.7183],
        [2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183,
         2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183,
         2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183,
         2.7183, 2.7183, 2.7183],
        [2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183,
         2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183,
         2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183, 2.7183,
         2.7183, 2.7183, 2.7183]], grad_fn=<ExpBackward0>)""",
    ),
    (
        lambda: torch.tensor([1e9, 1.0]),
        """\
tensor([1.0000e+09, 1.0000e+00])""",
    ),
    (
        lambda: torch.tensor([-0.0, 0.0]),
        """\
tensor([-0., 0.])""",
    ),
]


@pytest.mark.parametrize(("make", "text"), PRINTED)
def test_repr(make: Callable[[], torch.Tensor], text: str) -> None:
    assert repr(make()) == str(make()) == text


def test_options() -> None:
    x = torch.tensor([0.123456, 20.0])
    torch.set_printoptions(precision=2)
    assert repr(x) == "tensor([ 0.12, 20.00])"
    torch.set_printoptions(sci_mode=True)
    assert repr(x) == "tensor([1.23e-01, 2.00e+01])"
    torch.set_printoptions(profile="short")
    assert repr(torch.arange(2000)) == "tensor([   0,    1,  ..., 1998, 1999])"
    torch.set_printoptions(profile="full")
    assert "..." not in repr(torch.arange(2000))
    torch.set_printoptions(profile="default")
    assert repr(x) == "tensor([ 0.1235, 20.0000])"


def test_formatting_a_number() -> None:
    loss = torch.tensor(0.1)
    assert f"{loss:.3f} {loss:>8.2f}" == "0.100     0.10"
    assert f"{loss}" == "0.10000000149011612"
    assert f"{torch.tensor([1])}" == "tensor([1])"
    with pytest.raises(TypeError, match="unsupported format string"):
        f"{torch.ones(2):.3f}"


def test_pairs_shapes_and_devices() -> None:
    pair = torch.tensor([[1.0, 5.0], [7.0, 2.0]]).max(1)
    assert repr(pair) == "torch.return_types.max(\nvalues=tensor([5., 7.]),\nindices=tensor([1, 0]))"
    assert repr(torch.ones(2, 3).shape) == "torch.Size([2, 3])"
    assert repr(torch.ones(2, 3).shape[1:]) == "torch.Size([3])"
    assert (repr(torch.ones(1).device), str(torch.ones(1).device)) == ("device(type='cpu')", "cpu")
