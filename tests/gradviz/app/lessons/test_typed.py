"""What is typed into a lesson's text must be the engine's: what is not is told."""

from pathlib import Path

import pytest

from gradviz.app.anchors import Anchors
from gradviz.app.lessons.arithmetic import equations, written_numbers
from gradviz.app.lessons.model import LessonError
from gradviz.app.lessons.proofs import formula_faults
from gradviz.app.lessons.reader import read_lesson
from gradviz.app.lessons.typed import typed_faults
from tests.programs import neuron

from .folders import CHINESE, ENGLISH, TOML, write_lesson

NEURON = Anchors([neuron()])
SETUP = "import gradviz as torch\nrate = 0.125\n"


@pytest.mark.parametrize(
    "text",
    [
        "1·3 + (−2)·2 + 4·2 = 7.",
        "It is (32 − 5 + 0)/1 + 1 = 28, no more.",
        "2^3 = 8 = 4 + 4",
        "−ln 0.5 = 0.693",
        "√64 · 0.02 = 0.16",
        "about 1/3 ≈ 0.33",
        "1,000 · 2 = 2,000",
        "3 · 1e−3 = 0.003",
    ],
)
def test_right_arithmetic(text: str) -> None:
    found = list(equations(text))
    assert found
    assert all(equation.holds for equation in found)


@pytest.mark.parametrize(
    "text",
    ["1·3 + 2 = 6", "1/3 ≈ 0.34", "2 = 1 + 1 = 3", "ln 2 = 0.71", "1,000 + 1 = 1,002", "0.5 − 0.1 = 0.40001"],
)
def test_wrong_arithmetic(text: str) -> None:
    assert not all(equation.holds for equation in equations(text))


@pytest.mark.parametrize("text", ["§ − 1 = 4", "x = 3", "2 · § = 5", "(1 + = 3", "4 × 4 pixels", "conv1 = 3"])
def test_what_is_no_equation_of_numbers(text: str) -> None:
    assert list(equations(text)) == []


def test_names_are_no_numbers() -> None:
    text = "LeNet-5, ResNet-18, float32 and x1 have 61,706 or 2.5 of them, 3e−4 at least."
    assert [(number.text, number.value) for number in written_numbers(text)] == [
        ("61,706", 61706.0),
        ("2.5", 2.5),
        ("3e−4", 3e-4),
    ]


def faults(folder: Path, words: str, toml: str = "") -> list[str]:
    """What is told of a lesson whose first step says this, in both languages."""
    write_lesson(
        folder,
        TOML + toml,
        ENGLISH.replace("Nothing yet.", words),
        CHINESE.replace("还什么都没有。", words),
        SETUP,
    )
    found: list[LessonError] = [
        *typed_faults(lesson := read_lesson(folder), NEURON),
        *formula_faults(lesson, NEURON),
    ]
    return [f"{fault.path.name}:{fault.line}: {fault.message}" for fault in found]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("There are 61,706 weights.", "the number 61,706 is typed"),
        ("The sum is 6.89.", "the number 6.89 is typed"),
        ("2 · 3 = 7.", "2 · 3 = 7 is not true"),
        ('{{ value("x1") }} · 2 = 5', "is not true"),
        ("1 − 0.02 · 5.37 = {{ 1 - 0.02 * 5 }}", "is not true"),  # only as 0.9 is no rounded number
        ("$n = x_1 w_1$", "the formula $n = x_1 w_1$ has no proof"),
        ("$h \\le 3 x$", "has no proof"),
        ("$77 x$", "the number 77 is typed"),
        ("$x = 77$", "the number 77 is typed"),
    ],
)
def test_what_is_typed_and_not_the_engines_is_told_in_each_language(
    tmp_path: Path, words: str, told: str
) -> None:
    found = faults(tmp_path, words)
    assert len(found) == 2
    assert found[0].startswith("lesson.en.md:5: step 'start': ")
    assert found[1].startswith("lesson.zh_CN.md:5: step 'start': ")
    assert all(told in fault for fault in found)


@pytest.mark.parametrize(
    "words",
    [
        "The rate is 0.125.",  # the code has it
        "The bias is 6.8813735870195432.",  # so has the recording
        '2 · {{ value("x1") }} = 4 and 2 · 3 + 1 = 7',
        "{{ 1 / 3 }} = 0.333 and 2/3 = {{ 2 / 3 }}",
        "{{ 12 * 2 }} is twice 12.",
        "See `conv(77)` and [more](lesson:03-77); Rumelhart (1986) said so.",
        "1. first\n2. second\n3. third",
        "$x = 0.125$ and $2x$, $10^{-7}$ and $x^7$, $w_{34}$",
    ],
)
def test_what_is_the_engines_may_be_typed(tmp_path: Path, words: str) -> None:
    assert faults(tmp_path, words) == []


def test_a_number_is_declared_with_its_value_or_with_a_reason(tmp_path: Path) -> None:
    words, number = "There are 61,706 of them.", '[[numbers]]\ntext = "61,706"\n'
    assert faults(tmp_path, words, number + 'value = "61700 + 6"\n') == []
    assert faults(tmp_path, words, number + 'why = "an example"\n') == []
    (wrong,) = faults(tmp_path, words, number + 'value = "61700 + 7"\n')
    assert "the number 61,706 is not what its expression gives: 61707" in wrong
    assert len(faults(tmp_path, "None.", number + 'why = "an example"\n')) == 2  # it stands in no text
    for keys in ("", 'value = "1"\nwhy = "both"\n', 'value = "import os"\n'):
        with pytest.raises(LessonError, match=r"lesson\.toml:\d+"):
            faults(tmp_path, words, number + keys)


def test_a_formula_is_proved_by_the_engine(tmp_path: Path) -> None:
    proof = '[[formulas]]\nid = "double"\ntext = "x_1 + x_1 = 2 x_1"\nleft = \'value("x1") + value("x1")\'\n'
    assert faults(tmp_path, "$x_1 + x_1 = 2 x_1$", proof + "right = '2 * value(\"x1\")'\n") == []
    (wrong,) = faults(tmp_path, "$x_1 + x_1 = 2 x_1$", proof + "right = '3 * value(\"x1\")'\n")
    assert "formula 'double' is not true" in wrong
