"""Overlays and searching with conditions in the panel, against the engine's numbers."""

from __future__ import annotations

import numpy as np
import pytest
from gradviz.engine.program import Phase
from gradviz.ui.graph.panel import GraphPanel
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gradviz.app.graph.measures import Measures
from gradviz.app.graph.query import Finder, parse
from gradviz.app.state import StateView
from tests.gradviz.graph.test_chunks import chain
from tests.programs import neuron
from tests.ui.fakes import session

from .conftest import MakePanel


def timeline_of(panel: GraphPanel):  # type: ignore[no-untyped-def]
    found = panel._session.timeline
    assert found is not None
    return found


@pytest.mark.parametrize("kind", ["value", "gradient", "bytes", "time"])
def test_stepping_with_an_overlay_never_shows_a_number_of_another_moment(
    qtbot: QtBot, panel: GraphPanel, kind: str
) -> None:
    measures = panel.overlaying._measuring.measures
    assert measures is not None
    seconds = measures.seconds = [0.001 * (n + 1) for n in range(len(measures.program))]
    panel.tools.overlay.choices[kind].trigger()
    assert panel._session.settings.overlay == kind
    timeline, scene = timeline_of(panel), panel.canvas.scene
    program = panel._session.program
    assert program is not None
    for moment in (*range(timeline.length, 0, -5), *range(0, timeline.length, 3)):
        timeline.go(moment)
        qtbot.waitUntil(lambda: not panel.overlaying._filling.isActive())
        state = StateView(program, moment)
        for number, node in enumerate(scene.model.nodes):
            coloured = not np.isnan(scene.levels[number])
            if kind == "value":
                assert coloured == state.written(node.slot), node.id
                if coloured:
                    wanted = np.abs(program.values[node.slot]).mean(dtype=float)
                    assert scene.numbers[number] == pytest.approx(wanted)
            elif kind == "gradient" and node.phase in (Phase.FORWARD, Phase.LOSS):
                gradient = state.gradient(node.slot)
                assert coloured == (gradient is not None), node.id
                if gradient is not None:
                    norm = np.linalg.norm(gradient.astype(float))
                    assert scene.numbers[number] == pytest.approx(norm)
            elif kind == "time" and node.instrs:
                run = [index for index in node.instrs if index < moment]
                assert coloured == bool(run), node.id
                if run:
                    assert scene.numbers[number] == pytest.approx(sum(seconds[index] for index in run))
            elif kind == "bytes" and node.instrs:
                assert coloured == (node.instrs[0] < moment), node.id


def test_the_scale_and_the_numbers_are_told_in_words(panel: GraphPanel) -> None:
    timeline_of(panel).end()
    assert not panel.corners.scale.isVisible()
    panel.overlaying.choose("gradient")
    legend = panel.corners.scale
    assert legend.isVisible()
    assert legend.accessibleDescription().startswith("Gradient norm: ")
    assert not legend.geometry().intersects(panel.corners.legend.geometry())
    panel._session.select_node("m:conv1:forward")
    assert "gradient norm = " in panel.canvas.accessibleName()
    assert "gradient norm = " in panel.canvas.tip("m:conv1:forward")
    panel.overlaying.choose("")
    assert not legend.isVisible()
    assert "gradient norm" not in panel.canvas.tip("m:conv1:forward")


def test_the_overlay_is_remembered(panel: GraphPanel, make_panel: MakePanel) -> None:
    panel.overlaying.choose("bytes")
    assert panel.tools.overlay.isChecked()
    panel.overlaying.choose("")
    assert not panel.tools.overlay.isChecked()
    with pytest.raises(ValueError, match="no overlay"):
        panel.overlaying.choose("colour")


def test_an_overlay_changes_the_picture_and_back(panel: GraphPanel) -> None:
    timeline_of(panel).end()
    for scale in (1.0, 0.05):
        panel.canvas.move_camera(panel.canvas.camera.zoomed(scale / panel.canvas.camera.scale), smooth=False)
        panel.canvas.repaint()
        before = panel.canvas.grab().toImage()
        panel.overlaying.choose("gradient")
        assert panel.canvas.grab().toImage() != before
        panel.overlaying.choose("")
    assert panel.canvas.scene.overlay == ""


def test_the_overlay_of_a_scalar_graph(make_panel: MakePanel) -> None:
    program = neuron()
    panel = make_panel(program=program)
    panel.overlaying.choose("value")
    timeline_of(panel).end()
    scene = panel.canvas.scene
    for number, node in enumerate(scene.model.nodes):
        assert scene.numbers[number] == pytest.approx(abs(float(program.values[node.slot])))


def type_in(qtbot: QtBot, panel: GraphPanel, text: str) -> list[str]:
    panel.tools.search.edit.clear()
    qtbot.keyClicks(panel.tools.search.edit, text)
    qtbot.waitUntil(lambda: not panel.finding._filling.isActive())
    return [hit.node for hit in panel.finding.hits]


