"""The session: any commands leave it consistent, undo takes back, news come in order and once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gradviz.app.breakpoints import Breakpoints
from gradviz.app.graph.build import all_modules, build_graph
from gradviz.app.recording import Iteration, Metrics, Recording, metrics_of
from gradviz.app.selection import Selection
from gradviz.app.session import Session
from tests.programs import chain, lenet_like, mlp_like, neuron, resnet_like

SAMPLES: dict[str, Callable[[], Program]] = {
    "lenet": lenet_like,
    "mlp": mlp_like,
    "neuron": neuron,
    "resnet": lambda: resnet_like((1, 1)),
    "chain": lambda: chain(6),
}
PROGRAMS = {name: make() for name, make in SAMPLES.items()}
SIGNALS = ("recording", "moment", "graph", "selection", "breakpoints", "metrics", "edits")


def iteration(program: Program, number: int = 1) -> Iteration:
    return Iteration(number, program, metrics_of(program, number))


def recording(*names: str, title: str = "") -> Recording:
    iterations = tuple(iteration(PROGRAMS[name], i + 1) for i, name in enumerate(names))
    return Recording(title or "+".join(names), iterations)


def listen(session: Session) -> list[str]:
    """The names of the signals that are emitted from now on."""
    heard: list[str] = []
    for name in SIGNALS:
        getattr(session, f"{name}_changed").connect(lambda *args, name=name: heard.append(name), max_args=1)
    return heard


def loaded(*names: str) -> Session:
    session = Session()
    session.load(recording(*(names or ("lenet",))))
    return session


def node_with(session: Session, **wanted: Any) -> str:
    """The id of the first node with these attributes."""
    assert session.graph is not None
    return next(
        node.id for node in session.graph.nodes if all(getattr(node, k) == v for k, v in wanted.items())
    )


def op_node(session: Session, op: str) -> str:
    """The id of the node that shows the last instruction of an op kind."""
    assert session.graph is not None
    assert session.program is not None
    last = max(i for i, instr in enumerate(session.program.instrs) if instr.op == op)
    return session.graph.node_of_instr[last]


class Commands(RuleBasedStateMachine):
    """Random commands, and a plain model of what undo has to bring back."""

    @initialize(names=st.lists(st.sampled_from(sorted(SAMPLES)), min_size=1, max_size=3))
    def load(self, names: list[str]) -> None:
        self.session = loaded(*names)
        self.past: list[tuple[frozenset[str], Breakpoints]] = []
        self.future: list[tuple[frozenset[str], Breakpoints]] = []
        self.last_moment = 0
        self.session.moment_changed.connect(self.see)

    def see(self, moment: int) -> None:
        self.last_moment = moment

    def edit(self, command: Callable[[], object]) -> None:
        before = self.set()
        command()
        if self.set() != before:
            self.past.append(before)
            self.future.clear()

    def set(self) -> tuple[frozenset[str], Breakpoints]:
        return self.session.open_modules, self.session.breakpoints

    def pick(self, data: st.DataObject) -> str:
        assert self.session.graph is not None
        ids = [node.id for node in self.session.graph.nodes] + [g.id for g in self.session.graph.groups]
        return data.draw(st.sampled_from(ids))

    @rule(data=st.data())
    def toggle_module(self, data: st.DataObject) -> None:
        self.edit(lambda: self.session.toggle_module(self.pick(data)))

    @rule(data=st.data())
    def toggle_breakpoint(self, data: st.DataObject) -> None:
        node_id, before = self.pick(data), self.session.breakpoint_nodes
        self.edit(lambda: self.session.toggle_breakpoint(node_id))
        assert self.session.graph is not None
        node = self.session.graph.by_id.get(node_id)
        if node is not None and node.instrs:
            assert (node_id in self.session.breakpoint_nodes) is (node_id not in before)
        else:
            assert self.session.breakpoint_nodes == before

    @rule(op=st.sampled_from(("conv2d", "mul", "no such op")))
    def toggle_op(self, op: str) -> None:
        self.edit(lambda: self.session.toggle_op_breakpoint(op))

    @rule()
    def toggle_nonfinite(self) -> None:
        self.edit(self.session.toggle_nonfinite_breakpoint)

    @rule()
    def clear_breakpoints(self) -> None:
        self.edit(self.session.clear_breakpoints)

    @rule()
    def open_all(self) -> None:
        self.edit(self.session.open_all)

    @rule()
    def close_all(self) -> None:
        self.edit(self.session.close_all)

    @rule()
    def undo(self) -> None:
        now = self.set()
        self.session.undo()
        if self.past:
            self.future.append(now)
            assert self.set() == self.past.pop()
        assert (self.session.undo_text is None) is (not self.past)

    @rule()
    def redo(self) -> None:
        now = self.set()
        self.session.redo()
        if self.future:
            self.past.append(now)
            assert self.set() == self.future.pop()
        assert (self.session.redo_text is None) is (not self.future)

    @rule(data=st.data())
    def select_node(self, data: st.DataObject) -> None:
        self.session.select_node(data.draw(st.sampled_from([self.pick(data), None, "no such node"])))

    @rule(data=st.data())
    def select_slot(self, data: st.DataObject) -> None:
        assert self.session.program is not None
        slot = data.draw(st.integers(0, len(self.session.program.slots) - 1))
        self.session.select_slot(slot)
        assert self.session.selection.slot == slot

    @precondition(lambda self: hasattr(self, "session") and self.session.selection.slot is not None)
    @rule(data=st.data())
    def select_element(self, data: st.DataObject) -> None:
        slot, program = self.session.selection.slot, self.session.program
        assert program is not None
        assert slot is not None
        index = tuple(data.draw(st.integers(0, size - 1)) for size in program.slots[slot].shape)
        self.session.select_element(index)
        assert self.session.selection.element == index

    @rule(moment=st.integers(0, 400))
    def go(self, moment: int) -> None:
        assert self.session.timeline is not None
        self.session.timeline.go(moment)

    @rule(direction=st.sampled_from((-1, 1)))
    def run(self, direction: int) -> None:
        assert self.session.timeline is not None
        self.session.timeline.run(direction)

    @rule(name=st.sampled_from(sorted(SAMPLES)))
    def add_iteration(self, name: str) -> None:
        assert self.session.timeline is not None
        length = self.session.timeline.length
        self.session.add_iteration(iteration(PROGRAMS[name], 9))
        assert self.session.timeline.moment == length

    @invariant()
    def consistent(self) -> None:
        if not hasattr(self, "session"):
            return
        session = self.session
        timeline, program, graph, state = session.timeline, session.program, session.graph, session.state
        assert timeline is not None
        assert program is not None
        assert graph is not None
        assert state is not None
        number, moment = timeline.locate()
        assert program is timeline.programs[number]
        assert session.iteration is not None
        assert session.iteration.program is program
        assert (state.program, state.moment) == (program, moment)
        assert graph == build_graph(program, session.open_modules)
        assert timeline.breakpoints is session.breakpoints
        assert self.last_moment == timeline.moment
        chosen = session.selection
        assert chosen.node_id is None or chosen.node_id in graph.by_id
        if chosen.element is not None:
            assert chosen.slot is not None
            assert np.zeros(program.slots[chosen.slot].shape)[chosen.element] == 0
        if (current := timeline.current) is not None:
            assert session.current_node is not None
            assert current[1] in graph.by_id[session.current_node].instrs


TestCommands = Commands.TestCase
TestCommands.settings = settings(max_examples=40, stateful_step_count=25)


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
    def build(program: Program, open_modules: frozenset[str]) -> Any:
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


def test_metrics_of_a_program() -> None:
    program = PROGRAMS["lenet"]
    metrics = metrics_of(program, 3, 0.25)
    names = [
        f"{layer}.{kind}" for layer in ("conv1", "conv2", "fc1", "fc2", "fc3") for kind in ("weight", "bias")
    ]
    assert sorted(metrics.gradient_norms) == sorted(metrics.update_ratios) == sorted(names)
    assert (metrics.iteration, metrics.seconds) == (3, 0.25)
    assert metrics.loss == float(program.values[program.loss or 0])
    end = len(program)
    weight = program.values[program.bound("fc1.weight", 0) or 0].astype(np.float64)
    after = program.values[program.bound("fc1.weight", end) or 0].astype(np.float64)
    grad = program.values[program.bound("fc1.weight.grad", end) or 0].astype(np.float64)
    assert metrics.gradient_norms["fc1.weight"] == pytest.approx(np.sqrt((grad**2).sum()))
    expected = np.sqrt(((after - weight) ** 2).sum() / (weight**2).sum())
    assert metrics.update_ratios["fc1.weight"] == pytest.approx(expected)


def test_metrics_without_a_loss_or_an_update() -> None:
    assert np.isnan(metrics_of(Program((), (), ()), 1).loss)
    forward = metrics_of(lenet_like(backward=False), 1)
    assert np.isnan(forward.loss)
    assert (forward.gradient_norms, forward.update_ratios) == ({}, {})


def test_an_update_of_a_weight_that_was_zero_is_infinite() -> None:
    program = PROGRAMS["lenet"]
    slot = program.bound("fc1.bias", 0) or 0
    values = tuple(np.zeros_like(v) if i == slot else v for i, v in enumerate(program.values))
    assert metrics_of(replace(program, values=values), 1).update_ratios["fc1.bias"] == float("inf")
