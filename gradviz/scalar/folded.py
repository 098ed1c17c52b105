"""A weighted sum as one value: `bias + w₀ x₀ + w₁ x₁ + …`, whose products and partial sums are made when
somebody looks.

Networks of scalars consist of such sums. Making an object of each product, and finding the way to it in
backward, takes several times as long as multiplying. Of a value with the code FOLDED, `_a` is (bias, weights,
inputs) and `_b` is [bias's number, the products' numbers, the gradient that backward has passed on or None].
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from .codes import ADD, MUL

if TYPE_CHECKING:
    from .value import Number, Value


def unfold(value: Value) -> None:
    """Make the values that `sum` makes on the way, and `value` the last sum of them.

    Each gets the gradient that backward would have added to it: all of them have the sum's.
    """
    bias, weights, inputs = value._a
    start, products, passed = value._b
    grad = passed or 0
    total = bias
    for w, x, product, data in zip(
        weights, inputs, products, accumulate(products, initial=start), strict=False
    ):
        if total is not bias:
            total._data = data
        total = _step(value, ADD, total, _step(value, MUL, w, x, product, grad), 0, grad)
    value._code, value._a, value._b = ADD, total._a, total._b


def _step(like: Value, code: int, a: Value, b: Value, data: Number, grad: Number) -> Value:
    step = type(like)(data)
    step._code, step._a, step._b, step._grad = code, a, b, grad
    return step


def push_folded(value: Value) -> None:
    """Add to the gradients of the bias, the weights and the inputs, as the single steps would, to the bit."""
    bias, weights, inputs = value._a
    g = value._grad
    bias._grad += g
    for w, x in zip(weights, inputs, strict=True):
        w._grad += x._data * g
        x._grad += w._data * g
    value._b[2] = g
