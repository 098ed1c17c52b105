"""A fork goes on as the whole run would have with the change, and differences are those of the values."""

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program, SlotKind
from gradviz.engine.rerun import AbandonedError

import gradviz as torch
from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.inside.compare import (
    Comparison,
    fork,
    fresh_weights,
    learning_rate,
    one_number,
    other_inputs,
    relative,
)
from tests.ui.fakes import lenet


@pytest.fixture(scope="module")
def program() -> Program:
    return lenet().iterations[0].program


def test_another_learning_rate_scales_the_steps_and_nothing_else(program: Program) -> None:
    changes = learning_rate(program, 10.0)
    assert [program.slots[slot].name for slot in changes] == ["lr"]
    second = fork(program, 0, changes)
    comparison = Comparison(program, second)
    for instr in program.instrs:
        pair = comparison.pair(instr.output)
        assert pair is not None
        assert (pair.difference > 0) == (instr.site.phase is Phase.UPDATE)
        if instr.op == "mul" and instr.site.phase is Phase.UPDATE:
            np.testing.assert_allclose(pair.second, pair.first * 10, rtol=1e-6)
            assert pair.difference == pytest.approx(0.9, rel=1e-5)


def test_it_is_what_an_experiment_with_that_rate_does(program: Program) -> None:
    other = Experiment(ExperimentSpec(learning_rate=0.1)).record().program
    second = fork(program, 0, learning_rate(program, 10.0))
    comparison = Comparison(second, other)
    for instr in program.instrs:
        pair = comparison.pair(instr.output)
        assert pair is not None
        assert pair.difference < 1e-6


def test_another_sample_gives_what_recording_it_gives(program: Program) -> None:
    other = Experiment(ExperimentSpec(sample=5)).record().program
    inputs = {name: other.values[other.bound(name, 0) or 0] for name in ("x", "target")}
    second = fork(program, 0, other_inputs(program, inputs))
    for slot, value in enumerate(other.values):
        np.testing.assert_allclose(second.values[slot], value, rtol=1e-5, atol=1e-6)
    assert other_inputs(program, {"x": np.zeros(3), "nobody": np.zeros(3)}) == {}


def test_a_weight_that_is_changed_late_leaves_what_has_run(program: Program) -> None:
    weight = program.bound("conv2.weight", 0)
    assert weight is not None
    after = next(i for i, x in enumerate(program.instrs) if x.site.phase is Phase.BACKWARD)
    second = fork(program, after, one_number(program, weight, (0, 0, 0, 0), 2.0))
    changed = {
        i for i, x in enumerate(program.instrs) if second.values[x.output] is not program.values[x.output]
    }
    assert min(changed) >= after
    assert {program.instrs[i].op for i in changed} >= {"conv2d_input_grad", "sub"}
    assert second.values[weight][0, 0, 0, 0] == 2.0


def test_fresh_weights_have_the_same_mean_and_spread(program: Program) -> None:
    changes = fresh_weights(program)
    slots = {n for n, row in enumerate(program.slots) if row.kind is SlotKind.PARAMETER}
    assert set(changes) == slots
    large = program.bound("fc1.weight", 0)
    assert large is not None
    assert changes[large].std() == pytest.approx(float(program.values[large].std()), rel=0.02)
    second = fork(program, 0, changes)
    assert program.loss is not None
    assert second.values[program.loss] != program.values[program.loss]


def test_programs_of_another_structure_are_matched_by_op_and_module() -> None:
    def recorded(extra: bool) -> Program:
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        with torch.record() as recorder:
            recorder.name(w, "w")
            h = torch.exp(w)
            if extra:
                h = torch.tanh(h)
            h.sum().backward()
        return recorder.program()

    first, second = recorded(False), recorded(True)
    comparison = Comparison(first, second)
    assert comparison.match(first.bound("w", 0) or 0) == second.bound("w", 0)
    total = next(x.output for x in first.instrs if x.op == "sum")
    pair = comparison.pair(total)
    assert pair is not None
    assert pair.second == second.values[next(x.output for x in second.instrs if x.op == "sum")]
    back = Comparison(second, first)
    assert back.pair(next(x.output for x in second.instrs if x.op == "tanh")) is None


def test_relative_difference() -> None:
    assert relative(np.array([3.0, 4.0]), np.array([3.0, 4.0])) == 0
    assert relative(np.array([3.0, 4.0]), np.zeros(2)) == 1
    assert relative(np.array([1.0]), np.array([-1.0])) == 2
    assert relative(np.array([np.nan]), np.array([np.nan])) == 0
    assert relative(np.array([np.nan]), np.array([1.0])) == float("inf")


def test_a_wrong_shape_is_refused_and_progress_may_give_up(program: Program) -> None:
    with pytest.raises(ValueError, match="has shape"):
        fork(program, 0, {0: np.zeros(3)})
    with pytest.raises(AbandonedError):
        fork(program, 0, learning_rate(program, 2.0), lambda done, of: False)
