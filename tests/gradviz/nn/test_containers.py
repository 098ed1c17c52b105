"""Sequential, lists and dictionaries of modules and parameters."""

from collections import OrderedDict

import pytest

import gradviz as torch
import gradviz.nn as nn


def names(container: nn.Module) -> list[str]:
    return [f"{name}:{type(module).__name__}" for name, module in container.named_children()]


@pytest.mark.parametrize(
    "kind", [lambda *modules: nn.Sequential(*modules), lambda *modules: nn.ModuleList(modules)]
)
def test_lists_of_modules(kind) -> None:
    relu, tanh, sigmoid = nn.ReLU(), nn.Tanh(), nn.Sigmoid()
    net = kind(relu, tanh)
    assert len(net) == 2
    assert list(net) == [relu, tanh]
    assert net[0] is relu
    assert net[-1] is tanh
    assert tanh in net
    assert type(net[1:]) is type(net)
    assert list(net[1:]) == [tanh]
    assert net.append(sigmoid) is net
    net.insert(1, nn.Identity())
    assert names(net) == ["0:ReLU", "1:Identity", "2:Tanh", "3:Sigmoid"]
    net[1] = nn.Softmax(0)
    assert net.pop(1).dim == 0
    del net[0]
    assert names(net) == ["0:Tanh", "1:Sigmoid"]
    assert names(net.extend([relu])) == ["0:Tanh", "1:Sigmoid", "2:ReLU"]
    del net[:2]
    assert names(net) == ["0:ReLU"]
    net += kind(tanh)
    assert names(net + kind(sigmoid)) == ["0:ReLU", "1:Tanh", "2:Sigmoid"]
    assert "0" not in dir(net)
    with pytest.raises(IndexError, match="index 2 is out of range"):
        net[2]
    with pytest.raises(TypeError, match="int is not a Module subclass"):
        net.append(3)
    with pytest.raises(TypeError, match=r"gradviz.nn.modules.activation.ReLU is not a Module subclass"):
        net.append(nn.ReLU)


def test_sequential_has_arithmetic() -> None:
    net = nn.Sequential(nn.ReLU(), nn.Tanh())
    assert names(2 * net) == names(net * 2)
    assert len(net * 2) == 4
    net *= 2
    assert list(net)[2] is net[0]
    with pytest.raises(ValueError, match="Non-positive multiplication factor 0"):
        net * 0
    with pytest.raises(TypeError, match=r"unsupported operand type\(s\) for \*"):
        net * 1.5
    with pytest.raises(ValueError, match="add operator supports only objects of Sequential class"):
        net.__add__([nn.ReLU()])
    with pytest.raises(AssertionError, match="module should be of type"):
        net.insert(0, 3)
    with pytest.raises(IndexError, match="Index out of range: 9"):
        net.insert(9, nn.ReLU())


def test_named_parts_of_a_sequential() -> None:
    net = nn.Sequential(OrderedDict(first=nn.Linear(2, 3), second=nn.ReLU()))
    assert names(net) == ["first:Linear", "second:ReLU"]
    assert net.first is net[0]
    assert names(net[:1]) == ["first:Linear"]
    assert net(torch.ones(1, 2)).shape == (1, 3)


def test_a_list_cannot_be_called() -> None:
    with pytest.raises(NotImplementedError, match=r"Module \[ModuleList\] is missing"):
        nn.ModuleList()(1)
    with pytest.raises(TypeError, match="ModuleList.extend should be called with an iterable, but got int"):
        nn.ModuleList(3)


