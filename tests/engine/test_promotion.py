"""Which dtype a result has, after PyTorch's rules; tests/oracle compares every pair with PyTorch itself."""

import pytest

import gradviz as torch

INTEGERS = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]
FLOATS = [torch.float16, torch.float32, torch.float64]


@pytest.mark.parametrize("a", INTEGERS)
@pytest.mark.parametrize("b", FLOATS)
def test_any_float_wins_over_any_integer(a: torch.dtype, b: torch.dtype) -> None:
    assert (torch.ones(2, dtype=a) + torch.ones(2, dtype=b)).dtype is b
    assert torch.promote_types(a, b) is torch.promote_types(b, a) is b


def test_within_a_kind_the_wider_wins() -> None:
    assert torch.promote_types(torch.float32, torch.float64) is torch.float64
    assert torch.promote_types(torch.int8, torch.int32) is torch.int32
    assert torch.promote_types(torch.uint8, torch.int8) is torch.int16
    assert torch.promote_types(torch.bool, torch.uint8) is torch.uint8


def test_a_tensor_without_dimensions_counts_only_by_its_kind() -> None:
    vector = torch.ones(2)
    assert (vector + torch.tensor(1.0, dtype=torch.float64)).dtype is torch.float32
    assert (torch.ones(2, dtype=torch.int16) * torch.tensor(2)).dtype is torch.int16
    assert (torch.arange(2) + torch.tensor(1.0, dtype=torch.float64)).dtype is torch.float64


def test_a_number_counts_only_by_its_kind() -> None:
    assert (torch.ones(2, dtype=torch.float16) * 2.5).dtype is torch.float16
    assert (torch.arange(2) * 2).dtype is torch.int64
    assert (torch.arange(2) * 2.5).dtype is torch.float32
    assert (torch.tensor([True]) + 1).dtype is torch.int64
    assert (torch.tensor([True]) + True).dtype is torch.bool
    assert (torch.ones((), dtype=torch.float64) + 1.5).dtype is torch.float64


def test_division_and_functions_make_floats() -> None:
    assert (torch.arange(3) / 2).dtype is torch.float32
    assert torch.arange(3).exp().dtype is torch.float32
    assert torch.arange(3).sum().dtype is torch.int64
    assert torch.tensor([True, True]).sum().item() == 2
    with pytest.raises(RuntimeError, match="mean"):
        torch.arange(3).mean()


def test_comparisons_make_truth_values() -> None:
    for result in (
        torch.arange(3) > 1.5,
        torch.rand(2) == 0,
        torch.ones(1).logical_not(),
        torch.ones(2).any(),
    ):
        assert result.dtype is torch.bool


def test_the_default_dtype() -> None:
    torch.set_default_dtype(torch.float64)
    try:
        assert torch.tensor(1.0).dtype is torch.float64
        assert (torch.arange(2) * 1.5).dtype is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.tensor(1.0).dtype is torch.float32
    with pytest.raises(TypeError, match="only floating-point types"):
        torch.set_default_dtype(torch.int64)


def test_gradients_have_the_dtype_of_their_tensors() -> None:
    low = torch.ones(2, requires_grad=True)
    high = torch.ones(2, dtype=torch.float64, requires_grad=True)
    (low * high).sum().backward()
    assert (low.grad.dtype, high.grad.dtype) == (torch.float32, torch.float64)


def test_names() -> None:
    assert torch.float is torch.float32
    assert torch.double is torch.float64
    assert torch.long is torch.int64
    assert (repr(torch.float32), str(torch.bool)) == ("torch.float32", "torch.bool")
    assert torch.float32.is_floating_point
    assert not torch.int64.is_floating_point
