"""Both palettes can be read, reach the application, and follow the system."""

import pytest
from gradviz.engine.program import Phase
from gradviz.ui.theme import DARK, LIGHT, Theme, ThemeManager
from gradviz.ui.theme.palette import contrast
from gradviz.ui.theme.style import build_stylesheet
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
GROUNDS = ("window", "panel", "card", "canvas")


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert contrast(QColor("#767676"), QColor("white")) == pytest.approx(4.54, abs=0.01)


@THEMES
@pytest.mark.parametrize(
    "text", ["text", "muted", "accent", "warning", "error", "positive", "negative", *map(str, Phase)]
)
def test_text_can_be_read_on_every_ground(theme: Theme, text: str) -> None:
    colour = theme.phase(Phase(text)) if text in set(Phase) else getattr(theme, text)
    for ground in (*GROUNDS, "node_fill"):
        assert contrast(colour, getattr(theme, ground)) >= 4.5, ground


@THEMES
def test_text_can_be_read_on_marked_grounds(theme: Theme) -> None:
    assert contrast(theme.text, theme.selection) >= 4.5
    assert contrast(theme.text, theme.hover) >= 4.5
    assert contrast(theme.muted, theme.hover) >= 4.5
    assert contrast(theme.accent_text, theme.accent) >= 4.5
    for name, colour in theme.colours().items():
        if name.startswith("code_") and name not in ("code_background", "code_margin", "code_line"):
            for ground in (theme.code_background, theme.code_line, theme.code_margin):
                assert contrast(colour, ground) >= 4.5, name


@THEMES
def test_what_can_be_operated_has_a_visible_outline(theme: Theme) -> None:
    for ground in GROUNDS:
        assert contrast(theme.control, getattr(theme, ground)) >= 3, ground
        assert contrast(theme.faint, getattr(theme, ground)) >= 3, ground


@THEMES
def test_phases_have_five_colours(theme: Theme) -> None:
    assert len({theme.phase(phase).name() for phase in Phase}) == len(Phase)


@THEMES
def test_the_style_sheet_has_no_gaps(theme: Theme) -> None:
    sheet = build_stylesheet(theme)
    assert "$" not in sheet
    assert theme.accent.name() in sheet


def test_a_fixed_theme_reaches_the_application(qtbot: QtBot, qapp: QApplication) -> None:
    manager = ThemeManager("light")
    manager.install(qapp)
    assert qapp.palette().color(QPalette.ColorRole.Window) == LIGHT.window
    with qtbot.waitSignal(manager.changed) as caught:
        manager.set_choice("dark")
    assert caught.args == [DARK]
    assert qapp.palette().color(QPalette.ColorRole.Window) == DARK.window
    assert DARK.panel.name() in qapp.styleSheet()
    qapp.setStyleSheet("")


def test_the_same_theme_again_changes_nothing(qtbot: QtBot) -> None:
    manager = ThemeManager("dark")
    with qtbot.assertNotEmitted(manager.changed):
        manager.set_choice("dark")
    with pytest.raises(ValueError, match="pink"):
        manager.set_choice("pink")


def test_the_system_is_followed_until_a_theme_is_chosen(
    qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    hints = qapp.styleHints()
    assert hints is not None
    scheme = {"now": Qt.ColorScheme.Light}

    class Hints:
        colorSchemeChanged = hints.colorSchemeChanged

        def colorScheme(self) -> Qt.ColorScheme:
            return scheme["now"]

    monkeypatch.setattr("gradviz.ui.theme.manager.QGuiApplication.styleHints", lambda: Hints())
    manager = ThemeManager("system")
    assert manager.theme is LIGHT
    scheme["now"] = Qt.ColorScheme.Dark
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert manager.theme is DARK
    manager.set_choice("light")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert manager.theme is LIGHT
