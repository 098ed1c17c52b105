"""`torch.autograd.functional`: Jacobians, Hessians and their products with vectors, of functions of tensors.

Each function takes `inputs`, a tensor or a tuple of tensors, and calls `func(*inputs)`. What is returned can
be differentiated if `create_graph`. With `strict`, an output that does not depend on an input is an error
(else its derivative is 0). Source: B. A. Pearlmutter, "Fast Exact Multiplication by the Hessian", Neural
Computation 6 (1994); for `jvp` by two backward passes J. Townsend, "A new trick for calculating Jacobian
vector products" (2017).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradviz.engine.autograd import grad
from gradviz.engine.errors import GradError
from gradviz.engine.node import leaf
from gradviz.engine.ops.join import stack
from gradviz.engine.state import enable_grad, set_grad_enabled, state
from gradviz.engine.tensor import Tensor

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Tensors = tuple[Tensor, ...]
Given = Tensor | Tensors
Function = Callable[..., Any]

_STRATEGIES = ("forward-mode", "reverse-mode")


def jacobian(
    func: Function,
    inputs: Given,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """d func(inputs)ᵢ / d inputsⱼ, of the shape of the output and then of the input.

    With several outputs or inputs, a tuple (of tuples): first by outputs. `vectorize` and `strategy` are
    PyTorch's ways to be faster; here they change nothing.
    """
    if strategy not in _STRATEGIES:
        raise AssertionError(
            f'Expected strategy to be either "forward-mode" or "reverse-mode". Got: {strategy}'
        )
    if strategy == "forward-mode" and create_graph:
        raise NotImplementedError(
            "torch.autograd.functional.jacobian: `create_graph=True` and `strategy='forward-mode'` are not "
            "supported together (yet). Please either set `create_graph=False` or `strategy='reverse-mode'`."
        )
    with enable_grad():
        single_input, given = _as_tuple(inputs, "inputs", "jacobian")
        given = _prepare(given, create_graph)
        single_output, outputs = _call(func, given, "jacobian", strict)
        rows = []
        for output in outputs:
            columns: list[list[Tensor]] = [[] for _ in given]
            for position in range(output.numel()):
                upstream = np.zeros(tuple(output.shape), output.dtype.numpy)
                upstream.reshape(-1)[position] = 1
                found = _grad([output], given, [Tensor._from_node(leaf(upstream))], create_graph)
                for column, g, x in zip(columns, found, given, strict=True):
                    column.append(_or_zeros(g, x, strict, create_graph, "jacobian"))
            rows.append(tuple(_stack(c, output, x) for c, x in zip(columns, given, strict=True)))
        finished = tuple(_finish(row, create_graph) for row in rows)
    by_output = tuple(row[0] if single_input else row for row in finished)
    return by_output[0] if single_output else by_output


def hessian(
    func: Function,
    inputs: Given,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """d² func(inputs) / d inputsᵢ d inputsⱼ of a function whose value is one number.

    With several inputs, a tuple of tuples.
    """
    if outer_jacobian_strategy not in _STRATEGIES:
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')
    single, given = _as_tuple(inputs, "inputs", "hessian")

    def one(*values: Tensor) -> Tensor:
        return _one_number(func(*values), "hessian").reshape(())

    def gradient(*values: Tensor) -> Tensors:
        found: Tensors = jacobian(one, values, create_graph=True)
        for number, each in enumerate(found):
            if strict and not each.requires_grad:
                raise GradError(
                    f"The jacobian of the user-provided function with respect to input {number} does not "
                    "require gradient. This is not allowed in strict mode as we won't be able to "
                    "double-backward through it."
                )
        return found

    result = jacobian(gradient, given, create_graph, strict, vectorize)
    return result[0][0] if single else result


def vjp(
    func: Function, inputs: Given, v: Given | None = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(inputs), vᵀ J): the outputs, and `v`, of their shapes, times the Jacobian.

    `v` may be left out if the output is one number.
    """
    with enable_grad():
        single_input, given = _as_tuple(inputs, "inputs", "vjp")
        given = _prepare(given, create_graph)
        single_output, outputs = _call(func, given, "vjp", strict)
        vector = _vector(v, outputs, create_graph, "the user-provided function returns")
    with set_grad_enabled(create_graph or state.grad_enabled):
        found = _grad(outputs, given, vector, create_graph)
        product = _all_or_zeros(found, given, strict, create_graph, "vjp")
    return _result(outputs, single_output, create_graph), _result(product, single_input, create_graph)


