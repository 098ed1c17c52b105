"""Jacobians, Hessians and their products, with numbers worked out by hand."""

from collections.abc import Callable
from typing import Any

import pytest
from gradviz.engine.errors import GradError

import gradviz as torch
from gradviz.autograd.functional import hessian, hvp, jacobian, jvp, vhp, vjp

T = torch.Tensor
x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 5.0, 7.0])


def outer(a: T, b: T) -> T:
    return a.reshape(2, 1) * b


def cubes(a: T) -> T:
    return (a**3).sum()


def mixed(a: T, b: T) -> T:
    return (a.sum() ** 2) * b[0] + b[1] ** 3


def test_jacobian_of_one_input() -> None:
    assert jacobian(lambda a: a**2, x).tolist() == [[2, 0], [0, 4]]
    assert jacobian(lambda a: a.sum(), x).tolist() == [1, 1]
    assert jacobian(lambda a: a[:0], x).shape == (0, 2)
    assert jacobian(lambda a: torch.ones(3), x).tolist() == [[0, 0]] * 3


def test_jacobian_of_several() -> None:
    to_a, to_b = jacobian(outer, (x, y))
    assert (to_a.shape, to_b.shape) == ((2, 3, 2), (2, 3, 3))
    assert to_a[:, :, 0].tolist() == [[3, 5, 7], [0, 0, 0]]
    assert to_b[1].tolist() == [[2, 0, 0], [0, 2, 0], [0, 0, 2]]
    (first,), (second,) = jacobian(lambda a: (a * 2, a.sum()), (x,))
    assert (first.tolist(), second.tolist()) == ([[2, 0], [0, 2]], [1, 1])
    assert not first.requires_grad
    assert jacobian(outer, (x, y), vectorize=True, strategy="forward-mode")[0].tolist() == to_a.tolist()


def test_hessian() -> None:
    assert hessian(cubes, x).tolist() == [[6, 0], [0, 12]]
    assert hessian(lambda a: cubes(a).reshape(1), x).tolist() == [[6, 0], [0, 12]]
    (aa, ab), (ba, bb) = hessian(mixed, (x, y))
    assert aa.tolist() == [[6, 6], [6, 6]]
    assert ab.tolist() == [[6, 0, 0], [6, 0, 0]]
    assert ba.tolist() == [[6, 6], [0, 0], [0, 0]]
    assert bb.tolist() == [[0, 0, 0], [0, 30, 0], [0, 0, 0]]
    assert hessian(lambda a: a.sum(), x).tolist() == [[0, 0], [0, 0]]


def test_products() -> None:
    v = torch.tensor([1.0, 10.0])
    value, product = vjp(lambda a: a**2, x, v)
    assert (value.tolist(), product.tolist()) == ([1, 4], [2, 40])
    value, product = jvp(lambda a: a[0] * a, x, v)
    assert (value.tolist(), product.tolist()) == ([1, 2], [2, 12])
    assert vjp(cubes, x)[1].tolist() == [3, 12]
    assert jvp(lambda a: a * torch.ones(2), torch.tensor(3.0))[1].tolist() == [1, 1]
    for times_hessian in (vhp, hvp):
        value, product = times_hessian(cubes, x, v)
        assert (value.item(), product.tolist()) == (9, [6, 120])
        value, (to_a, to_b) = times_hessian(mixed, (x, y), (v, torch.zeros(3)))
        assert (value.item(), to_a.tolist(), to_b.tolist()) == (152, [66, 66], [66, 0, 0])


@pytest.mark.parametrize("function", [vjp, jvp, vhp, hvp])
def test_products_can_be_differentiated(function: Callable[..., Any]) -> None:
    a = torch.tensor(2.0, requires_grad=True)
    value, product = function(lambda t: t**3, a, create_graph=True)
    assert (value.item(), product.item()) == (8, 12)
    product.backward()
    assert a.grad.item() == (12 if function in (vjp, jvp) else 6)
    assert not function(lambda t: t**3, a)[1].requires_grad


def test_a_jacobian_can_be_differentiated() -> None:
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    found = jacobian(lambda t: t**3, a, create_graph=True)
    found.sum().backward()
    assert a.grad.tolist() == [6, 12]
    assert hessian(cubes, a, create_graph=True).requires_grad


def test_no_grad_around_does_not_matter() -> None:
    with torch.no_grad():
        assert jacobian(lambda a: a**2, x).tolist() == [[2, 0], [0, 4]]
        assert hvp(cubes, x, torch.ones(2))[1].tolist() == [6, 12]
        assert jvp(lambda a: a**2, x, torch.ones(2))[1].tolist() == [2, 4]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: jacobian(lambda a: torch.ones(2), x, strict=True), "Output 0 .* does not require gradient"),
        (lambda: jacobian(lambda a, b: a, (x, y), strict=True), "independent of an input"),
        (lambda: hessian(lambda a: a.sum(), x, strict=True), "not require gradient|independent"),
        (lambda: vjp(lambda a, b: a.sum(), (x, y), strict=True), "independent of an input"),
        (lambda: jvp(lambda a: (a * 2, torch.ones(1)), x, x, strict=True), "Output 1"),
        (lambda: vjp(lambda a: a, x), "v can only be None if the user-provided function returns"),
        (lambda: jvp(lambda a: a, x), "v can only be None if the input to the user-provided function is"),
        (lambda: vjp(lambda a: a, x, (x, x)), "invalid length: should be 1 but got 2"),
        (lambda: jvp(lambda a: a, x, y), r"Entry 0 of v has invalid size: should be \(2,\) but got \(3,\)"),
        (lambda: hessian(lambda a: a, x), "should return a Tensor with a single element"),
        (lambda: vhp(lambda a: (a, a), x, x), "should return a single Tensor"),
    ],
)
def test_what_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(GradError, match=message):
        call()


def test_what_is_no_tensor() -> None:
    with pytest.raises(TypeError, match="inputs given to jacobian must be .*, not list"):
        jacobian(lambda a: a, [x])
    with pytest.raises(TypeError, match="not int at index 1"):
        jacobian(lambda a: (a, 3), x)
    with pytest.raises(AssertionError, match="Expected strategy"):
        jacobian(lambda a: a, x, strategy="sideways")
    with pytest.raises(NotImplementedError, match="create_graph=True"):
        jacobian(lambda a: a, x, strategy="forward-mode", create_graph=True)
