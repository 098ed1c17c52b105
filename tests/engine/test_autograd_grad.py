"""`autograd.grad` and `backward(inputs=…)`: gradients of some tensors only."""

import pytest
from gradviz.engine.errors import GradError

import gradviz as torch
from gradviz.autograd import grad

T = torch.Tensor


def leaf(*values: float) -> T:
    return torch.tensor(values, requires_grad=True)


def test_grad_returns_and_does_not_accumulate() -> None:
    a, b = leaf(2.0), leaf(3.0)
    y = (a * a * b).sum()
    da, db = grad(y, [a, b])
    assert (da.tolist(), db.tolist()) == ([12.0], [4.0])
    assert a.grad is None
    between = a * b
    (g,) = grad((between * between).sum(), between)
    assert g.tolist() == [12.0]


def test_grad_of_what_is_not_used() -> None:
    a, b = leaf(2.0), leaf(3.0)
    with pytest.raises(GradError, match="appears to not have been used in the graph"):
        grad((a * 2).sum(), [a, b])
    assert grad((a * 2).sum(), [a, b], allow_unused=True)[1] is None
    with pytest.raises(GradError, match="does not require grad"):
        grad((a * 2).sum(), torch.tensor([1.0]))


def test_grad_of_several_outputs() -> None:
    a = leaf(1.0, 2.0)
    (g,) = grad([(a * 2).sum(), a * a], a, [None, torch.tensor([1.0, 1.0])])
    assert g.tolist() == [4.0, 6.0]


def test_the_same_output_twice() -> None:
    a = leaf(1.0, 2.0)
    y = a * 2
    assert grad([y, y], a, [torch.ones(2), torch.tensor([10.0, 0.0])])[0].tolist() == [22.0, 2.0]


def test_zeros_for_what_is_not_used() -> None:
    a, b = leaf(2.0), leaf(3.0, 4.0)
    assert [g.tolist() for g in grad((a * 2).sum(), [a, b], materialize_grads=True)] == [[2.0], [0.0, 0.0]]
    with pytest.raises(ValueError, match="Expected allow_unused to be True or not passed"):
        grad((a * 2).sum(), [a, b], materialize_grads=True, allow_unused=False)
    with pytest.raises(GradError, match=r"`inputs` argument to `grad\(\)` cannot be empty"):
        grad((a * 2).sum(), [])
    with pytest.warns(FutureWarning, match="only_inputs argument is deprecated"):
        grad((a * 2).sum(), a, only_inputs=False)


def test_several_upstream_gradients_at_once() -> None:
    a = leaf(1.0, 2.0)
    (rows,) = grad(a * a, a, torch.tensor([[1.0, 0.0], [0.0, 1.0], [5.0, 5.0]]), is_grads_batched=True)
    assert rows.tolist() == [[2.0, 0.0], [0.0, 4.0], [10.0, 20.0]]
    with pytest.raises(GradError, match="one batch size"):
        grad([a * a, a * 2], a, [torch.ones(2, 2), torch.ones(3, 2)], is_grads_batched=True)


def test_backward_to_some_inputs_only() -> None:
    a, b = leaf(2.0), leaf(3.0)
    between = a * b
    (between * between).sum().backward(inputs=[a, between])
    assert (a.grad.tolist(), b.grad, between.grad.tolist()) == ([36.0], None, [12.0])
    with pytest.raises(GradError, match=r"`inputs` argument to `backward\(\)` cannot be empty"):
        (a * b).sum().backward(inputs=[])
    with pytest.raises(GradError, match="can't retain_grad"):
        (a * b).sum().backward(inputs=torch.ones(1))


def test_only_what_ran_is_freed() -> None:
    a, b = leaf(2.0), leaf(3.0)
    y = (a * a + b * b).sum()
    assert grad(y, a)[0].tolist() == [4.0]
    assert grad(y, b)[0].tolist() == [6.0]
    with pytest.raises(GradError, match=r"a second time.*, at .*test_autograd_grad\.py:\d+$"):
        grad(y, a)


def test_a_leaf_that_was_updated_is_still_the_same() -> None:
    w = leaf(1.0, 2.0)
    row = w[:1]
    y = w * 3
    with torch.no_grad():
        w.add_(1)
        row.mul_(2)
    assert grad(y.sum() + (w * w).sum(), w)[0].tolist() == [3.0 + 8.0, 3.0 + 6.0]
    assert grad(row.sum(), w)[0].tolist() == [1.0, 0.0]
    (w * 3).sum().backward(inputs=w)
    assert w.grad.tolist() == [3.0, 3.0]