def jvp(
    func: Function, inputs: Given, v: Given | None = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(inputs), J v): the outputs, and the Jacobian times `v`, which has the shapes of the inputs.

    By two backward passes: vᵀ J is linear in its vector, and its derivative by that vector is J.
    """
    with enable_grad():
        _, given = _as_tuple(inputs, "inputs", "jvp")
        given = _prepare(given, create_graph)
        vector = _vector(v, given, create_graph, "the input to the user-provided function is")
        single_output, outputs = _call(func, given, "jvp", strict)
        ghosts = _zeros_like(outputs)
        through = _grad(outputs, given, ghosts, True)
    product = _back_through(through, ghosts, vector, outputs, create_graph, strict, "jvp")
    return _result(outputs, single_output, create_graph), _result(product, single_output, create_graph)


def vhp(
    func: Function, inputs: Given, v: Given | None = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(inputs), vᵀ H): the one number, and `v`, of the inputs' shapes, times the Hessian."""
    with enable_grad():
        single, given = _as_tuple(inputs, "inputs", "vhp")
        given = _prepare(given, create_graph)
        vector = _vector(v, given, create_graph, "the input to the user-provided function is")
        output = _one_number(func(*given), "vhp")
        _check_differentiable((output,), strict)
        first = _grad([output], given, [None], True)
    with set_grad_enabled(create_graph or state.grad_enabled):
        found = _grad(first, given, vector, create_graph)
        product = _all_or_zeros(found, given, strict, create_graph, "vhp")
    return _result((output,), True, create_graph), _result(product, single, create_graph)


