"""What a recording learns from modules: paths, names of parameters and inputs, cleared gradients."""

import copy
from itertools import pairwise

import pytest
from gradviz.engine.program import Phase, Program, SlotKind

import gradviz as torch
import gradviz.nn as nn
from gradviz.models import MLP, LeNet


def recorded(run) -> Program:
    with torch.record() as recorder:
        run()
    return recorder.program()


def paths(program: Program, phase: Phase = Phase.FORWARD) -> list[str]:
    return [instr.site.module for instr in program.instrs if instr.site.phase is phase]


def test_modules_are_named_by_their_place_in_the_tree() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2), nn.ReLU()))
    program = recorded(lambda: net(torch.ones(1, 2)))
    assert paths(program) == ["0", "1.0", "1.1"]
    assert {path: (scope.kind, scope.title) for path, scope in program.scopes.items()} == {
        "0": ("module", "Linear"),
        "1": ("module", "Sequential"),
        "1.0": ("module", "Linear"),
        "1.1": ("module", "ReLU"),
    }
    assert program.scopes["0"].description == "Linear(in_features=2, out_features=2, bias=True)"
    assert program.scopes["1"].description == "Sequential()"


def test_modules_in_a_list_have_its_path() -> None:
    class Stack(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1)])

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stack = Stack()

        def forward(self, x):
            return self.stack(x)

    assert paths(recorded(lambda: Outer()(torch.ones(1)))) == ["stack.layers.0", "stack.layers.1"]


def test_a_module_that_runs_twice_is_told_apart() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(1, 1)

        def forward(self, x):
            return self.fc(self.fc(x))

    assert paths(recorded(lambda: Twice()(torch.ones(1)))) == ["fc", "fc#2"]


def test_a_module_that_nobody_holds_is_named_by_its_class() -> None:
    loose = [nn.Linear(1, 1)]

    class Net(nn.Module):
        def forward(self, x):
            return loose[0](x)

    assert paths(recorded(lambda: Net()(torch.ones(1)))) == ["linear"]


def test_part_of_a_network_keeps_its_path_and_names() -> None:
    net = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    program = recorded(lambda: net[1](torch.ones(1)))
    assert paths(program) == ["1"]
    assert program.bound("1.weight", 0) is not None


def test_layers_of_several_ops_are_one_box() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.pool, self.drop = nn.BatchNorm2d(1), nn.MaxPool2d(2), nn.Dropout()
            self.loss = nn.CrossEntropyLoss()

        def forward(self, x, target):
            return self.loss(torch.flatten(self.drop(self.pool(self.norm(x))), 1), target)

    program = recorded(lambda: Net()(torch.rand(1, 1, 4, 4), torch.tensor([1])))
    assert list(program.scopes) == ["norm", "pool", "drop", "loss"]
    assert paths(program, Phase.LOSS) == ["loss", "loss"]
    outside = recorded(lambda: nn.CrossEntropyLoss()(torch.rand(1, 2), torch.tensor([1])))
    assert list(outside.scopes) == ["cross_entropy"]


def test_buffers_are_named_and_follow_their_updates() -> None:
    net = nn.Sequential(nn.BatchNorm2d(1))
    program = recorded(lambda: net(torch.rand(2, 1, 2, 2)))
    before = program.bound("0.running_mean", 0)
    after = program.bound("0.running_mean", len(program))
    assert before is not None
    assert after is not None
    assert program.slots[before].kind is SlotKind.BUFFER
    assert program.slots[after].kind is SlotKind.VALUE
    assert program.values[after].tolist() == net[0].running_mean.tolist()


def test_inputs_are_called_as_the_user_calls_them() -> None:
    net = MLP(2, 1)
    image = torch.ones(1, 2)
    with torch.record() as recorder:
        net(image)
    assert recorder.program().bound("image", 0) is not None
    with torch.record() as recorder:
        net(torch.ones(1, 2))
    assert recorder.program().bound("x", 1) is not None


def test_wrong_arguments_are_the_users_error() -> None:
    with torch.record(), pytest.raises(TypeError, match="forward"):
        MLP(2, 1)(torch.ones(1, 2), 3)


def test_cleared_gradients_are_instructions() -> None:
    net, x, y = LeNet(), torch.rand(1, 1, 32, 32), torch.tensor([3])
    nn.functional.cross_entropy(net(x), y).backward()
    old = {name: parameter.grad.tolist() for name, parameter in net.named_parameters()}
    program = recorded(net.zero_grad)
    assert [instr.op for instr in program.instrs] == ["zero_grad"] * 10
    assert [instr.site.module for instr in program.instrs][:3] == ["conv1", "conv1", "conv2"]
    assert {instr.site.phase for instr in program.instrs} == {Phase.ZERO_GRAD}
    for name, gradient in old.items():
        slot = program.bound(f"{name}.grad", 0)
        assert slot is not None
        assert program.slots[slot].kind is SlotKind.GRADIENT
        assert program.values[slot].tolist() == gradient
        assert program.bound(f"{name}.grad", len(program)) is None
    assert recorded(net.zero_grad).instrs == ()  # nothing is left to clear


def test_gradients_filled_with_zeros_stay_bound() -> None:
    net = nn.Sequential(nn.Linear(1, 1))
    net(torch.ones(1)).sum().backward()
    program = recorded(lambda: net.zero_grad(set_to_none=False))
    slot = program.bound("0.weight.grad", len(program))
    assert slot is not None
    assert program.values[slot].tolist() == [[0]]


def test_copied_networks_know_their_own_names() -> None:
    twin = copy.deepcopy(MLP(2, 3, 1))
    twin(torch.ones(1, 2)).sum().backward()
    program = recorded(twin.zero_grad)
    assert [instr.site.module for instr in program.instrs] == ["layers.0", "layers.0", "layers.2", "layers.2"]


def test_several_iterations_in_programs_of_their_own() -> None:
    net = MLP(2, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    programs: list[Program] = []

    def on_mark(recorder, event: str) -> None:
        if event == "step":
            programs.append(recorder.cut())

    with torch.record(on_mark):
        for _ in range(3):
            optimizer.zero_grad()
            net(torch.ones(1, 2)).sum().backward()
            optimizer.step()
    assert len(programs) == 3
    assert programs[1].fingerprint() == programs[2].fingerprint()
    for earlier, later in pairwise(programs):
        end, start = earlier.bound("layers.0.weight", len(earlier)), later.bound("layers.0.weight", 0)
        assert end is not None
        assert start is not None
        assert earlier.values[end].tolist() == later.values[start].tolist()
        assert later.slots[start].kind is SlotKind.PARAMETER
    # What only the recorder held on to has been let go: one batch and one learning rate each.
    assert [[slot.name for slot in p.slots].count("x") for p in programs] == [1, 1, 1]
    assert [[slot.name for slot in p.slots].count("lr") for p in programs] == [1, 1, 1]


def test_loaded_values_are_named_parameters_of_the_recording() -> None:
    net = nn.Sequential(nn.Linear(1, 1))
    saved = net.state_dict()
    with torch.record() as recorder:
        net(torch.ones(1, 1))
        net.load_state_dict(saved)
        net(torch.ones(1, 1))
    program = recorder.program()
    first, second = program.bound("0.weight", 0), program.bound("0.weight", len(program))
    assert first is not None
    assert second is not None
    assert first != second
    assert program.slots[first] == program.slots[second]
