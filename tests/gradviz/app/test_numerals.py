"""Numbers keep their value when they are written, and are written as people write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.app.numerals import MINUS, index_text, number, shape_text, tex_number

FINITE = st.floats(-1e307, 1e307)  # larger ones may be rounded up to infinity


def parsed(text: str) -> float:
    return float(text.replace(MINUS, "-"))


@given(FINITE, st.integers(2, 9))
def test_rounds_to_the_digits_asked_for(x: float, digits: int) -> None:
    assert math.isclose(parsed(number(x, digits)), x, rel_tol=0.51 * 10 ** (1 - digits), abs_tol=5e-324 * 10)


@given(FINITE)
def test_formulas_say_the_same_as_text(x: float) -> None:
    tex = tex_number(x)
    mantissa, _, power = tex.partition(r"\times 10^{")
    value = float(mantissa) * 10.0 ** int(power.rstrip("}") or 0) if power else float(mantissa)
    assert math.isclose(value, parsed(number(x)), rel_tol=1e-9, abs_tol=1e-300)


@given(FINITE)
def test_no_ascii_minus_and_no_superfluous_zeros(x: float) -> None:
    text = number(x)
    assert "-" not in text
    mantissa = text.partition("e")[0]
    assert "." not in mantissa or not mantissa.endswith(("0", "."))


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1 / 3, "0.3333"),
        (-1.5, "−1.5"),
        (784, "784"),
        (416520, "416520"),
        (123456789, "123456789"),
        (1e12, "1e12"),
        (3.1e-7, "3.1e−7"),
        (1e-4, "0.0001"),
        (9.99996, "10"),
        (99999.6, "100000"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "NaN"),
    ],
)
def test_examples(x: float, text: str) -> None:
    assert number(x) == text


def test_formulas_spell_what_is_not_a_number() -> None:
    assert tex_number(-math.inf) == r"-\infty"
    assert tex_number(math.nan) == r"\mathrm{NaN}"


def test_shapes_and_indices() -> None:
    assert (shape_text((1, 6, 28, 28)), shape_text(())) == ("1×6×28×28", "")
    assert (index_text((0, 3)), index_text(())) == ("[0, 3]", "")
