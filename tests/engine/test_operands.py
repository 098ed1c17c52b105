"""What may stand where a tensor does: lists and numbers are refused by name where PyTorch refuses them."""

from __future__ import annotations

import pytest

import gradviz as torch
import gradviz.nn.functional as F


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: torch.sum([1.0, 2]), r"sum\(\): argument 'input' \(position 1\) must be Tensor, not list"),
        (lambda: torch.exp(2), r"exp\(\): argument 'input' \(position 1\) must be Tensor, not int"),
        (lambda: torch.zeros(3).gather(0, [0]), r"argument 'index' \(position 3\) must be Tensor, not list"),
        (lambda: F.linear(torch.zeros(2), [1]), r"argument 'weight' \(position 2\) must be Tensor, not list"),
        (lambda: F.cross_entropy([1.0], torch.zeros(1)), r"argument 'input' \(position 1\)"),
        (lambda: torch.maximum(torch.zeros(2), 1), r"maximum\(\): argument 'other' \(position 2\)"),
        (lambda: torch.eq(2, torch.zeros(2)), r"eq\(\): argument 'input' \(position 1\)"),
        (lambda: torch.pow(2, 3), r"pow\(\): argument 'input' \(position 1\)"),
        (lambda: torch.cat([torch.zeros(2), 3]), "expected Tensor as element 1 in argument 0, but got int"),
        (lambda: torch.stack(torch.zeros(2, 2)), "must be tuple of Tensors, not Tensor"),
        (lambda: torch.zeros(2.5), "sizes must be ints, not float"),
        (lambda: torch.zeros(2).var(unbiased=True, correction=1), "either unbiased or correction"),
    ],
)
def test_refused(call, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call()


def test_one_of_two_may_be_a_number() -> None:
    x = torch.tensor([3])
    assert torch.pow(2, x).tolist() == [8]
    assert torch.remainder(7, x).tolist() == [1]
    assert (torch.tensor([2, 3]) == 2).tolist() == [True, False]


def test_attribute_errors_of_other_origin_stay() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        torch.zeros(2).nothing  # noqa: B018


def test_layouts_are_checked_and_change_nothing() -> None:
    x = torch.arange(6.0).reshape(2, 3).t()
    assert x.layout is torch.strided
    assert x.clone(memory_format=torch.contiguous_format).is_contiguous()
    assert x.half(memory_format=torch.preserve_format).dtype is torch.float16
    assert torch.zeros(2, layout=torch.strided, pin_memory=False).tolist() == [0, 0]
    with pytest.raises(RuntimeError, match="required rank 4 tensor to use channels_last format"):
        x.contiguous(memory_format=torch.channels_last)
    with pytest.raises(TypeError, match="memory_format must be"):
        x.clone(memory_format="channels_last")
    with pytest.raises(ValueError, match=r"stores all tensors as torch\.strided"):
        torch.zeros(2, layout="sparse")


def test_whole_numbers_convolve() -> None:
    image, kernel = torch.arange(4).reshape(1, 1, 2, 2), torch.ones(1, 1, 2, 2, dtype=torch.int64)
    assert F.conv2d(image, kernel).tolist() == [[[[6]]]]
    assert F.conv_transpose2d(image[..., :1, :1], kernel).dtype is torch.int64
