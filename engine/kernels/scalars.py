"""Graphs of single numbers as arrays, walked in one loop: forward, backward, update.

A row is one value: its code, the places of its operands and, for powers, a number. Values lie in `data`,
their gradients in `grad`. A row of lanes holds many samples at once, one beside the other; `wide` says
whether its first operand (1), its second (2) or both (3) do so too. Nothing is reordered, except for sums
over samples, so that one sample's numbers are those of `gradviz.Value`, bit for bit.
"""

from __future__ import annotations

import math

import numpy as np

from ..jit import kernel

LEAF, NUMBER, OWN, ADD, MUL, POW, RPOW, RELU, TANH, EXP, LOG, SIGMOID = range(12)
"""A value of the user's, a plain number in an operation, an operation of the user's own, and ours."""

_ROWS = "uint8[::1], uint64[::1], uint64[::1], float64[::1], float64[::1]"
_WIDE = "uint8[::1], uint8[::1], uint64[::1], uint64[::1], uint64[::1], float64[::1], float64[::1]"


@kernel(f"({_ROWS})", fastmath=False)
def forward(code: np.ndarray, a: np.ndarray, b: np.ndarray, number: np.ndarray, data: np.ndarray) -> None:
    """Compute every row from those before it."""
    for i in range(np.uint64(code.size)):
        op = code[i]
        x = data[a[i]]
        if op == MUL:
            data[i] = x * data[b[i]]
        elif op == ADD:
            data[i] = x + data[b[i]]
        elif op == RELU:
            data[i] = 0.0 if x < 0.0 else x
        elif op == TANH:
            data[i] = math.tanh(x)
        elif op == POW:
            data[i] = x ** number[i]
        elif op == RPOW:
            data[i] = number[i] ** x
        elif op == EXP:
            data[i] = math.exp(x)
        elif op == LOG:
            data[i] = math.log(x)
        elif op == SIGMOID:
            if x >= 0.0:
                data[i] = 1.0 / (1.0 + math.exp(-x))
            else:
                data[i] = math.exp(x) / (1.0 + math.exp(x))


@kernel(f"({_ROWS}, float64[::1])", fastmath=False)
def backward(
    code: np.ndarray, a: np.ndarray, b: np.ndarray, number: np.ndarray, data: np.ndarray, grad: np.ndarray
) -> None:
    """The derivative of the last row by every row before it; `grad` is overwritten."""
    grad[:] = 0.0
    last = np.uint64(code.size - 1)
    grad[last] = 1.0
    for step in range(np.uint64(code.size)):
        i = last - step
        op = code[i]
        g = grad[i]
        x = a[i]
        if op == MUL:
            y = b[i]
            u = data[x]
            v = data[y]
            grad[x] += v * g
            grad[y] += u * g
        elif op == ADD:
            grad[x] += g
            grad[b[i]] += g
        elif op == RELU:
            grad[x] += (1.0 if data[i] > 0.0 else 0.0) * g
        elif op == TANH:
            grad[x] += (1.0 - data[i] ** 2) * g
        elif op == POW:
            grad[x] += (number[i] * data[x] ** (number[i] - 1.0)) * g
        elif op == RPOW:
            grad[x] += data[i] * math.log(number[i]) * g
        elif op == EXP:
            grad[x] += data[i] * g
        elif op == LOG:
            grad[x] += g / data[x]
        elif op == SIGMOID:
            grad[x] += data[i] * (1.0 - data[i]) * g


@kernel("(uint64[::1], float64[::1], float64[::1], float64)", fastmath=False)
def descend(leaves: np.ndarray, data: np.ndarray, grad: np.ndarray, rate: float) -> None:
    """Gradient descent: x ← x − rate · dL/dx."""
    for i in range(np.uint64(leaves.size)):
        data[leaves[i]] -= rate * grad[leaves[i]]


