"""The graph behind values: in order, and as flat arrays. All of it is iterative: depth does not matter."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .codes import ADD, FOLDED, MUL, NUMBER, OWN, POW, RPOW
from .folded import unfold

if TYPE_CHECKING:
    from .value import Value


_OF_TWO = (ADD, MUL)
_code = operator.attrgetter("_code")


def behind(roots: Iterable[Value]) -> list[Value]:
    """Every value that the roots were computed from and the roots themselves, each after its children."""
    order: list[Value] = []
    seen: set[Value] = set()
    stack: list[Value | None] = list(roots)
    while stack:
        value = stack.pop()
        if value is None:  # what lies on top of the mark is done: so is the value below it
            done = stack.pop()
            assert done is not None
            order.append(done)
            continue
        if value in seen:
            continue
        seen.add(value)
        if value._code == FOLDED:
            unfold(value)
        code = value._code
        if code <= NUMBER:
            order.append(value)
        elif code in _OF_TWO:
            stack += (value, None, value._a, value._b)
        elif code == OWN:
            stack += (value, None, *value._a)
        else:
            stack += (value, None, value._a)
    return order


def computed(root: Value) -> list[Value]:
    """The values behind `root` that were computed, and the root, each after its children.

    For backward, in the order of `behind`; but a weighted sum stays one value, unless backward has run
    through it before: its steps add up gradients from then on.
    """
    order: list[Value] = []
    seen: set[Value] = set()
    leaves: dict[Value, tuple[Value, ...]] = {}  # weights that nothing has computed, by the first of them
    layers: set[int] = set()  # ids of what the neurons of a layer have in common
    stack: list[Value | None] = [root] if root._code > NUMBER else []
    while stack:
        value = stack.pop()
        if value is None:  # see `behind`
            done = stack.pop()
            assert done is not None
            order.append(done)
            continue
        if value in seen:
            continue
        seen.add(value)
        if value._code == FOLDED:
            if value._b[2] is None:
                stack += (value, None)
                bias, weights, inputs = value._a
                if bias._code or (weights and leaves.get(weights[0]) != weights):
                    if bias._code or any(map(_code, weights)):  # seldom: most are leaves, whose code is 0
                        stack += [v for v in (bias, *weights) if v._code > NUMBER]
                    else:
                        leaves[weights[0]] = weights  # a neuron's: each sample comes by here
                if id(inputs) not in layers:
                    layers.add(id(inputs))
                    stack += [x for x in inputs if x._code > NUMBER and x not in seen]
                continue
            unfold(value)
        code = value._code
        if code in _OF_TWO:
            stack += (value, None)
            a, b = value._a, value._b
            if a._code > NUMBER:
                stack.append(a)
            if b._code > NUMBER:
                stack.append(b)
        elif code == OWN:
            stack += (value, None)
            stack += [v for v in value._a if v._code > NUMBER]
        else:
            stack += (value, None)
            if value._a._code > NUMBER:
                stack.append(value._a)
    return order


@dataclass(frozen=True, slots=True)
class Tape:
    """A graph of scalars as flat arrays, one row for each value, children first.

    `code`: see `codes`; `a`, `b`: rows of the operands, or −1; `number`: the constant of a power; `data`: the
    values. A graph with an operation of the user's own has no tape.
    """

    code: np.ndarray
    a: np.ndarray
    b: np.ndarray
    number: np.ndarray
    data: np.ndarray


def tape_of(roots: Iterable[Value]) -> Tape:
    """The graph behind values as arrays. Errors: ValueError for an operation of the user's own."""
    return table_of(behind(roots))


def table_of(order: list[Value]) -> Tape:
    """The same for values in order, children first."""
    row = {value: i for i, value in enumerate(order)}
    count = len(order)
    a, b = np.full(count, -1, np.int32), np.full(count, -1, np.int32)
    number = np.zeros(count)
    for i, value in enumerate(order):
        code = value._code
        if code <= NUMBER:
            continue
        if code == OWN:
            raise ValueError(f"the operation {value._op!r} is the user's own")
        a[i] = row[value._a]
        if code in _OF_TWO:
            b[i] = row[value._b]
        elif code in (POW, RPOW):
            number[i] = value._b
    return Tape(
        np.array([value._code for value in order], np.int8),
        a,
        b,
        number,
        np.array([value._data for value in order], np.float64),
    )
