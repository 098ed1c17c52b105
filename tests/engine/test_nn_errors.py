"""What the ops of networks refuse, and in which words: they name the shapes and what does not fit."""

import re

import pytest
from gradviz.engine.errors import ArgumentError, DimError, DTypeError, ShapeError

import gradviz as torch
import gradviz.nn.functional as F


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: F.conv2d(torch.rand(1, 3, 32, 32), torch.rand(6, 1, 5, 5)),
            "conv2d: input (1, 3, 32, 32) has 3 channels, but weight (6, 1, 5, 5) takes 1",
        ),
        (
            lambda: F.conv2d(torch.rand(1, 3, 8, 8), torch.rand(4, 2, 3, 3), groups=2),
            "conv2d: input (1, 3, 8, 8) has 3 channels, but weight (4, 2, 3, 3) takes 2 × 2 groups",
        ),
        (
            lambda: F.conv2d(torch.rand(1, 2, 8, 8), torch.rand(3, 1, 3, 3), groups=2),
            "conv2d: the 3 output channels of weight (3, 1, 3, 3) do not split into 2 groups",
        ),
        (
            lambda: F.conv2d(torch.rand(1, 1, 4, 4), torch.rand(1, 1, 5, 5)),
            "conv2d: a window of 5×5 does not fit into the padded input (1, 1, 4, 4)",
        ),
        (
            lambda: F.conv2d(torch.rand(4, 4), torch.rand(1, 1, 3, 3)),
            "conv2d: input must have shape (N, C, H, W)",
        ),
        (
            lambda: F.conv2d(torch.rand(1, 1, 4, 4), torch.rand(2, 1, 3, 3), torch.rand(3)),
            "conv2d: bias must have shape (2,) for weight (2, 1, 3, 3), not (3,)",
        ),
        (
            lambda: F.linear(torch.rand(1, 256), torch.rand(120, 400)),
            "linear: input (1, 256) has 256 features, but weight (120, 400) takes 400: 256 ≠ 400",
        ),
        (lambda: torch.rand(32, 400) @ torch.rand(120, 84), "mm: (32, 400) @ (120, 84): 400 ≠ 120"),
        (lambda: torch.rand(2, 3, 4) @ torch.rand(3, 4, 2), "matmul: (2,), (3,): the sizes must match"),
        (lambda: torch.dot(torch.rand(2), torch.rand(3)), "dot: (2,) @ (3,): 2 ≠ 3"),
        (lambda: torch.mm(torch.rand(2), torch.rand(2, 3)), "mm: (2,) @ (2, 3): wants a matrix and a matrix"),
        (
            lambda: torch.bmm(torch.rand(2, 3, 4), torch.rand(3, 4, 5)),
            "bmm: wants two batches of equal length",
        ),
        (lambda: torch.matmul(torch.tensor(1.0), torch.rand(2)), "must have dimensions"),
        (lambda: F.max_pool2d(torch.rand(1, 1, 2, 2), 3), "max_pool2d: a window of 3×3 does not fit"),
        (lambda: F.avg_pool2d(torch.rand(2, 2), 2), "avg_pool2d: input must have shape (N, C, H, W)"),
        (
            lambda: F.nll_loss(torch.rand(2, 10), torch.tensor([[1], [2]])),
            "nll_loss: input (2, 10) and target (2, 1) do not fit: (N, C, …) wants (N, …)",
        ),
        (
            lambda: F.cross_entropy(torch.rand(1, 10), torch.rand(1)),
            "cross_entropy: a floating point target holds probabilities and must have the logits' shape",
        ),
        (
            lambda: F.nll_loss(torch.rand(1, 3), torch.tensor([0]), weight=torch.rand(2)),
            "nll_loss: weight must have shape (3,), not (2,)",
        ),
        (
            lambda: F.batch_norm(torch.rand(2, 3), torch.zeros(2), torch.ones(2)),
            "batch_norm: running_mean must have shape (3,) for input (2, 3), not (2,)",
        ),
        (lambda: F.pad(torch.rand(3), (-2, -2)), "pad: cutting"),
        (lambda: F.pad(torch.rand(1, 3), (3, 0), mode="reflect"), "pad: reflect padding (3, 0) does not fit"),
    ],
)
def test_shape_errors(call, message: str) -> None:
    with pytest.raises(ShapeError, match=re.escape(message)) as caught:
        call()
    assert isinstance(caught.value, RuntimeError)  # as in PyTorch


