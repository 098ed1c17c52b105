"""Programs run again with other numbers, in double precision, and differentiated forwards."""

import numpy as np
import pytest
from gradviz.engine import interpret
from gradviz.engine.forward_mode import jvp, tangents
from gradviz.engine.node import leaf
from gradviz.engine.op import REGISTRY
from gradviz.engine.program import Phase, Program
from gradviz.engine.recorder import record
from gradviz.engine.rerun import AbandonedError, affected, in_double, rerun
from gradviz.engine.tensor import Tensor, apply

import gradviz as torch
from gradviz.nn import functional as F
from tests.ui.fakes import lenet


@pytest.fixture(scope="module")
def program() -> Program:
    return lenet().iterations[0].program


def slot(program: Program, name: str) -> int:
    found = program.bound(name, 0)
    assert found is not None
    return found


def test_nothing_changed_changes_nothing(program: Program) -> None:
    again = rerun(program, {})
    assert all(a is b for a, b in zip(again.values, program.values, strict=True))


def test_a_changed_weight_gives_what_the_interpreter_gives(program: Program) -> None:
    weight = slot(program, "conv2.weight")
    changed = program.values[weight] + np.float32(0.01)
    again = rerun(program, {weight: changed})
    expected = interpret.run(program, {weight: changed})
    for a, b in zip(again.values, expected, strict=True):
        np.testing.assert_array_equal(a, b)
    untouched = program.instrs[0].output  # conv1 has run before
    assert again.values[untouched] is program.values[untouched]
    assert again.values[program.loss] != program.values[program.loss]  # type: ignore[index]


def test_a_result_can_be_replaced(program: Program) -> None:
    relu = next(instr for instr in program.instrs if instr.op == "relu")
    again = rerun(program, {relu.output: np.zeros(program.slots[relu.output].shape)})
    assert not again.values[relu.output].any()
    conv2 = next(i for i in program.instrs if i.op == "conv2d" and i.site.module == "conv2")
    bias = program.values[slot(program, "conv2.bias")]
    np.testing.assert_allclose(again.values[conv2.output][0, :, 3, 3], bias, rtol=1e-6)


def test_only_what_follows_is_run_again(program: Program) -> None:
    last = slot(program, "fc3.bias")
    indices = affected(program, {last})
    assert {
        program.instrs[i].site.module for i in indices if program.instrs[i].site.phase is Phase.FORWARD
    } == {"fc3"}
    assert len(affected(program, {last}, stop=3)) == 0
    seen = []
    with pytest.raises(AbandonedError):
        rerun(program, {last: program.values[last]}, progress=lambda n, of: seen.append((n, of)) or n < 2)
    assert seen == [(n, len(indices)) for n in range(3)]
    with pytest.raises(ValueError, match=r"slot \d+ has shape \(10,\), not \(9,\)"):
        rerun(program, {last: np.zeros(9)})


def test_double_precision(program: Program) -> None:
    wide = in_double(program)
    for a, b in zip(wide.values, program.values, strict=True):
        if b.dtype.kind == "f":
            assert a.dtype == np.float64
            scale = float(np.abs(b).max(initial=1e-3))
            np.testing.assert_allclose(a, b, atol=1e-5 * scale, rtol=1e-4)
    bias = wide.values[slot(program, "fc3.bias")].copy()
    bias[0] += 1e-9  # one of them: the loss does not change when all logits grow alike
    again = rerun(wide, {slot(program, "fc3.bias"): bias})
    loss = program.loss
    assert loss is not None
    assert 0 < abs(float(again.values[loss]) - float(wide.values[loss])) < 1e-8


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_forward_mode_agrees_with_finite_differences(name: str) -> None:
    """J·t of each op at its samples, against (f(x + ht) − f(x − ht)) / 2h."""
    rng = np.random.default_rng(5)
    for sample in REGISTRY[name].samples(rng):
        arrays = [np.asarray(x) for x in sample.inputs]
        if not sample.smooth or not any(x.dtype == np.float64 for x in arrays):
            continue
        with record() as recorder:
            out = apply(name, tuple(Tensor._from_node(leaf(x)) for x in arrays), dict(sample.attrs))
        made = recorder.program()
        if not out.dtype.is_floating_point:
            continue
        instr = made.instrs[0]
        directions = {
            s: rng.normal(size=made.slots[s].shape)
            for i, s in enumerate(instr.inputs)
            if made.slots[s].dtype == "float64" and REGISTRY[name].differentiable(i)
        }
        moved = jvp(made, 0, directions)
        if not directions:
            assert moved is None
            continue
        step = 1e-6
        ends = []
        for sign in (1, -1):
            changes = {s: made.values[s] + sign * step * t for s, t in directions.items()}
            ends.append(rerun(made, changes).values[instr.output])
        expected = (ends[0] - ends[1]) / (2 * step)
        assert moved is not None
        np.testing.assert_allclose(moved, expected, rtol=1e-5, atol=1e-6)


def test_tangents_of_a_whole_network_agree_with_its_gradients(program: Program) -> None:
    loss = program.loss
    assert loss is not None
    for name in ("conv1.weight", "fc1.bias"):
        leaf_slot = slot(program, name)
        seed = np.random.default_rng(0).normal(size=program.slots[leaf_slot].shape)
        moved = tangents(program, {leaf_slot: seed}, stop=program.producers[loss] + 1)
        gradient = program.values[program.gradient_slot(leaf_slot)]  # type: ignore[index]
        assert float(moved[loss]) == pytest.approx(float((gradient * seed).sum()), rel=2e-4)


def test_forward_mode_leaves_recorder_and_mode_alone() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with record() as recorder:
        F.relu(x)
        with torch.no_grad():
            made = recorder.program()
            jvp(made, 0, {made.instrs[0].inputs[0]: np.ones(2, np.float32)})
        assert len(recorder) == 1
