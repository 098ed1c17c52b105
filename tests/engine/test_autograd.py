"""Backward: what flows where, what is kept, what is refused, and how deep it can go."""

import gc
import threading
import weakref

import numpy as np
import pytest
from gradviz.engine.errors import GradError
from gradviz.engine.node import Node

import gradviz as torch
from gradviz.autograd import grad

T = torch.Tensor


def leaf(*values: float) -> T:
    return torch.tensor(values, requires_grad=True)


def test_the_chain_rule() -> None:
    x, w, b = (torch.tensor(v, requires_grad=True) for v in (2.0, -3.0, 0.5))
    y = (w * x + b).tanh()
    y.backward()
    slope = 1 - np.tanh(-5.5) ** 2
    assert x.grad.item() == pytest.approx(-3 * slope, rel=1e-3)
    assert w.grad.item() == pytest.approx(2 * slope, rel=1e-3)
    assert b.grad.item() == pytest.approx(slope, rel=1e-3)


def test_the_same_tensor_twice() -> None:
    a = leaf(3.0)
    (a + a).sum().backward()
    assert a.grad.tolist() == [2.0]
    a.grad = None
    (a * a * a).sum().backward()
    assert a.grad.tolist() == [27.0]


def test_fan_out_adds_up() -> None:
    a = leaf(1.0, 2.0)
    b = a * 2
    (b.exp().sum() + (b * b).sum() + b[0]).backward()
    expected = 2 * np.exp([2.0, 4.0]) + np.array([8.0, 16.0]) + np.array([2.0, 0.0])
    np.testing.assert_allclose(a.grad.numpy(), expected, rtol=1e-6)


def test_only_leaves_that_ask_get_a_gradient() -> None:
    a, b = leaf(1.0), torch.tensor([2.0])
    c = a * b
    (c * 3).sum().backward()
    assert b.grad is None
    with pytest.warns(UserWarning, match="that is not a leaf Tensor is being accessed"):
        assert c.grad is None
    assert a.grad.tolist() == [6.0]


def test_gradients_accumulate_in_the_same_tensor() -> None:
    a = leaf(1.0)
    (a * 2).sum().backward()
    first = a.grad
    (a * 3).sum().backward()
    assert a.grad is first
    assert first.tolist() == [5.0]


def test_retain_grad_keeps_what_is_between() -> None:
    a = leaf(2.0)
    b = a * 3
    b.retain_grad()
    (b * b).sum().backward()
    assert b.grad.tolist() == [12.0]


def test_an_upstream_gradient_for_more_than_one_number() -> None:
    a = leaf(1.0, 2.0)
    with pytest.raises(GradError, match="grad can be implicitly created only for scalar outputs"):
        (a * 2).backward()
    (a * 2).backward(torch.tensor([1.0, 10.0]))
    assert a.grad.tolist() == [2.0, 20.0]
    with pytest.raises(RuntimeError, match="Mismatch in shape"):
        (a * 2).backward(torch.tensor([1.0]))


def test_a_graph_is_used_once_unless_it_is_retained() -> None:
    a = leaf(2.0)
    y = (a * a).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert a.grad.tolist() == [8.0]
    with pytest.raises(GradError, match="Trying to backward through the graph a second time"):
        y.backward()
    linear = (a + a).sum()  # keeps nothing that could be freed
    linear.backward()
    linear.backward()


def test_nothing_to_differentiate() -> None:
    with pytest.raises(GradError, match="does not require grad and does not have a grad_fn"):
        torch.tensor(1.0).backward()
    with pytest.raises(GradError, match="only Tensors of floating point dtype can require gradients"):
        torch.tensor([1], requires_grad=True)
    with pytest.raises(GradError, match="you can only change requires_grad flags of leaf variables"):
        (leaf(1.0) * 2).requires_grad_(False)


def test_modes() -> None:
    a = leaf(1.0)
    with torch.no_grad():
        b = a * 2
        with torch.enable_grad():
            c = a * 2
        assert not torch.is_grad_enabled()
    assert (b.requires_grad, c.requires_grad, torch.is_grad_enabled()) == (False, True, True)
    assert b.grad_fn is None

    @torch.no_grad()
    def evaluate() -> T:
        return a * 2

    assert not evaluate().requires_grad
    with torch.set_grad_enabled(False):
        assert not (a * 2).requires_grad
    torch.set_grad_enabled(False)
    assert not (a * 2).requires_grad
    torch.set_grad_enabled(True)
    with torch.inference_mode():
        assert not (a * 2).requires_grad
    assert (a * 2).requires_grad
    assert not (a.detach() * 2).requires_grad


