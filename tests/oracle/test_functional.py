"""Jacobians, Hessians and products with vectors agree with PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import gradviz

from .both import same

pytestmark = pytest.mark.oracle

FUNCTIONS: dict[str, Any] = {
    "square": lambda t, a, b: a * a,
    "outer": lambda t, a, b: a.unsqueeze(1) * b,
    "matmul": lambda t, a, b: (a.reshape(1, -1) @ b.reshape(-1, 1).expand(a.numel(), 2)).tanh(),
    "one input": lambda t, a, b: b.exp(),
    "several": lambda t, a, b: (a.sin() * b.sum(), b.cos(), (a * b).sum()),
    "constant": lambda t, a, b: t.ones(2) * 1.0,
    "linear": lambda t, a, b: a + b,
    "number": lambda t, a, b: (a * b).sum() ** 2,
    "softmax": lambda t, a, b: (a.softmax(0) * b).sum(),
    "sorted": lambda t, a, b: (a * b).max(),
}
NUMBERS = ("number", "softmax", "sorted", "linear sum")


def made(library: Any, graph: bool) -> tuple[Any, Any, Any, Any]:
    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=3).astype(np.float32) for _ in range(4)]
    a, b, v, w = (library.tensor(array) for array in arrays)
    if graph:
        a.requires_grad_()
    return a, b, v, w


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("tuples", [False, True])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_jacobian(name: str, tuples: bool, graph: bool) -> None:
    found = []
    for library in (gradviz, torch):
        a, b, _, _ = made(library, graph)
        call = FUNCTIONS[name]
        jacobian = library.autograd.functional.jacobian
        if tuples:
            found.append(jacobian(lambda x, y, t=library, f=call: f(t, x, y), (a, b), create_graph=graph))
        else:
            found.append(jacobian(lambda x, t=library, f=call, b=b: f(t, x, b), a, create_graph=graph))
    same(*found, names=False, tolerance=1e-5)


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("kind", ["hessian", "vhp", "hvp", "vjp", "jvp"])
@pytest.mark.parametrize("name", NUMBERS)
def test_products(name: str, kind: str, graph: bool) -> None:
    found = []
    for library in (gradviz, torch):
        a, b, v, w = made(library, graph)
        call = FUNCTIONS.get(name, lambda t, x, y: (x + y).sum())
        extra = () if kind in ("hessian", "vjp") else ((v, w),)
        function = getattr(library.autograd.functional, kind)
        found.append(function(lambda x, y, t=library, f=call: f(t, x, y), (a, b), *extra, create_graph=graph))
    same(*found, names=False, tolerance=1e-5)
