"""The element microscope in the real window, by keyboard: its numbers are the engine's."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.program import Program
from gradviz.ui.app import Gradviz
from gradviz.ui.panels.inside.scope_cards import tip
from gradviz.ui.panels.inside.scope_export import copy_svg, copy_text
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.app.i18n import set_language
from gradviz.app.inside.microscope import PAGE, ElementGraph, ScopeNode
from tests.ui.window import running

Key = Qt.Key


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path) -> Iterator[Gradviz]:
    with running(qtbot, tmp_path) as made:
        made.session.settings.reduced_motion = True
        made.window.graph.apply_settings()
        yield made


def program(g: Gradviz) -> Program:
    assert g.session.program is not None
    return g.session.program


def output_of(g: Gradviz, op: str) -> int:
    return next(instr.output for instr in program(g).instrs if instr.op == op)


def go_to(g: Gradviz, slot: int) -> None:
    """The moment at which a slot has just been written."""
    assert g.session.timeline is not None
    g.session.timeline.go(program(g).producers[slot] + 1)


def graph(g: Gradviz) -> ElementGraph:
    shown = g.window.microscope.view.graph
    assert shown is not None
    return shown


def here(g: Gradviz) -> ScopeNode:
    return graph(g).nodes[g.window.microscope.view.at]


def test_e_opens_the_largest_element_of_conv1(g: Gradviz, qtbot: QtBot) -> None:
    w, slot = g.window, output_of(g, "conv2d")
    go_to(g, slot)
    w.graph.canvas.setFocus()
    camera = w.graph.canvas.camera
    qtbot.keyClick(w.graph.canvas, Key.Key_E)
    assert w.microscope.isVisible()
    assert QApplication.focusWidget() is w.microscope.view
    value = program(g).values[slot]
    shown = graph(g)
    assert shown.index == np.unravel_index(int(np.abs(value).argmax()), value.shape)
    assert shown.engine == float(value[shown.index])
    assert (shown.nodes[0].count, shown.nodes[0].shown) == (26, PAGE)
    assert sum(shown.nodes[e.source].value for e in shown.operands(0)) == pytest.approx(
        shown.engine, rel=1e-6
    )
    assert w.microscope.foot.verdict.text() == f"✓ = {shown.engine:.6g}, as the engine computed"
    assert w.microscope.foot.pages.text() == "terms 1 to 12 of 26"
    assert "sum of 26 terms: " in w.microscope.view.accessibleDescription()
    qtbot.keyClick(w.microscope.view, Key.Key_Escape)
    assert not w.microscope.isVisible()
    assert QApplication.focusWidget() is w.graph.canvas
    assert w.graph.canvas.camera == camera


def test_from_the_loss_to_a_pixel_by_keyboard_alone(g: Gradviz, qtbot: QtBot) -> None:
    loss = program(g).loss
    assert loss is not None
    go_to(g, loss)
    g.window.graph.canvas.setFocus()
    qtbot.keyClick(g.window.graph.canvas, Key.Key_E)
    view, microscope = g.window.microscope.view, g.window.microscope
    ways = []
    for _ in range(200):
        trail = microscope.trail
        assert trail is not None
        assert graph(g).agrees
        assert here(g).slope is not None or here(g).kind != "element"
        if here(g).computed:
            ways.append(here(g).title.split("[")[0])
            qtbot.keyClick(view, Key.Key_Return)
            assert view.at == 0
        elif here(g).title.startswith("x["):
            break
        elif graph(g).operands(view.at):
            qtbot.keyClick(view, Key.Key_Left)
        else:  # a weight, a bias, a constant: the next one below
            before = view.at
            qtbot.keyClick(view, Key.Key_Down)
            assert view.at != before
    else:
        pytest.fail("no pixel in sight")
    assert ways[-4:] == ["conv2", "max_pool2d", "relu", "conv1"]
    pixel = here(g)
    assert pixel.value == float(program(g).values[pixel.slot][pixel.index])
    qtbot.keyClick(view, Key.Key_Return)  # nothing is behind it
    assert here(g) == pixel
    crumbs = len(microscope.trail.steps) if microscope.trail is not None else 0
    qtbot.keyClick(view, Key.Key_Backspace)
    assert microscope.trail is not None
    assert len(microscope.trail.steps) == crumbs - 1
    assert here(g).title.startswith("conv1[")  # where one had gone on
    microscope.head.crumbs.linkActivated.emit("0")
    assert graph(g).nodes[0].title == "loss"


def test_paging_through_fc1(g: Gradviz, qtbot: QtBot) -> None:
    slot = output_of(g, "linear")
    go_to(g, slot)
    assert g.window.microscope.look_at(slot, (0, 3))
    view = g.window.microscope.view
    assert g.window.microscope.foot.pages.text() == "terms 1 to 12 of 401"
    qtbot.keyClick(view, Key.Key_PageDown)
    assert g.window.microscope.foot.pages.text() == "terms 13 to 24 of 401"
    qtbot.mouseClick(g.window.microscope.foot.buttons["next"], Qt.MouseButton.LeftButton)
    assert g.window.microscope.foot.pages.text() == "terms 25 to 36 of 401"
    rest = next(i for i, node in enumerate(graph(g).nodes) if node.kind == "rest")
    view.go_to(rest)
    assert graph(g).nodes[rest].count == 401 - PAGE
    qtbot.keyClick(view, Key.Key_Return)
    assert g.window.microscope.foot.pages.text() == "terms 37 to 48 of 401"
    assert here(g).kind == "rest"
    for _ in range(4):
        qtbot.keyClick(view, Key.Key_PageUp)
    assert g.window.microscope.foot.pages.text() == "terms 397 to 401 of 401"


def test_gradients_and_updates(g: Gradviz, qtbot: QtBot) -> None:
    assert g.session.timeline is not None
    g.session.timeline.go(g.session.timeline.length)
    for op in ("conv2d_weight_grad", "max_pool2d_backward", "sub", "log_softmax_backward"):
        slot = output_of(g, op)
        g.session.select_slot(slot)
        assert g.window.inspector.chosen() is not None
        g.window.commands["microscope"].trigger()
        assert graph(g).slot == slot
        assert graph(g).agrees
    assert graph(g).nodes[0].gradient


def test_the_gradient_that_the_inspector_shows_is_opened(g: Gradviz, qtbot: QtBot) -> None:
    assert g.session.timeline is not None
    g.session.timeline.go(g.session.timeline.length)
    slot = output_of(g, "conv2d")
    g.session.select_slot(slot)
    g.session.select_element((0, 1, 2, 3))
    g.window.inspector.refresh()
    g.window.inspector.tensors.choose_tab("gradient")
    qtbot.mouseClick(g.window.inspector.tensors.view.closely, Qt.MouseButton.LeftButton)
    assert graph(g).slot == program(g).gradient_slot(slot)
    assert graph(g).index == (0, 1, 2, 3)
    assert graph(g).nodes[0].title == "∂L/∂conv1[0,1,2,3]"


def test_clicks_open_close_and_go_on(g: Gradviz, qtbot: QtBot) -> None:
    slot = output_of(g, "log_softmax")
    go_to(g, slot)
    view, microscope = g.window.microscope.view, g.window.microscope
    assert microscope.look_at(slot, (0, 3))

    def click(place: int) -> None:
        view.go_to(place)
        rect = view.camera.screen_rect(view.rect_of(place))
        point = QPoint(round(rect.x + rect.width / 2), round(rect.y + rect.height / 2))
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=point)

    size = len(graph(g).nodes)
    log = next(i for i, node in enumerate(graph(g).nodes) if node.fn == "log")
    click(log)
    assert here(g).closed
    assert len(graph(g).nodes) < size
    click(view.at)
    assert len(graph(g).nodes) == size
    score = next(i for i, node in enumerate(graph(g).nodes) if node.computed)
    assert "factor (∂ result / ∂ this): " in tip(graph(g), score)
    click(score)
    assert graph(g).nodes[0].title == "output[0,3]"


def test_it_follows_time_and_closes_where_nothing_is_computed(g: Gradviz, qtbot: QtBot) -> None:
    slot = output_of(g, "linear")
    assert not g.window.microscope.look_at(slot, (0, 0))
    g.window.commands["microscope"].trigger()  # before anything has run: the input, which is an end
    assert graph(g).trouble == "outside"
    go_to(g, slot)
    assert g.window.microscope.look_at(slot, (0, 0))
    assert g.session.timeline is not None
    g.session.timeline.go(g.session.timeline.moment + 5)
    assert g.window.microscope.is_open
    g.window.timeline.scrubber.setFocus()
    g.session.timeline.go(0)
    assert QApplication.focusWidget() is g.window.timeline.scrubber  # nobody takes the keyboard away
    assert not g.window.microscope.is_open
    assert not g.window.microscope.isVisible()


def test_copies_and_languages(g: Gradviz, qtbot: QtBot) -> None:
    slot = output_of(g, "max_pool2d")
    go_to(g, slot)
    microscope = g.window.microscope
    assert microscope.look_at(slot, (0, 0, 1, 1))
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    copy_text(microscope.view)
    lines = clipboard.text().splitlines()
    assert len(lines) == 5
    assert sum(line.endswith(" *") for line in lines) == 1
    copy_svg(microscope.view)
    data = clipboard.mimeData()
    assert data is not None
    assert bytes(data.data("image/svg+xml").data()).startswith(b"<?xml")
    assert "max_pool2d[0,0,1,1]" in clipboard.text()
    set_language("zh_CN")
    assert microscope.head.title.text() == "元素显微镜"
    assert "与引擎的计算一致" in microscope.foot.verdict.text()
    g.window.preferences.switch_theme()
    assert not microscope.grab().isNull()


def test_a_very_long_sum_is_made_in_a_thread(
    g: Gradviz, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradviz.ui.panels.inside.microscope.SOME", 0)
    slot = output_of(g, "linear")
    go_to(g, slot)
    view = g.window.microscope.view
    assert g.window.microscope.look_at(slot, (0, 5))
    qtbot.waitUntil(lambda: view.graph is not None and view.graph.slot == slot)
    assert graph(g).nodes[0].count == 401
    assert g.window.microscope.look_at(slot, (0, 6))
    g.window.microscope.close_sheet()  # while it is being made
    assert not g.window.microscope.is_open
