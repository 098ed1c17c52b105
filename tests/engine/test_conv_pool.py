"""Convolution, pooling, padding and products at their edges: sizes, ties, borders, no samples.

Gradients are checked for all ops alike in test_ops.py, numbers against PyTorch in tests/oracle.
"""

import numpy as np
import pytest

import gradviz as torch
import gradviz.nn.functional as F
from tests.engine.nn_values import count_up, near, values


def test_convolution_by_hand() -> None:
    y = F.conv2d(count_up(1, 1, 3, 3), torch.tensor([[[[1.0, 2], [3, 4]]]]), torch.tensor([0.5]))
    near(y, [[[[27.5, 37.5], [57.5, 67.5]]]])


@pytest.mark.parametrize(("size", "dilation"), [((3, 3), 1), ((2, 4), 1), ((2, 3), (3, 2))])
def test_padding_same_keeps_the_size(size: tuple[int, int], dilation: int | tuple[int, int]) -> None:
    y = F.conv2d(torch.rand(2, 1, 6, 7), torch.rand(3, 1, *size), padding="same", dilation=dilation)
    assert y.shape == (2, 3, 6, 7)


def test_an_odd_border_of_padding_same_goes_to_the_end() -> None:
    near(F.conv2d(torch.ones(1, 1, 1, 3), torch.ones(1, 1, 1, 2), padding="same"), [[[[2, 2, 1]]]])


def test_padding_valid_is_none() -> None:
    x, w = torch.rand(1, 1, 5, 5), torch.rand(1, 1, 3, 3)
    near(F.conv2d(x, w, padding="valid"), values(F.conv2d(x, w)))


def test_one_image_without_a_batch() -> None:
    x, w = torch.rand(2, 5, 5), torch.rand(3, 2, 3, 3)
    near(F.conv2d(x, w), values(F.conv2d(x.unsqueeze(0), w))[0])
    for pool in (
        lambda x: F.max_pool2d(x, 2),
        lambda x: F.avg_pool2d(x, 2),
        lambda x: F.adaptive_avg_pool2d(x, 2),
    ):
        near(pool(x), values(pool(x.unsqueeze(0)))[0])


def test_convolution_of_no_images() -> None:
    assert F.conv2d(torch.rand(0, 1, 4, 4), torch.rand(2, 1, 3, 3)).shape == (0, 2, 2, 2)
    assert F.max_pool2d(torch.rand(0, 1, 4, 4), 2).shape == (0, 1, 2, 2)


def test_half_precision_computes_in_single() -> None:
    x, w = torch.rand(1, 1, 4, 4).to(torch.float16), torch.rand(1, 1, 3, 3).to(torch.float16)
    assert F.conv2d(x, w).dtype is torch.float16
    assert F.avg_pool2d(x, 2).dtype is torch.float16
    y = F.max_pool2d(x.requires_grad_(), 2).sum()
    y.backward()
    assert x.grad is not None
    assert x.grad.dtype is torch.float16


def test_max_pool_gives_indices_and_routes_to_them() -> None:
    x = torch.tensor([[[[1.0, 5, 2, 0], [3, 4, 8, 8]]]], requires_grad=True)
    y, indices = F.max_pool2d(x, 2, return_indices=True)
    near(y, [[[[5, 8]]]])
    assert indices.tolist() == [[[[1, 6]]]]  # the first of equal numbers
    assert not indices.requires_grad
    y.backward(torch.tensor([[[[10.0, 20]]]]))
    near(x.grad, [[[[0, 10, 0, 0], [0, 0, 20, 0]]]])


def test_overlapping_windows_add_up_at_their_winner() -> None:
    x = torch.tensor([[[[0.0, 9, 1]]]], requires_grad=True)
    F.max_pool2d(x, (1, 2), stride=1).sum().backward()
    near(x.grad, [[[[0, 2, 0]]]])


def test_ceil_mode_keeps_incomplete_windows() -> None:
    x = count_up(1, 1, 1, 5)
    near(F.max_pool2d(x, (1, 2)), [[[[1, 3]]]])
    near(F.max_pool2d(x, (1, 2), ceil_mode=True), [[[[1, 3, 4]]]])
    near(F.avg_pool2d(x, (1, 2), ceil_mode=True), [[[[0.5, 2.5, 4]]]])
    # No window may begin in the padding behind.
    assert F.max_pool2d(torch.rand(1, 1, 4, 4), 2, stride=3, padding=1, ceil_mode=True).shape == (1, 1, 2, 2)


def test_average_pool_counts_padding_or_not() -> None:
    x = torch.ones(1, 1, 1, 2)
    near(F.avg_pool2d(x, (1, 2), stride=(1, 2), padding=(0, 1)), [[[[0.5, 0.5]]]])
    near(F.avg_pool2d(x, (1, 2), stride=(1, 2), padding=(0, 1), count_include_pad=False), [[[[1, 1]]]])
    near(F.avg_pool2d(x, (1, 2), divisor_override=4), [[[[0.5]]]])


def test_adaptive_pool_keeps_sizes_that_are_none() -> None:
    assert F.adaptive_avg_pool2d(torch.rand(2, 3, 5, 7), (None, 2)).shape == (2, 3, 5, 2)
    near(F.adaptive_avg_pool2d(count_up(1, 1, 2, 2), 1), [[[[1.5]]]])


def test_padding_modes() -> None:
    x = count_up(1, 3)
    assert F.pad(x, (1, 2)).tolist() == [[0, 0, 1, 2, 0, 0]]
    assert F.pad(x, (1, 0), value=7.0).tolist() == [[7, 0, 1, 2]]
    assert F.pad(x, (-1, 1)).tolist() == [[1, 2, 0]]
    assert F.pad(x, (0, 0, 1, 0)).tolist() == [[0, 0, 0], [0, 1, 2]]
    assert F.pad(x, (2, 1), mode="reflect").tolist() == [[2, 1, 0, 1, 2, 1]]
    assert F.pad(x, (2, 1), mode="replicate").tolist() == [[0, 0, 0, 1, 2, 2]]
    assert F.pad(x, (2, 1), mode="circular").tolist() == [[1, 2, 0, 1, 2, 0]]


def test_gradient_of_padding_modes() -> None:
    x = torch.ones(1, 3, requires_grad=True)
    F.pad(x, (2, 1), mode="reflect").sum().backward()
    near(x.grad, [[1, 3, 2]])


# Products.


@pytest.mark.parametrize(
    ("a", "b"),
    [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)),
     ((3,), (5, 3, 4)), ((5, 2, 3), (3,)), ((5, 1, 2, 3), (4, 3, 2)), ((0, 3), (3, 2)), ((2, 0), (0, 3))],
)  # fmt: skip
def test_matmul_takes_vectors_matrices_and_batches(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    x, y = torch.rand(*a), torch.rand(*b)
    expected = np.matmul(values(x).reshape(a), values(y).reshape(b))
    assert (x @ y).shape == expected.shape
    np.testing.assert_allclose(values(x @ y).reshape(expected.shape), expected, rtol=1e-5)


def test_matmul_needs_tensors() -> None:
    with pytest.raises(TypeError):
        torch.rand(2) @ 3


def test_linear_without_bias_and_without_batch() -> None:
    x, w = torch.rand(3), torch.rand(2, 3)
    near(F.linear(x, w), values(w) @ values(x))
    assert F.linear(torch.rand(4, 5, 3), w, torch.rand(2)).shape == (4, 5, 2)
