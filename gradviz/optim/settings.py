"""What every optimizer needs: checked settings, state to start from, and numbers in the right precision.

PyTorch computes with settings as Python's numbers, in double precision, and rounds them where they meet a
tensor; here they are tensors without dimensions, so that each step of the calculation is an instruction.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradviz.engine.dtypes import DType, float32, float64, get_default_dtype
from gradviz.engine.mutation import check_in_place, replace_leaf
from gradviz.engine.node import leaf
from gradviz.engine.state import state
from gradviz.engine.tensor import Tensor


def check(name: str, value: Any, ok: Any) -> None:
    """ValueError as PyTorch words it, unless a setting is in its range."""
    if not ok:
        raise ValueError(f"Invalid {name}: {value}")


def check_rate(lr: Any) -> None:
    """A learning rate is a number that is not negative, or a tensor that holds one."""
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    check("learning rate", lr, lr >= 0)


def check_betas(betas: tuple[Any, Any]) -> None:
    """Two factors of running means, each at least 0 and below 1."""
    for index in (0, 1):
        check(f"beta parameter at index {index}", betas[index], 0 <= betas[index] < 1)


def speed_options(foreach: bool | None, differentiable: bool, **others: bool | None) -> dict[str, Any]:
    """PyTorch's settings that change the speed only: kept so that code and printouts are the same."""
    if others.get("fused"):
        if differentiable:
            raise RuntimeError("`fused` does not support `differentiable`")
        if foreach:
            raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    if differentiable:
        raise ValueError("gradviz's optimizers are not differentiable")
    return {"foreach": foreach, "differentiable": False, **others}


def zeros_like(param: Tensor) -> Tensor:
    """State to start from; no instruction is recorded."""
    return full_like(param, 0)


def full_like(param: Tensor, value: float) -> Tensor:
    """State to start from, one number everywhere; no instruction is recorded."""
    return Tensor._from_node(leaf(np.full_like(param._node.array, value)))


def counter(start: float = 0.0) -> Tensor:
    """A number for each parameter, such as the count of its steps: float64 only if that is the default."""
    dtype = float64 if get_default_dtype() is float64 else float32
    return Tensor._from_node(leaf(np.array(start, dtype.numpy)))


def count(step: Tensor) -> Tensor:
    """One step more; the new count, in double precision."""
    step.add_(1)
    return cast(step, float64)


def cast(x: Tensor, dtype: DType) -> Tensor:
    """`x` itself if it has that dtype already: then no instruction is needed."""
    return x if x.dtype is dtype else x.to(dtype)


def fit(number: Tensor, param: Tensor) -> Tensor:
    """A number for arithmetic with a parameter: in its precision, where it would widen the result."""
    return number if param.ndim else cast(number, param.dtype)


def blend(old: Tensor, new: Tensor, weight: float) -> Tensor:
    """old + weight · (new − old), written so that rounding is least, as PyTorch's `lerp` does it."""
    if weight < 0.5:
        return old + (new - old) * weight
    return new - (new - old) * (1 - weight)


def decayed(param: Tensor, grad: Tensor, group: dict[str, Any]) -> Tensor:
    """The gradient, uphill if `maximize`, plus the one of λ ‖w‖² / 2 if there is weight decay."""
    if group["maximize"]:
        grad = -grad
    if group["weight_decay"]:
        grad = grad + param * group["weight_decay"]
    return grad


def shrink(param: Tensor, grad: Tensor, lr: Tensor, group: dict[str, Any]) -> Tensor:
    """As `decayed`; with `decoupled_weight_decay` the parameter itself shrinks by lr · λ instead."""
    if not (group["decoupled_weight_decay"] and group["weight_decay"]):
        return decayed(param, grad, group)
    param.mul_(fit(1 - lr * group["weight_decay"], param))
    return -grad if group["maximize"] else grad


def unwatched(param: Tensor, grad: Tensor) -> bool:
    """Whether a step may be computed on arrays, without ops: nobody records, and they are of one kind."""
    return state.recorder is None and param._node.spec is grad._node.spec


def replace(param: Tensor, value: np.ndarray, what: str) -> None:
    """Give a parameter another value in place, as the op `what` ("sub_") would."""
    if replace_leaf(param, value):
        return
    check_in_place(param, what)
    param._assign(Tensor._wrapped(value), what)
