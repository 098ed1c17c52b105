"""Formulas are set, broken, shrunk and shown as their source, and Markdown gets them as pictures."""

from collections.abc import Iterator

import gradviz.engine.ops  # noqa: F401  (fills the registry)
import numpy as np
import pytest
from gradviz.engine.element import Call, Ref
from gradviz.engine.op import REGISTRY
from gradviz.ui.fonts import ui_font
from gradviz.ui.math.breaks import pieces
from gradviz.ui.math.browser import MathTextBrowser, formulas_to_images
from gradviz.ui.math.dress import blocks, fragments
from gradviz.ui.math.flow import lay_out, split
from gradviz.ui.math.image import math_image
from gradviz.ui.math.label import SMALLEST, MathLabel
from gradviz.ui.math.typeset import EM, outline
from gradviz.ui.theme import DARK, LIGHT, ThemeManager
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


@pytest.fixture
def themes(qapp: QApplication) -> ThemeManager:
    return ThemeManager("light")


# Setting.


def test_every_formula_of_the_registry_can_be_set() -> None:
    for op in REGISTRY.values():
        for tex in (op.formula, *op.derivatives):
            assert not tex or outline(tex) is not None, f"{op.name}: {tex}"


def test_every_element_of_every_op_can_be_set_with_its_numbers() -> None:
    for op, sample in samples():
        out = run(op, sample)
        if not out.size:
            continue
        index = tuple(n - 1 for n in out.shape)
        expr = op.element(index, *sample.inputs, **sample.attrs)
        line = written_out("$y =$", expr, list(sample.inputs), float(out[index]))
        for segment in split(line):
            assert not segment.math or outline(segment.text) is not None, f"{op.name}: {segment.text}"


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


# Markdown.

MARKDOWN = r"""# Title

Loss $L$ and `$code$` and $\frac{a}$.

```python
x = "$y$"
```

> Quote $q$

| op | rule |
|---|---|
| `mul` | $y$ |

$$\dfrac{\partial L}{\partial w} = g$$

[link](node:conv1)
"""


@pytest.fixture
def browser(qtbot: QtBot, themes: ThemeManager) -> Iterator[MathTextBrowser]:
    made = MathTextBrowser(themes)
    qtbot.addWidget(made)
    made.resize(360, 600)
    made.show()
    made.set_markdown(MARKDOWN)
    yield made


def test_formulas_outside_of_code_become_pictures() -> None:
    text, formulas = formulas_to_images(MARKDOWN)
    assert formulas == ["L", "q", "y", r"\dfrac{\partial L}{\partial w} = g"]
    assert "`$code$`" in text
    assert 'x = "$y$"' in text
    assert r"$\frac{a}$" in text


def pictures(made: MathTextBrowser) -> list[str]:
    found = []
    for block in blocks(made.document_()):
        for fragment in fragments(block):
            style = fragment.charFormat().toImageFormat()
            found += [style.name()] * len(fragment.text()) if style.isValid() else []
    return found


def test_each_formula_is_shown_once(browser: MathTextBrowser) -> None:
    assert pictures(browser) == [f"math:{i}" for i in range(4)]


def test_formulas_change_with_the_theme(browser: MathTextBrowser, themes: ThemeManager) -> None:
    def darkest() -> int:
        image = browser.grab().toImage()
        return min(image.pixelColor(x, y).lightness() for x in range(20, 340) for y in range(20, 120))

    assert darkest() < 100
    themes.set_choice("dark")
    browser.setStyleSheet(f"background: {DARK.panel.name()}")
    image = browser.grab().toImage()
    lightest = max(image.pixelColor(x, y).lightness() for x in range(20, 340) for y in range(20, 120))
    assert lightest > 200
    assert themes.theme is DARK
    assert LIGHT.text.lightness() < 100


def test_wide_formulas_shrink_with_the_page(browser: MathTextBrowser) -> None:
    browser.set_markdown(rf"$\dfrac{{{'x' * 60}}}{{2}}$")
    for width in (400, 200, 300):
        browser.resize(width, 300)
        (shown,) = [
            fragment.charFormat().toImageFormat()
            for block in blocks(browser.document_())
            for fragment in fragments(block)
            if fragment.charFormat().isImageFormat()
        ]
        assert shown.width() <= width - 24


def test_zoom_by_keys_and_wheel(browser: MathTextBrowser) -> None:
    before = browser.document_().size().height()
    QTest.keyClick(browser, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert browser.zoom() > 1
    assert browser.document_().size().height() > before
    QTest.keyClick(browser, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert browser.zoom() == 1
    for _ in range(30):
        QTest.keyClick(browser, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert browser.zoom() == pytest.approx(0.6)


def test_links_are_signalled_and_nothing_is_opened(qtbot: QtBot, browser: MathTextBrowser) -> None:
    cursor = browser.document_().find("link")
    cursor.setPosition(cursor.selectionStart() + 2)
    place = browser.cursorRect(cursor).center()
    assert browser.anchorAt(place) == "node:conv1"
    with qtbot.waitSignal(browser.link_clicked) as blocker:
        qtbot.mouseClick(browser.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert blocker.args == ["node:conv1"]
    assert browser.toPlainText().startswith("Title")


def test_pictures_from_elsewhere_are_not_fetched(browser: MathTextBrowser) -> None:
    browser.set_markdown("![x](https://example.com/x.png)")
    browser.grab()
    assert pictures(browser) == ["https://example.com/x.png"]
