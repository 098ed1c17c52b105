"""Clipping gradients: their common norm, or each number.

Source: R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", 2013.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from types import GeneratorType

from gradviz.engine.ops.create import tensor
from gradviz.engine.ops.join import stack
from gradviz.engine.ops.limits import clamp
from gradviz.engine.program import Phase
from gradviz.engine.state import no_grad, phase, scope
from gradviz.engine.tensor import Tensor

Tensors = Tensor | Iterable[Tensor]


def get_total_norm(
    tensors: Tensors,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The norm of all tensors' elements together: (Σ |x|ᵖ) ^ (1 / p) with p = `norm_type`, which may be ∞."""
    order = float(norm_type)
    listed = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    if not listed:
        return tensor(0.0)
    with no_grad(), scope("total_norm"):
        total = _norm(stack([_norm(each, order) for each in listed]), order)
    if error_if_nonfinite and not math.isfinite(float(total)):
        raise RuntimeError(
            f"The total norm of order {order} for gradients from `parameters` is non-finite, so it cannot be "
            "clipped. To disable this error and scale the gradients by the non-finite norm anyway, set "
            "`error_if_nonfinite=False`"
        )
    return total


def _norm(x: Tensor, order: float) -> Tensor:
    """The norm of one tensor."""
    if order == 2:
        return (x * x).sum().sqrt()
    if order == 0:
        return (x != 0).to(x.dtype).sum()
    size = x.abs()
    if order == 1:
        return size.sum()
    if math.isinf(order):
        extreme: Tensor = size.max() if order > 0 else size.min()
        return extreme
    return (size**order).sum() ** (1 / order)


def clip_grads_with_norm_(
    parameters: Tensors, max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Multiply all gradients by max_norm / (total_norm + 10⁻⁶) if that is below 1."""
    with no_grad(), scope("clip_grad"):
        factor = clamp(float(max_norm) / (total_norm + 1e-6), max=1.0)
        for gradient in _gradients(parameters):
            gradient.mul_(factor.to(gradient.dtype))


def clip_grad_norm_(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale the gradients down, in place, so that their common norm is at most `max_norm`.

    Returns what the norm was. `foreach` is of no consequence here.
    """
    empty = isinstance(parameters, GeneratorType)
    listed = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    if empty and not listed:
        warnings.warn("`parameters` is an empty generator, no gradient clipping will occur.", stacklevel=2)
    with phase(Phase.UPDATE):
        total = get_total_norm(_gradients(listed), norm_type, error_if_nonfinite)
        clip_grads_with_norm_(listed, max_norm, total)
    return total


def clip_grad_value_(parameters: Tensors, clip_value: float, foreach: bool | None = None) -> None:
    """Clamp every number of the gradients to [−clip_value, clip_value], in place."""
    value = float(clip_value)
    with no_grad(), phase(Phase.UPDATE), scope("clip_grad"):
        for gradient in _gradients(parameters):
            gradient.clamp_(min=-value, max=value)


def _gradients(parameters: Tensors) -> list[Tensor]:
    listed = [parameters] if isinstance(parameters, Tensor) else parameters
    return [parameter.grad for parameter in listed if parameter.grad is not None]
