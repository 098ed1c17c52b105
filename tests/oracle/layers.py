"""Comparing functions and layers with PyTorch: values, gradients, gradients of gradients, refusals."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

import gradviz

BUILTIN = (IndexError, TypeError, ValueError, NotImplementedError, RuntimeError, ZeroDivisionError)
Call = Callable[..., Any]


def kind(error: Exception) -> type[Exception]:
    return next(each for each in BUILTIN if isinstance(error, each))


def attempt(
    library: Any, call: Call, arrays: Sequence[np.ndarray]
) -> tuple[list[Any], Any, Exception | None]:
    inputs = [library.tensor(array) if isinstance(array, np.ndarray) else array for array in arrays]
    for tensor in inputs:
        if hasattr(tensor, "dtype") and tensor.dtype.is_floating_point:
            tensor.requires_grad_()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return inputs, call(library, *inputs), None
    except Exception as error:
        return inputs, None, error


def check(call: Call, *arrays: Any, second: bool = True, tolerance: float = 1e-5) -> bool:
    """`call(library, *tensors)` does the same in both libraries; returns whether PyTorch accepts it."""
    their_inputs, theirs, their_error = attempt(torch, call, arrays)
    our_inputs, ours, our_error = attempt(gradviz, call, arrays)
    if isinstance(their_error, NotImplementedError):  # a dtype that PyTorch has no kernel for
        return False
    if their_error is not None:
        assert our_error is not None, f"PyTorch refuses: {their_error!r}"
        assert isinstance(our_error, kind(their_error)), f"{our_error!r} for {their_error!r}"
        return False
    if our_error is not None:
        raise our_error
    a, b = tensors(ours), tensors(theirs)
    assert len(a) == len(b)
    for mine, real in zip(a, b, strict=True):
        near(mine, real, tolerance)
    gradients(a, our_inputs, b, their_inputs, second, tolerance)
    return True


def tensors(result: Any) -> list[Any]:
    return (
        [result] if hasattr(result, "requires_grad") else [each for part in result for each in tensors(part)]
    )


def near(mine: Any, real: Any, tolerance: float = 1e-5) -> None:
    assert (str(mine.dtype), tuple(mine.shape)) == (str(real.dtype), tuple(real.shape))
    x, y = np.asarray(mine.detach().numpy()), np.asarray(real.detach().numpy())
    if y.dtype.kind != "f":
        np.testing.assert_array_equal(x, y)
        return
    scale = max(1.0, float(np.abs(y[np.isfinite(y)]).max(initial=0)))
    if y.dtype == np.float16:
        tolerance = max(tolerance, 4e-3)
    np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance * scale)


def gradients(
    ours: list[Any], our_inputs: list[Any], theirs: list[Any], their_inputs: list[Any], second: bool,
    tolerance: float,
) -> None:  # fmt: skip
    """Compare first and, if PyTorch has it, second order; None counts as 0."""
    wanted = [k for k, tensor in enumerate(their_inputs) if getattr(tensor, "requires_grad", False)]
    outputs = [k for k, tensor in enumerate(theirs) if tensor.requires_grad]
    assert outputs == [k for k, tensor in enumerate(ours) if tensor.requires_grad]
    if not wanted or not outputs:
        return
    rng = np.random.default_rng(5)
    upstream = [rng.normal(size=tuple(theirs[k].shape)) for k in outputs]
    weights = [rng.normal(size=tuple(their_inputs[k].shape)) for k in wanted]
    runs = []
    for library, results, inputs in ((torch, theirs, their_inputs), (gradviz, ours, our_inputs)):
        targets = [inputs[k] for k in wanted]
        gs = [
            library.tensor(u.astype(str(theirs[k].dtype)[6:])) for k, u in zip(outputs, upstream, strict=True)
        ]
        for g in gs:
            g.requires_grad_()
        try:
            first = library.autograd.grad(
                [results[k] for k in outputs], targets, gs, create_graph=second, allow_unused=True
            )
        except RuntimeError:
            if library is gradviz:
                raise
            return
        last: Any = []
        if second:
            total = sum(
                (f.double() * library.tensor(w)).sum()
                for f, w in zip(first, weights, strict=True)
                if f is not None
            )
            try:
                last = library.autograd.grad(total, [*targets, *gs], allow_unused=True)
            except (RuntimeError, AttributeError):
                if library is gradviz:
                    raise
                second = False
        runs.append((first, last))
    for real, mine in zip(runs[0][0], runs[1][0], strict=True):
        nearly(mine, real, tolerance)
    for real, mine in zip(runs[0][1], runs[1][1], strict=True):
        nearly(mine, real, tolerance * 4)


def nearly(mine: Any, real: Any, tolerance: float) -> None:
    if mine is None or real is None:
        known = mine if real is None else real
        assert known is None or not np.asarray(known.detach().numpy()).any()
        return
    near(mine, real, tolerance)


def numbers(
    rng: np.random.Generator, *shape: int, special: float = 0.0, dtype: str = "float32"
) -> np.ndarray:
    """Normal numbers; with probability `special` some of them infinite, NaN or equal."""
    x = rng.normal(size=shape)
    if rng.random() < special:
        x = np.round(x)
        x = np.where(rng.random(shape) < 0.1, rng.choice([np.inf, -np.inf, np.nan], shape), x)
    return np.asarray(x).astype(dtype)


def either(rng: np.random.Generator, low: int, high: int, count: int) -> Any:
    """An int, or a tuple of `count` (or one) of them, of [low, high)."""
    if rng.random() < 0.4:
        return int(rng.integers(low, high))
    length = 1 if rng.random() < 0.1 else count
    return tuple(int(v) for v in rng.integers(low, high, length))