@kernel(f"({_WIDE}, uint64)")
def forward_lanes(
    code: np.ndarray,
    wide: np.ndarray,
    at: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    number: np.ndarray,
    data: np.ndarray,
    lanes: np.uint64,
) -> None:
    """`forward`, with rows of many samples; `at` is where a row begins."""
    for i in range(np.uint64(code.size)):
        op = code[i]
        if op <= NUMBER:
            continue
        q, x, y = at[i], a[i], b[i]
        both = wide[i]
        count = lanes if both else np.uint64(1)
        if op == MUL:
            if both == 3:
                for k in range(lanes):
                    data[q + k] = data[x + k] * data[y + k]
            else:
                u = data[y] if both == 1 else data[x]
                z = x if both == 1 else y
                for k in range(count):
                    data[q + k] = data[z + k] * u
        elif op == ADD:
            if both == 3:
                for k in range(lanes):
                    data[q + k] = data[x + k] + data[y + k]
            else:
                u = data[y] if both == 1 else data[x]
                z = x if both == 1 else y
                for k in range(count):
                    data[q + k] = data[z + k] + u
        elif op == RELU:
            for k in range(count):
                data[q + k] = 0.0 if data[x + k] < 0.0 else data[x + k]
        elif op == TANH:
            for k in range(count):
                data[q + k] = math.tanh(data[x + k])
        elif op == POW:
            for k in range(count):
                data[q + k] = data[x + k] ** number[i]
        elif op == RPOW:
            for k in range(count):
                data[q + k] = number[i] ** data[x + k]
        elif op == EXP:
            for k in range(count):
                data[q + k] = math.exp(data[x + k])
        elif op == LOG:
            for k in range(count):
                data[q + k] = math.log(data[x + k])
        elif op == SIGMOID:
            for k in range(count):
                z_k = data[x + k]
                e = math.exp(-abs(z_k))
                data[q + k] = 1.0 / (1.0 + e) if z_k >= 0.0 else e / (1.0 + e)


@kernel(f"({_WIDE}, float64[::1], uint64)")
def backward_lanes(
    code: np.ndarray,
    wide: np.ndarray,
    at: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    number: np.ndarray,
    data: np.ndarray,
    grad: np.ndarray,
    lanes: np.uint64,
) -> None:
    """`backward`, with rows of many samples: what they all share gets the sum. `grad` holds the last row's
    upstream gradients, and zeros."""
    last = np.uint64(code.size - 1)
    for step in range(np.uint64(code.size)):
        i = last - step
        op = code[i]
        if op <= NUMBER:
            continue
        q, x, y = at[i], a[i], b[i]
        both = wide[i]
        count = lanes if both else np.uint64(1)
        if op == MUL:
            if both == 3:
                for k in range(lanes):
                    u, v = data[x + k], data[y + k]
                    grad[x + k] += v * grad[q + k]
                    grad[y + k] += u * grad[q + k]
            elif both == 0:
                grad[x] += data[y] * grad[q]
                grad[y] += data[x] * grad[q]
            else:  # z is wide, and w is what all samples share
                z, w = (x, y) if both == 1 else (y, x)
                shared = data[w]
                total = 0.0
                for k in range(lanes):
                    g = grad[q + k]
                    total += g * data[z + k]
                    grad[z + k] += g * shared
                grad[w] += total
        elif op == ADD:
            if both == 3:
                for k in range(lanes):
                    grad[x + k] += grad[q + k]
                    grad[y + k] += grad[q + k]
            elif both == 0:
                grad[x] += grad[q]
                grad[y] += grad[q]
            else:
                z, w = (x, y) if both == 1 else (y, x)
                total = 0.0
                for k in range(lanes):
                    g = grad[q + k]
                    total += g
                    grad[z + k] += g
                grad[w] += total
        elif op == RELU:
            for k in range(count):
                grad[x + k] += (1.0 if data[q + k] > 0.0 else 0.0) * grad[q + k]
        elif op == TANH:
            for k in range(count):
                grad[x + k] += (1.0 - data[q + k] * data[q + k]) * grad[q + k]
        elif op == POW:
            n = number[i]
            for k in range(count):
                grad[x + k] += n * data[x + k] ** (n - 1.0) * grad[q + k]
        elif op == RPOW:
            slope = math.log(number[i])
            for k in range(count):
                grad[x + k] += data[q + k] * slope * grad[q + k]
        elif op == EXP:
            for k in range(count):
                grad[x + k] += data[q + k] * grad[q + k]
        elif op == LOG:
            for k in range(count):
                grad[x + k] += grad[q + k] / data[x + k]
        elif op == SIGMOID:
            for k in range(count):
                grad[x + k] += data[q + k] * (1.0 - data[q + k]) * grad[q + k]
