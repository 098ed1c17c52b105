"""Any sequence of commands leaves the session consistent, and undo takes back what was set."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gradviz.app.breakpoints import Breakpoints
from gradviz.app.graph.build import build_graph
from tests.gradviz.app.sessions import (
    PROGRAMS,
    SAMPLES,
    iteration,
    loaded,
)


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
        assert self.session.timeline.moment == length + 1

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
