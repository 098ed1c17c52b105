"""Values in a recording: the engine's instructions, with names, gradients and updates."""

import numpy as np
from gradviz.engine.interpret import run
from gradviz.engine.program import Phase, Program

import gradviz
from gradviz import Value
from gradviz.app.script_recorder import ScriptRecorder, recording
from gradviz.app.show import make_recording
from gradviz.scalar import MLP


def replays(program: Program) -> None:
    for value, again in zip(program.values, run(program), strict=True):
        np.testing.assert_array_equal(value, again)


def test_what_is_recorded() -> None:
    with gradviz.record() as recorder:
        x, w = Value(2.0, label="x"), Value(3.0)
        y = (w * x - 1) ** 2
        y.label = "y"
        y.backward()
        w.grad = 0
        w.data -= 0.1
    program = recorder.program()
    assert [instr.op for instr in program.instrs[:3]] == ["mul", "add", "pow"]
    assert all(instr.site.file == __file__ for instr in program.instrs[:3])
    assert program.slots[program.instrs[2].output].name == "y"
    assert set(program.names()) >= {"x", "w", "x.grad", "w.grad"}
    phases = [instr.site.phase for instr in program.instrs]
    assert phases[-2:] == [Phase.ZERO_GRAD, Phase.UPDATE]
    before, after = program.bound("w", 0), program.bound("w", len(program))
    assert [program.values[slot].item() for slot in (before, after) if slot is not None] == [3.0, 2.9]
    assert program.values[program.gradient_slot(before)].item() == 20.0
    assert (x.grad, w.grad) == (30.0, 0)
    replays(program)


def test_plain_numbers_are_constants() -> None:
    with gradviz.record() as recorder:
        (Value(2.0) * 3 + 1).backward()
    program = recorder.program()
    assert [i.op for i in program.instrs if i.site.phase is Phase.BACKWARD].count("accumulate_grad") == 1


def test_every_operation_is_recorded() -> None:
    with gradviz.record() as recorder:
        x = Value(0.5)
        for y in (2**x, x.relu(), x.tanh(), x.exp(), x.log(), x.sigmoid(), 1 / x, -x):
            y.backward()
    replays(recorder.program())
    ops = {instr.op for instr in recorder.program().instrs}
    assert ops >= {"pow", "relu", "tanh", "exp", "log", "sigmoid", "mul"}


def test_showing_what_nobody_recorded() -> None:
    a, b = Value(2.0, label="first"), Value(-3.0)
    y = a * b + 10 / a
    (iteration,) = make_recording((y,), {"b": b, "y": y}).iterations
    program = iteration.program
    assert set(program.names()) == {"first", "b", "first.grad", "b.grad"}
    assert program.values[program.loss].item() == -1.0
    assert (a.grad, b.grad) == (0, 0)
    slope = program.bound("first.grad", len(program))
    assert program.values[slope].item() == -5.5
    replays(program)


def test_a_training_loop_in_iterations() -> None:
    model = MLP(2, [2, 1])
    recorder = ScriptRecorder(keep=3)
    with recording(recorder):
        for _ in range(5):
            loss = (model([1.0, -2.0]) - 1) ** 2
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= 0.01 * p.grad
        recorder.finish({"model": model, "loss": loss})
    assert len(recorder.iterations) == 3
    program = recorder.iterations[1].program
    assert "model.layers.0.neurons.1.w.0" in program.names()
    assert [i.op for i in program.instrs if i.site.phase is Phase.UPDATE] == ["copy"] * len(
        model.parameters()
    )
    assert recorder.meter.count == 5
    replays(program)
