"""What the ops of networks do at their edges: shapes, messages, padding, NaN, targets; and how they are recorded.

Their gradients are checked for all ops alike in test_ops.py, their numbers against PyTorch in tests/oracle.
"""

import re

import gradviz as torch
import gradviz.nn.functional as F
import numpy as np
import pytest
from gradviz.engine.errors import ArgumentError, DimError, DTypeError, ShapeError
from gradviz.engine.interpret import run
from gradviz.engine.program import Phase


def values(tensor: torch.Tensor) -> np.ndarray:
    return np.array(tensor.tolist())


def near(tensor: torch.Tensor, expected: object) -> None:
    np.testing.assert_allclose(values(tensor), expected, rtol=1e-5, atol=1e-6)


def count_up(*shape: int) -> torch.Tensor:
    return torch.arange(int(np.prod(shape)), dtype=torch.float32).reshape(*shape)


# Messages name the shapes and what does not fit.


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
        (lambda: F.conv2d(torch.rand(4, 4), torch.rand(1, 1, 3, 3)), "conv2d: input must have shape (N, C, H, W)"),
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
        (lambda: torch.bmm(torch.rand(2, 3, 4), torch.rand(3, 4, 5)), "bmm: wants two batches of equal length"),
        (lambda: torch.matmul(torch.tensor(1.0), torch.rand(2)), "must have dimensions"),
        (lambda: F.max_pool2d(torch.rand(1, 1, 2, 2), 3), "max_pool2d: a window of 3×3 does not fit"),
        (lambda: F.avg_pool2d(torch.rand(2, 2), 2), "avg_pool2d: input must have shape (N, C, H, W)"),
        (
            lambda: F.nll_loss(torch.rand(3, 10), torch.tensor([1, 2])),
            "nll_loss: input (3, 10) and target (2,) do not fit: (N, C, …) wants (N, …)",
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
    with pytest.raises(ShapeError, match=r"400 ≠ 120, at .*test_nn_ops\.py:\d+$"):
        torch.rand(32, 400) @ torch.rand(120, 84)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.conv2d(torch.rand(1, 1, 4, 4), torch.rand(1, 1, 3, 3).double()), "one dtype"),
        (lambda: F.conv2d(torch.ones(1, 1, 4, 4).long(), torch.ones(1, 1, 3, 3).long()), "floating point, not int64"),
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
        (lambda: F.conv2d(torch.rand(1, 1, 4, 4), torch.rand(1, 1, 3, 3), stride=2, padding="same"), "strided"),
        (lambda: F.conv2d(torch.rand(1, 1, 4, 4), torch.rand(1, 1, 3, 3), padding="full"), "'full'"),
        (lambda: F.max_pool2d(torch.rand(1, 1, 4, 4), 2, padding=2), "at most half of effective kernel size"),
        (lambda: F.avg_pool2d(torch.rand(1, 1, 4, 4), 2, padding=2), "at most half of kernel size"),
        (lambda: F.avg_pool2d(torch.rand(1, 1, 4, 4), 2, divisor_override=0), "divisor"),
        (lambda: F.dropout(torch.rand(2), 1.5), "between 0 and 1"),
        (lambda: F.cross_entropy(torch.rand(1, 2), torch.tensor([0]), reduction="max"), "max is not a valid value"),
        (lambda: F.cross_entropy(torch.rand(1, 2), torch.tensor([0]), label_smoothing=2.0), "label_smoothing"),
        (lambda: F.batch_norm(torch.rand(1, 3), None, None, training=True), "more than 1 value per channel"),
        (lambda: F.batch_norm(torch.rand(2, 3), None, None), "running_mean and running_var"),
        (lambda: F.pad(torch.rand(2), (1,)), "two amounts"),
        (lambda: F.pad(torch.rand(2), (1, 1), mode="mirror"), "'mirror'"),
    ],
)
def test_argument_errors(call, message: str) -> None:
    with pytest.raises(ArgumentError, match=re.escape(message)) as caught:
        call()
    assert isinstance(caught.value, ValueError)


def test_targets_out_of_range() -> None:
    for target in (3, -1):
        with pytest.raises(DimError, match=f"Target {target} is out of bounds: there are 3 classes, 0 to 2"):
            F.cross_entropy(torch.rand(1, 3), torch.tensor([target]))
    with pytest.raises(DimError, match="smaller than num_classes"):
        F.one_hot(torch.tensor([3]), 3)
    with pytest.raises(DimError, match=r"Dimension out of range \(expected to be in range of \[-2, 1\], but got 2\)"):
        F.softmax(torch.rand(2, 3), 2)


