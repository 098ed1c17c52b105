"""Modules: registration, walks, modes, saving and loading, text, copies."""

import copy
import pickle
from collections import OrderedDict

import pytest

import gradviz as torch
import gradviz.nn as nn


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(2, 3)
        self.scale = nn.Parameter(torch.ones(3))
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, x):
        return self.fc(x) * self.scale


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = Block()
        self.head = nn.Sequential(nn.ReLU(), nn.Linear(3, 1, bias=False))

    def forward(self, x):
        return self.head(self.block(x))


NAMES = ["block.scale", "block.fc.weight", "block.fc.bias", "head.1.weight"]


def test_parameters_are_found_by_assignment() -> None:
    net = Net()
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert [tuple(p.shape) for p in net.parameters()] == [(3,), (3, 2), (3,), (1, 3)]
    assert [name for name, _ in net.named_buffers()] == ["block.seen"]
    assert [name for name, _ in net.named_children()] == ["block", "head"]
    assert [name for name, _ in net.named_modules()] == ["", "block", "block.fc", "head", "head.0", "head.1"]
    assert all(p.requires_grad and p.is_leaf for p in net.parameters())
    assert [name for name, _ in net.block.named_parameters(recurse=False)] == ["scale"]
    assert [name for name, _ in net.block.named_parameters(prefix="b")] == [
        "b.scale",
        "b.fc.weight",
        "b.fc.bias",
    ]
    assert isinstance(net.get_submodule("head.1"), nn.Linear)


def test_shared_parameters_come_once() -> None:
    net = Net()
    net.again = net.block
    net.tied = net.block.scale
    assert [name for name, _ in net.named_parameters()] == ["tied", *NAMES[1:3], NAMES[3]]
    assert len(list(net.modules())) == 6


def test_attributes_can_be_replaced_and_deleted() -> None:
    net = Net()
    net.block = nn.Identity()
    assert [name for name, _ in net.named_parameters()] == ["head.1.weight"]
    del net.head
    assert not list(net.parameters())
    net.block = None
    assert net.block is None
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'head'"):
        net.head  # noqa: B018
    with pytest.raises(TypeError, match="cannot assign 'int' as child module 'block'"):
        net.block = 3


def test_parameter_replaces_a_plain_attribute() -> None:
    net = nn.Module()
    net.w = 3
    net.w = nn.Parameter(torch.ones(1))
    assert [name for name, _ in net.named_parameters()] == ["w"]
    assert "w" in dir(net)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda m: setattr(m, "weight", torch.ones(1)), TypeError,
         r"cannot assign 'torch.FloatTensor' as parameter 'weight' \(torch.nn.Parameter or None expected\)"),
        (lambda m: m.register_parameter("a.b", None), KeyError, "parameter name can.*t contain"),
        (lambda m: m.register_parameter("", None), KeyError, "parameter name can.*t be empty string"),
        (lambda m: m.register_parameter("forward", None), KeyError, "attribute 'forward' already exists"),
        (lambda m: m.register_parameter("w", torch.ones(1)), TypeError, "object to parameter 'w'"),
        (lambda m: m.register_buffer("b", 3), TypeError, "cannot assign 'int' object to buffer 'b'"),
        (lambda m: m.add_module("m", 3), TypeError, "int is not a Module subclass"),
        (lambda m: m.add_module("a.b", nn.ReLU()), KeyError, 'module name can.*t contain ".", got: a.b'),
        (lambda m: m.train(1), ValueError, "training mode is expected to be boolean"),
        (lambda m: m.get_submodule("x"), AttributeError, "Linear has no attribute `x`"),
        (lambda m: m.to(torch.int64), TypeError, "only accepts floating point"),
        (lambda m: m.to("cuda"), RuntimeError, "CPU"),
    ],
)  # fmt: skip
def test_mistakes_are_named_as_in_pytorch(act, error, message) -> None:
    with pytest.raises(error, match=message):
        act(nn.Linear(1, 1))


def test_forgetting_super_init() -> None:
    class Bad(nn.Module):
        def __init__(self) -> None:
            self.fc = nn.Linear(1, 1)

    with pytest.raises(AttributeError, match=r"cannot assign module before Module.__init__\(\) call"):
        Bad()


def test_forward_must_be_written() -> None:
    with pytest.raises(
        NotImplementedError, match=r'Module \[Module\] is missing the required "forward" function'
    ):
        nn.Module()(torch.ones(1))


def test_modes_reach_all_modules() -> None:
    net = Net()
    assert net.eval() is net
    assert not any(module.training for module in net.modules())
    assert all(module.training for module in net.train().modules())


def test_apply_goes_to_children_first() -> None:
    seen: list[str] = []
    net = Net()
    assert net.apply(lambda module: seen.append(type(module).__name__)) is net
    assert seen == ["Linear", "Block", "ReLU", "Linear", "Sequential", "Net"]


