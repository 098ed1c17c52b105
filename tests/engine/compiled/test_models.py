"""Whole training steps, compiled, against the same steps run eagerly: other batches, other learning rates."""

from collections.abc import Callable

import numpy as np
import pytest
from gradviz.engine.compiled import Compiled, compile_program
from gradviz.engine.jit import jit_disabled
from gradviz.engine.program import Program, SlotKind

import gradviz as torch
import gradviz.nn.functional as F
from gradviz import nn, optim
from gradviz.models import MLP, LeNet, resnet18

STEPS = 3


class Training:
    """A model with an optimizer, and batches that never repeat."""

    def __init__(
        self,
        make: Callable[[], nn.Module],
        optimizer: Callable,
        shape: tuple[int, ...],
        dtype: type = np.float32,
    ) -> None:
        torch.manual_seed(0)
        self.net = make() if dtype is np.float32 else make().double()
        self.dtype = dtype
        self.optimizer = optimizer(self.net.parameters())
        self.shape = shape
        self.rng = np.random.default_rng(0)

    def batch(self) -> tuple[np.ndarray, np.ndarray]:
        x = self.rng.normal(size=self.shape).astype(self.dtype)
        return x, self.rng.integers(0, 10, self.shape[0])

    def step(self, x: np.ndarray, y: np.ndarray) -> torch.Tensor:
        self.optimizer.zero_grad()
        loss = F.cross_entropy(self.net(torch.from_numpy(x)), torch.from_numpy(y))
        loss.backward()
        self.optimizer.step()
        return loss

    def record(self) -> Program:
        x, y = (torch.from_numpy(each) for each in self.batch())
        with torch.record() as recorder:
            recorder.name(x, "x")
            recorder.name(y, "target")
            self.optimizer.zero_grad()
            F.cross_entropy(self.net(x), y).backward()
            self.optimizer.step()
        return recorder.program()

    def rate(self, lr: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = lr


def small_cnn() -> nn.Module:
    """What a residual network is made of: batch norm, padding, strides, overlapping pools."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
        nn.Conv2d(4, 6, 3, padding=1, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 10),
    )


MODELS = {
    "cnn": (small_cnn, (3, 3, 11, 10)),
    "lenet": (LeNet, (3, 1, 32, 32)),
    "mlp": (lambda: MLP(20, 12, 10), (5, 20)),
    "tanh": (lambda: nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 10), nn.Sigmoid()), (4, 6)),
}
OPTIMIZERS = {
    "sgd": lambda p: optim.SGD(p, lr=0.05),
    "momentum": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01),
    "adam": lambda p: optim.Adam(p, lr=0.002),
    "rmsprop": lambda p: optim.RMSprop(p, lr=0.002),
}


def compiled_from_second(training: Training) -> Compiled:
    """The first iteration makes the optimizer's state; the second is like all that follow."""
    training.record()
    program = training.record()
    compiled = compile_program(program)
    for name, end in last(program).items():  # go on where the recording ended
        start = compiled.slot(name)
        if program.slots[start].kind in (SlotKind.PARAMETER, SlotKind.BUFFER, SlotKind.GRADIENT):
            compiled.set_input(start, program.values[end])
    return compiled


def last(program: Program) -> dict[str, int]:
    return {row.name: row.slot for row in program.bindings if row.slot is not None}


def near(found: np.ndarray, expected: np.ndarray, tolerance: float, what: str) -> None:
    scale = float(np.abs(expected).max(initial=0)) + 1e-30
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * scale, err_msg=what)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("model", MODELS)
def test_training(model: str, optimizer: str) -> None:
    # What starts as a difference of the last bit grows where a gradient is divided by its own size.
    unstable = model == "cnn" or optimizer in ("adam", "rmsprop")
    dtype, tolerance = (np.float64, 1e-9) if unstable else (np.float32, 1e-5)
    follows(Training(MODELS[model][0], OPTIMIZERS[optimizer], MODELS[model][1], dtype), tolerance)


@pytest.mark.slow
def test_resnet18() -> None:
    """One step: where the last layers normalise two numbers, the next one magnifies any difference."""
    make, shape = lambda: resnet18(num_classes=10), (2, 3, 32, 32)
    follows(Training(make, OPTIMIZERS["momentum"], shape, np.float64), 1e-8, 1)


def follows(training: Training, tolerance: float, steps: int = STEPS) -> None:
    compiled = compiled_from_second(training)
    assert jit_disabled() or not {"max_pool2d_backward", "conv2d", "mm"} & set(compiled.fallbacks)
    program = compiled.program
    ends = last(program)
    for number in range(steps):
        rate = 0.03 / (number + 1)
        training.rate(rate)
        x, y = training.batch()
        loss = training.step(x, y)
        compiled.step({"x": x, "target": y, "lr": np.array(rate)})
        near(compiled.value(program.loss), loss.detach().numpy(), tolerance, "loss")
        for name, parameter in training.net.named_parameters():
            near(compiled.value(ends[name]), parameter.detach().numpy(), tolerance, name)
            near(compiled.value(ends[f"{name}.grad"]), parameter.grad.numpy(), 10 * tolerance, f"{name}.grad")


