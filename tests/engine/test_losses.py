"""Activations, losses, dropout and batch norm at their edges, and how all of these are recorded.

Gradients are checked for all ops alike in test_ops.py, numbers against PyTorch in tests/oracle.
"""

import numpy as np
import pytest
from gradviz.engine.interpret import run
from gradviz.engine.program import Phase

import gradviz as torch
import gradviz.nn.functional as F
from tests.engine.nn_values import near, values


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


def test_batch_norm_of_nothing_needs_no_averages() -> None:
    assert F.batch_norm(torch.zeros(2, 3, 0), None, None).shape == (2, 3, 0)
    assert F.batch_norm(torch.zeros(0, 3), None, None, torch.ones(3)).shape == (0, 3)


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
    x, w, b = (
        torch.randn(1, 1, 4, 4),
        torch.randn(2, 1, 3, 3, requires_grad=True),
        torch.randn(2, requires_grad=True),
    )
    y = F.conv2d(x, w, b)
    pooled = F.max_pool2d(F.relu(y), 2)
    out = F.linear(
        torch.flatten(pooled, 1), torch.randn(3, 2, requires_grad=True), torch.randn(3, requires_grad=True)
    )
    loss = F.cross_entropy(out, torch.tensor([1]))
    names = []
    node = loss.grad_fn
    while node is not None:
        names.append(node.name())
        following = [f for f, _ in node.next_functions if f is not None]
        node = (
            following[-1]
            if following and node.name() == "AddmmBackward0"
            else following[0]
            if following
            else None
        )
    assert names[:3] == ["NllLossBackward0", "LogSoftmaxBackward0", "AddmmBackward0"]
    assert y.grad_fn is not None
    assert [f and f.name() for f, _ in y.grad_fn.next_functions] == [None] + [
        "torch::autograd::AccumulateGrad"
    ] * 2
    assert pooled.grad_fn is not None
    assert [f and f.name() for f, _ in pooled.grad_fn.next_functions] == ["ReluBackward0"]
    assert out.grad_fn is not None
    assert (
        out.grad_fn.next_functions[0][0].name() == "torch::autograd::AccumulateGrad"
    )  # the bias comes first
