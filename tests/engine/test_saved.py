"""Values that backward needs, changed in place before it runs: what is refused and what is not."""

from collections.abc import Callable

import pytest
from gradviz.engine.errors import GradError

import gradviz as torch

T = torch.Tensor


def loss_of(name: str) -> tuple[T, T, T, T]:
    """A leaf, a value, what was computed from it, and the loss."""
    w = torch.tensor([2.0, 3.0], requires_grad=True)
    x = w * 1
    y = {"square": lambda: x * x, "exp": lambda: x.exp(), "row": lambda: x[0] * x[1], "sum": lambda: x + x}[
        name
    ]()
    return w, x, y, y.sum()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("square", lambda w, x, y: x.add_(1)),
        ("square", lambda w, x, y: x.detach().zero_()),
        ("square", lambda w, x, y: x[0].mul_(2)),
        ("square", lambda w, x, y: x.__setitem__(0, 1.0)),
        ("row", lambda w, x, y: x.add_(1)),
        ("exp", lambda w, x, y: y.add_(1)),
        ("exp", lambda w, x, y: torch.no_grad()(lambda: y.add_(1))()),
    ],
)
def test_backward_refuses_values_that_have_been_changed(name: str, change: Callable[..., object]) -> None:
    w, x, y, loss = loss_of(name)
    change(w, x, y)
    op = "mul" if name in ("square", "row") else "exp"
    with pytest.raises(
        GradError,
        match=r"modified by an inplace operation: \[torch.float32 \[.*\]\], which is the output of \w+, is "
        rf"needed for the gradient of {op} at .*test_saved\.py:\d+\..*, at .*test_saved\.py:\d+$",
    ):
        loss.backward()


@pytest.mark.parametrize(
    ("name", "change", "gradient"),
    [
        ("square", lambda w, x, y: y.add_(1), [4, 6]),
        ("square", lambda w, x, y: x.data.add_(1), [4, 6]),  # PyTorch takes the new numbers here
        ("exp", lambda w, x, y: x.add_(1), [7.389056, 20.085537]),
        ("sum", lambda w, x, y: x.zero_(), [2, 2]),
    ],
)
def test_values_that_backward_does_not_need_may_change(
    name: str, change: Callable[..., object], gradient: list[float]
) -> None:
    w, x, y, loss = loss_of(name)
    change(w, x, y)
    loss.backward()
    assert w.grad.tolist() == pytest.approx(gradient)


def test_a_step_of_the_optimizer_ends_the_use_of_a_graph() -> None:
    w = torch.tensor([2.0], requires_grad=True)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    with torch.no_grad():
        w -= 0.1 * w.grad
    with pytest.raises(GradError, match=r"float32 \[1\]\], a leaf, is needed for the gradient of mul"):
        loss.backward()


@pytest.mark.parametrize(
    ("change", "gradient"),
    [
        (lambda x: x.relu_(), [1, 1]),
        (lambda x: x.pow_(2), [4, 6]),
        (lambda x: torch.nn.functional.relu(x, inplace=True), [1, 1]),
        (lambda x: x.mul_(x.exp()), [22.167168, 80.342148]),
        (lambda x: x[0].mul_(x[1]), [3, 1 + 2]),
    ],
)
def test_a_change_may_use_the_old_value(change: Callable[[T], object], gradient: list[float]) -> None:
    w = torch.tensor([2.0, 3.0], requires_grad=True)
    x = w * 1
    change(x)
    x.sum().backward()
    assert w.grad.tolist() == pytest.approx(gradient)
