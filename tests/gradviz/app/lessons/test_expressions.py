"""Expressions calculate with the engine's numbers, and can do nothing else."""

import ast
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.app.anchors import Anchors
from gradviz.app.lessons.expressions import (
    MAX_LENGTH,
    ExpressionError,
    calculate,
    evaluate,
    fill,
    format_answer,
    parse_expression,
    placeholders,
)
from tests.program_builder import Builder
from tests.programs import lenet_like, neuron

NEURON = Anchors([neuron()])
LENET = Anchors([lenet_like(), lenet_like(seed=1)])


def test_values_and_gradients_by_name() -> None:
    assert evaluate('value("x1")', NEURON) == 2.0
    assert evaluate('value("w1") * value("x1")', NEURON) == evaluate('value("x1w1")', NEURON) == -6.0
    assert evaluate('abs(grad("o") - 1) < 0.001', NEURON) is True
    slot = NEURON.program().bound("x1.grad", len(NEURON.program()))
    assert slot is not None
    assert evaluate('grad("x1")', NEURON) == NEURON.program().values[slot].item()


def test_shapes_and_pieces() -> None:
    assert evaluate('shape("conv1/conv2d")', LENET) == (1, 6, 28, 28)
    assert evaluate('shape("conv1.weight")[0] * 2', LENET) == 12
    patch = evaluate('sum(value("x")[0, 0, 3:8, 4:9] * value("conv1.weight", when="start")[0, 0])', LENET)
    program = LENET.program()
    x = program.values[LENET.slot("x")]
    w = program.values[LENET.slot("conv1.weight", when="start")]
    assert patch == pytest.approx(float((x[0, 0, 3:8, 4:9] * w[0, 0]).sum()))
    assert evaluate('size(value("fc1.weight"))', LENET) == 48000
    assert evaluate('argmax(value("fc3/linear"))', LENET) == int(
        np.argmax(program.values[LENET.slot("fc3/linear")])
    )


def test_other_iterations_and_places() -> None:
    first, second = (evaluate(f'value("conv1.bias", iteration={i})[0]', LENET) for i in (0, 1))
    assert first != second
    before = evaluate('value("conv1.bias", when="start")[0]', LENET)
    assert evaluate('value("conv1.bias", 0, "start")[0]', LENET) == before != first


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1 + 2 * 3", 7),
        ("-(2 ** 3)", -8),
        ("7 // 2 + 7 % 2", 4),
        ("1 if 2 > 1 and not 3 < 2 else 0", 1),
        ("round(10 / 3, 2)", 3.33),
        ("max((1, 5, 2)) + min((1, 5, 2)) + len((1, 2))", 8),
        ("log(exp(2)) + sqrt(9) + tanh(0)", 5.0),
        ("e ** 1 - exp(1) + pi - pi", 0.0),
        ("mean((1, 2, 3)) + norm((3, 4)) + count_zero((0, 1, 0))", 9.0),
        ('"a" if 1 <= 2 else "b"', "a"),
        ("(1, 2) == (1, 2)", True),
    ],
)
def test_arithmetic(source: str, value: Any) -> None:
    assert evaluate(source, NEURON) == pytest.approx(value)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "1 +",
        "import os",
        "x = 1",
        "value",
        "w1",
        "__import__",
        '__import__("os")',
        'open("x")',
        'eval("1")',
        'value("x1").__class__',
        "().__class__.__bases__",
        '"".join',
        "(lambda: 1)()",
        "lambda: 1",
        "[1, 2]",
        "{1: 2}",
        "{1, 2}",
        "[x for x in (1, 2)]",
        'f"{1}"',
        "1 if (x := 2) else 3",
        "await 1",
        "yield 1",
        "*(1, 2)",
        "print(1)",
        'value(*("x1",))',
        'value(**{"name": "x1"})',
        'value("x1", file="x")',
        "value()",
        "value(name='x1')",
        "abs(1, 2)",
        "abs()",
        "abs(x=1)",
        "value(1)",
        'value("x1", iteration="0")',
        'value("x1", iteration=1.5)',
        'value("x1", iteration=-1)',
        'value("x1", iteration=True)',
        'value("x1", iteration=7)',
        'value("nobody")',
        'grad("x1", when="nowhere")',
        'value("x1")[0]',
        'value("x1", 0, "end", 3)',
        'b"bytes"',
        "1j",
        "(-1) ** 0.5",
        "None",
        "...",
        "1 < 2 < 3",
        "1 in (1, 2)",
        "1 is 1",
        "1 << 2",
        "~1",
        "1 @ 2",
        '"a" * 3',
        '"a" + "b"',
        "(1, 2) * 3",
        '-"a"',
        "(1, 2)[5]",
        '(1, 2)["a"]',
        "1 / 0",
        "1 % 0",
        "99999999999999999999",
        "2 ** 65",
        "2 ** 63 * 4",
        "(2 ** 60) ** 60",
        "9.0 ** 9999",
        "1e308 ** 64",
        "len(3)",
        'round("a")',
        "1" + "+1" * MAX_LENGTH,
        "(" * 240 + "1" + ")" * 240,
        "-" * 400 + "1" + "+" * 200,
    ],
)
def test_nothing_else_is_possible(source: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(source, NEURON)


def test_arrays_do_not_grow_without_bound() -> None:
    b = Builder()
    b.leaf((4000, 1), "tall")
    b.leaf((1, 4000), "wide")
    anchors = Anchors([b.program()])
    assert evaluate('size(value("tall") * 2)', anchors) == 4000
    for source in ('value("tall") * value("wide")', 'value("tall") < value("wide")'):
        with pytest.raises(ExpressionError, match="elements"):
            evaluate(source, anchors)


@given(st.text("()[]{}+-*/%.,:;=<>!'\"abvx_0123456789 \n", max_size=60))
def test_any_text_gives_a_value_or_an_expression_error(source: str) -> None:
    with suppress(ExpressionError):
        evaluate(source, NEURON)


_LEAVES = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False).map(repr),
    st.sampled_from(['value("w1")', 'grad("x2")', '"text"', "(1, 2)", "pi", "inf", "True", "None", "w"]),
)
_OPERATORS = ("+", "-", "*", "/", "//", "%", "**", "<", "==", "and", "or", "@", "<<")
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(_OPERATORS), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        st.tuples(st.sampled_from(["abs", "exp", "sum", "round", "value", "open", "-", "not "]), inner).map(
            lambda parts: f"{parts[0]}({parts[1]})"
        ),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} if {parts[1]} else {parts[2]})"),
        st.tuples(inner, inner).map(lambda parts: f"{parts[0]}[{parts[1]}]"),
        inner.map(lambda part: f"{part}.real"),
    ),
    max_leaves=12,
)


