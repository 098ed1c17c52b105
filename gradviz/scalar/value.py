"""`Value`: one number, and how it was computed from others."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from gradviz.engine.state import listening, state

from . import recorded
from .codes import ADD, EXP, FOLDED, LEAF, LOG, MUL, NUMBER, OWN, POW, RELU, RPOW, SIGMOID, SYMBOLS, TANH
from .folded import push_folded, unfold
from .order import computed

Number = int | float


class Value:
    """A number that remembers how it was computed; `backward()` finds the derivative by each before it.

    `Value(data, _children=(), _op="", label="")`, with `+ - * / **`, `relu`, `tanh`, `exp`, `log` and
    `sigmoid`. `data` and `grad` may be changed: `p.data -= 0.1 * p.grad; p.grad = 0`. The label is the name
    that the window shows.
    """

    # Two links to other values and nothing else: no closures, sets or tuples for the garbage collector.
    __slots__ = ("_a", "_b", "_code", "_data", "_grad", "_label", "_rule", "_tensor")

    def __init__(
        self, data: Number, _children: tuple[Value, ...] = (), _op: str = "", label: str = ""
    ) -> None:
        self._data = data
        self._grad: Number = 0
        self._code = OWN if _children else LEAF
        self._a: Any = _children or None
        self._b: Any = _op
        self._label = label
        self._rule: Callable[[], None] | None = None
        self._tensor: Any = None  # what a recorder sees of it

    @property
    def data(self) -> Number:
        """The number."""
        return self._data

    @data.setter
    def data(self, data: Number) -> None:
        self._data = data
        if self._tensor is not None:
            recorded.updated(self)

    @property
    def grad(self) -> Number:
        """The derivative that backward has added up, by this value."""
        return self._grad

    @grad.setter
    def grad(self, grad: Number) -> None:
        self._grad = grad
        if self._tensor is not None and grad == 0:
            recorded.cleared(self)

    @property
    def label(self) -> str:
        """Its name, "" if it has none."""
        return self._label

    @label.setter
    def label(self, label: str) -> None:
        self._label = label
        if self._tensor is not None:
            recorded.named(self)

    @property
    def _op(self) -> str:
        """What made it, as micrograd writes it: "+", "*", "**2", "ReLU"; "" for a value of the user's."""
        if self._code <= OWN:
            return str(self._b)
        if self._code == FOLDED:
            return SYMBOLS[ADD]
        return f"**{self._b}" if self._code == POW else SYMBOLS[self._code]

    @property
    def _prev(self) -> set[Value]:
        """The values that it was computed from."""
        return set(children(self))

    @property
    def _node(self) -> Any:
        """The engine's node of it, while it is recorded."""
        return None if self._tensor is None else self._tensor._node

    @property
    def _backward(self) -> Callable[[], None]:
        """Adds to the gradients of what it was computed from; may be set, for an operation of one's own."""
        if self._code == FOLDED:
            unfold(self)
        return self._rule or functools.partial(push_back, self)

    @_backward.setter
    def _backward(self, rule: Callable[[], None]) -> None:
        if self._code == FOLDED:
            unfold(self)
        self._rule = rule

    def backward(self) -> None:
        """Set the gradient of this value to 1, and add to that of every value before it."""
        order = computed(self)
        if state.recorder is not None:
            recorded.backward(self, state.recorder)
        self._grad = 1
        for value in reversed(order):
            code = value._code
            if code == ADD and value._rule is None:  # as `push_back` does, without a call
                g = value._grad
                value._a._grad += g
                value._b._grad += g
            elif code == MUL and value._rule is None:
                g, a, b = value._grad, value._a, value._b
                a._grad += b._data * g
                b._grad += a._data * g
            elif code == FOLDED:
                push_folded(value)
            elif code == RELU and value._rule is None:
                value._a._grad += (value._data > 0) * value._grad
            else:
                push_back(value)

    def __add__(self, other: Value | Number) -> Value:
        if not isinstance(other, Value):
            other = number(other)
        if listening.ever:
            return made(self._data + other._data, ADD, self, other)
        value = _new(Value)  # `made`, written out: most operations are sums and products
        value._data = self._data + other._data
        value._grad = 0
        value._code = ADD
        value._a = self
        value._b = other
        value._label = ""
        value._rule = value._tensor = None
        return value

    def __mul__(self, other: Value | Number) -> Value:
        if not isinstance(other, Value):
            other = number(other)
        if listening.ever:
            return made(self._data * other._data, MUL, self, other)
        value = _new(Value)
        value._data = self._data * other._data
        value._grad = 0
        value._code = MUL
        value._a = self
        value._b = other
        value._label = ""
        value._rule = value._tensor = None
        return value

    def __pow__(self, other: Number) -> Value:
        if not isinstance(other, (int, float)):
            raise TypeError("only int and float powers are supported")
        return made(self._data**other, POW, self, other)

    def __rpow__(self, other: Number) -> Value:
        return made(other**self._data, RPOW, self, other)

    def relu(self) -> Value:
        """max(x, 0)."""
        return made(0 if self._data < 0 else self._data, RELU, self, None)

    def tanh(self) -> Value:
        """The hyperbolic tangent."""
        return made(math.tanh(self._data), TANH, self, None)

    def exp(self) -> Value:
        """eˣ."""
        return made(math.exp(self._data), EXP, self, None)

    def log(self) -> Value:
        """The natural logarithm. Errors: ValueError unless the number is positive."""
        return made(math.log(self._data), LOG, self, None)

    def sigmoid(self) -> Value:
        """1 / (1 + e⁻ˣ)."""
        x = self._data
        return made(
            1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x)), SIGMOID, self, None
        )

    def __neg__(self) -> Value:
        return self * -1

    __radd__ = __add__

    def __sub__(self, other: Value | Number) -> Value:
        return self + (-other)

    def __rsub__(self, other: Number) -> Value:
        return other + (-self)

    __rmul__ = __mul__

    def __truediv__(self, other: Value | Number) -> Value:
        return self * other**-1

    def __rtruediv__(self, other: Number) -> Value:
        return other * self**-1

    def __repr__(self) -> str:
        return f"Value(data={self._data}, grad={self._grad})"


