"""Numbers changed by hand: computed as the interpreter would, taken back exactly, forgotten in time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.interpret import run
from gradviz.engine.program import Program
from gradviz.engine.recorder import record
from gradviz.engine.rerun import AbandonedError

import gradviz as torch
from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.inside.alterations import Alterations, alter, with_change
from gradviz.app.inside.check import Verdict, check
from gradviz.app.inside.nudge import nudge
from gradviz.app.recording import Iteration, Recording, metrics_of
from gradviz.app.session import Session
from tests.gradviz.app.scripts import TRAINING, Script
from tests.gradviz.app.sessions import listen
from tests.ui.fakes import lenet


def small() -> Program:
    """L = Σ tanh(x w), one step of gradient descent on w."""
    x = torch.tensor([[0.5, -1.0], [2.0, 0.25]])
    w = torch.tensor([[1.0, 0.5], [-0.5, 2.0]], requires_grad=True)
    with record() as recorder:
        loss = (x @ w).tanh().sum()
        loss.backward()
        with torch.no_grad():
            assert w.grad is not None
            w -= 0.1 * w.grad
    return recorder.program()


def session_of(*programs: Program) -> Session:
    session = Session()
    rows = tuple(Iteration(n, program, metrics_of(program, n)) for n, program in enumerate(programs, 1))
    session.load(Recording("small", rows))
    return session


def leaf(program: Program) -> int:
    return program.instrs[0].inputs[0]


def same(a: Program, b: Program) -> bool:
    return all(x.tobytes() == y.tobytes() for x, y in zip(a.values, b.values, strict=True))


def test_all_that_follows_is_computed_as_the_interpreter_does() -> None:
    made = small()
    slot = leaf(made)
    after = alter(made, {slot: {(0, 1): 3.5}})
    changed = np.array(made.values[slot])
    changed[0, 1] = 3.5
    assert [x.tobytes() for x in after.program.values] == [x.tobytes() for x in run(made, {slot: changed})]
    assert made.loss is not None
    assert after.program.values[made.loss] != made.values[made.loss]
    weights = [row.slot for row in made.bindings if row.slot is not None]
    assert any(not np.array_equal(after.program.values[w], made.values[w]) for w in weights)  # the update too
    assert after.program.fingerprint() == made.fingerprint()
    assert after.size > 0


def test_no_change_is_the_recorded_program_itself() -> None:
    made = small()
    slot = leaf(made)
    changes = with_change({}, made, slot, {(0, 0): 9.0})
    changes = with_change(changes, made, slot, {(0, 0): 0.5})
    assert alter(made, changes).program is made
    assert alter(made, {}).program is made


def test_giving_up() -> None:
    made = small()
    with pytest.raises(AbandonedError):
        alter(made, {leaf(made): {(0, 0): 1.0}}, lambda done, of: False)


def test_cursor_folding_and_selection_stay_and_undo_is_exact() -> None:
    session = session_of(small(), small())
    assert session.timeline is not None
    first, second = session.timeline.programs
    alterations = Alterations(session)
    slot = leaf(first)
    session.timeline.go(3)
    session.select_slot(slot)
    session.select_element((0, 1))
    graph, selection = session.graph, session.selection
    heard = listen(session)
    after = alter(first, with_change({}, first, slot, {(0, 1): 2.0}))
    alterations.show("Change x[0, 1]", 0, after)
    assert heard == ["edits", "recording", "metrics", "moment"]
    assert session.program is after.program
    assert (session.timeline.moment, session.graph, session.selection) == (3, graph, selection)
    assert session.timeline.programs == (after.program, second)  # what came later was left
    assert alterations.slots == {slot}
    assert session.recording is not None
    assert session.recording.iterations[0].program is after.program
    assert session.metrics[0].loss == pytest.approx(float(after.program.values[first.loss or 0]))
    assert session.undo_text == "Change x[0, 1]"
    session.undo()
    assert session.program is first
    assert not alterations.slots
    assert session.metrics[0].loss == metrics_of(first, 1).loss
    session.redo()
    assert session.program is after.program
    assert alterations.slots == {slot}


def test_changes_add_up_and_are_taken_back_one_by_one() -> None:
    session = session_of(small())
    alterations = Alterations(session)
    first = session.program
    assert first is not None
    slot, changes = leaf(first), {}
    for element in ((0, 0), (1, 1)):
        changes = with_change(changes, first, slot, {element: 7.0})
        alterations.show("Change", 0, alter(first, changes))
    now = alterations.now
    assert now is not None
    assert dict(now.changes[slot]) == {(0, 0): 7.0, (1, 1): 7.0}
    session.undo()
    now = alterations.now
    assert now is not None
    assert dict(now.changes[slot]) == {(0, 0): 7.0}
    assert same(now.program, alter(first, {slot: {(0, 0): 7.0}}).program)
    alterations.show("Back", 0, alter(first, {}))
    assert session.program is first


def test_another_recording_has_no_changes_and_no_way_back_to_them() -> None:
    session = session_of(small())
    alterations = Alterations(session)
    first = session.program
    assert first is not None
    after = alter(first, {leaf(first): {(0, 0): 7.0}})
    alterations.show("Change", 0, after)
    session.load(Recording("other", (Iteration(1, first, metrics_of(first, 1)),)))
    assert not alterations.slots
    assert session.undo_text is None
    session.undo()
    assert session.program is first
    with pytest.raises(ValueError, match="another recording"):
        alterations.show("Change", 0, alter(small(), {}))


def test_one_more_iteration_keeps_them() -> None:
    session = session_of(small())
    alterations = Alterations(session)
    first = session.program
    assert first is not None
    alterations.show("Change", 0, alter(first, {leaf(first): {(0, 0): 7.0}}))
    more = small()
    session.add_iteration(Iteration(2, more, metrics_of(more, 2)))
    assert session.undo_text == "Change"
    assert session.timeline is not None
    assert session.timeline.moment == len(first) + 1
    assert not alterations.slots  # of the iteration under the cursor
    session.timeline.go(len(first))
    assert alterations.slots == {leaf(first)}
    session.undo()
    assert session.timeline.programs == (first, more)


def test_the_oldest_are_forgotten_where_they_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    session = session_of(small())
    alterations = Alterations(session)
    first = session.program
    assert first is not None
    slot = leaf(first)
    one = alter(first, {slot: {(0, 0): 1.0}})
    monkeypatch.setattr("gradviz.app.inside.alterations.BUDGET", 2 * one.size)
    for value in (1.0, 2.0, 3.0):
        alterations.show(f"to {value}", 0, alter(first, {slot: {(0, 0): value}}))
    session.undo()
    session.undo()
    assert session.undo_text is None
    assert float(session.program.values[slot][0, 0]) == 1.0  # type: ignore[union-attr]


def test_programs_of_another_structure_are_refused() -> None:
    session = session_of(small())
    with record() as recorder:
        torch.tensor(1.0, requires_grad=True).exp().backward()
    with pytest.raises(ValueError, match="not the structure of iteration 1"):
        session.replace_program(0, recorder.program())
    with pytest.raises(IndexError, match="no iteration 3"):
        session.replace_program(3, small())
    with pytest.raises(IndexError):
        Session().replace_program(0, small())


@pytest.mark.parametrize(
    "name", ["x", "conv1.weight", "conv1.bias", "conv2.weight", "fc1.weight", "fc3.bias"]
)
def test_any_leaf_of_lenet(name: str) -> None:
    made = lenet().iterations[0].program
    slot = next(i for i, row in enumerate(made.slots) if row.name == name)
    changed = np.array(made.values[slot])
    element = tuple(n // 2 for n in changed.shape)
    changed[element] = 0.75
    after = alter(made, {slot: {element: 0.75}}).program
    assert [x.tobytes() for x in after.values] == [x.tobytes() for x in run(made, {slot: changed})]
    assert sum(new.tobytes() != old.tobytes() for new, old in zip(after.values, made.values, strict=True)) > 1


def test_a_script_of_the_user(tmp_path: Path) -> None:
    recording = Script(tmp_path)(TRAINING).recording
    made = recording.iterations[1].program
    session = Session()
    session.load(recording)
    alterations = Alterations(session)
    slot = next(i for i, row in enumerate(made.slots) if row.name == "fc1.weight")
    after = alter(made, {slot: {(2, 1): -0.5}})
    alterations.show("Change", 1, after)
    assert session.timeline is not None
    assert session.timeline.programs[1] is after.program
    found = check(after.program, slot, (2, 1), steps=())
    assert found.verdict is Verdict.AGREES
    moved = nudge(after.program, slot, (2, 1), 1e-4)
    assert moved.listed[0].sizes[1] == pytest.approx(found.exact * 1e-4, rel=1e-3)


@pytest.mark.slow
def test_resnet() -> None:
    made = Experiment(ExperimentSpec(model="resnet18")).record().program
    for name in ("x", "layer3.0.conv1.weight", "bn1.bias"):
        slot = next(i for i, row in enumerate(made.slots) if row.name == name)
        changed = np.array(made.values[slot])
        element = tuple(n // 2 for n in changed.shape)
        changed[element] = 0.75
        after = alter(made, {slot: {element: 0.75}}).program
        assert [x.tobytes() for x in after.values] == [x.tobytes() for x in run(made, {slot: changed})]