def test_conditions_follow_the_cursor(qtbot: QtBot, panel: GraphPanel) -> None:
    timeline_of(panel).start()
    assert type_in(qtbot, panel, "grad>0") == []
    assert panel.tools.search.count.text() == "none"
    timeline_of(panel).end()
    qtbot.waitUntil(lambda: bool(panel.finding.hits))
    found = [hit.node for hit in panel.finding.hits]
    assert "m:conv1:forward" in found
    assert {panel.canvas.scene.model.nodes[n].id for n in panel.canvas.focus.hits.tolist()} == set(found)
    timeline_of(panel).start()
    assert panel.finding.hits == []
    assert len(panel.canvas.focus.hits) == 0


def test_a_hit_in_a_closed_module_can_be_opened(qtbot: QtBot, panel: GraphPanel) -> None:
    assert type_in(qtbot, panel, "op:conv2d")[0] == "m:conv1:forward"
    qtbot.keyClick(panel.tools.search.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert "conv1" in panel._session.open_modules
    here = panel.finding.hits[panel.finding.place]
    node = panel.canvas.scene.model.by_id[here.node]
    assert (node.kind, node.title, node.module) == ("op", "conv2d", "conv1")


def test_nonsense_is_told_and_help_adds_terms(qtbot: QtBot, panel: GraphPanel) -> None:
    field = panel.tools.search
    assert type_in(qtbot, panel, "norm>abc") == []
    assert field.edit.property("invalid") is True
    assert "norm>abc" in field.count.toolTip()
    assert "zero-grad" in field.edit.toolTip()
    field.edit.clear()
    field.add("op:relu")
    field.add("phase:forward")
    assert field.edit.text() == "op:relu phase:forward"
    assert panel.finding.hits
    before = panel.finding.place
    qtbot.mouseClick(field.after, Qt.MouseButton.LeftButton)
    assert panel.finding.place == before + 1
    qtbot.mouseClick(field.before, Qt.MouseButton.LeftButton)
    assert panel.finding.place == before


def test_matches_are_lit_on_the_canvas_and_in_the_overview(qtbot: QtBot, panel: GraphPanel) -> None:
    colour = panel.canvas.painter.colours.hit
    for _ in range(9):
        panel.canvas.zoom_in()
    type_in(qtbot, panel, "op:relu")
    for widget in (panel.canvas, panel.corners.minimap):
        picture = widget.grab().toImage()
        pixels = (
            picture.pixelColor(x, y) for x in range(picture.width()) for y in range(0, picture.height(), 2)
        )
        assert any(pixel == colour for pixel in pixels), widget


def test_no_overlay_without_a_recording(make_panel: MakePanel) -> None:
    panel = make_panel(iterations=0)
    panel.overlaying.choose("value")
    assert panel.canvas.scene.overlay == ""
    assert session(0).program is None


def matches(panel: GraphPanel, text: str) -> list[str]:
    """The nodes that a text finds."""
    made, program = panel._session, panel._session.program
    assert program is not None
    assert made.graph is not None
    assert made.state is not None
    finder = Finder(parse(text), made.graph, program, Measures(program))
    return [hit.node for hit in finder.hits(made.state)]


def test_search_goes_from_match_to_match(qtbot: QtBot, panel: GraphPanel) -> None:
    search = panel.tools.search
    qtbot.keyClicks(search.edit, "relu")
    wanted = matches(panel, "relu")
    assert len(wanted) > 4
    assert search.count.text() == f"1/{len(wanted)}"
    assert panel._session.selection.node_id == wanted[0]
    rect = panel.canvas.scene.rect(wanted[0])
    assert rect is not None
    assert panel.canvas.camera.shows_all_of(rect)
    qtbot.keyClick(search.edit, Qt.Key.Key_Return)
    assert panel._session.selection.node_id == wanted[1]
    for _ in range(2):
        qtbot.keyClick(search.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert panel._session.selection.node_id == wanted[-1]
    qtbot.keyClicks(search.edit, "zzz")
    assert search.count.text() == "none"
    assert search.edit.property("invalid") is True
    qtbot.keyClick(search.edit, Qt.Key.Key_Escape)
    assert search.edit.text() == ""
    assert not search.count.isVisible()


def test_search_looks_into_closed_modules(panel: GraphPanel) -> None:
    assert set(matches(panel, "CONV2D ")) >= {"m:conv1:forward", "m:conv2:forward"}
    assert "m:conv2:forward" in matches(panel, "16×10")
    assert matches(panel, "conv2")[0] == "m:conv2:forward"
    assert matches(panel, "  ") == []


def test_times_are_measured_when_they_are_asked_for(qtbot: QtBot, make_panel: MakePanel) -> None:
    panel = make_panel(program=chain(20))
    timeline_of(panel).end()
    assert np.isnan(panel.canvas.scene.levels).all()
    panel.overlaying.choose("time")
    qtbot.waitUntil(lambda: panel.overlaying.timing._task is None)
    measures = panel.overlaying._measuring.measures
    assert measures is not None
    assert measures.seconds is not None
    assert min(measures.seconds) > 0
    scene = panel.canvas.scene
    for number, node in enumerate(scene.model.nodes):
        if node.instrs:
            assert scene.numbers[number] == pytest.approx(sum(measures.seconds[i] for i in node.instrs))
    assert panel.corners.scale.isVisible()
