"""The session: what stays when something else is shown; news in order, once, whatever listeners do."""

from __future__ import annotations

from typing import Any

import pytest
from gradviz.engine.program import Phase, Program

from gradviz.app.breakpoints import Breakpoints
from gradviz.app.graph.build import all_modules, build_graph
from gradviz.app.recording import Metrics, Recording
from gradviz.app.selection import Selection
from gradviz.app.session import Session
from tests.gradviz.app.sessions import (
    PROGRAMS,
    iteration,
    listen,
    loaded,
    node_with,
    op_node,
    recording,
)
from tests.programs import lenet_like


def test_nothing_recorded() -> None:
    session = Session()
    heard = listen(session)
    session.open_all()
    session.close_all()
    session.undo()
    session.redo()
    session.select_node("i0")
    session.select_slot(3)
    session.toggle_module("m:conv1:forward")
    session.toggle_breakpoint("i0")
    assert (session.program, session.state, session.current_node, session.iteration) == (None,) * 4
    assert session.selection == Selection()
    assert heard == []


def test_a_recording_without_iterations_shows_its_problem_only() -> None:
    session = loaded("lenet")
    session.select_node(node_with(session, title="relu"))
    session.load(Recording("broken.py", problem="SyntaxError", problem_file="broken.py", problem_line=3))
    assert (session.timeline, session.graph, session.selection) == (None, None, Selection())
    session.add_iteration(iteration(PROGRAMS["mlp"]))
    assert session.recording is not None
    assert session.recording.problem == "SyntaxError"
    assert session.program is PROGRAMS["mlp"]


def test_each_change_is_told_once_and_in_order() -> None:
    session = Session()
    heard = listen(session)
    session.load(recording("lenet"))
    assert heard == ["recording", "graph", "metrics", "selection", "breakpoints", "edits", "moment"]
    assert session.timeline is not None
    for command, news in (
        (lambda: session.timeline.step(), ["moment"]),
        (lambda: session.timeline.go(1), []),
        (session.open_all, ["edits", "graph"]),
        (session.open_all, []),
        (session.undo, ["edits", "graph"]),
        (lambda: session.select_node(session.current_node), ["selection"]),
        (lambda: session.select_node(session.current_node), []),
        (session.open_all, ["edits", "graph", "selection"]),  # the module's box is gone, its conv2d is there
        (session.toggle_nonfinite_breakpoint, ["edits", "breakpoints"]),
        (lambda: session.add_metrics([Metrics(2, 0.5)]), ["metrics"]),
        (lambda: session.add_metrics([]), []),
        (lambda: session.add_iteration(iteration(PROGRAMS["lenet"], 2)), ["recording", "metrics", "moment"]),
        (lambda: session.add_iteration(iteration(PROGRAMS["lenet"], 3)), ["recording", "metrics", "moment"]),
    ):
        heard.clear()
        command()
        assert heard == news
    assert [row.iteration for row in session.metrics] == [1, 2, 2, 3]


def test_an_iteration_of_another_structure_brings_its_graph_and_keeps_the_place() -> None:
    session = loaded("lenet", "mlp")
    assert session.timeline is not None
    session.select_node(node_with(session, module="cross_entropy", phase=Phase.LOSS))
    heard = listen(session)
    session.timeline.step(len(PROGRAMS["lenet"]) + 1)
    assert heard == ["graph", "selection", "moment"]
    program, slot = session.program, session.selection.slot
    assert program is PROGRAMS["mlp"]
    assert slot is not None
    assert program.instrs[program.producers[slot]].op == "nll_loss"


def test_the_selection_survives_folding() -> None:
    session = loaded("lenet")
    folded = node_with(session, module="conv1", phase=Phase.FORWARD)
    session.select_node(folded)
    slot = session.selection.slot
    session.select_element((0, 3, 4, 5))
    session.toggle_module(folded)
    assert session.graph is not None
    opened = session.selection
    assert opened.node_id is not None
    assert session.graph.by_id[opened.node_id].title == "conv2d"
    session.toggle_module(opened.node_id)
    assert session.selection == Selection(folded, slot, (0, 3, 4, 5))
    assert session.open_modules == frozenset()


def test_elements_and_slots_that_do_not_exist_are_refused() -> None:
    session = loaded("lenet")
    with pytest.raises(IndexError):
        session.select_element((0,))
    with pytest.raises(IndexError):
        session.select_slot(10**6)
    session.select_slot(0)  # conv1.weight, 6×1×5×5
    for wrong in ((), (6, 0, 0, 0), (-1, 0, 0, 0), (0, 0, 0, 0, 0)):
        with pytest.raises(IndexError):
            session.select_element(wrong)
    assert session.selection.element is None


