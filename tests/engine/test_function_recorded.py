"""How a user's own function stands in a recording, and that its graph is freed."""

import gc
import weakref
from typing import Any

import numpy as np
from gradviz.engine.interpret import run
from gradviz.engine.program import Phase

import gradviz as torch
from gradviz.app.show import make_recording
from gradviz.autograd import Function

T = torch.Tensor


class Exp(Function):
    @staticmethod
    def forward(ctx: Any, x: T) -> T:
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: T) -> T:
        (y,) = ctx.saved_tensors
        return grad_output * y


def test_nobody_holds_on_to_a_function() -> None:
    gc.collect()
    gc.disable()
    try:
        y = Exp.apply(torch.ones(1, requires_grad=True))
        node, joint = weakref.ref(y._node), weakref.ref(y._node.inputs[0])
        y.sum().backward(retain_graph=True)
        del y
        assert (node(), joint()) == (None, None)
    finally:
        gc.enable()


def test_a_recording_shows_forward_in_a_box_and_the_ops_of_backward() -> None:
    x = torch.tensor([0.5, -1.0], requires_grad=True)
    with torch.record() as recorder:
        y = Exp.apply(x)
        (y * y).sum().backward()
    program = recorder.program()
    ops = [(instr.op, instr.site.module, instr.site.phase) for instr in program.instrs]
    assert ops[:2] == [("exp", "Exp", Phase.FORWARD), ("custom_function", "Exp", Phase.FORWARD)]
    ending = program.instrs[1]
    assert ending.attrs == {"function": "Exp"}
    assert ending.inputs == (program.instrs[0].output, program.instrs[0].inputs[0])
    (product,) = [i for i in program.instrs if i.site.origin == 1 and i.op == "mul"]
    assert (product.site.phase, product.site.module) == (Phase.BACKWARD, "Exp")
    assert product.site.line == Exp.backward.__code__.co_firstlineno + 3
    (row,) = [row for row in program.contributions if row.slot == ending.inputs[1]]
    assert (row.instr, row.index, row.grad) == (1, 1, product.output)
    for value, again in zip(program.values, run(program), strict=True):
        np.testing.assert_array_equal(value, again)


def test_showing_a_result_that_nobody_recorded() -> None:
    x = torch.tensor([0.5, -1.0], requires_grad=True)
    loss = (Exp.apply(x) * 3).sum()
    loss.backward()
    (iteration,) = make_recording((loss,), {"loss": loss, "x": x}).iterations
    program = iteration.program
    assert [instr.op for instr in program.instrs[:3]] == ["custom_function", "mul", "sum"]
    assert program.instrs[0].site.module == "Exp"
    assert program.slots[program.instrs[0].inputs[1]].name == "x"
    gradient = program.gradient_slot(program.instrs[0].inputs[1])
    assert gradient is not None
    np.testing.assert_allclose(program.values[gradient], 3 * np.exp([0.5, -1.0]), rtol=1e-6)
    assert x.grad is not None