# Convolution and pooling.


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
    for pool in (lambda x: F.max_pool2d(x, 2), lambda x: F.avg_pool2d(x, 2), lambda x: F.adaptive_avg_pool2d(x, 2)):
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
        torch.rand(2) @ 3  # noqa: B018


def test_linear_without_bias_and_without_batch() -> None:
    x, w = torch.rand(3), torch.rand(2, 3)
    near(F.linear(x, w), values(w) @ values(x))
    assert F.linear(torch.rand(4, 5, 3), w, torch.rand(2)).shape == (4, 5, 2)


# Activations and losses.


def test_relu_keeps_nan_and_is_flat_at_zero() -> None:
    x = torch.tensor([-1.0, 0, 2, float("nan")], requires_grad=True)
    y = F.relu(x)
    assert y.tolist()[:3] == [0, 0, 2]
    assert np.isnan(y.tolist()[3])
    y.backward(torch.tensor([1.0, 1, float("nan"), 1]))
    assert x.grad is not None
    assert x.grad.tolist()[:2] == [0, 0]
    assert np.isnan(x.grad.tolist()[2])  # the upstream NaN passes,
    assert x.grad.tolist()[3] == 1  # and is stopped only where the unit was off


def test_relu_in_place() -> None:
    x = torch.tensor([-1.0, 2])
    assert F.relu(x, inplace=True) is x
    assert x.tolist() == [0, 2]


def test_softmax_of_a_number_and_of_nothing() -> None:
    assert F.softmax(torch.tensor(3.0), 0).item() == 1
    assert F.softmax(torch.zeros(2, 0), 1).shape == (2, 0)
    assert F.softmax(torch.zeros(0, 2), 1).shape == (0, 2)


def test_softmax_without_a_dimension_warns() -> None:
    with pytest.warns(UserWarning, match="Implicit dimension choice for softmax has been deprecated"):
        near(F.softmax(torch.zeros(2, 4)), np.full((2, 4), 0.25))


def test_the_gradient_of_cross_entropy_is_probability_minus_target() -> None:
    logits = torch.randn(3, 4, requires_grad=True)
    F.cross_entropy(logits, torch.tensor([1, 0, 3])).backward()
    near(logits.grad, (values(F.softmax(logits, 1)) - np.eye(4)[[1, 0, 3]]) / 3)


def test_ignored_targets_count_for_nothing() -> None:
    logits = torch.randn(3, 4, requires_grad=True)
    loss = F.cross_entropy(logits, torch.tensor([1, -100, 3]))
    near(loss, values(F.cross_entropy(logits[[0, 2]], torch.tensor([1, 3]))))
    loss.backward()
    assert logits.grad is not None
    assert logits.grad[1].tolist() == [0, 0, 0, 0]
    assert np.isnan(F.cross_entropy(logits, torch.tensor([-100] * 3)).item())
    infinite = torch.tensor([[-float("inf"), 0.0]])
    assert F.nll_loss(infinite, torch.tensor([-100]), reduction="sum").item() == 0


def test_class_weights_weigh_the_mean() -> None:
    logp, weight = torch.log_softmax(torch.randn(3, 2), 1), torch.tensor([1.0, 3.0])
    expected = -(3 * values(logp)[0, 1] + values(logp)[1, 0] + 3 * values(logp)[2, 1]) / 7
    near(F.nll_loss(logp, torch.tensor([1, 0, 1]), weight), expected)


def test_targets_as_probabilities() -> None:
    logits, target = torch.randn(3, 4), torch.tensor([1, 0, 3])
    exact = F.one_hot(target, 4).to(torch.float32)
    near(F.cross_entropy(logits, exact), values(F.cross_entropy(logits, target)))
    near(
        F.cross_entropy(logits, exact, label_smoothing=0.2),
        values(F.cross_entropy(logits, target, label_smoothing=0.2)),
    )


def test_mse_warns_of_broadcasting() -> None:
    with pytest.warns(UserWarning, match=r"Using a target size \(torch.Size\(\[3\]\)\) that is different"):
        near(F.mse_loss(torch.zeros(2, 3), torch.ones(3) * 2), 4)


# Dropout and batch norm.


def test_dropout_scales_what_it_keeps() -> None:
    torch.manual_seed(0)
    y = values(F.dropout(torch.ones(1000), 0.25))
    assert set(np.round(y, 4)) == {0, 1.3333}
    assert 200 < (y == 0).sum() < 300