_new = Value.__new__


def made(data: Number, code: int, a: Any, b: Any) -> Value:
    """The result of an operation; `b` is a value, or the number in a power; see also `folded`."""
    value = _new(Value)
    value._data = data
    value._grad = 0
    value._code = code
    value._a = a
    value._b = b
    value._label = ""
    value._rule = value._tensor = None
    if listening.ever and state.recorder is not None:
        recorded.made(value, state.recorder)
    return value


def number(data: Number) -> Value:
    """A plain number as an operand."""
    value = Value(data)
    value._code = NUMBER
    return value


def children(value: Value) -> tuple[Value, ...]:
    """What a value was computed from, in order."""
    if value._code == FOLDED:
        unfold(value)
    code = value._code
    if code <= NUMBER:
        return ()
    if code == OWN:
        return tuple(value._a)
    return (value._a, value._b) if code in (ADD, MUL) else (value._a,)


def push_back(value: Value) -> None:
    """Add to the gradients of the values that this one was computed from."""
    code, g = value._code, value._grad
    if code <= NUMBER:
        return
    if value._rule is not None:
        value._rule()
    elif code == MUL:
        a, b = value._a, value._b
        a._grad += b._data * g
        b._grad += a._data * g
    elif code == ADD:
        value._a._grad += g
        value._b._grad += g
    elif code == RELU:
        value._a._grad += (value._data > 0) * g
    elif code == POW:
        a, n = value._a, value._b
        a._grad += (n * a._data ** (n - 1)) * g
    elif code == TANH:
        value._a._grad += (1 - value._data**2) * g
    elif code == EXP:
        value._a._grad += value._data * g
    elif code == LOG:
        value._a._grad += g / value._a._data
    elif code == SIGMOID:
        value._a._grad += value._data * (1 - value._data) * g
    elif code == RPOW:
        value._a._grad += value._data * math.log(value._b) * g
