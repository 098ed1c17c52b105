"""The panel's tools, menus, words and empty state."""

from __future__ import annotations

import gc
from dataclasses import replace

import pytest
from gradviz.engine.program import Program
from gradviz.ui.graph.panel import GraphPanel
from gradviz.ui.theme import DARK, ThemeManager
from PyQt6 import sip
from PyQt6.QtCore import QPoint, QRectF, Qt
from PyQt6.QtWidgets import QApplication, QLineEdit, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from gradviz.app.i18n import language_changed, set_language
from gradviz.app.layout.types import Rect
from tests.programs import neuron
from tests.ui.fakes import recording, session

from .conftest import MakePanel
from .fakes import FakeLayouts
from .mouse import spot

LEFT = Qt.MouseButton.LeftButton


# Tools.


def test_the_buttons_do_what_they_say(qtbot: QtBot, panel: GraphPanel) -> None:
    def press(name: str) -> None:
        qtbot.mouseClick(panel.tools.buttons[name], LEFT)

    press("fit")
    assert panel.canvas.camera.shows_all_of(panel.canvas.bounds)
    fitted = panel.canvas.camera.scale
    press("zoom_in")
    assert panel.canvas.camera.scale == pytest.approx(fitted * 1.25)
    assert panel.tools.scale.text() == f"{round(fitted * 125)} %"
    press("zoom_out")
    assert panel.canvas.camera.scale == pytest.approx(fitted)
    press("open_all")
    assert {"conv1", "conv2", "fc1"} <= panel._session.open_modules
    assert panel.canvas.scene.model.groups
    press("close_all")
    assert panel._session.open_modules == frozenset()