def test_loading_the_same_structure_keeps_what_is_open_and_set() -> None:
    session = loaded("lenet")
    session.toggle_module(node_with(session, module="conv1", phase=Phase.FORWARD))
    session.toggle_breakpoint(node_with(session, module="fc1", phase=Phase.BACKWARD))
    session.select_node(node_with(session, title="relu"))
    assert session.timeline is not None
    session.timeline.end()
    before = (session.open_modules, session.breakpoints, session.selection, session.undo_text)
    session.load(Recording("another digit", (iteration(lenet_like(seed=7)),)))
    assert (session.open_modules, session.breakpoints, session.selection, session.undo_text) == before
    assert session.timeline.moment == 0
    assert session.timeline.run()


def test_loading_another_structure_resets_what_makes_no_sense_there() -> None:
    session = loaded("lenet")
    session.toggle_module(node_with(session, module="conv1", phase=Phase.FORWARD))
    session.toggle_breakpoint(node_with(session, module="fc1", phase=Phase.BACKWARD))
    session.toggle_breakpoint(node_with(session, module="cross_entropy", phase=Phase.LOSS))
    session.toggle_op_breakpoint("relu")
    session.toggle_nonfinite_breakpoint()
    session.select_node(node_with(session, title="relu"))
    session.load(recording("mlp"))
    assert session.open_modules == frozenset()
    assert session.selection == Selection()
    assert (session.undo_text, session.redo_text) == (None, None)
    assert session.breakpoints == Breakpoints(
        frozenset(place for place in session.breakpoints.instrs if place.module == "cross_entropy"),
        frozenset({"relu"}),
        True,
    )
    assert len(session.breakpoints.instrs) == 1


def test_an_edited_script_keeps_the_modules_that_it_still_has() -> None:
    session = Session()
    session.load(recording("resnet", title="net.py"))
    session.open_all()
    session.load(recording("lenet", title="net.py"))
    both = all_modules(PROGRAMS["resnet"]) & all_modules(PROGRAMS["lenet"])
    assert session.open_modules == both != frozenset()


def test_a_breakpoint_inside_a_folded_module_shows_and_clears_on_its_box() -> None:
    session = loaded("lenet")
    box = node_with(session, module="conv1", phase=Phase.BACKWARD)
    session.toggle_module(box)
    session.toggle_breakpoint(op_node(session, "conv2d_weight_grad"))
    session.close_all()
    assert session.breakpoint_nodes == {box}
    session.toggle_breakpoint(box)
    assert not session.breakpoints
    session.toggle_breakpoint(box)
    assert session.timeline is not None
    assert session.timeline.run()
    assert session.current_node == box


def test_the_old_timeline_is_let_go() -> None:
    session = loaded("lenet")
    old = session.timeline
    assert old is not None
    session.load(recording("mlp"))
    heard = listen(session)
    old.step()
    assert heard == []


def test_a_listener_that_changes_more_is_told_after_the_others() -> None:
    session = loaded("lenet")
    order: list[str] = []

    def first() -> None:
        order.append("first hears graph")
        if session.timeline is not None and session.timeline.moment == 0:
            session.timeline.step()

    session.graph_changed.connect(first)
    session.graph_changed.connect(lambda: order.append("second hears graph"))
    session.moment_changed.connect(lambda moment: order.append(f"moment {moment}"))
    session.open_all()
    assert order == ["first hears graph", "second hears graph", "moment 1"]


def test_a_failing_listener_does_not_corrupt_the_state() -> None:
    session = loaded("lenet")
    heard: list[str] = []

    def fail() -> None:
        raise ValueError("panel broke")

    session.graph_changed.connect(fail)
    session.edits_changed.connect(lambda: heard.append("edits"))
    session.selection_changed.connect(lambda: heard.append("selection"))
    session.select_node(node_with(session, module="conv1", phase=Phase.FORWARD))
    with pytest.raises(Exception, match="panel broke"):
        session.open_all()
    assert heard == ["selection", "edits", "selection"]
    session.graph_changed.disconnect(fail)
    session.undo()
    assert session.open_modules == frozenset()
    assert session.graph == build_graph(PROGRAMS["lenet"], frozenset())
    session.redo()
    assert session.open_modules == all_modules(PROGRAMS["lenet"])


def test_a_failing_builder_leaves_the_session_usable() -> None:
    def build(program: Program, open_modules: frozenset[str], repeats: int) -> Any:
        if open_modules or program is PROGRAMS["mlp"]:
            raise RuntimeError("cannot build")
        return build_graph(program, open_modules)

    session = Session(build=build)
    session.load(recording("lenet"))
    with pytest.raises(RuntimeError, match="cannot build"):
        session.open_all()
    assert session.graph is not None
    assert session.open_modules == frozenset()
    assert session.undo_text is None
    old = session.recording
    with pytest.raises(RuntimeError, match="cannot build"):
        session.load(recording("mlp"))
    assert session.recording is old
    assert session.timeline is not None
    session.timeline.end()
    assert session.current_node in session.graph.by_id
