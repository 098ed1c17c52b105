"""The graph as a list."""

from __future__ import annotations

from gradviz.engine.program import Program
from gradviz.ui.graph.outline import ID, NODE, OutlineModel
from gradviz.ui.graph.outline_view import OutlineView
from gradviz.ui.graph.state import NodeState
from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from gradviz.app.graph.build import build_graph
from gradviz.app.graph.model import GraphModel


def ids(model: OutlineModel, parent: QModelIndex | None = None) -> list[str]:
    """The ids of all rows, depth first; "" for phases."""
    parent = QModelIndex() if parent is None else parent
    found = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        found += [index.data(ID), *ids(model, index)]
    return found


def test_it_is_a_sound_model_that_mirrors_the_graph(graph: GraphModel, lenet: Program) -> None:
    model = OutlineModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_graph(graph)
    expected = {node.id for node in graph.nodes} | {group.id for group in graph.groups}
    assert set(ids(model)) - {""} == expected
    assert len(ids(model)) == len(expected) + 4  # forward, loss, backward, update
    model.set_states({graph.nodes[0].id: NodeState("done", "mean 1")})
    model.set_graph(build_graph(lenet))
    model.set_graph(GraphModel((), ()))
    assert ids(model) == []
    tester.deleteLater()


def test_nodes_lie_in_their_frames(graph: GraphModel) -> None:
    model = OutlineModel()
    model.set_graph(graph)
    for node, group in graph.membership.items():
        assert model.index_of(node).parent().data(ID) == group
    outside = model.index_of("m:fc1:forward").parent()
    assert outside.data() == "forward"
    assert outside.data(ID) == ""
    assert model.index_of("g:conv2:forward").data(NODE) is None
    assert not model.index_of("nobody").isValid()


def test_it_tells_what_a_node_shows(qtbot: QtBot, graph: GraphModel) -> None:
    model = OutlineModel()
    model.set_graph(graph)
    with qtbot.waitSignal(model.dataChanged) as caught:
        model.set_states({"m:fc1:forward": NodeState("current", "mean 0.25")})
    assert caught.args[0].data(ID) == "m:fc1:forward"
    index = model.index_of("m:fc1:forward")
    row = [index.siblingAtColumn(column).data() for column in range(model.columnCount())]
    assert row == ["→  fc1", "1×120", "mean 0.25", "has just run"]
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).startswith("fc1, closed module, forward")
    header = [model.headerData(c, Qt.Orientation.Horizontal) for c in range(model.columnCount())]
    assert header == ["Name", "Output", "Value", "Status"]


def test_the_view_tells_of_the_user_s_choices_only(qtbot: QtBot, graph: GraphModel) -> None:
    model = OutlineModel()
    view = OutlineView(model)
    qtbot.addWidget(view)
    model.set_graph(graph)
    with qtbot.assertNotEmitted(view.node_selected):
        view.show_selected("m:fc1:forward")
    assert view.currentIndex().data(ID) == "m:fc1:forward"
    with qtbot.waitSignal(view.node_selected) as caught:
        qtbot.keyClick(view, Qt.Key.Key_Down)
    assert caught.args == [view.currentIndex().data(ID)]
    with qtbot.waitSignal(view.node_opened):
        qtbot.keyClick(view, Qt.Key.Key_Return)
    with qtbot.assertNotEmitted(view.node_selected):
        view.show_selected("")


def test_phases_fold_by_enter(qtbot: QtBot, graph: GraphModel) -> None:
    model = OutlineModel()
    view = OutlineView(model)
    qtbot.addWidget(view)
    model.set_graph(graph)
    phase = model.index(0, 0)
    assert view.isExpanded(phase)
    view.setCurrentIndex(phase)
    with qtbot.assertNotEmitted(view.node_opened):
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert not view.isExpanded(phase)