def test_messages_name_the_users_line() -> None:
    with pytest.raises(ShapeError, match=r"400 ≠ 120, at .*test_nn_errors\.py:\d+$"):
        torch.rand(32, 400) @ torch.rand(120, 84)
    with pytest.raises(
        ShapeError, match=r"target\.long\(\), at .*test_nn_errors\.py:\d+$"
    ):  # before any op runs
        F.cross_entropy(torch.rand(1, 10), torch.rand(1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.conv2d(torch.rand(1, 1, 4, 4), torch.rand(1, 1, 3, 3).double()), "one dtype"),
        (
            lambda: F.conv2d(torch.ones(1, 1, 4, 4).bool(), torch.ones(1, 1, 3, 3).bool()),
            "floating point, not bool",
        ),
        (lambda: torch.rand(2, 2) @ torch.rand(2, 2).double(), "float32 and float64"),
        (lambda: F.linear(torch.rand(2, 2), torch.rand(2, 2).double()), "float32, float64"),
        (lambda: F.softmax(torch.ones(2).long(), 0), "floating point, not int64"),
        (lambda: F.nll_loss(torch.rand(1, 3), torch.rand(1)), "class numbers (int64), not float32"),
        (lambda: F.one_hot(torch.rand(2)), "index tensor"),
    ],
)
def test_dtype_errors(call, message: str) -> None:
    with pytest.raises(DTypeError, match=re.escape(message)):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.conv2d(torch.rand(1, 1, 4, 4), torch.rand(1, 1, 3, 3), stride=0), "stride must be"),
        (lambda: F.batch_norm(torch.rand(2, 3), None, None), "running_mean and running_var"),
        (lambda: F.pad(torch.rand(2), (1,)), "two amounts"),
        (lambda: F.pad(torch.rand(1, 2), (2, 0), mode="reflect"), "does not fit a dimension of size 2"),
        (lambda: F.one_hot(torch.tensor([3]), 3), "smaller than num_classes"),
        (
            lambda: F.conv2d(torch.rand(1, 1, 4, 4), torch.rand(1, 1, 3, 3), stride=2, padding="same"),
            "strided",
        ),
        (lambda: F.conv2d(torch.rand(1, 1, 4, 4), torch.rand(1, 1, 3, 3), padding="full"), "'full'"),
        (lambda: F.max_pool2d(torch.rand(1, 1, 4, 4), 2, padding=2), "at most half of kernel size"),
        (lambda: F.avg_pool2d(torch.rand(1, 1, 4, 4), 2, padding=2), "at most half of kernel size"),
        (lambda: F.avg_pool2d(torch.rand(1, 1, 4, 4), 2, divisor_override=0), "divisor"),
    ],
)
def test_arguments_that_pytorch_calls_runtime_errors(call, message: str) -> None:
    with pytest.raises(ShapeError, match=re.escape(message)):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.dropout(torch.rand(2), 1.5), "between 0 and 1"),
        (
            lambda: F.nll_loss(torch.rand(3, 10), torch.tensor([1, 2])),
            "Expected input batch_size (3) to match target batch_size (2)",
        ),
        (
            lambda: F.cross_entropy(torch.rand(1, 2), torch.tensor([0]), reduction="max"),
            "max is not a valid value",
        ),
        (lambda: F.batch_norm(torch.rand(1, 3), None, None, training=True), "more than 1 value per channel"),
    ],
)
def test_argument_errors(call, message: str) -> None:
    with pytest.raises(ArgumentError, match=re.escape(message)) as caught:
        call()
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.pad(torch.rand(2, 2), (1, 1), mode="mirror"), "'mirror'"),
        (lambda: F.pad(torch.rand(2), (1, 1), mode="reflect"), "2 amounts do not fit a 1D input"),
        (lambda: F.interpolate(torch.rand(1, 2, 3), 4, mode="bilinear"), "bilinear mode needs 4D input"),
    ],
)
def test_combinations_that_do_not_exist(call, message: str) -> None:
    with pytest.raises(NotImplementedError, match=re.escape(message)):
        call()


def test_targets_out_of_range() -> None:
    for target in (3, -1):
        with pytest.raises(DimError, match=f"Target {target} is out of bounds: there are 3 classes, 0 to 2"):
            F.cross_entropy(torch.rand(1, 3), torch.tensor([target]))
    with pytest.raises(
        DimError, match=r"Dimension out of range \(expected to be in range of \[-2, 1\], but got 2\)"
    ):
        F.softmax(torch.rand(2, 3), 2)
