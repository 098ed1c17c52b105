"""The cursor: where each move leads, that the way there does not matter, that breakpoints stop both ways."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gradviz.app.breakpoints import Breakpoints, Place, Stops
from gradviz.app.timeline import Segment, Timeline
from tests.gradviz.app.random_programs import MODULES, OPS, programs
from tests.programs import chain, lenet_like, mlp_like

DIRECTIONS = st.sampled_from((-1, 1))
BREAKPOINTS = st.builds(
    Breakpoints,
    st.frozensets(
        st.builds(
            Place,
            st.sampled_from(MODULES),
            st.sampled_from(Phase),
            st.sampled_from(("", *OPS)),
            st.integers(0, 2),
        ),
        max_size=3,
    ),
    st.frozensets(st.sampled_from(OPS), max_size=1),
    st.booleans(),
)


def flat(timeline: Timeline) -> list[tuple[int, Any]]:
    """All instructions of a timeline, each with its iteration."""
    return [(i, instr) for i, program in enumerate(timeline.programs) for instr in program.instrs]


def moments_to_stop_at(timeline: Timeline) -> list[int]:
    """The plain definition of a breakpoint, without any table."""
    found, points = [], timeline.breakpoints
    moment = 0
    for program in timeline.programs:
        seen: dict[tuple[str, Phase, str], int] = {}
        for index, instr in enumerate(program.instrs):
            moment += 1
            key = (instr.site.module, instr.site.phase, instr.op)
            nth = seen[key] = seen.get(key, -1) + 1
            stop = instr.op in points.ops or Place(*key, nth) in points.instrs
            for place in points.instrs:
                before = program.instrs[index - 1].site if index else None
                stop |= not place.op and is_in(instr.site, place) and not (before and is_in(before, place))
            if points.nonfinite and not np.isfinite(program.values[instr.output]).all():
                computed = [s for s in instr.inputs if program.producers[s] >= 0]
                stop |= all(np.isfinite(program.values[s]).all() for s in computed)
            if stop:
                found.append(moment)
    return found


def is_in(site: Any, place: Place) -> bool:
    path = site.module.split(".")[: len(place.module.split("."))]
    return ".".join(path) == place.module and site.phase is place.phase


class Moves(RuleBasedStateMachine):
    """Any sequence of moves; after each, everything equals what going there directly gives."""

    @initialize(first=st.lists(programs(), max_size=3))
    def make(self, first: list[Program]) -> None:
        self.timeline = Timeline(first)
        self.moments: list[int] = []
        self.timeline.changed.connect(self.moments.append)

    @rule(program=programs())
    def extend(self, program: Program) -> None:
        before, length = self.timeline.moment, self.timeline.length
        self.timeline.extend(program)
        assert (self.timeline.moment, self.timeline.length) == (before, length + len(program))

    @rule(n=st.integers(-5, 5))
    def step(self, n: int) -> None:
        self.check_move(lambda: self.timeline.step(n), self.timeline.moment + n)

    @rule(moment=st.integers(-3, 50))
    def go(self, moment: int) -> None:
        self.check_move(lambda: self.timeline.go(moment), moment)

    @rule()
    def start(self) -> None:
        self.check_move(self.timeline.start, 0)

    @rule()
    def end(self) -> None:
        self.check_move(self.timeline.end, self.timeline.length)

    @rule(direction=DIRECTIONS)
    def module(self, direction: int) -> None:
        instrs = flat(self.timeline)
        keys = [(i, instr.site.module, instr.site.phase) for i, instr in instrs]
        marks = [m for m in range(1, len(keys)) if keys[m] != keys[m - 1]]
        self.check_move(lambda: self.timeline.step_module(direction), self.next_of(marks, direction))

    @rule(direction=DIRECTIONS)
    def phase(self, direction: int) -> None:
        marks = [segment.start for segment in self.timeline.segments]
        self.check_move(lambda: self.timeline.phase_jump(direction), self.next_of(marks, direction))

    @rule()
    def home(self) -> None:
        segment, moment = self.timeline.segment, self.timeline.moment
        self.timeline.phase_start()
        if segment is not None and moment > 0:
            assert self.timeline.moment == segment.start

    @rule()
    def phase_end(self) -> None:
        marks = [segment.stop for segment in self.timeline.segments]
        self.check_move(self.timeline.phase_end, self.next_of(marks, 1))

    @rule(points=BREAKPOINTS, direction=DIRECTIONS)
    def run(self, points: Breakpoints, direction: int) -> None:
        self.timeline.breakpoints = points
        stops = moments_to_stop_at(self.timeline)
        expected = self.next_of(stops, direction)
        beyond = any((m - self.timeline.moment) * direction > 0 for m in stops)
        assert self.timeline.run(direction) is beyond
        assert self.timeline.moment == expected

    def next_of(self, marks: list[int], direction: int) -> int:
        now = self.timeline.moment
        if direction > 0:
            return min((m for m in marks if m > now), default=self.timeline.length)
        return max((m for m in marks if m < now), default=0)

    def check_move(self, move: Any, expected: int) -> None:
        before = self.timeline.moment
        expected = min(max(expected, 0), self.timeline.length)
        self.moments.clear()
        move()
        assert self.timeline.moment == expected
        assert self.moments == ([expected] if expected != before else [])

    @invariant()
    def same_as_going_there(self) -> None:
        if not hasattr(self, "timeline"):
            return
        fresh = Timeline(self.timeline.programs)
        fresh.go(self.timeline.moment)
        assert fresh.segments == self.timeline.segments
        assert (fresh.locate(), fresh.current, fresh.segment) == (
            self.timeline.locate(),
            self.timeline.current,
            self.timeline.segment,
        )
        instrs = flat(self.timeline)
        if (current := self.timeline.current) is not None:
            iteration, instr = instrs[self.timeline.moment - 1]
            assert current[0] == iteration
            assert self.timeline.programs[iteration].instrs[current[1]] is instr
            assert self.timeline.segment is not None
            assert self.timeline.segment.phase is instr.site.phase
            assert self.timeline.segment.start < self.timeline.moment <= self.timeline.segment.stop


TestMoves = Moves.TestCase


@given(st.lists(programs(), max_size=4))
def test_segments_cover_every_instruction_once(several: list[Program]) -> None:
    timeline = Timeline(several)
    covered = [
        (segment.iteration, segment.phase)
        for segment in timeline.segments
        for _ in range(segment.start, segment.stop)
    ]
    assert covered == [(i, instr.site.phase) for i, instr in flat(timeline)]
    assert [s.start for s in timeline.segments[1:]] == [s.stop for s in timeline.segments[:-1]]


def test_the_moment_between_two_iterations_belongs_to_the_earlier_one() -> None:
    first, second = mlp_like(), mlp_like(seed=1)
    timeline = Timeline([first, second])
    timeline.go(len(first))
    assert timeline.locate() == (0, len(first))
    assert timeline.current == (0, len(first) - 1)
    timeline.step()
    assert timeline.locate() == (1, 1)
    assert timeline.current == (1, 0)
    assert timeline.start_of(1) == len(first)


def test_phases_of_lenet() -> None:
    timeline = Timeline([lenet_like()])
    phases = [segment.phase for segment in timeline.segments]
    assert phases == [Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.UPDATE]
    assert timeline.segment == timeline.segments[0]
    for segment in timeline.segments:
        timeline.phase_end()
        assert timeline.moment == segment.stop
        assert timeline.segment == segment
    for segment in reversed(timeline.segments):
        timeline.phase_start()
        assert timeline.moment == segment.start


def test_a_module_is_one_step() -> None:
    program = lenet_like()
    timeline = Timeline([program])
    seen = []
    while timeline.moment < timeline.length:
        timeline.step_module()
        current = timeline.current
        assert current is not None
        seen.append(timeline.stops(0).places[current[1]].module)
    forward = ["conv1", "", "conv2", "", "fc1", "", "fc2", "", "fc3", "cross_entropy"]
    assert seen[:10] == forward
    assert seen[10:20] == forward[::-1]  # accumulating a gradient belongs to the parameter's module
    assert seen[20:] == ["conv1", "conv2", "fc1", "fc2", "fc3"]  # and so does updating it


def test_nothing_recorded() -> None:
    timeline = Timeline()
    for move in (timeline.step, timeline.end, timeline.step_module, timeline.phase_end, timeline.run):
        move()
    assert (timeline.moment, timeline.length, timeline.locate()) == (0, 0, (0, 0))
    assert timeline.current is None
    assert timeline.segment is None


def test_an_empty_iteration_is_passed_over() -> None:
    empty = Program((), (), ())
    timeline = Timeline([empty, mlp_like(), empty])
    assert timeline.locate() == (0, 0)
    timeline.step()
    assert timeline.locate() == (1, 1)
    timeline.end()
    assert timeline.locate() == (1, len(mlp_like()))
    assert timeline.segments[0] == Segment(Phase.FORWARD, 1, 0, timeline.segments[0].stop)


def test_the_first_nonfinite_number_is_found_where_it_is_made() -> None:
    program = chain(20, backward=False)
    values = list(program.values)
    for instr in program.instrs[7:]:
        values[instr.output] = np.array(np.nan, dtype=np.float32)
    broken = Program(program.instrs, program.slots, tuple(values))
    timeline = Timeline([program, broken])
    timeline.breakpoints = Breakpoints(nonfinite=True)
    assert timeline.run()
    assert timeline.current == (1, 7)
    assert not timeline.run()
    assert timeline.run(-1)
    assert timeline.current == (1, 7)


def test_a_nan_in_the_data_is_found_where_it_is_first_read() -> None:
    program = mlp_like()
    x = next(i for i, slot in enumerate(program.slots) if slot.name == "x")
    values = list(program.values)
    values[x] = np.full_like(values[x], np.nan)
    first = program.consumers[x][0][0]
    values[program.instrs[first].output] = np.full_like(values[program.instrs[first].output], np.inf)
    stops = Stops(Program(program.instrs, program.slots, tuple(values)))
    assert stops.makes_nonfinite(first)


def test_each_value_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = Timeline([chain(50)])
    timeline.breakpoints = Breakpoints(nonfinite=True)
    timeline.run()
    calls: list[object] = []
    monkeypatch.setattr("gradviz.app.breakpoints.np.isfinite", calls.append)
    timeline.run(-1)
    timeline.run()
    assert calls == []


def test_a_listener_that_moves_on_is_heard_last() -> None:
    timeline = Timeline([chain(10)])
    heard: list[int] = []

    def push(moment: int) -> None:
        if moment < 3:
            timeline.step()

    timeline.changed.connect(push)
    timeline.changed.connect(heard.append)
    timeline.step()
    assert heard == [3]
    assert timeline.moment == 3


def test_a_failing_listener_leaves_the_cursor_where_it_went() -> None:
    timeline = Timeline([chain(10)])

    def fail(moment: int) -> None:
        raise ValueError(moment)

    timeline.changed.connect(fail)
    with pytest.raises(Exception, match="ValueError"):
        timeline.go(4)
    timeline.changed.disconnect(fail)
    timeline.step()
    assert timeline.moment == 5
