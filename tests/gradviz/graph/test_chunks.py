"""A script's long loop without modules: folded by turns, nested, and every op still within reach."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import pairwise

from gradviz.engine.program import Program
from hypothesis import given
from hypothesis import strategies as st

import gradviz
from gradviz.app.graph.build import all_modules, build_graph
from gradviz.app.graph.chunks import MOST, loops
from gradviz.app.graph.folding import Folding, Owners
from gradviz.app.graph.limits import LARGEST, opened_within
from gradviz.app.graph.repeats import nest_of
from gradviz.app.graph.texts import scope_name
from gradviz.app.recording import Iteration, Recording, metrics_of
from gradviz.app.session import Session
from tests.gradviz.graph.test_repeats import blocks


@cache
def chain(turns: int = 5000, backward: bool = False) -> Program:
    """A number that is multiplied and added to, again and again; one turn in the middle is another."""
    w = gradviz.tensor(1.0001, requires_grad=True)
    x = gradviz.tensor(0.5)
    with gradviz.record() as recorder:
        for turn in range(turns):
            x = x * w
            x = x + 0.5
            if turn == turns // 2:
                x = x.tanh()
        if backward:
            x.backward()
    return recorder.program()


def test_ten_thousand_ops_are_a_few_boxes_that_say_what_they_hold() -> None:
    program = chain()
    graph = build_graph(program)
    assert len(graph.nodes) < 10
    titles = [node.title for node in graph.nodes if node.kind == "module"]
    assert all("×2,5" in title or "×2,4" in title for title in titles)
    assert sum(len(node.instrs) for node in graph.nodes) == len(program) == 10_001


def test_every_op_can_be_reached_and_no_box_opens_to_more_than_a_few_hundred() -> None:
    program = chain()
    nest = nest_of(program, 0)
    homes = nest.homes(Owners(program).paths)
    children: Counter[str] = Counter(chunk.parent for chunk in nest.chunks.boxes.values())
    children.update(homes)
    assert max(children.values()) <= MOST
    for home in dict.fromkeys(homes):
        around = nest.around(home)
        assert Folding(nest.around, frozenset(around)).place(home).fold == ""
        assert len(around) <= 3
    for instr in (0, 777, 4999, 5000, 5003, 10_000):
        graph = build_graph(program, frozenset(nest.around(homes[instr])))
        assert graph.node_of_instr[instr] == f"i{instr}"
        assert len(graph.nodes) < 400
        drawn = [index for node in graph.nodes for index in node.instrs]
        assert sorted(drawn) == list(range(len(program)))


def test_gradients_open_with_what_they_are_of() -> None:
    program = chain(800, backward=True)
    nest = nest_of(program, 0)
    homes = nest.homes(Owners(program).paths)
    graph = build_graph(program, frozenset(nest.around(homes[0])))
    assert "i0" in graph.by_id
    of_it = [index for index, instr in enumerate(program.instrs) if instr.site.origin == 0]
    assert of_it
    assert all(f"i{index}" in graph.by_id for index in of_it)
    assert len(graph.nodes) < 600


def test_what_fits_is_drawn_as_it_is() -> None:
    program = chain(600)
    assert not nest_of(program, 0).chunks.boxes
    assert not all_modules(program)
    assert len(build_graph(program).nodes) > 1200


def test_opening_all_stops_in_time() -> None:
    opened, whole = opened_within(chain(), frozenset(), 0)
    assert not whole
    assert 2 < len(build_graph(chain(), opened).nodes) <= LARGEST


def loaded(program: Program) -> tuple[Session, list[str]]:
    made, told = Session(), []
    made.folded_first.connect(lambda: told.append("folded first"))
    made.load(Recording("chain", (Iteration(1, program, metrics_of(program, 1)),)))
    return made, told


def test_the_session_says_so_opens_what_hides_an_op_and_names_what_undo_takes_back() -> None:
    made, told = loaded(chain())
    assert told == ["folded first"]
    made.open_to(7321)
    assert made.graph is not None
    assert made.selection.node_id == "i7321"
    assert "i7321" in made.graph.by_id
    assert made.undo_text is not None
    assert "turns" in made.undo_text
    assert "×" not in made.undo_text
    made.undo()
    assert len(made.graph.nodes) < 10
    assert loaded(chain(600))[1] == []


def test_repeats_are_called_by_their_numbers() -> None:
    program = blocks(8)
    nest = nest_of(program, 3)
    names = {scope_name(nest, repeat) for repeat in nest.repeats}
    assert names == {"blocks 0 to 7 of 0", "blocks 1 to 6 of 0"}
    assert scope_name(nest, "0.1") == "0.1"


@given(st.lists(st.integers(0, 2), max_size=60), st.integers(1, 5), st.integers(8, 30))
def test_loops_cover_all_and_repeat(before: list[int], period: int, turns: int) -> None:
    keys = [*before, *(list(range(10, 10 + period)) * turns), *before]
    found = loops(keys)
    assert [start for start, _, _ in found] == [0, *(stop for _, stop, _ in found)][: len(found)]
    assert all(one[1] == other[0] for one, other in pairwise(found))
    assert found[-1][1] == len(keys)
    for start, stop, length in found:
        if length:
            assert (stop - start) % length == 0
            assert all(keys[at] == keys[at - length] for at in range(start + length, stop))
    assert any(start <= len(before) and stop >= len(before) + period * turns for start, stop, n in found if n)