def test_module_dict() -> None:
    net = nn.ModuleDict({"a": nn.ReLU(), "b": nn.Linear(1, 1)})
    net["c"] = nn.Tanh()
    net.update([("d", nn.Sigmoid())])
    assert list(net) == list(net.keys()) == ["a", "b", "c", "d"]
    assert [type(module).__name__ for module in net.values()] == ["ReLU", "Linear", "Tanh", "Sigmoid"]
    assert len(net) == 4
    assert "a" in net
    assert [name for name, _ in net.named_parameters()] == ["b.weight", "b.bias"]
    assert isinstance(net.pop("a"), nn.ReLU)
    del net["b"]
    assert repr(net) == "ModuleDict(\n  (c): Tanh()\n  (d): Sigmoid()\n)"
    assert [name for name, _ in net.items()] == ["c", "d"]
    net.clear()
    assert repr(net) == "ModuleDict()"
    with pytest.raises(TypeError, match="ModuleDict.update should be called with an iterable of key/value"):
        net.update(3)
    with pytest.raises(ValueError, match="ModuleDict update sequence element #0 has length 3; 2 is required"):
        net.update([(1, 2, 3)])
    with pytest.raises(TypeError, match="ModuleDict update sequence element #0 should be Iterable; isint"):
        net.update([1])
    with pytest.raises(KeyError):
        net["missing"]


def test_parameter_list() -> None:
    held = nn.ParameterList([torch.ones(2, 3), nn.Parameter(torch.zeros(1)), "note"])
    assert [name for name, _ in held.named_parameters()] == ["0", "1"]
    assert len(held) == 3
    assert held[-1] == "note"
    assert repr(held) == (
        "ParameterList(\n"
        "    (0): Parameter containing: [torch.float32 of size 2x3]\n"
        "    (1): Parameter containing: [torch.float32 of size 1]\n"
        "    (2): Object of type: str\n"
        ")"
    )
    held[2] = torch.ones(1).double()
    assert isinstance(held[2], nn.Parameter)
    held.append(torch.ones(1)).extend([torch.ones(2)])
    held += [torch.ones(3)]
    assert [p.numel() for p in held] == [6, 1, 1, 1, 2, 3]
    assert [p.numel() for p in held[::2]] == [6, 1, 2]
    with pytest.raises(IndexError, match="index 6 is out of range"):
        held[6]
    with pytest.raises(TypeError, match="ParameterList.extend should be called with an iterable, but got T"):
        held.extend(torch.ones(2))
    with pytest.raises(RuntimeError, match="ParameterList should not be called"):
        held(1)


def test_parameter_dict() -> None:
    held = nn.ParameterDict({"b": torch.ones(2), "a": nn.Parameter(torch.zeros(1))})
    assert list(held) == ["a", "b"], "a plain dict is sorted"
    held["n"] = 3
    assert repr(held) == (
        "ParameterDict(\n"
        "    (a): Parameter containing: [torch.FloatTensor of size 1]\n"
        "    (b): Parameter containing: [torch.FloatTensor of size 2]\n"
        "    (n): Object of type: int\n"
        ")"
    )
    assert [name for name, _ in held.named_parameters()] == ["a", "b"]
    assert held.popitem() == ("n", 3)
    assert held.get("n", 5) == 5
    assert isinstance(held.setdefault("c", torch.ones(1)), nn.Parameter)
    assert list(reversed(held)) == ["c", "b", "a"]
    twin = held.copy()
    assert twin["a"] is held["a"]
    del held["a"]
    assert len(held) == 2
    assert "a" in twin
    assert list(held | twin) == ["b", "c", "a"]
    assert held.pop("b").tolist() == [1, 1]
    held |= nn.ParameterDict([("z", torch.ones(1))])
    assert list(held.keys()) == ["c", "z"]
    assert [name for name, _ in held.items()] == ["c", "z"]
    assert [p.tolist() for p in held.values()] == [[1], [1]]
    assert list(held.fromkeys(["q"], 1)) == ["q"]
    held.clear()
    assert not list(held.parameters())
    with pytest.raises(KeyError):
        held.popitem()
    with pytest.raises(TypeError, match=r"not a string \(type is 'int'\)"):
        held[0] = torch.ones(1)
    with pytest.raises(RuntimeError, match="ParameterDict should not be called"):
        held(1)
