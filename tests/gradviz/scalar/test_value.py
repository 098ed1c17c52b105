"""One number at a time: micrograd's examples, every operation's derivative, and graphs that are deep."""

import gc
import math
import weakref
from collections.abc import Callable

import numpy as np
import pytest
from gradviz.engine.gradcheck import slope

from gradviz import Value
from gradviz.scalar.codes import ADD, LEAF, MUL, NUMBER, POW
from gradviz.scalar.order import behind, tape_of


def test_an_expression_with_everything_in_it() -> None:
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert g.data == pytest.approx(24.70408163265306, rel=1e-15)
    assert a.grad == pytest.approx(138.83381924198252, rel=1e-14)
    assert b.grad == pytest.approx(645.5772594752186, rel=1e-14)


OPERATIONS: list[Callable[[Value], Value]] = [
    lambda x: x + 3,
    lambda x: 3 + x,
    lambda x: x - 3,
    lambda x: 3 - x,
    lambda x: x * 3,
    lambda x: 3 * x,
    lambda x: x / 3,
    lambda x: 3 / x,
    lambda x: -x,
    lambda x: x**3,
    lambda x: x**-0.5,
    lambda x: 3**x,
    lambda x: x.relu(),
    lambda x: (-x).relu(),
    lambda x: x.tanh(),
    lambda x: x.exp(),
    lambda x: x.log(),
    lambda x: x.sigmoid(),
    lambda x: (-x).sigmoid(),
    lambda x: x * x + x,
    lambda x: x / (x + 1),
    lambda x: (x - x.exp()).tanh() * x.log(),
]


@pytest.mark.parametrize("number", range(len(OPERATIONS)))
def test_derivatives(number: int) -> None:
    at = 0.7
    x = Value(at)
    OPERATIONS[number](x).backward()
    numeric = slope(lambda by: float(OPERATIONS[number](Value(at + by)).data), 1e-3, 1e-5)
    assert numeric.smooth
    assert x.grad == pytest.approx(numeric.value, rel=1e-8, abs=1e-10)


def test_how_it_looks() -> None:
    a = Value(2, label="a")
    b = a * 3
    assert repr(a) == "Value(data=2, grad=0)"
    b.backward()
    assert (repr(a), repr(b)) == ("Value(data=2, grad=3)", "Value(data=6, grad=1)")
    assert a.label == "a"
    made = [a + 1, b, a**2, a.relu(), a.tanh(), a.exp(), a.log(), a.sigmoid(), a]
    assert [value._op for value in made] == ["+", "*", "**2", "ReLU", "tanh", "exp", "log", "sigmoid", ""]
    assert b._prev >= {a}
    assert (a + a)._prev == {a}
    assert a._prev == set()


def test_gradients_add_up_until_they_are_cleared() -> None:
    a = Value(3.0)
    for expected in (6.0, 12.0):
        (a * a).backward()
        assert a.grad == expected
    a.grad = 0
    a.data -= 1
    (a * a).backward()
    assert (a.data, a.grad) == (2.0, 4.0)


def test_an_operation_of_ones_own() -> None:
    def cube(x: Value) -> Value:
        out = Value(x.data**3, (x,), "cube")

        def backward() -> None:
            x.grad += 3 * x.data**2 * out.grad

        out._backward = backward
        return out

    a = Value(2.0)
    y = cube(a) * 10
    y.backward()
    assert (a.grad, y._prev >= {cube(a)}, cube(a)._op) == (120.0, False, "cube")
    with pytest.raises(ValueError, match="the operation 'cube' is the user's own"):
        tape_of([y])


def test_backward_by_hand() -> None:
    a = Value(2.0)
    b = a.tanh()
    c = b * 3
    c.grad = 1.0
    c._backward()
    b._backward()
    assert a.grad == pytest.approx(3 * (1 - math.tanh(2.0) ** 2))


def test_what_is_refused() -> None:
    with pytest.raises(TypeError, match="only int and float powers"):
        Value(2.0) ** Value(3.0)
    with pytest.raises(ValueError, match="math domain|positive"):
        Value(-1.0).log()
    with pytest.raises(ZeroDivisionError):
        1 / Value(0.0)


def test_a_hundred_thousand_in_a_row() -> None:
    x = Value(1.0)
    y = x
    for _ in range(100_000):
        y = y + 1e-5
    y.backward()
    assert x.grad == 1
    assert repr(y).startswith("Value(data=")
    assert len(behind([y])) == 200_001
    tape = tape_of([y])
    assert tape.code[-1] == ADD
    del y  # and falls apart without recursion


def test_a_graph_goes_with_its_last_value() -> None:
    class Watched(Value):
        __slots__ = ("__weakref__",)

    gc.collect()
    gc.disable()
    try:
        middle = Watched(2.0)
        there = weakref.ref(middle)
        y = (middle * 3).exp()
        y.backward()
        del middle
        assert there() is not None
        del y
        assert there() is None
    finally:
        gc.enable()


def test_the_flat_arrays() -> None:
    a, b = Value(2.0), Value(-3.0)
    y = a * b + a**2
    tape = tape_of([y])
    assert sorted(tape.code.tolist()) == sorted([LEAF, LEAF, MUL, POW, ADD])
    values = np.zeros(len(tape.code))
    for i, code in enumerate(tape.code):
        left, right = (values[k] if k >= 0 else 0.0 for k in (tape.a[i], tape.b[i]))
        assert tape.a[i] < i
        values[i] = {
            LEAF: tape.data[i],
            NUMBER: tape.data[i],
            ADD: left + right,
            MUL: left * right,
            POW: left ** tape.number[i],
        }[code]
    np.testing.assert_array_equal(values, tape.data)
