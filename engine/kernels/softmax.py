"""Softmax and its logarithm over the rows of a matrix, in numpy: NaN and infinity reach the result."""

from __future__ import annotations

import numpy as np


def softmax(x: np.ndarray, out: np.ndarray) -> None:
    """out = exp(x − max x) / Σ exp(x − max x)."""
    np.subtract(x, x.max(1, keepdims=True), out)
    np.exp(out, out)
    out /= out.sum(1, keepdims=True)


def softmax_backward(g: np.ndarray, y: np.ndarray, out: np.ndarray) -> None:
    """out = y · (g − Σ g y)."""
    np.multiply(g, y, out)
    np.subtract(g, out.sum(1, keepdims=True), out)
    out *= y


def log_softmax(x: np.ndarray, out: np.ndarray) -> None:
    """out = x − max x − log Σ exp(x − max x)."""
    np.subtract(x, x.max(1, keepdims=True), out)
    out -= np.log(np.exp(out).sum(1, keepdims=True))


def log_softmax_backward(g: np.ndarray, y: np.ndarray, out: np.ndarray) -> None:
    """out = g − exp(y) · Σ g."""
    np.exp(y, out)
    out *= g.sum(1, keepdims=True)
    np.subtract(g, out, out)
