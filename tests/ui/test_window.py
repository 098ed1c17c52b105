"""The main window: controls have names, it fits the screen, layout, looks and language are remembered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gradviz.ui.app import Gradviz
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QDockWidget,
    QLineEdit,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gradviz.app.settings import Settings
from tests.ui.window import running

Key, Modifier = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path) -> Iterator[Gradviz]:
    with running(qtbot, tmp_path) as made:
        yield made


def moment(g: Gradviz) -> int:
    assert g.session.timeline is not None
    return g.session.timeline.moment


# Names.


def controls(window: QWidget) -> Iterator[QWidget]:
    for kind in (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit):
        for widget in window.findChildren(kind):
            of_qt = widget.objectName().startswith("qt_") or isinstance(widget.parent(), QLineEdit)
            if widget.isVisible() and not of_qt:
                yield widget


def test_every_control_has_a_name_and_a_tip(g: Gradviz) -> None:
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in controls(g.window)
        if not (widget.accessibleName() or getattr(widget, "text", str)()) or not widget.toolTip()
    ]
    assert nameless == []


def test_every_focusable_widget_has_a_name(g: Gradviz) -> None:
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in g.window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and not widget.objectName().startswith("qt_")
        and not (widget.accessibleName() or getattr(widget, "text", str)())
        and type(widget).__name__ not in ("QTabBar", "QExpandingLineEdit")
        and not isinstance(widget.parent(), QAbstractSpinBox)
    ]
    assert nameless == []


# Looks.


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_no_choice_in_the_toolbar_is_cut_off(g: Gradviz, language: str) -> None:
    g.window.preferences.speak(language)
    bar = g.window.toolbar
    for box in (bar.model, bar.data, bar.optimizer):
        option = QStyleOptionComboBox()
        box.initStyleOption(option)
        parts = QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, box
        room = box.style().subControlRect(*parts).width()
        for row in range(box.count()):
            assert box.fontMetrics().horizontalAdvance(box.itemText(row)) <= room, box.itemText(row)


def test_it_fits_a_small_screen(g: Gradviz) -> None:
    hint = g.window.minimumSizeHint()
    assert hint.width() <= 1280
    assert hint.height() <= 760
    extension = g.window.toolbar.findChild(QWidget, "qt_toolbar_ext_button")
    assert extension is not None
    assert not extension.isVisible(), "a button of the toolbar has no room at 1280 pixels"


def test_the_graph_has_the_most_room(g: Gradviz) -> None:
    graph = g.window.graph
    assert graph.width() > 0.45 * g.window.width()
    assert graph.height() > 0.38 * g.window.height()


def test_the_layout_is_remembered_and_reset(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as g:
        g.window.docks.plots.hide()
        g.window.resize(1100, 700)
    assert Settings.load(tmp_path).window_state
    with running(qtbot, tmp_path, load=0) as g:
        assert not g.window.docks.plots.isVisible()
        g.window.commands["reset-layout"].trigger()
        assert g.window.docks.plots.isVisible()
        assert all(not dock.isFloating() for dock in g.window.findChildren(QDockWidget))


@pytest.mark.parametrize("text", ["nonsense", "AAAA", "////", "ä"])
def test_a_broken_layout_is_ignored(qtbot: QtBot, tmp_path: Path, text: str) -> None:
    settings = Settings.load(tmp_path)
    settings.geometry = settings.window_state = text
    settings.save()
    with running(qtbot, tmp_path, load=0) as g:
        assert g.window.docks.plots.isVisible()


def test_panels_are_shown_and_hidden(g: Gradviz) -> None:
    for action in g.window.docks.view_actions:
        action.trigger()
        action.trigger()
    assert len(g.window.docks.view_actions) == 3
    assert g.window.docks.right.isVisible()


def test_themes_reach_the_window(g: Gradviz, qapp: QApplication) -> None:
    before = g.window.grab().toImage().pixelColor(QPoint(5, 5))
    g.window.commands["switch-theme"].trigger()
    assert g.themes.theme.dark
    assert g.session.settings.theme == "dark"
    after = g.window.grab().toImage().pixelColor(QPoint(5, 5))
    assert after.lightnessF() < before.lightnessF() - 0.5
    g.window.commands["theme-system"].trigger()
    assert g.session.settings.theme == "system"
    assert g.window.commands["theme-system"].isChecked()


def test_text_grows_and_shrinks(g: Gradviz, qapp: QApplication) -> None:
    before = qapp.font().pointSizeF()
    g.window.commands["text-larger"].trigger()
    assert qapp.font().pointSizeF() > before
    g.session.settings.text_scale = 0.8  # dressing the whole window takes half a second each time
    for _ in range(2):
        g.window.commands["text-smaller"].trigger()
    assert g.session.settings.text_scale == 0.75
    g.window.commands["text-normal"].trigger()
    assert qapp.font().pointSizeF() == before


def test_less_motion_is_remembered(g: Gradviz) -> None:
    g.window.commands["reduced-motion"].trigger()
    assert g.session.settings.reduced_motion
    assert g.window.commands["reduced-motion"].isChecked()


# Words.


def test_the_status_bar_tells_the_moment(g: Gradviz, qtbot: QtBot) -> None:
    sentence = g.window.status.sentence
    qtbot.keyClick(g.window, Key.Key_Right)
    assert "conv1" in sentence.text()
    assert "conv2d" in sentence.text()
    assert sentence.toolTip() == sentence.text()
    g.session.timeline.end()  # type: ignore[union-attr]
    assert "conv1: conv2d" not in sentence.text()


def test_the_language_changes_while_running(g: Gradviz, qtbot: QtBot, qapp: QApplication) -> None:
    menu = g.commands.menus.menu("file")
    assert menu.title() == "&File"
    qtbot.mouseClick(g.window.toolbar.language_button, Qt.MouseButton.LeftButton)
    assert g.session.settings.language == "zh_CN"
    assert menu.title() == "文件(&F)"
    assert g.window.docks.right.windowTitle() == "检查器"
    assert qapp.translate("QPlatformTheme", "Cancel") == "取消"
    qtbot.mouseClick(g.window.toolbar.language_button, Qt.MouseButton.LeftButton)
    assert menu.title() == "&File"


@pytest.mark.parametrize("command", ["shortcuts", "about"])
def test_help_does_not_stand_in_the_way(g: Gradviz, qtbot: QtBot, command: str) -> None:
    g.window.commands[command].trigger()
    (dialog,) = g.window.findChildren(QDialog)
    assert dialog.isVisible()
    assert not dialog.isModal()
    g.window.commands[command].trigger()
    assert len([one for one in g.window.findChildren(QDialog) if one.isVisible()]) == 1
    dialog = next(one for one in g.window.findChildren(QDialog) if one.isVisible())
    qtbot.keyClick(dialog, Key.Key_Escape)
    qtbot.waitUntil(lambda: g.window.findChildren(QDialog) == [])


def test_the_welcome_goes_for_good(g: Gradviz, qtbot: QtBot) -> None:
    welcome = g.window.welcome
    assert welcome.isVisible()
    qtbot.mouseClick(welcome._close, Qt.MouseButton.LeftButton)
    assert not welcome.isVisible()
    assert Settings.load(g.session.settings.folder).welcome is False


def test_breakpoints_by_command(g: Gradviz) -> None:
    commands = g.window.commands
    assert not commands["clear-breakpoints"].isEnabled()
    assert g.session.timeline is not None
    g.session.timeline.go(1)
    commands["breakpoint"].trigger()
    assert g.session.breakpoint_nodes == {g.session.current_node}
    g.session.timeline.start()
    commands["to-breakpoint"].trigger()
    assert moment(g) == 1
    commands["clear-breakpoints"].trigger()
    assert not g.session.breakpoints
    commands["breakpoint-nonfinite"].trigger()
    assert g.session.breakpoints.nonfinite
    assert commands["breakpoint-nonfinite"].isChecked()


def test_without_a_recording_nothing_can_be_stepped(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as g:
        assert not g.window.commands["step-forward"].isEnabled()
        assert not g.window.commands["save"].isEnabled()
        assert g.window.centre.currentWidget() is g.window.skeleton
        qtbot.keyClick(g.window, Key.Key_Right)
        qtbot.keyClick(g.window, Key.Key_Space)
        assert not g.window.player.playing


def test_all_text_follows_the_size(g: Gradviz) -> None:
    def sizes() -> dict[QWidget, float]:
        return {w: w.font().pointSizeF() for w in g.window.findChildren(QWidget) if w.isVisible()}

    before = sizes()
    g.window.commands["text-larger"].trigger()
    scale = g.session.settings.text_scale
    after = sizes()
    wrong = [
        type(w).__name__ for w, points in before.items() if w in after and after[w] < points * scale * 0.97
    ]
    assert wrong == []
    g.window.commands["text-normal"].trigger()
    assert all(abs(points - before[w]) < 0.1 for w, points in sizes().items() if w in before)
