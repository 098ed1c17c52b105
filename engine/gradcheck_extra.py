"""What gradcheck looks at besides the numbers: that backward gives the same twice, from each output alone, in
the inputs' dtypes, and for several upstream gradients at once."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .autograd import grad
from .errors import EngineError
from .node import leaf
from .tensor import Tensor

Function = Callable[..., Any]

_NOT_DOUBLE = (  # PyTorch's words
    "Input #{position} requires gradient and is not a double precision floating point or complex. This check "
    "will likely fail if all the inputs are not of double precision floating point or complex. "
)


class GradcheckError(EngineError, RuntimeError):
    """A gradient differs from its finite difference; the message says where."""


def _run(func: Function, tensors: tuple[Any, ...]) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Differentiable inputs, differentiable outputs, and fixed upstream gradients for them."""
    result = func(*tensors)
    listed = [result] if isinstance(result, Tensor) else list(result)
    outputs = [each for each in listed if each.requires_grad]
    wanted = [each for each in tensors if isinstance(each, Tensor) and each.requires_grad]
    rng = np.random.default_rng(0)
    upstream = [Tensor._from_node(leaf(rng.normal(size=tuple(each.shape)))) for each in outputs]
    return wanted, outputs, upstream


def _arrays(found: tuple[Tensor | None, ...]) -> list[np.ndarray | None]:
    return [None if each is None else each._node.array for each in found]


def check_repeated(func: Function, tensors: tuple[Any, ...], tolerance: float) -> None:
    """Backward gives the same gradients when it is run twice."""
    wanted, outputs, upstream = _run(func, tensors)
    first, second = (
        _arrays(grad(outputs, wanted, upstream, retain_graph=True, allow_unused=True)) for _ in range(2)
    )
    for position, (a, b) in enumerate(zip(first, second, strict=True)):
        if a is None or b is None or np.array_equal(a, b, equal_nan=True):
            continue
        if not float(np.abs(a - b).max(initial=0.0)) <= tolerance:
            raise GradcheckError(
                "Backward is not reentrant, i.e., running backward with same input and grad_output multiple "
                f"times gives different values (input {position})"
            )


def check_each_output(func: Function, tensors: tuple[Any, ...]) -> None:
    """Backward copes with outputs that nothing depends on."""
    wanted, outputs, upstream = _run(func, tensors)
    if len(outputs) < 2:
        return
    whole = _arrays(grad(outputs, wanted, upstream, retain_graph=True, allow_unused=True))
    parts = [
        _arrays(grad(y, wanted, g, retain_graph=True, allow_unused=True))
        for y, g in zip(outputs, upstream, strict=True)
    ]
    for position, total in enumerate(whole):
        shares = [share for part in parts if (share := part[position]) is not None]
        if total is not None and not np.allclose(np.sum(shares, axis=0), total, equal_nan=True):
            raise GradcheckError(
                "Expected backward function to handle undefined output grads: the gradients from each output "
                f"alone do not add up to those from all (input {position})"
            )


def check_dtypes(func: Function, tensors: tuple[Any, ...]) -> None:
    """Each gradient has its input's dtype."""
    wanted, outputs, upstream = _run(func, tensors)
    for x, g in zip(wanted, grad(outputs, wanted, upstream, allow_unused=True), strict=True):
        if g is not None and g.dtype is not x.dtype:
            raise GradcheckError(f"Expected the gradient to have dtype {x.dtype}, not {g.dtype}")


def check_batched(func: Function, tensors: tuple[Any, ...], atol: float, rtol: float) -> None:
    """Several upstream gradients at once give what each gives alone."""
    wanted, outputs, upstream = _run(func, tensors)
    scales = (1.0, -0.5)
    rows = [Tensor._from_node(leaf(np.stack([g._node.array * k for k in scales]))) for g in upstream]
    found = _arrays(grad(outputs, wanted, rows, retain_graph=True, allow_unused=True, is_grads_batched=True))
    for number, k in enumerate(scales):
        alone = _arrays(
            grad(
                outputs,
                wanted,
                [Tensor._from_node(leaf(g._node.array * k)) for g in upstream],
                retain_graph=True,
                allow_unused=True,
            )
        )
        for a, b in zip(found, alone, strict=True):
            if a is not None and b is not None and not np.allclose(a[number], b, rtol, atol, True):
                raise GradcheckError("batched gradients differ from those computed one by one")


def warn_of_precision(position: int) -> None:
    """Warn that an input is not float64, as PyTorch does."""
    warnings.warn(_NOT_DOUBLE.format(position=position), UserWarning, stacklevel=5)