@pytest.mark.skipif(jit_disabled(), reason="the interpreter makes new arrays")
def test_parameters_are_updated_where_they_lie() -> None:
    training = Training(LeNet, OPTIMIZERS["sgd"], (1, 1, 32, 32))
    compiled = compiled_from_second(training)
    ends = last(compiled.program)
    for name, _ in training.net.named_parameters():
        assert np.shares_memory(compiled.value(ends[name]), compiled.value(compiled.slot(name)))


def test_a_part_of_a_step() -> None:
    training = Training(LeNet, OPTIMIZERS["sgd"], (2, 1, 32, 32))
    training.record()
    program = training.record()
    compiled = compile_program(program, keep=range(len(program.slots)))
    half = len(program) // 2
    compiled.run(0, half)
    late = program.instrs[-1].output
    before = compiled.value(late).copy()
    compiled.run(half, len(program))
    near(compiled.value(late), program.values[late], 1e-5, "last value")
    assert not np.array_equal(before, compiled.value(late))


def test_only_inputs_of_the_right_shape_can_be_set() -> None:
    training = Training(lambda: MLP(4, 3, 10), OPTIMIZERS["sgd"], (2, 4))
    compiled = compiled_from_second(training)
    x = compiled.slot("x")
    with pytest.raises(ValueError, match=r"has shape \(2, 4\), but the value \(3, 4\)"):
        compiled.set_input(x, np.zeros((3, 4), np.float32))
    with pytest.raises(ValueError, match="is no input of the program"):
        compiled.set_input(compiled.program.instrs[-1].output, np.zeros(10, np.float32))
    with pytest.raises(KeyError, match="has no 'z'"):
        compiled.step({"z": np.zeros(1)})
    with pytest.raises(KeyError, match="is not kept"):
        compiled.value(compiled.program.instrs[12].output)


def test_targets_that_are_no_class_are_refused() -> None:
    training = Training(lambda: MLP(4, 3, 10), OPTIMIZERS["sgd"], (2, 4))
    compiled = compiled_from_second(training)
    with pytest.raises(IndexError, match="out of bounds"):
        compiled.step({"target": np.array([0, 10])})
    compiled.step({"target": np.array([0, 9])})


@pytest.mark.skipif(jit_disabled(), reason="nothing is split then")
@pytest.mark.parametrize(("batch", "samples"), [(7, 2), (8, 4), (5, 1), (6, 4), (3, 2)])
@pytest.mark.parametrize("model", ["lenet", "mlp"])
def test_the_batch_is_split(model: str, batch: int, samples: int) -> None:
    """A few samples at a time, with a rest at the end, give the same as all at once."""
    make, shape = MODELS[model]
    training = Training(make, OPTIMIZERS["sgd"], (batch, *shape[1:]))
    program = training.record()
    logits = next(i.inputs[0] for i in program.instrs if i.op == "log_softmax")
    kept = {*last(program).values(), program.loss, logits}
    split = compile_program(program, kept, samples=samples)
    assert split.split
    for compiled in (split, compile_program(program, kept, samples=0)):
        compiled.run()
        for slot in kept:
            near(compiled.value(slot), program.values[slot], 2e-6, str(program.slots[slot]))
    with pytest.raises(ValueError, match="runs as a whole"):
        split.run(0, 3)


@pytest.mark.skipif(jit_disabled(), reason="nothing is split then")
def test_ignored_targets_count_over_the_whole_batch() -> None:
    training = Training(lambda: MLP(4, 3, 10), OPTIMIZERS["sgd"], (6, 4))
    program = training.record()
    target = next(i.inputs[1] for i in program.instrs if i.op == "nll_loss")
    values = [np.array([1, -100, 2, 3, -100, -100]), np.array([-100, 4, 2, -100, 9, 0])]
    one, two = compile_program(program, samples=2), compile_program(program, samples=0)
    for value in values:
        for compiled in (one, two):
            compiled.set_input(target, value)
            compiled.run()
        for slot in (program.loss, *last(program).values()):
            near(one.value(slot), two.value(slot), 1e-6, str(slot))


def test_normalising_over_the_batch_forbids_a_split() -> None:
    training = Training(small_cnn, OPTIMIZERS["sgd"], MODELS["cnn"][1])
    assert not compile_program(training.record(), samples=1).split


@pytest.mark.skipif(jit_disabled(), reason="nothing is lowered then")
def test_a_relu_is_left_to_the_pooling() -> None:
    """Ties, zeros, NaN and infinities go the same way."""
    x = torch.tensor(
        [[[[0.0, -1, 2, 2], [-3, 0, 2, -1], [-1, -2, float("inf"), 1], [-5, -1, float("nan"), -9]]]],
        requires_grad=True,
    )
    with torch.record() as recorder:
        (F.max_pool2d(x.relu(), 2) * 3).sum().backward()
    program = recorder.program()
    compiled = compile_program(program)
    assert not any(step[2] for step in compiled._parts)
    compiled.run()
    grad = last(program)["x.grad"]
    np.testing.assert_array_equal(compiled.value(grad), program.values[grad])
    np.testing.assert_array_equal(compiled.value(program.loss), program.values[program.loss])
    everything = compile_program(program, keep=range(len(program.slots)))  # then each is for itself
    everything.run()
    for slot, value in enumerate(program.values):
        if program.slots[slot].kind is SlotKind.VALUE:
            np.testing.assert_array_equal(everything.value(slot), value)
