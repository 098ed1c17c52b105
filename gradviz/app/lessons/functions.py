"""The functions that expressions of lessons may call; none makes an array larger than what it is given."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np


def _softmax(x: Any, axis: int = -1) -> Any:
    """eˣ / Σ eˣ along an axis."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-np.asarray(x, float)))


def _transpose(x: Any) -> Any:
    """Rows and columns exchanged; of more dimensions the last two."""
    return np.swapaxes(x, -1, -2)


def _close(a: Any, b: Any, tolerance: float = 1e-6) -> bool:
    return bool(np.allclose(a, b, rtol=tolerance, atol=tolerance))


_WITH_AXIS: dict[str, Callable[..., Any]] = {
    "sum": np.sum,
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "prod": np.prod,
    "var": np.var,  # divided by n
    "std": np.std,
    "argmax": np.argmax,
    "argmin": np.argmin,
    "softmax": _softmax,
    "flip": lambda x, axis=None: np.flip(x, axis),
}
_OF_TWO: dict[str, Callable[..., Any]] = {
    "round": round,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "dot": lambda a, b: np.sum(np.asarray(a) * np.asarray(b)),
    "reshape": lambda x, shape: np.reshape(x, shape),
}
_OF_ONE: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "sign": np.sign,
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "relu": lambda x: np.maximum(x, 0),
    "sqrt": np.sqrt,
    "transpose": _transpose,
    "norm": lambda x: np.linalg.norm(np.asarray(x).ravel()),
    "count_zero": lambda x: int(np.count_nonzero(np.asarray(x) == 0)),
    "size": lambda x: int(np.asarray(x).size),
    "len": len,
}
FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        **_OF_ONE,
        **_WITH_AXIS,
        **_OF_TWO,
        "where": lambda test, a, b: np.where(test, a, b),
        "close": _close,
    }
)
MOST: Mapping[str, int] = MappingProxyType(  # arguments that a function may take, where it is not one
    {**dict.fromkeys((*_WITH_AXIS, *_OF_TWO), 2), "where": 3, "close": 3}
)
BROADCASTING = frozenset({"maximum", "minimum", "dot", "where", "close"})  # of two arrays or more
CONSTANTS: Mapping[str, float] = MappingProxyType({"pi": math.pi, "e": math.e, "inf": math.inf})
