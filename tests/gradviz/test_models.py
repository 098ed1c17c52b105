"""The models, and one whole recorded iteration of LeNet: phases, modules, values, names, contributions."""

from itertools import groupby

import numpy as np
import pytest
from gradviz.engine.interpret import run
from gradviz.engine.program import Phase, Program, SlotKind

import gradviz as torch
import gradviz.nn as nn
import gradviz.nn.functional as F
from gradviz.models import MLP, LeNet, resnet18
from gradviz.optim import SGD

LENET = """Net(
  (conv1): Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))
  (conv2): Conv2d(6, 16, kernel_size=(5, 5), stride=(1, 1))
  (fc1): Linear(in_features=400, out_features=120, bias=True)
  (fc2): Linear(in_features=120, out_features=84, bias=True)
  (fc3): Linear(in_features=84, out_features=10, bias=True)
)"""
LAYERS = ["conv1", "conv2", "fc1", "fc2", "fc3"]


def test_lenet() -> None:
    net = LeNet()
    assert repr(net) == LENET
    assert sum(p.numel() for p in net.parameters()) == 61_706
    assert net(torch.rand(3, 1, 32, 32)).shape == (3, 10)


class Iteration:
    """The second iteration of LeNet, recorded, and what the eager tensors held before and after."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        net, criterion = LeNet(), nn.CrossEntropyLoss()
        optimizer = SGD(net.parameters(), lr=0.01, momentum=0.9)
        image, target = torch.rand(2, 1, 32, 32), torch.tensor([3, 8])

        def iterate():
            optimizer.zero_grad()
            loss = criterion(net(image), target)
            loss.backward()
            optimizer.step()
            return loss

        iterate()
        self.old_gradients = {name: p.grad.tolist() for name, p in net.named_parameters()}
        self.before = {name: p.tolist() for name, p in net.named_parameters()}
        with torch.record() as recorder:
            self.loss = iterate().item()
        self.program: Program = recorder.program()
        self.after = {name: p.tolist() for name, p in net.named_parameters()}
        self.gradients = {name: p.grad.tolist() for name, p in net.named_parameters()}

    def bound(self, name: str, moment: int | None = None) -> np.ndarray:
        slot = self.program.bound(name, len(self.program) if moment is None else moment)
        assert slot is not None
        return self.program.values[slot]


@pytest.fixture(scope="module")
def iteration() -> Iteration:
    return Iteration()


def test_the_program_is_sound(iteration: Iteration) -> None:
    iteration.program.check()
    assert len(iteration.program) == 103
    assert iteration.program.loss is not None
    assert iteration.program.values[iteration.program.loss].item() == iteration.loss


def test_phases_come_in_order(iteration: Iteration) -> None:
    phases = [phase for phase, _ in groupby(instr.site.phase for instr in iteration.program.instrs)]
    assert phases == [Phase.ZERO_GRAD, Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.UPDATE]


def test_the_interpreter_repeats_it_bit_for_bit(iteration: Iteration) -> None:
    program = iteration.program
    again = run(program)
    for slot, value in enumerate(program.values):
        assert again[slot].dtype == value.dtype
        np.testing.assert_array_equal(again[slot], value)
    for name, value in iteration.after.items():
        slot = program.bound(name, len(program))
        assert slot is not None
        assert again[slot].tolist() == value


def test_ops_belong_to_their_modules(iteration: Iteration) -> None:
    program = iteration.program
    assert list(program.scopes) == [
        "conv1", "max_pool2d", "conv2", "max_pool2d#2", "fc1", "fc2", "fc3", "cross_entropy",
    ]  # fmt: skip
    assert [program.scopes[name].kind for name in LAYERS] == ["module"] * 5
    by_phase: dict[Phase, list[str]] = {}
    for instr in program.instrs:
        by_phase.setdefault(instr.site.phase, []).append(instr.site.module)
    assert [m for m, _ in groupby(by_phase[Phase.ZERO_GRAD])] == LAYERS
    assert [m for m in by_phase[Phase.FORWARD] if m in LAYERS] == LAYERS
    assert set(by_phase[Phase.LOSS]) == {"cross_entropy"}
    assert [m for m, _ in groupby(m for m in by_phase[Phase.BACKWARD] if m in LAYERS)] == LAYERS[::-1]
    assert [m for m, _ in groupby(by_phase[Phase.UPDATE])] == LAYERS


def test_ops_know_the_line_of_the_model(iteration: Iteration) -> None:
    site = next(instr.site for instr in iteration.program.instrs if instr.op == "conv2d")
    assert site.file.replace("\\", "/").endswith("gradviz/models/lenet.py")
    with open(site.file, encoding="utf-8") as source:
        assert "self.conv1(x)" in source.readlines()[site.line - 1]


def test_backward_points_to_the_op_that_it_differentiates(iteration: Iteration) -> None:
    program = iteration.program
    for op, origin in (("conv2d_weight_grad", "conv2d"), ("max_pool2d_backward", "max_pool2d")):
        for instr in program.instrs:
            if instr.op == op:
                assert program.instrs[instr.site.origin].op == origin
                assert program.instrs[instr.site.origin].site.module == instr.site.module


def test_names_mean_the_old_values_before_and_the_new_ones_after(iteration: Iteration) -> None:
    program = iteration.program
    update = next(n for n, instr in enumerate(program.instrs) if instr.site.phase is Phase.UPDATE)
    for name in iteration.before:
        assert iteration.bound(name, 0).tolist() == iteration.before[name]
        assert iteration.bound(name, update).tolist() == iteration.before[name]
        assert iteration.bound(name).tolist() == iteration.after[name] != iteration.before[name]
        assert iteration.bound(f"{name}.grad", 0).tolist() == iteration.old_gradients[name]
        assert program.bound(f"{name}.grad", 10) is None  # cleared by the first ten instructions
        assert iteration.bound(f"{name}.grad").tolist() == iteration.gradients[name]
        slot = program.bound(name, 0)
        assert slot is not None
        assert program.slots[slot].kind is SlotKind.PARAMETER
    assert iteration.bound("image").shape == (2, 1, 32, 32)
    assert iteration.bound("target").tolist() == [3, 8]
    assert iteration.bound("lr").item() == pytest.approx(0.01)


def test_the_update_is_that_of_sgd(iteration: Iteration) -> None:
    for name in iteration.before:
        velocity = iteration.bound(f"{name}.momentum")
        expected = 0.9 * iteration.bound(f"{name}.momentum", 0) + np.array(iteration.gradients[name])
        np.testing.assert_allclose(velocity, expected, rtol=1e-5, atol=1e-8)
        np.testing.assert_allclose(
            iteration.after[name], iteration.before[name] - 0.01 * velocity, rtol=1e-5, atol=1e-8
        )


def test_contributions_sum_to_the_gradients(iteration: Iteration) -> None:
    program = iteration.program
    assert program.gradients
    for slot, terms in program.gradients.items():
        total = sum(program.values[term.grad].astype(np.float64) for term in terms)
        gradient = program.gradient_slot(slot)
        assert gradient == terms[-1].total
        np.testing.assert_allclose(program.values[gradient], total, rtol=1e-6, atol=1e-9)
        for term in terms:
            assert program.instrs[term.instr].inputs[term.index] == slot
    for name, gradient in iteration.gradients.items():
        slot = program.bound(name, 0)
        assert slot is not None
        found = program.gradient_slot(slot)
        assert found is not None
        assert program.values[found].tolist() == gradient


def test_lenet_learns_a_digit() -> None:
    torch.manual_seed(0)
    net, image, target = LeNet(), torch.rand(1, 1, 32, 32), torch.tensor([7])
    optimizer = SGD(net.parameters(), lr=0.05)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(image), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 < losses[0]


def test_mlp() -> None:
    net = MLP(2, 16, 16, 1, activation=nn.Tanh)
    assert [tuple(p.shape) for p in net.parameters()] == [(16, 2), (16,), (16, 16), (16,), (1, 16), (1,)]
    assert [type(layer).__name__ for layer in net.layers] == ["Linear", "Tanh", "Linear", "Tanh", "Linear"]
    assert net(torch.rand(5, 2)).shape == (5, 1)
    assert MLP(64, 10)(torch.rand(3, 1, 8, 8)).shape == (3, 10)
    with pytest.raises(ValueError, match="at least an input and an output size"):
        MLP(3)


def test_mlp_learns_xor() -> None:
    torch.manual_seed(1)
    net = MLP(2, 8, 1, activation=nn.Tanh)
    x, y = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]]), torch.tensor([[0.0], [1], [1], [0]])
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    for _ in range(200):
        optimizer.zero_grad()
        loss = F.mse_loss(net(x), y)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.01


def test_resnet18_is_torchvisions() -> None:
    net = resnet18()
    assert sum(p.numel() for p in net.parameters()) == 11_689_512
    state = net.state_dict()
    assert len(state) == 122
    assert list(state)[:8] == [
        "conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var",
        "bn1.num_batches_tracked", "layer1.0.conv1.weight", "layer1.0.bn1.weight",
    ]  # fmt: skip
    assert state["layer2.0.downsample.0.weight"].shape == (128, 64, 1, 1)
    assert state["layer4.1.bn2.running_var"].shape == (512,)
    text = repr(net)
    assert text.startswith(
        "ResNet(\n"
        "  (conv1): Conv2d(3, 64, kernel_size=(7, 7), stride=(2, 2), padding=(3, 3), bias=False)\n"
        "  (bn1): BatchNorm2d(64, eps=1e-05, momentum=0.1, affine=True, bias=True, "
        "track_running_stats=True)\n"
        "  (relu): ReLU(inplace=True)\n"
        "  (maxpool): MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)\n"
        "  (layer1): Sequential(\n"
        "    (0): BasicBlock(\n"
        "      (conv1): Conv2d(64, 64, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False)\n"
    )
    assert text.endswith(
        "  (avgpool): AdaptiveAvgPool2d(output_size=(1, 1))\n"
        "  (fc): Linear(in_features=512, out_features=1000, bias=True)\n"
        ")"
    )


def test_resnet18_forward_and_backward() -> None:
    net = resnet18(num_classes=7)
    x = torch.rand(1, 3, 64, 64)
    with torch.record() as recorder:
        y = net(x)
        y.sum().backward()
    assert y.shape == (1, 7)
    assert all(p.grad is not None for p in net.parameters())
    program = recorder.program()
    assert {"layer1.0.conv1", "layer2.0.downsample.0", "layer4.1.bn2", "fc"} <= set(program.scopes)
    assert net.bn1.num_batches_tracked.item() == 1
    assert net.eval()(x).shape == (1, 7)


@pytest.mark.parametrize("options", [{"pretrained": True}, {"weights": "DEFAULT"}])
def test_pretrained_weights_are_not_downloaded(options: dict[str, object]) -> None:
    with pytest.warns(UserWarning, match="downloads no pretrained weights"):
        net = resnet18(**options)
    assert isinstance(net, nn.Module)
