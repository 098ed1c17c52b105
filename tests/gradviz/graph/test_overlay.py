"""The numbers that colour the graph: at every moment those of what is computed then, and no others."""

from __future__ import annotations

import math

import numpy as np
import pytest
from gradviz.engine.program import Program
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.app.graph.build import all_modules, build_graph
from gradviz.app.graph.measures import Measures
from gradviz.app.graph.overlay import (
    BROKEN,
    BYTES,
    GRADIENT,
    LEAST,
    TIME,
    VALUE,
    Overlays,
    Scale,
    measured,
    scale_for,
    size_text,
)
from gradviz.app.state import StateView
from tests.programs import lenet_like, neuron, resnet_like

PROGRAMS = [lenet_like(), neuron(update=True), resnet_like()]


def expected(kind: str, program: Program, node: object, moment: int) -> float:
    """The number of one node, NaN if it has none."""
    state = StateView(program, moment)
    gradients = {slot for row in program.contributions for slot in (row.grad, row.total)}
    slot = node.slot  # type: ignore[attr-defined]
    if kind == BYTES:
        instrs = [i for i in node.instrs if i < moment]  # type: ignore[attr-defined]
        if not node.instrs:  # type: ignore[attr-defined]
            return program.values[slot].nbytes
        return sum(program.values[program.instrs[i].output].nbytes for i in instrs) if instrs else math.nan
    if kind == TIME:
        instrs = [i for i in node.instrs if i < moment]  # type: ignore[attr-defined]
        return sum(i + 1 for i in instrs) if instrs else math.nan
    if kind == VALUE:
        return float(np.abs(program.values[slot]).mean(dtype=float)) if state.written(slot) else math.nan
    if node.phase.value in ("forward", "loss"):  # type: ignore[attr-defined]
        found = state.gradient(slot)
    elif node.phase.value == "backward" and slot in gradients and state.written(slot):  # type: ignore[attr-defined]
        found = program.values[slot]
    else:
        found = None
    return math.nan if found is None else float(np.linalg.norm(found.astype(float)))


def test_nothing_is_stale_at_any_moment() -> None:
    @settings(max_examples=25)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        program = data.draw(st.sampled_from(PROGRAMS))
        modules = sorted(all_modules(program))
        opened = data.draw(st.sets(st.sampled_from(modules))) if modules else set()
        graph = build_graph(program, frozenset(opened))
        measures = Measures(program)
        overlays = Overlays(graph, program, measures)
        assert not overlays.at(TIME, len(program)).known.any()  # nobody has measured it
        measures.seconds = [float(i + 1) for i in range(len(program))]
        for moment in data.draw(st.lists(st.integers(0, len(program)), min_size=1, max_size=4)):
            for kind in (VALUE, GRADIENT, BYTES, TIME):
                while not overlays.fill(kind, moment, 1.0):
                    pass
                shown = overlays.at(kind, moment)
                wanted = [expected(kind, program, node, moment) for node in graph.nodes]
                assert shown.numbers == pytest.approx(wanted, rel=1e-5, nan_ok=True)
                assert (np.isnan(shown.levels) == np.isnan(wanted)).all()

    check()


def test_without_time_nothing_is_coloured_yet() -> None:
    program = PROGRAMS[0]
    overlays = Overlays(build_graph(program), program, Measures(program))
    assert not overlays.fill(VALUE, len(program), -1.0)
    assert np.isnan(overlays.at(VALUE, len(program)).levels).all()
    assert overlays.fill(VALUE, len(program), 60.0)
    assert not np.isnan(overlays.at(VALUE, len(program)).levels).any()


def test_the_scale_is_of_whole_decades() -> None:
    assert scale_for(np.array([0.02, 3.0, np.nan, 0.0])) == Scale(-2, 1)
    assert scale_for(np.array([1.0, 1.0])) == Scale(-1, 0)
    assert scale_for(np.array([1e-30, 1.0])) == Scale(-6, 0)
    assert scale_for(np.array([np.nan, 0.0, np.inf])) is None
    levels = Scale(-2, 0).level(np.array([0.0, 0.001, 0.01, 0.1, 1.0, np.inf, np.nan]))
    assert levels == pytest.approx([0.0, LEAST, LEAST, (1 + LEAST) / 2, 1.0, BROKEN, BROKEN])


def test_numbers_are_written_short() -> None:
    assert [size_text(x) for x in (40, 4813, 150_000, 3 << 30)] == ["40 B", "4.7 KiB", "146 KiB", "3.0 GiB"]
    assert measured(VALUE, 0.12345) == "|x| 0.123"
    assert measured(GRADIENT, 3.1e-5) == "‖∂‖ 3.1e−5"
