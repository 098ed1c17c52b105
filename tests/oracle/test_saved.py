"""Changing in place what backward needs: the same refusals as PyTorch's, and the same gradients elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from gradviz.engine.api import FUNCTIONS

import gradviz

pytestmark = pytest.mark.oracle

METHODS = ["abs", "neg", "exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "relu", "reciprocal"]
METHODS += ["square", "floor", "sign", "round", "clone", "t", "flatten"]
METHODS += ["sum", "mean", "prod", "max", "min", "var", "std"]
CHANGING = ["abs_", "neg_", "exp_", "log_", "sqrt_", "sin_", "cos_", "tanh_", "sigmoid_", "relu_"]
CHANGING += ["reciprocal_", "square_", "floor_", "sign_", "log1p_", "expm1_"]

UNARY: dict[str, Callable[[Any, Any], Any]] = {
    **{name: lambda t, x, name=name: getattr(x, name)() for name in METHODS},
    "add": lambda t, x: x + 2,
    "mul": lambda t, x: x * 2,
    "div": lambda t, x: x / 2,
    "rdiv": lambda t, x: 2 / x,
    "pow": lambda t, x: x**3,
    "square by pow": lambda t, x: x**2,
    "itself": lambda t, x: x * x,
    "sum over one": lambda t, x: x.sum(0),
    "max over one": lambda t, x: x.max(0)[0],
    "softmax": lambda t, x: x.softmax(0),
    "log_softmax": lambda t, x: x.log_softmax(-1),
    "matmul": lambda t, x: x @ t.ones(3, 2),
    "matmul itself": lambda t, x: x.t() @ x,
    "clamp": lambda t, x: x.clamp(0.5, 1.5),
    "leaky_relu": lambda t, x: t.nn.functional.leaky_relu(x, 0.1),
    "elu": lambda t, x: t.nn.functional.elu(x),
    "gelu": lambda t, x: t.nn.functional.gelu(x),
    "where": lambda t, x: t.where(x > 1, x, x * 2),
    "cat": lambda t, x: t.cat([x, x]),
    "stack": lambda t, x: t.stack([x, x]),
    "slice": lambda t, x: x[0] * 2,
    "slice squared": lambda t, x: x[0] * x[0],
    "view": lambda t, x: x.view(3, 2).exp(),
    "view squared": lambda t, x: x.view(-1) ** 2,
    "expand": lambda t, x: x.expand(2, 2, 3).sum(),
    "index": lambda t, x: x[t.tensor([1, 1])],
    "linear": lambda t, x: t.nn.functional.linear(x, t.ones(2, 3, requires_grad=True)),
    "mse": lambda t, x: t.nn.functional.mse_loss(x, t.ones(2, 3)),
    "dropout": lambda t, x: t.nn.functional.dropout(x, 0.0),
    "two steps": lambda t, x: (x + 1) * 2,
}

CHANGES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "input": lambda t, x, y: x.add_(1),
    "input under no_grad": lambda t, x, y: no_grad(t, lambda: x.mul_(2)),
    "input by a view": lambda t, x, y: x[0].zero_(),
    "input by detach": lambda t, x, y: x.detach().add_(1),
    "input by data": lambda t, x, y: x.data.add_(1),
    "a part of the input": lambda t, x, y: x.__setitem__((slice(None), 0), 5.0),
    "output": lambda t, x, y: y.add_(1),
    "output under no_grad": lambda t, x, y: no_grad(t, lambda: y.mul_(2)),
    "output by data": lambda t, x, y: y.data.mul_(2),
    "input by relu": lambda t, x, y: t.nn.functional.relu(x, inplace=True),
}


def no_grad(t: Any, call: Callable[[], Any]) -> None:
    with t.no_grad():
        call()


def outcome(t: Any, call: Any, change: Any, w: np.ndarray) -> Any:
    leaf = t.tensor(w, requires_grad=True)
    x = leaf * 1
    try:
        y = call(t, x)
        change(t, x, y)
    except (RuntimeError, IndexError, ValueError, TypeError):
        return "cannot be changed"
    try:
        (y.sum() + x.sum()).backward()
    except RuntimeError as error:
        if "is not implemented" in str(error):
            return "refused"
        assert "has been modified by an inplace operation" in str(error), error
        return "refused"
    return leaf.grad.tolist()


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", UNARY)
def test_changing_what_is_saved(name: str, change: str) -> None:
    w = np.random.default_rng(3).uniform(0.2, 2, (2, 3)).astype(np.float32)
    theirs = outcome(torch, UNARY[name], CHANGES[change], w)
    ours = outcome(gradviz, UNARY[name], CHANGES[change], w)
    if name == "reciprocal" and theirs == "refused":  # it keeps its output, here it reads the input
        return
    if isinstance(theirs, list) and isinstance(ours, list):
        if "data" not in change:  # PyTorch then computes with wrong numbers
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    else:
        assert ours == theirs


IN_PLACE: dict[str, Callable[[Any, Any], Any]] = {
    **{name: lambda t, x, name=name: getattr(x, name)() for name in CHANGING},
    "add_": lambda t, x: x.add_(2),
    "mul_": lambda t, x: x.mul_(t.full((3,), 2.0, requires_grad=True)),
    "div_": lambda t, x: x.div_(t.full((3,), 2.0, requires_grad=True)),
    "mul_ what it made": lambda t, x: x.mul_(x.exp()),
    "mul_ what saved it": lambda t, x: x.mul_(x.sin()),
    "pow_": lambda t, x: x.pow_(2),
    "clamp_": lambda t, x: x.clamp_(0.5, 1.5),
    "+=": lambda t, x: x.__iadd__(x),
    "*= a part": lambda t, x: x[:, 0].__imul__(3),
    "part": lambda t, x: x.__setitem__(0, x[1] * 2),
    "fill_": lambda t, x: x.fill_(2),
    "masked": lambda t, x: x.__setitem__(x > 1, 0.0),
    "relu": lambda t, x: t.nn.functional.relu(x, inplace=True),
    "leaky_relu": lambda t, x: t.nn.functional.leaky_relu(x, 0.1, inplace=True),
    "elu": lambda t, x: t.nn.functional.elu(x, inplace=True),
    "dropout": lambda t, x: t.nn.functional.dropout(x, 0.0, inplace=True),
    "twice": lambda t, x: x.exp_().relu_().add_(1),
    "exp_ twice": lambda t, x: x.exp_().exp_(),
    "sin_ twice": lambda t, x: x.sin_().sin_().mul_(2),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_ops_in_place_keep_what_they_need(name: str) -> None:
    w = np.random.default_rng(4).uniform(0.2, 2, (2, 3)).astype(np.float32)

    def call(t: Any, x: Any) -> Any:
        IN_PLACE[name](t, x)
        return x

    theirs = outcome(torch, call, lambda t, x, y: None, w)
    ours = outcome(gradviz, call, lambda t, x, y: None, w)
    if isinstance(theirs, list):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    else:
        assert ours == theirs


def methods(arity: int) -> list[str]:
    """Every method of both libraries that takes so many tensors and nothing else, and is differentiable."""
    found = []
    for name in sorted({entry.name for entry in FUNCTIONS if "method" in entry.places}):
        if name.startswith("new_") or name in ("kron", "cross"):  # kron copies in PyTorch; cross warns
            continue
        x = [torch.rand(2, 2, requires_grad=True) * 1 for _ in range(arity)]
        try:
            result = getattr(x[0], name)(*x[1:])
            if isinstance(result, torch.Tensor) and result.requires_grad and name != "backward":
                found.append(name)
        except (RuntimeError, TypeError, AttributeError, IndexError, ValueError):
            continue
    return found


@pytest.mark.parametrize("change", [name for name in CHANGES if "data" not in name])
@pytest.mark.parametrize("arity", [1, 2])
def test_no_more_is_refused_than_in_pytorch(arity: int, change: str) -> None:
    w = np.random.default_rng(5).uniform(0.2, 0.9, (2, 2)).astype(np.float32)
    names = methods(arity)
    assert len(names) > 5
    found = []
    for name in names:

        def call(t: Any, x: Any, name: str = name) -> Any:
            others = [t.tensor(w.T.copy(), requires_grad=True)] * (arity - 1)
            return getattr(x, name)(*others)

        theirs, ours = (outcome(t, call, CHANGES[change], w) for t in (torch, gradviz))
        if ours == "refused" and isinstance(theirs, list):
            found.append(name)
    assert found == []
