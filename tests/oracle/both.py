"""Running one expression with PyTorch and with gradviz, and comparing all that can be seen of the results."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

import gradviz

Call = Callable[..., Any]
BUILTIN = (IndexError, ValueError, TypeError, RuntimeError)


def outcome(library: Any, call: Call, arrays: Sequence[Any], grads: bool) -> tuple[Any, list[Any], Any]:
    """(result, inputs, error) of `call(library, *inputs)`."""
    inputs = []
    for array in arrays:
        if not isinstance(array, np.ndarray):
            inputs.append(array)
            continue
        tensor = library.tensor(np.array(array))
        if grads and array.dtype.kind == "f":
            tensor.requires_grad_()
        inputs.append(tensor)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return call(library, *inputs), inputs, None
    except Exception as error:
        return None, inputs, error


def agree(call: Call, *arrays: Any, grads: bool = True, names: bool = True, tolerance: float = 2e-6) -> None:
    """Values, dtypes, shapes, layout, names in grad_fn and gradients are the same, or both refuse."""
    if any(isinstance(each, np.ndarray) and each.dtype == np.float16 for each in arrays):
        tolerance = 2e-3
    theirs, their_inputs, their_error = outcome(torch, call, arrays, grads)
    ours, our_inputs, our_error = outcome(gradviz, call, arrays, grads)
    if isinstance(their_error, NotImplementedError):  # a dtype for which PyTorch has no kernel
        return
    if their_error is not None:
        assert our_error is not None, f"PyTorch refuses: {type(their_error).__name__}: {their_error}"
        assert isinstance(our_error, BUILTIN), f"{our_error!r} for {their_error!r}"
        return
    if our_error is not None:
        raise our_error
    same(ours, theirs, names, tolerance)
    if grads:
        _same_gradients(ours, our_inputs, theirs, their_inputs, tolerance)


def same(ours: Any, theirs: Any, names: bool = True, tolerance: float = 2e-6) -> None:
    """Two results agree; see `agree`."""
    if isinstance(theirs, torch.Tensor):
        assert isinstance(ours, gradviz.Tensor), f"{ours!r} is no tensor"
        seen = [look(each, names) for each in (ours, theirs)]
        assert seen[0] == seen[1], f"{seen[0]} here, {seen[1]} in PyTorch"
        close(ours, theirs, tolerance)
    elif isinstance(theirs, (tuple, list)):
        assert len(ours) == len(theirs), f"{len(ours)} results, {len(theirs)} in PyTorch"
        for a, b in zip(ours, theirs, strict=True):
            same(a, b, names, tolerance)
    elif isinstance(theirs, float):
        assert isinstance(ours, float)
        np.testing.assert_allclose(ours, theirs, rtol=tolerance)
    else:
        assert str(ours) == str(theirs), f"{ours!r} here, {theirs!r} in PyTorch"


def look(tensor: Any, names: bool) -> dict[str, Any]:
    """All but the numbers."""
    found = {
        "dtype": str(tensor.dtype),
        "shape": tuple(tensor.shape),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "contiguous": tensor.is_contiguous(),
    }
    if names:
        found["grad_fn"] = tensor.grad_fn and tensor.grad_fn.name()
    return found


def close(ours: Any, theirs: Any, tolerance: float) -> None:
    a, b = np.array(ours.numpy(force=True)), np.array(theirs.numpy(force=True))
    if b.dtype.kind != "f":
        np.testing.assert_array_equal(a, b)
        return
    finite = np.abs(b[np.isfinite(b)])
    scale = float(finite.max(initial=0.0)) if b.dtype != np.float16 else 1.0
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * max(scale, 1.0))


def tensors_of(result: Any) -> list[Any]:
    if hasattr(result, "requires_grad"):
        return [result]
    if isinstance(result, (tuple, list)):
        return [each for item in result for each in tensors_of(item)]
    return []


def _same_gradients(
    ours: Any, our_inputs: list[Any], theirs: Any, their_inputs: list[Any], tolerance: float
) -> None:
    rng = np.random.default_rng(1)
    for a, b in zip(tensors_of(ours), tensors_of(theirs), strict=True):
        if not b.requires_grad or b.grad_fn is None or b.grad_fn.name().endswith("NotImplemented"):
            continue
        upstream = rng.uniform(0.5, 2, tuple(b.shape)).astype(np.array(b.detach().numpy()).dtype)
        try:
            b.backward(torch.tensor(upstream), retain_graph=True)
        except RuntimeError:  # PyTorch cannot differentiate it for these dtypes or shapes
            return
        a.backward(gradviz.tensor(upstream), retain_graph=True)
    for a, b in zip(our_inputs, their_inputs, strict=True):
        if not isinstance(b, torch.Tensor):
            continue
        if b.grad is None or a.grad is None:  # one says None where the other says 0
            for known in (a.grad, b.grad):
                assert known is None or not np.array(known.numpy(force=True)).any()
            continue
        seen = [(str(each.grad.dtype), tuple(each.grad.shape)) for each in (a, b)]
        assert seen[0] == seen[1], f"gradient {seen[0]} here, {seen[1]} in PyTorch"
        close(a.grad, b.grad, tolerance)