def test_dropout_outside_of_training_and_at_the_extremes() -> None:
    x = torch.rand(3)
    assert F.dropout(x, 0.5, training=False) is x
    assert F.dropout(x, 0.0) is x
    assert F.dropout(x, 1.0).tolist() == [0, 0, 0]


def test_a_recorded_dropout_replays_exactly() -> None:
    x = torch.ones(50, requires_grad=True)
    with torch.record() as recorder:
        F.dropout(x, 0.5).sum().backward()
    program = recorder.program()
    for again, once in zip(run(program), program.values, strict=True):
        np.testing.assert_array_equal(again, once)


def test_seeds_repeat_dropout() -> None:
    masks = []
    for _ in range(2):
        torch.manual_seed(3)
        masks.append(F.dropout(torch.ones(20), 0.5).tolist())
    assert masks[0] == masks[1]


def test_batch_norm_normalises_and_follows_the_batches() -> None:
    x, mean, var = torch.randn(4, 3, 2, 2), torch.zeros(3), torch.ones(3)
    y = values(F.batch_norm(x, mean, var, training=True, momentum=0.1))
    np.testing.assert_allclose(y.mean(axis=(0, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(y.var(axis=(0, 2, 3)), 1, atol=1e-3)
    near(mean, 0.1 * values(x).mean(axis=(0, 2, 3)))
    near(var, 0.9 + 0.1 * values(x).var(axis=(0, 2, 3), ddof=1))
    near(F.batch_norm(torch.zeros(1, 3), mean, var), -values(mean)[None] / np.sqrt(values(var) + 1e-5))


def test_batch_norm_computes_in_doubles_for_doubles() -> None:
    x = torch.randn(4, 2, dtype=torch.float64, requires_grad=True)
    y = F.batch_norm(x, None, None, torch.ones(2).double(), torch.zeros(2).double(), training=True)
    assert y.dtype is torch.float64
    y[0, 0].backward()
    assert x.grad is not None
    np.testing.assert_allclose(values(x.grad).sum(axis=0), 0, atol=1e-12)  # the batch's mean is taken away


# How they are recorded.


def test_losses_run_in_their_phase_and_box() -> None:
    x = torch.randn(2, 3, requires_grad=True)
    with torch.record() as recorder:
        F.cross_entropy(x * 2, torch.tensor([0, 1])).backward()
    program = recorder.program()
    sites = [(instr.op, instr.site.module, instr.site.phase) for instr in program.instrs]
    assert sites[:4] == [
        ("mul", "", Phase.FORWARD),
        ("log_softmax", "cross_entropy", Phase.LOSS),
        ("nll_loss", "cross_entropy", Phase.LOSS),
        ("ones_like", "cross_entropy", Phase.BACKWARD),
    ]
    assert program.scopes["cross_entropy"].kind == "function"


def test_functions_of_several_ops_are_boxes() -> None:
    x = torch.randn(2, 3, 4, 4, requires_grad=True)
    with torch.record() as recorder:
        y = F.max_pool2d(F.max_pool2d(x, 2), 2)
        F.dropout(F.batch_norm(y, None, None, training=True)).sum().backward()
    paths = list(recorder.program().scopes)
    assert paths == ["max_pool2d", "max_pool2d#2", "batch_norm", "dropout"]


def test_backward_nodes_are_called_as_in_pytorch() -> None:
    x, w, b = torch.randn(1, 1, 4, 4), torch.randn(2, 1, 3, 3, requires_grad=True), torch.randn(2, requires_grad=True)
    y = F.conv2d(x, w, b)
    pooled = F.max_pool2d(F.relu(y), 2)
    out = F.linear(torch.flatten(pooled, 1), torch.randn(3, 2, requires_grad=True), torch.randn(3, requires_grad=True))
    loss = F.cross_entropy(out, torch.tensor([1]))
    names = []
    node = loss.grad_fn
    while node is not None:
        names.append(node.name())
        following = [f for f, _ in node.next_functions if f is not None]
        node = following[-1] if following and node.name() == "AddmmBackward0" else following[0] if following else None
    assert names[:3] == ["NllLossBackward0", "LogSoftmaxBackward0", "AddmmBackward0"]
    assert y.grad_fn is not None
    assert [f and f.name() for f, _ in y.grad_fn.next_functions] == [None] + ["torch::autograd::AccumulateGrad"] * 2
    assert pooled.grad_fn is not None
    assert [f and f.name() for f, _ in pooled.grad_fn.next_functions] == ["ReluBackward0"]
    assert out.grad_fn is not None
    assert out.grad_fn.next_functions[0][0].name() == "torch::autograd::AccumulateGrad"  # the bias comes first