def test_gradients_are_turned_off_and_cleared() -> None:
    net = Net()
    net(torch.rand(4, 2)).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    held = net.block.scale.grad
    net.zero_grad(set_to_none=False)
    assert net.block.scale.grad is held
    assert held.tolist() == [0, 0, 0]
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())
    net.requires_grad_(False)
    assert not net(torch.rand(4, 2)).requires_grad


def test_conversion_reaches_parameters_buffers_and_gradients() -> None:
    net = Net()
    net(torch.rand(1, 2)).sum().backward()
    weight = net.block.fc.weight
    assert net.double() is net
    assert net.block.fc.weight is weight
    assert {p.dtype for p in net.parameters()} == {p.grad.dtype for p in net.parameters()} == {torch.float64}
    assert net.block.seen.dtype is torch.float64
    assert net(torch.rand(1, 2).double()).dtype is torch.float64
    assert next(net.to(dtype=torch.float32).to("cpu").cpu().parameters()).dtype is torch.float32
    assert next(net.half().float().parameters()).dtype is torch.float32
    norm = nn.BatchNorm2d(1).double()
    assert norm.num_batches_tracked.dtype is torch.int64


def test_state_dict_and_back() -> None:
    net, other = Net(), Net()
    state = net.state_dict()
    assert isinstance(state, OrderedDict)
    assert list(state) == ["block.scale", "block.seen", "block.fc.weight", "block.fc.bias", "head.1.weight"]
    assert not any(value.requires_grad for value in state.values())
    assert repr(other.load_state_dict(state)) == "<All keys matched successfully>"
    x = torch.rand(3, 2)
    assert other(x).tolist() == net(x).tolist()
    assert all(p.requires_grad for p in other.parameters())
    with torch.no_grad():  # a copy was loaded, the memory is not shared with the other network
        net.block.scale.add_(1)
    assert state["block.scale"].tolist() == [2, 2, 2]
    assert other.block.scale.tolist() == [1, 1, 1]


def test_loading_lists_all_that_does_not_fit() -> None:
    net = Net()
    state = net.state_dict()
    del state["block.seen"]
    state["extra"] = torch.ones(1)
    state["head.1.weight"] = torch.ones(2, 3)
    with pytest.raises(RuntimeError) as caught:
        net.load_state_dict(state)
    assert str(caught.value) == (
        "Error(s) in loading state_dict for Net:\n"
        '\tMissing key(s) in state_dict: "block.seen". \n'
        '\tUnexpected key(s) in state_dict: "extra". \n'
        "\tsize mismatch for head.1.weight: copying a param with shape torch.Size([2, 3]) from checkpoint, "
        "the shape in current model is torch.Size([1, 3])."
    )
    del state["head.1.weight"]
    found = net.load_state_dict(state, strict=False)
    assert found.missing_keys == ["block.seen", "head.1.weight"]
    assert found.unexpected_keys == ["extra"]
    assert repr(found) == (
        "_IncompatibleKeys(missing_keys=['block.seen', 'head.1.weight'], unexpected_keys=['extra'])"
    )
    with pytest.raises(TypeError, match="Expected state_dict to be dict-like, got <class 'list'>"):
        net.load_state_dict([])  # type: ignore[arg-type]


def test_transient_buffers_are_not_saved() -> None:
    net = nn.Module()
    net.register_buffer("cache", torch.zeros(1), persistent=False)
    assert not net.state_dict()
    assert [name for name, _ in net.named_buffers()] == ["cache"]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_copies_are_independent(duplicate) -> None:
    net = Net()
    twin = duplicate(net)
    x = torch.rand(2, 2)
    assert twin(x).tolist() == net(x).tolist()
    twin(x).sum().backward()
    assert net.block.scale.grad is None
    assert twin.block.scale.grad is not None
    assert [name for name, _ in twin.named_parameters()] == NAMES


def test_repr_nests() -> None:
    assert repr(Net()) == (
        "Net(\n"
        "  (block): Block(\n"
        "    (fc): Linear(in_features=2, out_features=3, bias=True)\n"
        "  )\n"
        "  (head): Sequential(\n"
        "    (0): ReLU()\n"
        "    (1): Linear(in_features=3, out_features=1, bias=False)\n"
        "  )\n"
        ")"
    )


def test_extra_repr_of_several_lines() -> None:
    class Odd(nn.Module):
        def extra_repr(self) -> str:
            return "a=1\nb=2"

    odd = Odd()
    assert repr(odd) == "Odd(\n  a=1\n  b=2\n)"
    odd.act = nn.ReLU()
    assert repr(odd) == "Odd(\n  a=1\n  b=2\n  (act): ReLU()\n)"


def test_parameter() -> None:
    source = torch.tensor([1.0, 2])
    parameter = nn.Parameter(source)
    assert repr(parameter) == "Parameter containing:\ntensor([1., 2.], requires_grad=True)"
    assert not nn.Parameter(source, requires_grad=False).requires_grad
    assert nn.Parameter(torch.rand(2).double()).dtype is torch.float64
    doubled = parameter * 2
    assert type(doubled) is torch.Tensor
    doubled.sum().backward()
    assert parameter.grad is not None
    assert parameter.grad.tolist() == [2, 2]