def hvp(
    func: Function, inputs: Given, v: Given | None = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(inputs), H v): as `vhp`, by three backward passes; the Hessian is symmetric where it exists."""
    with enable_grad():
        single, given = _as_tuple(inputs, "inputs", "hvp")
        given = _prepare(given, create_graph)
        vector = _vector(v, given, create_graph, "the input to the user-provided function is")
        output = _one_number(func(*given), "hvp")
        _check_differentiable((output,), strict)
        first = _grad([output], given, [None], True)
        ghosts = _zeros_like(given)
        second = _grad(first, given, ghosts, True)
    product = _back_through(second, ghosts, vector, given, create_graph, strict, "hvp")
    return _result((output,), True, create_graph), _result(product, single, create_graph)


def _as_tuple(values: Any, what: str, name: str) -> tuple[bool, Tensors]:
    """Whether it was one tensor, and the tuple."""
    single = not isinstance(values, tuple)
    listed = (values,) if single else values
    for number, each in enumerate(listed):
        if not isinstance(each, Tensor):
            found = type(each).__name__ if single else f"{type(each).__name__} at index {number}"
            raise TypeError(
                f"The {what} given to {name} must be either a Tensor or a tuple of Tensors, not {found}"
            )
    return single, listed


def _prepare(values: Tensors, create_graph: bool) -> Tensors:
    """Inputs to differentiate by: the same ones if the result is to be differentiated, or copies apart."""
    return tuple(
        x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_() for x in values
    )


def _call(func: Function, given: Tensors, name: str, strict: bool) -> tuple[bool, Tensors]:
    result = func(*given)
    single, outputs = _as_tuple(result, "outputs of the user-provided function", name)
    _check_differentiable(outputs, strict)
    return single, outputs


def _check_differentiable(outputs: Tensors, strict: bool) -> None:
    for number, each in enumerate(outputs):
        if strict and not each.requires_grad:
            raise GradError(
                f"Output {number} of the user-provided function does not require gradient. The outputs must "
                "be computed in a differentiable manner from the input when running in strict mode."
            )


def _one_number(result: Any, name: str) -> Tensor:
    if not isinstance(result, Tensor):
        raise GradError(f"The function given to {name} should return a single Tensor")
    if result.numel() != 1:
        raise GradError(f"The function given to {name} should return a Tensor with a single element")
    return result


def _vector(v: Given | None, like: Tensors, create_graph: bool, where: str) -> Sequence[Tensor | None]:
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            raise GradError(
                f"The vector v can only be None if {where} a single Tensor with a single element."
            )
        return [Tensor._from_node(leaf(np.ones(tuple(like[0].shape), like[0].dtype.numpy)))]
    _, vector = _as_tuple(v, "v", "this function")
    if len(vector) != len(like):
        raise GradError(f"v is a tuple of invalid length: should be {len(like)} but got {len(vector)}.")
    for number, (each, x) in enumerate(zip(vector, like, strict=True)):
        if each.shape != x.shape:
            raise GradError(
                f"Entry {number} of v has invalid size: "
                f"should be {tuple(x.shape)} but got {tuple(each.shape)}."
            )
    return vector if create_graph else [each.detach() for each in vector]


def _zeros_like(values: Tensors) -> Tensors:
    return tuple(
        Tensor._from_node(leaf(np.zeros(tuple(x.shape), x.dtype.numpy))).requires_grad_() for x in values
    )


def _grad(
    outputs: Sequence[Tensor | None], inputs: Tensors, upstream: Sequence[Tensor | None], create_graph: bool
) -> tuple[Tensor | None, ...]:
    """Gradients where there are any; the outputs without a graph have none."""
    pairs = [(y, g) for y, g in zip(outputs, upstream, strict=True) if y is not None and y.requires_grad]
    if not pairs:
        return (None,) * len(inputs)
    ys, gs = zip(*pairs, strict=True)
    return grad(ys, inputs, gs, retain_graph=True, create_graph=create_graph, allow_unused=True)


def _back_through(
    through: Sequence[Tensor | None],
    ghosts: Tensors,
    vector: Sequence[Tensor | None],
    like: Tensors,
    create_graph: bool,
    strict: bool,
    name: str,
) -> Tensors:
    """The derivative of what is linear in `ghosts`, times the vector."""
    with set_grad_enabled(create_graph or state.grad_enabled):
        found = _grad(through, ghosts, vector, create_graph)
        return _all_or_zeros(found, like, strict, create_graph, name)


def _all_or_zeros(
    found: Sequence[Tensor | None], like: Tensors, strict: bool, create_graph: bool, name: str
) -> Tensors:
    return tuple(_or_zeros(g, x, strict, create_graph, name) for g, x in zip(found, like, strict=True))


def _or_zeros(g: Tensor | None, x: Tensor, strict: bool, create_graph: bool, name: str) -> Tensor:
    if g is None:
        if strict:
            raise GradError(
                f"{name}: the output of the user-provided function is independent of an input. This is not "
                "allowed in strict mode."
            )
        return Tensor._from_node(leaf(np.zeros(tuple(x.shape), x.dtype.numpy)))
    if strict and create_graph and not g.requires_grad:
        raise GradError(
            f"{name}: the derivative of the user-provided function is independent of an input. This is not "
            "allowed in strict mode when create_graph=True."
        )
    return g


def _stack(column: list[Tensor], output: Tensor, x: Tensor) -> Tensor:
    shape = (*output.shape, *x.shape)
    if not column:
        return Tensor._from_node(leaf(np.zeros(shape, x.dtype.numpy)))
    return stack(column).reshape(shape)


def _finish(values: Tensors, create_graph: bool) -> Tensors:
    return values if create_graph else tuple(each.detach() for each in values)


def _result(values: Tensors, single: bool, create_graph: bool) -> Any:
    finished = _finish(values, create_graph)
    return finished[0] if single else finished
