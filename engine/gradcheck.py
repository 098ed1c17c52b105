"""Checks gradients against finite differences, so closely that a rule that is wrong by 0.05 % is found.

Central differences with Richardson's extrapolation, in double precision, element by element: with
D(h) = (f(x + h) − f(x − h)) / 2h the estimate (4 D(h/2) − D(h)) / 3 has an error of order h⁴.
Source: L. F. Richardson, "The approximate arithmetical solution by finite differences …", Phil. Trans. 1911.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from .autograd import grad
from .dtypes import float64
from .errors import ArgumentError, EngineError
from .node import leaf
from .tensor import Tensor

Function = Callable[..., Any]


class GradcheckError(EngineError, RuntimeError):
    """A gradient differs from its finite difference; the message says where."""


@dataclass(frozen=True, slots=True)
class Slope:
    """A finite difference; `smooth` is False where the function has a kink or a jump within the step."""

    value: float
    smooth: bool


def slope(function: Callable[[float], float], step: float, tolerance: float) -> Slope:
    """The derivative of `function` at 0.

    Two step sizes tell a kink: on a smooth stretch, halving the step changes the central difference hardly at
    all, and halves the difference between the slopes to the right and to the left.
    """
    here = function(0.0)
    found = Slope(0.0, False)
    for h in (step, step / 100):
        far = function(h), function(-h)
        near = function(h / 2), function(-h / 2)
        wide, narrow = (far[0] - far[1]) / (2 * h), (near[0] - near[1]) / h
        bend_wide = abs(far[0] - 2 * here + far[1]) / h
        bend_narrow = abs(near[0] - 2 * here + near[1]) / (h / 2)
        noise = 1e-14 * max(abs(here), 1.0) / h
        scale = max(abs(wide), abs(narrow), 1.0)
        steady = abs(wide - narrow) <= 0.3 * tolerance**0.5 * scale
        even = bend_narrow <= 0.75 * bend_wide + tolerance * scale + 8 * noise
        found = Slope((4 * narrow - wide) / 3, bool(steady and even and np.isfinite(wide + narrow)))
        if found.smooth:
            break
    return found


def gradcheck(
    func: Function,
    inputs: Tensor | Sequence[Any],
    eps: float = 1e-3,
    atol: float = 1e-7,
    rtol: float = 1e-5,
    raise_exception: bool = True,
    seed: int = 0,
) -> bool:
    """Whether the gradients of `func(*inputs)` agree with finite differences.

    Every element of every input that requires a gradient is moved by ±`eps`, relative to its size. The
    output is projected on random weights. Elements at a kink are left out, where a gradient is a choice.
    Inputs must be float64. Raises GradcheckError, or returns False, at the first element for which
    |numeric − analytic| > `atol` + `rtol` · |numeric|.
    """
    tensors = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    try:
        _check(func, tensors, eps, atol, rtol, np.random.default_rng(seed))
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Function,
    inputs: Tensor | Sequence[Any],
    eps: float = 1e-3,
    atol: float = 1e-7,
    rtol: float = 1e-5,
    raise_exception: bool = True,
    seed: int = 0,
) -> bool:
    """Whether the gradients of the gradients of `func(*inputs)` agree with finite differences.

    The first gradient is checked as a function of the inputs and of the upstream gradients; see `gradcheck`.
    """
    tensors = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    rng = np.random.default_rng(seed)
    outputs = _outputs(func(*tensors))
    upstream = [_tensor(rng.normal(size=tuple(each.shape)), True) for each in outputs]
    count = len(tensors)

    def first(*arguments: Any) -> tuple[Tensor, ...]:
        fresh = list(arguments[:count])
        for position, tensor in enumerate(tensors):
            if _wanted(tensor) and not fresh[position].requires_grad:  # a moved copy
                fresh[position] = _tensor(fresh[position]._node.array, True)
        found = _outputs(func(*fresh))
        wanted = [each for each, tensor in zip(fresh, tensors, strict=True) if _wanted(tensor)]
        weights = list(arguments[count:])
        return tuple(
            each if each is not None else x.detach() * 0
            for each, x in zip(
                grad(found, wanted, weights, create_graph=True, allow_unused=True), wanted, strict=True
            )
        )

    return gradcheck(first, (*tensors, *upstream), eps, atol, rtol, raise_exception, seed)


def _wanted(value: Any) -> bool:
    return isinstance(value, Tensor) and value.requires_grad


def _tensor(array: np.ndarray, requires_grad: bool = False) -> Tensor:
    tensor = Tensor._from_node(leaf(np.array(array)))
    return tensor.requires_grad_() if requires_grad else tensor


def _outputs(result: Any) -> list[Tensor]:
    found = [result] if isinstance(result, Tensor) else list(result)
    return [each for each in found if each.requires_grad]


def _check(
    func: Function,
    tensors: tuple[Any, ...],
    eps: float,
    atol: float,
    rtol: float,
    rng: np.random.Generator,
) -> None:
    wanted = [position for position, tensor in enumerate(tensors) if _wanted(tensor)]
    if not wanted:
        raise ArgumentError("gradcheck expects at least one input tensor to require gradient")
    for position in wanted:
        if tensors[position].dtype is not float64:
            raise ArgumentError(
                f"gradcheck: input {position} is {tensors[position].dtype}; finite differences need float64"
            )
    outputs = func(*tensors)
    found = _outputs(outputs)
    if not found:
        raise ArgumentError("gradcheck: no output depends on the inputs by a gradient")
    kept = [
        number
        for number, each in enumerate([outputs] if isinstance(outputs, Tensor) else outputs)
        if each.requires_grad
    ]
    weights = [rng.normal(size=tuple(each.shape)) for each in found]
    gradients = grad(found, [tensors[p] for p in wanted], [_tensor(w) for w in weights], allow_unused=True)

    def projected(position: int, array: np.ndarray) -> float:
        moved = [
            _tensor(array if number == position else tensor._node.array) if _wanted(tensor) else tensor
            for number, tensor in enumerate(tensors)
        ]
        result = func(*moved)
        values = [result] if isinstance(result, Tensor) else list(result)
        return float(sum((values[k]._node.array * w).sum() for k, w in zip(kept, weights, strict=True)))

    smooth = checked = 0
    for position, gradient in zip(wanted, gradients, strict=True):
        x = tensors[position]._node.array
        analytic = np.zeros(x.shape) if gradient is None else gradient._node.array
        if gradient is not None and analytic.shape != x.shape:
            raise GradcheckError(f"input {position} has shape {x.shape}, but its gradient {analytic.shape}")
        for index in np.ndindex(*x.shape):
            numeric = _numeric(partial(projected, position), x, index, eps, rtol)
            checked += 1
            if not numeric.smooth:
                continue
            smooth += 1
            if not abs(numeric.value - analytic[index]) <= atol + rtol * abs(numeric.value):
                raise GradcheckError(
                    f"the gradient of input {position} at {index} is {analytic[index]:.9g}, but the finite "
                    f"difference is {numeric.value:.9g}"
                )
    if checked and not smooth:
        raise GradcheckError("no element could be checked: the function is not smooth here")


def _numeric(
    function: Callable[[np.ndarray], float], x: np.ndarray, index: tuple[int, ...], eps: float, rtol: float
) -> Slope:
    def moved(by: float) -> float:
        array = np.array(x)
        array[index] += by
        return function(array)

    return slope(moved, eps * max(1.0, abs(float(x[index]))), rtol)
