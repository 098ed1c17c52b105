"""Every icon can be drawn, in any colour, and the bundled fonts are the ones that show."""

import re
from importlib.resources import files

import pytest
from gradviz.ui import icons
from gradviz.ui.fonts import install_fonts, load_fonts, mono_font, set_text_scale, text_scale, ui_font
from gradviz.ui.theme import DARK
from PyQt6.QtGui import QColor, QFont, QFontInfo, QIcon
from PyQt6.QtWidgets import QApplication


@pytest.mark.parametrize("name", icons.names())
def test_an_icon_has_ink_of_the_colour_asked_for(qapp: QApplication, name: str) -> None:
    picture = icons.pixmap(name, QColor("#ff0000"), 24, 2.0)
    assert picture.size().width() == 48
    assert picture.devicePixelRatio() == 2.0
    image = picture.toImage()
    inked = [image.pixelColor(x, y) for x in range(48) for y in range(48)]
    opaque = [colour for colour in inked if colour.alpha() == 255]
    assert opaque
    assert all(colour.red() > 200 and colour.green() < 40 for colour in opaque)
    edge = [image.pixelColor(0, i).alpha() + image.pixelColor(47, i).alpha() for i in range(48)]
    assert max(edge) == 0, "drawn over its edge"


def test_icons_are_of_one_family() -> None:
    for name in icons.names():
        text = (files("gradviz.assets") / "icons" / f"{name}.svg").read_text()
        assert 'viewBox="0 0 24 24"' in text
        assert 'stroke-width="1.75"' in text
        assert not re.search(r"#[0-9a-f]{3}", text), "colour comes from the theme"


def test_a_disabled_icon_is_fainter(qapp: QApplication) -> None:
    made = icons.icon("play", DARK)
    normal = made.pixmap(24, QIcon.Mode.Normal).toImage().pixelColor(12, 12)
    disabled = made.pixmap(24, QIcon.Mode.Disabled).toImage().pixelColor(12, 12)
    assert normal == DARK.text
    assert disabled == DARK.faint


def test_an_icon_without_room_is_no_picture(qapp: QApplication) -> None:
    assert icons.icon("play", DARK).pixmap(0, 16).isNull()  # a Qt warning would fail it


def test_the_bundled_fonts_are_used(qapp: QApplication) -> None:
    assert {"Inter", "JetBrains Mono", "Noto Sans CJK SC"} <= set(load_fonts())
    assert QFontInfo(ui_font()).family() == "Inter"
    assert QFontInfo(mono_font()).family() == "JetBrains Mono"
    assert QFontInfo(ui_font(weight=QFont.Weight.Bold)).bold()


def test_text_grows_with_the_scale(qapp: QApplication) -> None:
    before = qapp.font()
    try:
        install_fonts(qapp, 1.5)
        assert text_scale() == pytest.approx(1.5)
        assert ui_font(12).pointSizeF() == pytest.approx(18)
        set_text_scale(qapp, 1.0)
        assert ui_font(12).pointSizeF() == pytest.approx(12)
    finally:
        qapp.setFont(before)
