"""Modules: parts by name, buffers, state of their own, sharing and copies."""

import copy

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


def test_parts_by_dotted_name() -> None:
    net = Net()
    assert net.get_parameter("block.fc.bias") is net.block.fc.bias
    assert net.get_buffer("block.seen") is net.block.seen
    assert net.get_submodule("") is net
    net.set_submodule("head.1", nn.Identity())
    net.set_submodule("block.more", nn.Tanh())
    assert [type(module).__name__ for module in (net.head[1], net.block.more)] == ["Identity", "Tanh"]
    for act, error, message in (
        (lambda: net.get_parameter("block.seen"), AttributeError, "`seen` is not an nn.Parameter"),
        (lambda: net.get_parameter("block.x"), AttributeError, "Block has no attribute `x`"),
        (lambda: net.get_buffer("block.scale"), AttributeError, "`scale` is not a buffer"),
        (lambda: net.get_submodule("block.scale"), AttributeError, "`scale` is not an nn.Module"),
        (lambda: net.set_submodule("", nn.ReLU()), ValueError, "Cannot set the submodule without a target"),
        (lambda: net.set_submodule("a", 3), ValueError, "`module` is not an nn.Module, found <class 'int'>"),
        (lambda: net.set_submodule("a", nn.ReLU(), strict=True), AttributeError, "Net has no attribute `a`"),
        (lambda: net.set_submodule("block.scale", nn.ReLU()), AttributeError, "`scale` is not an nn.Module"),
    ):
        with pytest.raises(error, match=message):
            act()


def test_walks_with_duplicates() -> None:
    net = nn.ModuleDict({"a": nn.Linear(1, 1, bias=False)})
    net["b"] = net["a"]
    assert [name for name, _ in net.named_parameters()] == ["a.weight"]
    assert [name for name, _ in net.named_parameters(remove_duplicate=False)] == ["a.weight", "b.weight"]
    assert [name for name, _ in net.named_modules(remove_duplicate=False)] == ["", "a", "b"]
    assert len(list(net.modules())) == 2
    assert [name for name, _ in net.named_modules(memo={net["a"]})] == [""]
    assert list(net.state_dict()) == ["a.weight", "b.weight"]


def test_a_module_overrides_what_children_do_in_training() -> None:
    class Frozen(nn.Sequential):
        def train(self, mode: bool = True):
            return super().train(False)

    net = nn.Sequential(Frozen(nn.Dropout()), nn.Dropout())
    net.train()
    assert [module.training for module in net.modules()] == [True, False, False, True]


def test_assigning_the_loaded_tensors() -> None:
    net = nn.Linear(1, 1)
    net.bias.requires_grad_(False)
    state = {"weight": torch.ones(1, 1).double(), "bias": nn.Parameter(torch.ones(1))}
    net.load_state_dict(state, assign=True)
    assert net.bias is state["bias"]
    assert not net.bias.requires_grad
    assert isinstance(net.weight, nn.Parameter)
    assert net.weight.dtype is torch.float64


def test_state_of_ones_own() -> None:
    class Counts(nn.Module):
        seen = 0

        def get_extra_state(self):
            return {"seen": self.seen}

        def set_extra_state(self, state) -> None:
            self.seen = state["seen"]

    net, other = Counts(), Counts()
    net.seen = 4
    assert list(net.state_dict()) == ["_extra_state"]
    other.load_state_dict(net.state_dict())
    assert other.seen == 4
    with pytest.raises(RuntimeError, match=r'Missing key\(s\) in state_dict: "_extra_state"'):
        other.load_state_dict({})


def test_state_goes_into_a_given_dict() -> None:
    destination = {}
    assert nn.Linear(1, 1).state_dict(destination=destination, prefix="p.") is destination
    assert list(destination) == ["p.weight", "p.bias"]
    kept = nn.Linear(1, 1)
    assert kept.state_dict(keep_vars=True)["weight"] is kept.weight


def test_parameters_share_memory_with_what_they_are_made_from() -> None:
    source = torch.zeros(2)
    parameter = nn.Parameter(source)
    with torch.no_grad():
        parameter.add_(1)
    assert source.tolist() == [1, 1]
    source.mul_(3)
    assert parameter.tolist() == [3, 3]
    assert parameter.is_leaf
    (parameter * source).sum().backward()
    assert parameter.grad.tolist() == [3, 3]
    for wrong in (nn.Parameter, nn.Buffer):
        with pytest.raises(TypeError, match=f"{wrong.__name__}: expected a tensor, got list"):
            wrong([1.0])


def test_buffers() -> None:
    net = nn.Module()
    net.mean = nn.Buffer(torch.zeros(1))
    net.cache = nn.Buffer(torch.ones(2), persistent=False)
    assert [name for name, _ in net.named_buffers()] == ["mean", "cache"]
    assert list(net.state_dict()) == ["mean"]
    net.mean = torch.ones(1)
    assert list(net.state_dict()) == ["mean"]
    net.cache = torch.zeros(1)
    assert list(net.state_dict()) == ["mean"]
    assert repr(net.mean) == "tensor([1.])"
    with pytest.raises(TypeError, match="cannot assign 'int' as buffer 'mean'"):
        net.mean = 3


def test_copies_have_no_gradients() -> None:
    net = nn.Linear(1, 1)
    net(torch.ones(1)).backward()
    twin = copy.deepcopy(net)
    assert twin.weight.grad is None
    assert twin.weight.tolist() == net.weight.tolist()
    tied = nn.ModuleList([net, net])
    twins = copy.deepcopy(tied)
    assert twins[0].weight is twins[1].weight


def test_types_and_devices() -> None:
    net = nn.Linear(1, 1)
    assert net.type(torch.float64).weight.dtype is torch.float64
    assert net.type("torch.FloatTensor").weight.dtype is torch.float32
    assert net.to(torch.ones(1).double()).weight.dtype is torch.float64
    assert net.to("cpu", torch.float32).share_memory().weight.dtype is torch.float32
    with pytest.raises(RuntimeError, match="there is no device 'cuda'"):
        net.cuda()
    with pytest.raises(RuntimeError, match="data set to a tensor that requires gradients must be floating"):
        net.type(torch.int64)
    with pytest.raises(TypeError, match=r"to\(\) received an invalid combination of arguments"):
        net.to(3.0)
    with pytest.raises(TypeError, match="unexpected keyword argument 'memory_format'"):
        net.to(memory_format=1)


def test_arguments_that_init_does_not_take() -> None:
    with pytest.raises(TypeError, match=r"Module.__init__\(\) got an unexpected keyword argument 'x'"):
        nn.Module(x=1)
    with pytest.raises(TypeError, match=r"Module.__init__\(\) takes 1 positional argument but 3 were given"):
        nn.Module(1, 2)
