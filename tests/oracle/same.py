"""Comparing gradviz with PyTorch: the same arrays, the same calls, the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

import gradviz


def theirs(array: np.ndarray, requires_grad: bool = False) -> torch.Tensor:
    tensor = torch.from_numpy(np.array(array))
    return tensor.requires_grad_() if requires_grad else tensor


def ours(array: np.ndarray, requires_grad: bool = False) -> gradviz.Tensor:
    tensor = gradviz.tensor(np.array(array))
    return tensor.requires_grad_() if requires_grad else tensor


def array_of(tensor: Any) -> np.ndarray:
    return np.asarray(tensor.numpy(force=True))


def close(found: Any, expected: Any, tolerance: float = 1e-5) -> None:
    """Shape, dtype and numbers agree, errors measured against the largest number of the tensor."""
    a, b = array_of(found), array_of(expected)
    assert tuple(found.shape) == tuple(expected.shape)
    assert str(found.dtype) == str(expected.dtype)
    scale = max(1.0, float(np.abs(b[np.isfinite(b)]).max(initial=0))) if b.dtype.kind == "f" else 1.0
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * scale)


def compare(
    call: Callable[..., Any], arrays: Sequence[np.ndarray], second: bool = True, tolerance: float = 1e-5
) -> None:
    """`call(library, *tensors)` gives the same values, gradients and, if `second`, gradients of gradients."""
    rng = np.random.default_rng(7)
    floats = [array.dtype.kind == "f" for array in arrays]
    runs = []
    for library, make in ((gradviz, ours), (torch, theirs)):
        runs.append(
            (library, make, [make(array, wants) for array, wants in zip(arrays, floats, strict=True)])
        )
    results = [call(library, *inputs) for library, _, inputs in runs]
    close(results[0], results[1], tolerance)
    upstream = rng.normal(size=tuple(results[1].shape)).astype(array_of(results[1]).dtype)
    wanted = [i for i, wants in enumerate(floats) if wants]
    weights = [rng.normal(size=arrays[i].shape).astype(arrays[i].dtype) for i in wanted]
    firsts, seconds = [], []
    for (library, make, inputs), result in zip(runs, results, strict=True):
        g = make(upstream, True)
        targets = [inputs[i] for i in wanted]
        first = library.autograd.grad(result, targets, g, create_graph=second)
        firsts.append(first)
        if second:
            total = sum((f * make(w)).sum() for f, w in zip(first, weights, strict=True))
            seconds.append(library.autograd.grad(total, [*targets, g], allow_unused=True))
    for found, expected in zip(*firsts, strict=True):
        close(found, expected, tolerance)
    for found, expected in zip(*seconds, strict=True) if seconds else ():
        if found is None or expected is None:  # one says None where the other says 0
            known = expected if found is None else found
            assert known is None or not array_of(known).any()
        else:
            close(found, expected, tolerance)