def test_control_f_begins_a_search(qtbot: QtBot, panel: GraphPanel) -> None:
    with qtbot.waitActive(panel):
        panel.activateWindow()
    panel.canvas.setFocus()
    qtbot.keyClick(panel.canvas, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert panel.tools.search.edit.hasFocus()
    qtbot.keyClick(panel.tools.search.edit, Qt.Key.Key_Escape)
    assert panel.canvas.hasFocus()


def test_the_graph_as_a_list(qtbot: QtBot, panel: GraphPanel) -> None:
    panel._session.select_node("m:fc1:forward")
    panel.tools.buttons["outline"].click()
    assert panel.stack.currentWidget() is panel.list
    assert panel.list.currentIndex() == panel.outline.index_of("m:fc1:forward")
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert "fc1" in panel._session.open_modules
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    panel.tools.buttons["outline"].click()
    assert panel.stack.currentWidget() is panel.canvas


# Menu.


def menu_of(panel: GraphPanel, node: str) -> QMenu:
    panel.canvas.menu_wanted.emit(node, panel.mapToGlobal(QPoint(50, 50)))
    found = QApplication.activePopupWidget()
    assert isinstance(found, QMenu)
    return found


def choose(menu: QMenu, text: str) -> None:
    """Choose the entry that begins so, and let the menu close."""
    action = next(action for action in menu.actions() if action.text().startswith(text))
    action.trigger()
    menu.close()


def test_the_menu_of_a_node(panel: GraphPanel) -> None:
    choose(menu_of(panel, "m:fc1:forward"), "Set a breakpoint")
    assert panel._session.breakpoint_nodes == {"m:fc1:forward"}
    assert panel._session.selection.node_id == "m:fc1:forward"
    choose(menu_of(panel, "m:fc1:forward"), "Clear its breakpoint")
    assert panel._session.breakpoint_nodes == frozenset()
    choose(menu_of(panel, "m:fc1:forward"), "Go to the moment")
    assert panel._session.current_node == "m:fc1:forward"
    choose(menu_of(panel, "m:fc1:forward"), "Open fc1")
    assert "fc1" in panel._session.open_modules
    inside = next(node.id for node in panel.canvas.scene.model.nodes if node.title == "linear")
    choose(menu_of(panel, inside), "Close the module")
    assert "fc1" not in panel._session.open_modules
    choose(menu_of(panel, "m:fc3:forward"), "Look at it")
    assert panel.canvas.camera.scale >= 0.9


def test_the_menu_of_the_canvas_copies_a_picture(panel: GraphPanel) -> None:
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    clipboard.clear()
    menu = menu_of(panel, "")
    assert len(menu.actions()) == 4
    choose(menu, "Copy as picture")
    copied, bounds = clipboard.image(), panel.canvas.bounds
    assert max(copied.width(), copied.height()) <= 4096 + 48
    assert copied.height() / copied.width() == pytest.approx(bounds.height / bounds.width, rel=0.1)
    clipboard.clear()


def test_the_tooltip_names_ops_and_the_user_s_line(panel: GraphPanel) -> None:
    tip = panel.canvas.tip("m:conv1:forward")
    assert "conv2d" in tip
    assert "lenet.py:" in tip
    assert panel.canvas.tip("nobody") == ""


# Without a graph.


def test_without_a_recording_there_is_a_hint(qtbot: QtBot, make_panel: MakePanel) -> None:
    panel = make_panel(iterations=0)
    assert panel.stack.currentWidget() is panel.empty
    assert not panel.tools.isEnabled()
    with qtbot.waitSignal(panel.record_wanted):
        qtbot.mouseClick(panel.empty.button, LEFT)
    panel._session.load(recording())
    assert panel.stack.currentWidget() is panel.canvas
    assert panel.tools.isEnabled()
    assert len(panel.canvas.scene) > 0


def test_another_recording_is_shown_from_its_start(panel: GraphPanel) -> None:
    panel.canvas.move_camera(panel.canvas.camera.zoomed(5.0).panned(900, 900))
    panel._session.load(recording(title="neuron", program=neuron()))
    assert panel.canvas.scene.model is panel._session.graph
    assert panel.canvas.camera.shows_all_of(panel.canvas.bounds)


def test_large_values_are_looked_at_between_other_events(
    qtbot: QtBot, make_panel: MakePanel, lenet: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradviz.ui.graph.moments.BUDGET", 0.0)
    panel = make_panel(program=lenet)
    timeline = panel._session.timeline
    assert timeline is not None
    timeline.end()
    monkeypatch.setattr("gradviz.ui.graph.moments.BUDGET", 0.001)

    def told() -> bool:
        nodes = panel.canvas.scene.model.nodes
        return all(panel.canvas.scene.state_of(node.id).value_text for node in nodes)

    qtbot.waitUntil(told)
    qtbot.waitUntil(lambda: not panel.feed._filling.isActive())


# Looks and words.


def test_every_control_has_a_name_and_a_tip(panel: GraphPanel) -> None:
    kinds = (QToolButton, QLineEdit)
    controls = [w for w in panel.findChildren(QWidget) if isinstance(w, kinds) and w.isVisible()]
    assert len(controls) >= 8
    for widget in (*controls, panel.empty.button, panel.canvas, panel.list, panel.corners.minimap):
        if widget.objectName() == "qt_spinbox_lineedit" or widget.parent() is panel.tools.search.edit:
            continue  # the field's own clear button
        assert widget.accessibleName(), widget
        assert widget.toolTip() or widget.accessibleDescription(), widget


def test_another_theme_recolours_everything(panel: GraphPanel) -> None:
    panel.findChildren(QWidget)
    panel.recolour(DARK)
    assert panel.canvas.painter.colours.theme is DARK
    assert panel.canvas.grab().toImage().pixelColor(3, 3) == DARK.canvas


def test_another_language_retells_everything(panel: GraphPanel) -> None:
    timeline = panel._session.timeline
    assert timeline is not None
    timeline.step(3)
    told: list[object] = []
    panel.feed.told.connect(told.append)
    try:
        set_language("zh_CN")
    finally:
        set_language("en")
    assert len(told) >= 2  # the texts of the cards are made anew each time
    assert panel.accessibleName() == "Graph"


def test_less_motion_is_a_setting(panel: GraphPanel) -> None:
    panel._session.settings.reduced_motion = False
    panel.apply_settings()
    assert not panel.canvas.mover.reduced_motion
    panel._session.settings.reduced_motion = True
    panel.apply_settings()
    assert panel.canvas.mover.reduced_motion
    assert panel.canvas.flow.reduced_motion


def test_a_deleted_panel_hears_nothing_more(qtbot: QtBot, fonts: None) -> None:
    made = session(1)
    layouts = FakeLayouts()
    panel = GraphPanel(made, ThemeManager("light"), layouts)
    kept = panel  # as a reference cycle would
    sip.delete(panel)
    made.open_all()
    assert made.timeline is not None
    made.timeline.step()
    language_changed.emit("en")
    assert sip.isdeleted(kept)
    gc.collect()


def test_what_the_window_opens_and_closes_stays_in_place_too(panel: GraphPanel) -> None:
    made, canvas = panel._session, panel.canvas
    canvas.focus_node("m:conv2:forward")
    canvas.move_camera(canvas.camera.zoomed(0.5))
    made.select_node("m:conv2:forward")
    before = spot(canvas, "m:conv2:forward")
    made.toggle_module("m:conv2:forward")
    assert (spot(canvas, "g:conv2:forward") - before).manhattanLength() <= 2
    inside = next(node for node, group in made.graph.membership.items() if group == "g:conv2:forward")
    made.select_node(inside)
    made.toggle_module(inside)
    assert (spot(canvas, "m:conv2:forward") - before).manhattanLength() <= 3


def test_what_is_brought_into_sight_never_lies_under_the_overview(panel: GraphPanel) -> None:
    canvas, minimap = panel.canvas, panel.corners.minimap
    hidden = 0
    for node in canvas.scene.model.nodes:
        x, y, width, height = canvas.scene.rects[canvas.scene.index[node.id]].tolist()
        canvas.mover.go(replace(canvas.camera, scale=1.0))
        corner = minimap.geometry().center()
        canvas.move_camera(canvas.camera.placed(x + width / 2, y + height / 2, corner.x(), corner.y()))
        assert minimap.isVisible()
        hidden += 1
        canvas.set_current(node.id, follow=True)
        seen = canvas.camera.screen_rect(Rect(x, y, width, height))
        box = QRectF(seen.x, seen.y, seen.width, seen.height)
        assert not box.intersects(QRectF(minimap.geometry())), node.id
        canvas.move_camera(canvas.camera.placed(x + width / 2, y + height / 2, corner.x(), corner.y()))
        canvas.reveal_node(node.id)
        seen = canvas.camera.screen_rect(Rect(x, y, width, height))
        assert not QRectF(seen.x, seen.y, seen.width, seen.height).intersects(QRectF(minimap.geometry()))
    assert hidden > 20


def test_opening_a_module_does_not_run_after_the_cursor(panel: GraphPanel) -> None:
    timeline = panel._session.timeline
    assert timeline is not None
    timeline.end()
    panel.canvas.focus_node("m:conv2:forward")
    panel.toggle("m:conv2:forward")
    frame = panel.canvas.scene.rect("g:conv2:forward")
    assert frame is not None
    seen = panel.canvas.camera.screen_rect(frame)
    assert 0 < seen.x + seen.width / 2 < panel.canvas.width()
    assert 0 < seen.y + seen.height / 2 < panel.canvas.height()


def test_the_legend_names_the_phases_where_there_is_room(panel: GraphPanel) -> None:
    legend = panel.corners.legend
    assert legend.isVisible()
    assert panel.canvas.rect().contains(legend.geometry())
    panel.resize(900, 300)
    assert not legend.isVisible()
    panel.resize(900, 700)
    assert legend.isVisible()
