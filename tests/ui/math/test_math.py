"""Formulas are set, broken, shrunk, scrolled, and shown as their source where they cannot be read."""

import re

import gradviz.engine.ops  # noqa: F401  (fills the registry)
import numpy as np
import pytest
from gradviz.engine.element import Call, Ref
from gradviz.engine.op import REGISTRY
from gradviz.ui.fonts import ui_font
from gradviz.ui.math.breaks import pieces
from gradviz.ui.math.flow import lay_out, split
from gradviz.ui.math.image import math_image
from gradviz.ui.math.label import SMALLEST, MathLabel
from gradviz.ui.math.typeset import EM, outline
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QImage, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.app.element_numbers import written_out
from tests.gradviz.app.test_element_numbers import run, samples

pytestmark = pytest.mark.usefixtures("qapp")  # measuring text needs an application

WIDE = r"$\text{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}$"


# Setting.


def test_every_formula_of_the_registry_can_be_set() -> None:
    for op in REGISTRY.values():
        for tex in (op.formula, *op.derivatives):
            assert not tex or outline(tex) is not None, f"{op.name}: {tex}"


def test_every_element_of_every_op_can_be_set_with_its_numbers() -> None:
    seen: set[str] = set()  # setting takes long, and other digits change nothing
    for op, sample in samples():
        out = run(op, sample)
        if not out.size:
            continue
        index = tuple(n - 1 for n in out.shape)
        expr = op.element(index, *sample.inputs, **sample.attrs)
        line = written_out("$y =$", expr, list(sample.inputs), float(out[index]))
        for segment in split(line):
            text = re.sub(r"\d", "1", segment.text)
            if segment.math and text not in seen:
                assert outline(text) is not None, f"{op.name}: {segment.text}"
            seen.add(text)


def test_signs_words_and_odd_numbers_can_be_set() -> None:
    for name in ("not", "floor", "sin", "argmax", "where", "sign"):
        expr = Call(
            name, (Ref(0, (0,)), Ref(0, (1,)), Ref(0, (2,)))[: {"where": 3, "argmax": 2}.get(name, 1)]
        )
        for value in (np.nan, np.inf, -1e-30):
            line = written_out("$y =$", expr, [np.array([value, 2.0, 3.0])], 1.0)
            assert all(outline(segment.text) for segment in split(line) if segment.math), line


def test_the_baseline_is_at_zero() -> None:
    letter, deep = outline("x"), outline(r"\dfrac{a}{b}")
    assert letter is not None
    assert deep is not None
    assert abs(letter.path.boundingRect().bottom()) < 0.05 * EM
    assert deep.path.boundingRect().top() >= -deep.ascent - 1
    assert 0.3 * EM < deep.path.boundingRect().bottom() <= deep.descent + 1


def test_bold_is_kept_apart() -> None:
    shape = outline(r"a \cdot \mathbf{0.5}")
    assert shape is not None
    assert shape.strong.boundingRect().left() > shape.path.boundingRect().left()
    assert outline("a").strong.isEmpty()  # type: ignore[union-attr]


@pytest.mark.parametrize("tex", [r"\frac{a}", "{", r"\nosuchcommand", "x_{", "^"])
def test_what_cannot_be_read_is_none(tex: str) -> None:
    assert outline(tex) is None


# Breaking.


@pytest.mark.parametrize(
    ("tex", "parts"),
    [
        ("y = a + b", ["y", "= a", "{}+ b"]),
        (r"\dfrac{a=b}{c} = (x-y) - z^{a+b}", [r"\dfrac{a=b}{c}", "= (x-y)", "{}- z^{a+b}"]),
        (r"-x + \left(a+b\right) = |c-d|", ["{}-x", r"{}+ \left(a+b\right)", "= |c-d|"]),
        (r"w \cdot -3", [r"w \cdot -3"]),
        (r"\max(0, -x)", [r"\max(0, -x)"]),
    ],
)
def test_formulas_break_before_signs_outside_of_brackets(tex: str, parts: list[str]) -> None:
    assert pieces(tex) == parts
    assert all(outline(part) is not None for part in parts)


def test_every_piece_of_every_formula_can_be_set() -> None:
    for op in REGISTRY.values():
        for tex in filter(None, (op.formula, *op.derivatives)):
            assert all(outline(part) is not None for part in pieces(tex)), f"{op.name}: {pieces(tex)}"