def test_next_functions() -> None:
    a, b = leaf(1.0), torch.tensor([2.0])
    y = (a * b).sum()
    assert a.grad_fn is None
    assert y.grad_fn.name() == "SumBackward0"
    ((product, number),) = y.grad_fn.next_functions
    assert (product.name(), number) == ("MulBackward0", 0)
    (to_a, _), (to_b, _) = product.next_functions
    assert to_a.name() == "torch::autograd::AccumulateGrad"
    assert to_a.variable is a
    assert to_b is None
    assert repr(product).startswith("<MulBackward0 object at 0x")
    assert y.grad_fn == y.grad_fn


def test_gradients_of_gradients() -> None:
    x = torch.tensor(2.0, requires_grad=True)
    y = x**3
    (first,) = grad(y, x, create_graph=True)
    (second,) = grad(first, x, create_graph=True)
    (third,) = grad(second, x)
    assert (first.item(), second.item(), third.item()) == (12.0, 12.0, 6.0)
    assert first.requires_grad
    x.grad = None
    (x**3).backward(create_graph=True)
    x.grad.backward()
    assert x.grad.item() == 24.0  # 12, and the gradient of 3x² on top of it


def test_a_gradient_penalty() -> None:
    w = leaf(0.5, -1.0)
    x = leaf(1.0, 2.0)
    out = (w * x).tanh().sum()
    (g,) = grad(out, x, create_graph=True)
    ((g * g).sum() - 1).backward()
    h = 1e-3

    def penalty(weights: np.ndarray) -> float:
        slope = weights * (1 - np.tanh(weights * [1.0, 2.0]) ** 2)
        return float((slope**2).sum())

    base = np.array([0.5, -1.0])
    expected = [(penalty(base + h * e) - penalty(base - h * e)) / (2 * h) for e in np.eye(2)]
    np.testing.assert_allclose(w.grad.numpy(), expected, rtol=1e-3)


def test_broadcast_and_cast_gradients_fit_their_inputs() -> None:
    a = torch.ones(3, 1, requires_grad=True)
    b = torch.ones(4, dtype=torch.float64, requires_grad=True)
    (a * b).sum().backward()
    assert (a.grad.shape, a.grad.dtype) == ((3, 1), torch.float32)
    assert (b.grad.shape, b.grad.dtype) == ((4,), torch.float64)
    assert a.grad.tolist() == [[4.0]] * 3


def test_a_hundred_thousand_ops() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(100_000):
        y = y + 1e-6
    assert "grad_fn=<AddBackward0>" in repr(y)
    y.sum().backward()
    assert x.grad.tolist() == [1.0]
    ((before, _), _) = y.grad_fn.next_functions
    assert before.name() == "AddBackward0"
    del y, before  # and falls apart without recursion


def test_a_wide_fan_out() -> None:
    x = leaf(1.0)
    total = x
    for _ in range(2000):
        total = total + x
    total.sum().backward()
    assert x.grad.tolist() == [2001.0]


def alive() -> int:
    gc.collect()
    return sum(isinstance(each, Node) for each in gc.get_objects())


def test_memory_is_freed_when_the_loss_is_let_go() -> None:
    w = torch.ones(50, 50, requires_grad=True)
    (w * 2).sum().backward()  # the gradient exists from here on
    before = alive()
    loss = w
    for _ in range(100):
        loss = loss * 1.01
    big = weakref.ref(loss._node)
    loss = loss.sum()
    loss.backward()
    assert big() is not None
    del loss
    assert big() is None
    assert alive() == before


def test_no_reference_cycles() -> None:
    gc.collect()
    gc.disable()
    try:
        x = torch.ones(3, requires_grad=True)
        y = (x.view(3, 1)[0] * 2).sum()
        y.backward()
        nodes = [weakref.ref(y._node), weakref.ref(x._node)]
        del x, y
        assert [ref() for ref in nodes] == [None, None]
    finally:
        gc.enable()


def test_the_grad_attribute() -> None:
    a = leaf(1.0, 2.0)
    a.grad = torch.tensor([5.0, 5.0])
    (a * 1).sum().backward()
    assert a.grad.tolist() == [6.0, 6.0]
    with pytest.raises(GradError, match=r"of size '\[3\]' to a tensor of size '\[2\]'"):
        a.grad = torch.ones(3)
    with pytest.raises(GradError, match="with dtype torch.float64 to a tensor of torch.float32"):
        a.grad = torch.ones(2, dtype=torch.float64)
    with pytest.raises(TypeError, match="expected to be a Tensor or None but got grad of type int"):
        a.grad = 1
    with pytest.raises(GradError, match="as its own grad"):
        a.grad = a
    a.grad = None
    assert a.grad is None


def test_threads_have_their_own_mode() -> None:
    seen = []
    with torch.no_grad():
        thread = threading.Thread(target=lambda: seen.append(torch.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]
