"""Softmax and its logarithm over the rows of a matrix."""

from __future__ import annotations

import numpy as np

from ..jit import for_floats, kernel

# `top` starts from the first number and takes NaN over whatever it holds, so that NaN reaches the result.


@kernel(*for_floats("(F[:, ::1], F[:, ::1])"))
def softmax(x: np.ndarray, out: np.ndarray) -> None:
    """out = exp(x − max x) / Σ exp(x − max x)."""
    rows, columns = x.shape
    for r in range(rows):
        top = x[r, 0]
        for c in range(columns):
            if x[r, c] > top or x[r, c] != x[r, c]:
                top = x[r, c]
        for c in range(columns):
            out[r, c] = np.exp(x[r, c] - top)
        total = out[r].sum()
        for c in range(columns):
            out[r, c] /= total


@kernel(*for_floats("(F[:, ::1], F[:, ::1], F[:, ::1])"))
def softmax_backward(g: np.ndarray, y: np.ndarray, out: np.ndarray) -> None:
    """out = y · (g − Σ g y)."""
    rows, columns = y.shape
    for r in range(rows):
        for c in range(columns):
            out[r, c] = g[r, c] * y[r, c]
        average = out[r].sum()
        for c in range(columns):
            out[r, c] = y[r, c] * (g[r, c] - average)


@kernel(*for_floats("(F[:, ::1], F[:, ::1])"))
def log_softmax(x: np.ndarray, out: np.ndarray) -> None:
    """out = x − max x − log Σ exp(x − max x)."""
    rows, columns = x.shape
    for r in range(rows):
        top = x[r, 0]
        for c in range(columns):
            if x[r, c] > top or x[r, c] != x[r, c]:
                top = x[r, c]
        for c in range(columns):
            out[r, c] = np.exp(x[r, c] - top)
        log_total = np.log(out[r].sum())
        for c in range(columns):
            out[r, c] = x[r, c] - top - log_total


@kernel(*for_floats("(F[:, ::1], F[:, ::1], F[:, ::1])"))
def log_softmax_backward(g: np.ndarray, y: np.ndarray, out: np.ndarray) -> None:
    """out = g − exp(y) · Σ g."""
    rows, columns = y.shape
    for r in range(rows):
        total = g[r].sum()
        for c in range(columns):
            out[r, c] = g[r, c] - np.exp(y[r, c]) * total
