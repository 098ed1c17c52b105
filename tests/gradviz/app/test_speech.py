"""Formulas are spoken as plain text, in every lesson and every op."""

import re

import gradviz.engine.ops  # noqa: F401  (fills the registry)
import pytest
from gradviz.engine.op import REGISTRY

from gradviz.app.lessons.checks import texts_of
from gradviz.app.lessons.library import load_lessons
from gradviz.app.speech import spoken, spoken_markdown


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        (r"\partial L / \partial z_k = p_k - y_k", "∂L / ∂z_k = p_k − y_k"),
        (r"y_{0,3} = (0.5) \cdot (-2) +3\times 10^{-7} = -1", "y_(0,3) = (0.5) · (−2) +3 × 10^(−7) = −1"),
        (r"\dfrac{\partial y}{\partial x_{i}}", "∂y/∂x_i"),
        (r"p_k = \dfrac{e^{z_k}}{\sum_j e^{z_j}}", "p_k = (e^(z_k))/(Σ_j e^(z_j))"),
        (r"h \approx \sqrt[3]{\varepsilon} \cdot |x|", "h ≈ √[3]ε · |x|"),
        (r"w \leftarrow w - \eta\, g", "w ← w − η g"),
        (r"y = \tanh(z), \quad c_R \leq 2 m V", "y = tanh(z), c_R ≤ 2 m V"),
        (r"\mathrm{relu}(x) = \max(0, x)", "relu(x) = max(0, x)"),
        (r"\ln 10", "ln 10"),
    ],
)
def test_formulas(formula: str, said: str) -> None:
    assert spoken(formula) == said


def test_markdown_is_read_without_its_marks() -> None:
    text = "Look at **this**: $y = x^2$ and `a * b`, [more](lesson:03).\n\n> $\\eta$\n\n- one\n- two\n"
    assert spoken_markdown(text) == "Look at this: y = x^2 and a * b, more. η one two"


def test_nothing_of_any_formula_is_left_in_commands() -> None:
    lessons, problems = load_lessons()
    assert len(lessons) == 25
    assert not problems
    parts = [
        part
        for lesson in lessons
        for text in lesson.texts.values()
        for words in text.steps.values()
        for part in texts_of(words)
    ]
    said = [re.sub(r"\{\{.*?\}\}", "", spoken_markdown(re.sub(r"`+[^`]*`+", "", part))) for part in parts]
    said += [spoken(op.formula) for op in REGISTRY.values()]
    said += [spoken(each) for op in REGISTRY.values() for each in op.derivatives]
    assert len(said) > 2000
    wrong = [
        each for each in said if re.search(r"[\\$]|\b(?:d?frac|math(?:rm|bf)|partial|cdot|leftarrow)\b", each)
    ]
    assert wrong == []
