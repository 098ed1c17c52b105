"""The ring gives back every value of the last iterations, as it was."""

import numpy as np
import pytest
from gradviz.engine.compiled import compile_program
from gradviz.engine.compiled.names import usual
from gradviz.engine.compiled.ring import _CHOOSING, Remembering, Ring
from gradviz.engine.interpret import run
from gradviz.engine.jit import jit_disabled
from gradviz.engine.program import Phase, Program, SlotKind

import gradviz as torch
import gradviz.nn.functional as F
from gradviz import nn, optim
from tests.engine.compiled.test_models import MODELS, OPTIMIZERS, Training

pytestmark = pytest.mark.skipif(jit_disabled(), reason="nothing is compiled then")


class Recurrent(nn.Module):
    """A small network with a state that goes round three times."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.out = nn.RNNCell(4, 5), nn.Linear(5, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state = torch.zeros(x.shape[0], 5)
        for t in range(3):
            state = self.cell(x[:, t], state)
        return self.out(state)


def dropping() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 10))


CASES = {
    **{name: (*model, 1) for name, model in MODELS.items()},
    "lenet-16": (MODELS["lenet"][0], (16, 1, 32, 32), 1),
    "lenet-16-two-threads": (MODELS["lenet"][0], (16, 1, 32, 32), 2),
    "recurrent": (Recurrent, (2, 3, 4), 1),
    "dropout": (dropping, (4, 6), 1),
}


def _outside(program: Program, compiled: Remembering) -> dict[int, np.ndarray]:
    """What an iteration begins with."""
    return {
        slot: compiled.value(slot).copy()
        for slot, row in enumerate(program.slots)
        if row.kind not in (SlotKind.VALUE, SlotKind.CONSTANT) and slot in compiled._arrays
    }


@pytest.mark.parametrize(
    ("name", "optimizer"), [*((name, "sgd") for name in CASES), ("mlp", "adam"), ("cnn", "adam")]
)
def test_every_value_of_the_last_iterations_is_that_of_the_interpreter(name: str, optimizer: str) -> None:
    make, shape, threads = CASES[name]
    training = Training(make, OPTIMIZERS[optimizer], shape)
    training.step(*training.batch())
    program = training.record()
    compiled = Remembering(program, threads)
    compiled.resume()
    slots = [s for s, row in enumerate(program.slots) if row.kind is SlotKind.VALUE]
    size = compiled.stretch.stop - compiled.stretch.start
    ring = Ring(compiled, 3 * size + 10)
    starts, truth = [], []
    for _ in range(4):
        x, y = training.batch()
        compiled.set_input(compiled.slot("x"), x)
        compiled.set_input(compiled.slot("target"), y)
        starts.append(_outside(program, compiled))
        truth.append(run(program, starts[-1]))
        compiled.run()
        ring.take()
        compiled.advance()
    compiled.close()
    assert ring.numbers == range(1, 4)
    for number in ring.numbers:
        found = ring.values(number, slots, starts[number])
        for slot in slots:
            expected = truth[number][slot]
            assert found[slot].shape == expected.shape
            assert found[slot].dtype == expected.dtype
            scale = max(1.0, float(np.abs(expected).max(initial=0)))
            np.testing.assert_allclose(found[slot], expected, rtol=1e-5, atol=3e-6 * scale, err_msg=str(slot))
    with pytest.raises(KeyError, match="iteration 0 is not kept"):
        ring.values(0, slots, starts[0])


def test_it_keeps_activations_and_their_gradients_but_no_weights() -> None:
    training = Training(*_lenet())
    program = training.record()
    compiled = Remembering(program)
    shapes = {tuple(p.shape) for p in training.net.parameters() if p.dim() > 1}
    kept = [program.instrs[program.producers[slot]] for slot in compiled.left]
    assert {instr.site.phase for instr in kept} == {Phase.FORWARD, Phase.LOSS, Phase.BACKWARD}
    assert not shapes & {program.slots[slot].shape for slot in compiled.left}
    ops = {(instr.op, instr.site.phase) for instr in kept}
    assert {("conv2d", Phase.FORWARD), ("linear", Phase.FORWARD)} <= ops
    assert {("conv2d_input_grad", Phase.BACKWARD), ("mm", Phase.BACKWARD)} <= ops
    chosen = {"relu_backward", "max_pool2d", "max_pool2d_indices", "max_pool2d_backward", "flatten"}
    assert not chosen & {op for op, _ in ops}  # they follow from the others, to the same bits
    relus = {program.slots[instr.output].shape for instr in kept if instr.op == "relu"}
    assert relus == {(1, 120), (1, 84)}  # in one row with their layers, which are not there
    assert compiled.stretch.stop - compiled.stretch.start < 40_000  # of 1.3 MB that the executor works on


def test_what_only_chooses_is_found_again_to_the_same_bits() -> None:
    """NaN, zeros of both signs and equal numbers included."""
    x = torch.tensor([[[[-0.0, 0.0, 2.0, 2.0], [-1.0, -0.0, float("nan"), 1.0]]]], requires_grad=True)
    with torch.record() as recorder:
        hidden = x * 1.0
        F.max_pool2d(torch.relu(hidden), 2).sum().backward()
    program = recorder.program()
    compiled = Remembering(program)
    ring = Ring(compiled, 1 << 20)
    compiled.run()
    ring.take()
    slots = [slot for slot, each in enumerate(program.slots) if each.kind is SlotKind.VALUE]
    chosen = [slot for slot in slots if program.instrs[program.producers[slot]].op in _CHOOSING]
    assert len(chosen) >= 3
    for slot, found in ring.values(0, chosen, {}).items():
        assert found.tobytes() == program.values[slot].tobytes()


@pytest.mark.parametrize(("name", "threads"), [("mlp", 1), ("lenet", 1), ("lenet", 2)])
def test_a_relu_in_one_row_with_its_layer_is_the_one_that_was_computed(name: str, threads: int) -> None:
    """To add up again what it was chosen from would give other bits."""
    make, shape, _ = CASES[name]
    training = Training(make, OPTIMIZERS["sgd"], shape)
    training.step(*training.batch())
    program = training.record()
    last = [instr.output for instr in program.instrs if instr.op == "relu"][-1]
    compiled = Remembering(program, threads)
    alone = compile_program(program, [*usual(program), last], threads=threads)
    ring = Ring(compiled, 1 << 24)
    start = _outside(program, compiled)
    compiled.run()
    ring.take()
    alone.run()
    found = ring.values(0, [last], start)[last]
    assert found.tobytes() == alone.value(last).tobytes()
    compiled.close()
    alone.close()


def test_remembering_changes_no_number() -> None:
    training = Training(*_lenet())
    program = training.record()
    plain, watched = compile_program(program), Remembering(program)
    for _ in range(3):
        x, y = training.batch()
        for compiled in (plain, watched):
            compiled.step({"x": x, "target": y})
    for name in ("conv1.weight", "fc1.weight", "fc3.bias"):
        np.testing.assert_array_equal(plain.current(name), watched.current(name))


def _lenet() -> tuple:
    return MODELS["lenet"][0], lambda p: optim.SGD(p, lr=0.05), (1, 1, 32, 32)


def test_too_small_a_budget_is_refused() -> None:
    training = Training(*_lenet())
    with pytest.raises(ValueError, match="an iteration takes"):
        Ring(Remembering(training.record()), 100)


def test_what_the_loss_does_not_need_is_computed_when_asked_for() -> None:
    x = torch.ones(3, requires_grad=True)
    with torch.record() as recorder:
        recorder.name(x, "x")
        aside = x * 3.0
        F.relu(x).sum().backward()
        recorder.name(aside, "aside")
    program = recorder.program()
    ring = Ring(Remembering(program), 1 << 16)
    ring._compiled.run()
    ring.take()
    slot = program.instrs[0].output
    (value,) = ring.values(0, [slot], {}).values()
    assert value.tolist() == [3.0, 3.0, 3.0]