@given(_TREES)
def test_any_expression_comes_to_an_end_and_gives_plain_things(source: str) -> None:
    try:
        value = evaluate(source, NEURON)
    except ExpressionError:
        return
    assert isinstance(value, bool | int | float | str | tuple | np.ndarray)


@given(_TREES)
def test_what_is_accepted_has_no_attributes_and_calls_only_known_functions(source: str) -> None:
    try:
        tree = parse_expression(source)
    except ExpressionError:
        return
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Attribute | ast.Lambda | ast.NamedExpr | ast.Starred)
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            assert node.func.id in {"abs", "exp", "sum", "round", "value", "grad"}


def test_placeholders_are_filled_in() -> None:
    text = 'It is {{ value("x1") }} · {{value("w1")}} = {{ value("x1") * value("w1") }}, {{ "yes" }}'
    assert list(placeholders(text)) == ['value("x1")', 'value("w1")', 'value("x1") * value("w1")', '"yes"']
    assert fill(text, NEURON) == "It is 2 · −3 = −6, yes"
    assert fill("nothing", NEURON) == "nothing"
    assert fill("{{ 1 + 1 }}. The", NEURON) == r"2\. The", "else Markdown begins a list"
    assert fill("> {{ 1 + 1 }}) a", NEURON) == r"> 2\) a"
    assert fill("{{ 1 + 1 }}.5 and {{ 1 + 1 }}. It", NEURON) == "2.5 and 2. It"
    with pytest.raises(ExpressionError):
        fill("{{ nothing }}", NEURON)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0.1235"),
        (-1.5, "−1.5"),
        (3, "3"),
        (-3, "−3"),
        ((1, 6, 28, 28), "1×6×28×28"),
        ((), "()"),
        (True, "True"),
        ("as it is - really", "as it is - really"),
        (np.array([1.0, -2.5]), "[1, −2.5]"),
        (np.array([-1, 20]), "[−1, 20]"),
    ],
)
def test_how_answers_are_written(value: Any, text: str) -> None:
    assert format_answer(value) == text


def test_plain_arithmetic_needs_no_tensors() -> None:
    assert calculate("-0.75 * 0.5") == -0.375
    for source in ("True", '"a"', "(1, 2)", 'value("x")'):
        with pytest.raises(ExpressionError):
            calculate(source)
