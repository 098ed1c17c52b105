"""The window's keys: they work wherever one does not write, choose or press something."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradviz.ui.action_table import COMMANDS, words
from gradviz.ui.app import Gradviz
from gradviz.ui.menus import MENUS
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.window import running

Key, Modifier = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path) -> Iterator[Gradviz]:
    with running(qtbot, tmp_path) as made:
        yield made


def moment(g: Gradviz) -> int:
    assert g.session.timeline is not None
    return g.session.timeline.moment


def length(g: Gradviz) -> int:
    assert g.session.timeline is not None
    return g.session.timeline.length


@pytest.mark.parametrize("place", ["canvas", "inspector", "timeline", "code", "plots", "lesson"])
def test_keys_walk_from_wherever_the_focus_is(g: Gradviz, qtbot: QtBot, place: str) -> None:
    window = g.window
    window.docks.tabs.setCurrentIndex(1 if place == "code" else 0)
    focus: QWidget = {
        "canvas": window.graph.canvas,
        "inspector": window.inspector,
        "timeline": window.timeline.scrubber,
        "code": window.code,
        "plots": window.plots,
        "lesson": window.lesson,
    }[place]
    focus.setFocus()
    target = QApplication.focusWidget() or window
    qtbot.keyClick(target, Key.Key_Right)
    qtbot.keyClick(target, Key.Key_Right)
    assert moment(g) == 2
    qtbot.keyClick(target, Key.Key_Left)
    assert moment(g) == 1
    qtbot.keyClick(target, Key.Key_End, Modifier.ControlModifier)
    assert moment(g) == length(g)
    qtbot.keyClick(target, Key.Key_Home, Modifier.ControlModifier)
    assert moment(g) == 0
    qtbot.keyClick(target, Key.Key_PageDown)
    assert g.session.timeline is not None
    assert moment(g) == g.session.timeline.segments[0].stop
    if not isinstance(target, QAbstractButton):  # a button is pressed by Space
        qtbot.keyClick(target, Key.Key_Space)
        assert g.window.player.playing
        qtbot.keyClick(target, Key.Key_Space)
        assert not g.window.player.playing


def test_the_whole_iteration_by_keyboard_alone(g: Gradviz, qtbot: QtBot) -> None:
    canvas = g.window.graph.canvas
    canvas.setFocus()
    seen = []
    while moment(g) < length(g):
        qtbot.keyClick(canvas, Key.Key_Right)
        seen.append(g.session.current_node)
    assert len(seen) == length(g)
    assert all(seen)
    while moment(g) > 0:
        qtbot.keyClick(canvas, Key.Key_Left)
    assert g.session.current_node is None


def test_text_keeps_its_keys(g: Gradviz, qtbot: QtBot) -> None:
    field = g.window.toolbar.learning_rate
    field.setFocus()
    field.setCursorPosition(0)
    qtbot.keyClick(field, Key.Key_Right)
    assert field.cursorPosition() == 1
    qtbot.keyClick(field, Key.Key_End)
    assert field.cursorPosition() == len(field.text())
    qtbot.keyClicks(field, "5")
    qtbot.keyClick(field, Key.Key_Return)
    assert field.text() == "0.015"
    assert g.session.settings.learning_rate == 0.015
    assert moment(g) == 0
    assert not g.window.player.playing
    assert g.session.open_modules == frozenset()


def test_a_spin_box_keeps_its_keys(g: Gradviz, qtbot: QtBot) -> None:
    box = g.window.toolbar.iterations
    box.setFocus()
    before = box.value()
    qtbot.keyClick(box, Key.Key_Up)
    assert box.value() == before + 1
    qtbot.keyClick(box, Key.Key_PageDown)
    qtbot.keyClick(box, Key.Key_Home)
    assert moment(g) == 0
    assert g.session.settings.train_iterations == box.value()


def test_a_focused_button_is_pressed_by_space_and_enter(g: Gradviz, qtbot: QtBot) -> None:
    button = g.window.timeline.buttons["step-forward"]
    button.setFocus()
    qtbot.keyClick(button, Key.Key_Space)
    qtbot.keyClick(button, Key.Key_Return)
    assert moment(g) == 2
    assert not g.window.player.playing
    qtbot.keyClick(button, Key.Key_Right)
    assert moment(g) == 3


def test_a_list_keeps_up_and_down_and_gives_the_arrows(g: Gradviz, qtbot: QtBot) -> None:
    box = g.window.timeline.speed
    box.setFocus()
    row = box.currentIndex()
    qtbot.keyClick(box, Key.Key_Down)
    assert box.currentIndex() == row + 1
    qtbot.keyClick(box, Key.Key_Right)
    assert moment(g) == 1


def test_enter_opens_and_closes_the_selected_module(g: Gradviz, qtbot: QtBot) -> None:
    assert g.session.graph is not None
    canvas = g.window.graph.canvas
    canvas.setFocus()
    module = next(node for node in g.session.graph.nodes if node.kind == "module")
    g.session.select_node(module.id)
    qtbot.keyClick(canvas, Key.Key_Return)
    assert module.module in g.session.open_modules
    qtbot.keyClick(canvas, Key.Key_Z, Modifier.ControlModifier)
    assert g.session.open_modules == frozenset()
    qtbot.keyClick(canvas, Key.Key_Z, Modifier.ControlModifier | Modifier.ShiftModifier)
    assert module.module in g.session.open_modules


def test_no_two_commands_share_a_key() -> None:
    keys = Counter(key for command in COMMANDS.values() for key in command.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_every_command_has_words_a_handler_and_a_place(g: Gradviz) -> None:
    assert set(words()) == set(COMMANDS)
    assert g.window.commands.unhandled() == []
    in_menus = {name for menu in MENUS.values() for name in menu}
    assert set(COMMANDS) - in_menus == {"theme-system", "theme-light", "theme-dark", "switch-theme"}
