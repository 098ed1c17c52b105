"""Markdown gets its formulas as pictures that fit text, theme and page."""

import numpy as np
import pytest
from gradviz.ui.math.browser import MathTextBrowser, formulas_to_images
from gradviz.ui.math.dress import blocks, fragments
from gradviz.ui.theme import DARK, LIGHT, ThemeManager
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot


@pytest.fixture
def themes(qapp: QApplication) -> ThemeManager:
    return ThemeManager("light")


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
def browser(qtbot: QtBot, themes: ThemeManager) -> MathTextBrowser:
    made = MathTextBrowser(themes)
    qtbot.addWidget(made)
    made.resize(360, 600)
    made.show()
    made.set_markdown(MARKDOWN)
    return made


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


@pytest.mark.parametrize("zoom", [1.0, 1.3, 2.0])
@pytest.mark.parametrize("between", ["", r"$\dfrac{a}{b}$", r"$y$", r"$v^2$"])
def test_formulas_stand_on_the_line_of_the_text(browser: MathTextBrowser, between: str, zoom: float) -> None:
    browser.set_zoom(zoom)
    browser.set_markdown(f"$H$ {between} and H")
    image = browser.viewport().grab().toImage()
    ink = np.array(
        [
            [image.pixelColor(x, y).lightness() < 128 for x in range(image.width())]
            for y in range(browser.document_().size().toSize().height())
        ]
    )
    columns = np.flatnonzero(ink.any(axis=0))
    gaps = np.flatnonzero(np.diff(columns) > 1)
    first, last = ink[:, columns[0] : columns[gaps[0]] + 1], ink[:, columns[gaps[-1] + 1] : columns[-1] + 1]
    bottoms = [np.flatnonzero(letter.any(axis=1))[-1] for letter in (first, last)]
    # To the pixel at the usual size; larger letters may end within one, as their outlines are smoothed.
    assert abs(bottoms[0] - bottoms[1]) <= (zoom > 1.0)


def test_items_that_are_formulas_line_up(browser: MathTextBrowser) -> None:
    browser.set_markdown("- $u = 3$\n- $v = u - 4$\n- then $y$")
    items = [block for block in blocks(browser.document_()) if block.textList() is not None]
    assert [block.blockFormat().indent() for block in items] == [0, 0, 0]