@given(st.text(alphabet="a $\\{}_^=+-", max_size=30))
def test_any_text_can_be_laid_out(text: str) -> None:
    lay_out(text, 50, ui_font())
    lay_out(text, 50, ui_font(), breaking=True)


@given(st.floats(30, 600))
def test_lines_stay_within_the_width_where_items_do(width: float) -> None:
    text = " ".join(f"$+\\,{i}\\cdot 0.5$" for i in range(12)) + " (… 4 more)"
    block = lay_out(text, width, ui_font())
    widest = max(item.width for item in block.items)
    for item in block.items:
        assert item.x + item.width <= max(width, widest + 1.5 * block.pixels) + 0.01
    baselines = [item.baseline for item in block.items]
    assert baselines == sorted(baselines)


def test_dollar_signs_can_be_escaped() -> None:
    assert [s.text for s in split(r"costs \$5 and $x$")] == ["costs $5 and ", "x"]


# The label.


def label(qtbot: QtBot, text: str, width: int) -> MathLabel:
    made = MathLabel()
    qtbot.addWidget(made)
    made.set_text(text)
    made.resize(width, made.heightForWidth(width))
    made.show()
    return made


def ink(image: QImage) -> int:
    """How many pixels differ from the corner."""
    ground = image.pixelColor(image.width() - 1, image.height() - 1)
    return sum(image.pixelColor(x, y) != ground for x in range(image.width()) for y in range(image.height()))


def test_label_wraps_then_shrinks_then_scrolls(qtbot: QtBot) -> None:
    made = label(qtbot, r"$y =$ $a \cdot b$ $+\,c \cdot d$ $+\,e \cdot f$", 600)
    one = made.heightForWidth(600)
    assert made.heightForWidth(90) > 2 * one
    assert not made.is_cut()
    fraction = label(qtbot, rf"$\dfrac{{{'x' * 30}}}{{2}}$", 600)
    natural = lay_out(fraction.text(), 1e6, fraction.font()).width
    fraction.resize(int(natural * 0.8), fraction.height())
    assert SMALLEST < fraction.scale() < 1
    assert not fraction.is_cut()
    fraction.resize(int(natural * 0.5), fraction.height())
    assert fraction.scale() == SMALLEST
    assert fraction.is_cut()
    assert fraction.focusPolicy() == Qt.FocusPolicy.TabFocus


def test_cut_label_scrolls_by_keys_wheel_and_drag(qtbot: QtBot) -> None:
    made = label(qtbot, WIDE, 120)
    assert made.is_cut()
    start = made.grab().toImage()
    QTest.keyClick(made, Qt.Key.Key_Right)
    moved = made.grab().toImage()
    assert moved != start
    QTest.keyClick(made, Qt.Key.Key_Left)
    assert made.grab().toImage() == start
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ShiftModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(made, wheel)
    assert made.grab().toImage() != start


def test_label_shows_source_of_bad_formulas(qtbot: QtBot) -> None:
    made = label(qtbot, r"$\frac{a}$", 300)
    block = lay_out(made.text(), 300, made.font())
    assert "".join(item.text for item in block.items) == r"$\frac{a}$"
    assert ink(made.grab().toImage()) > 50


def test_label_paints_in_its_colours(qtbot: QtBot) -> None:
    made = label(qtbot, r"$a \mathbf{b}$", 80)
    made.set_colours(QColor(0, 0, 255), QColor(255, 0, 0))
    image = made.grab().toImage()
    colours = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    assert any(c.blue() > 200 and c.red() < 120 and c.green() < 120 for c in colours)
    assert any(c.red() > 200 and c.blue() < 120 and c.green() < 120 for c in colours)


def test_label_has_an_accessible_name(qtbot: QtBot) -> None:
    made = label(qtbot, "$x$", 80)
    made.set_text("$y$", "y spoken")
    assert made.accessibleName() == "y spoken"


def test_image_is_sharp_on_fine_screens(qapp: QApplication) -> None:
    coarse = math_image(r"\dfrac{a}{b}", QColor("black"), 1.0, ui_font())
    fine = math_image(r"\dfrac{a}{b}", QColor("black"), 2.0, ui_font())
    assert fine.image.width() == 2 * coarse.image.width()
    assert fine.image.deviceIndependentSize() == coarse.image.deviceIndependentSize()
    assert 0 < coarse.baseline < coarse.image.height()
