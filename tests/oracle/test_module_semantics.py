"""What modules, containers and hooks do, scenario by scenario, as PyTorch does it."""

import copy
import re
import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402

pytestmark = pytest.mark.oracle

Scenario = Callable[[Any], Any]


def said(call: Callable[[], Any]) -> str:
    """The result as text, or the error, with our module names as PyTorch's and without our line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = repr(call())
    except Exception as error:
        kinds = (kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")
        text = f"{next(kinds)}: {error}"
    text = re.sub(r", at \S+:\d+$", "", text)
    text = re.sub(r" at 0x[0-9a-f]+", "", text)
    return text.replace("gradviz.", "torch.")


def net(t: Any) -> Any:
    nn = t.nn

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(2, 3)
            self.norm = nn.BatchNorm1d(3)
            self.scale = nn.Parameter(t.ones(3))
            self.register_buffer("seen", t.zeros(1))
            self.register_buffer("cache", t.zeros(2), persistent=False)
            self.register_parameter("none", None)

        def forward(self, x):
            return self.norm(self.fc(x)) * self.scale

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = Block()
            self.rest = nn.ModuleList([nn.Linear(3, 3, bias=False) for _ in range(3)])
            self.tied = self.rest[0]
            self.act = nn.ModuleDict({"a": nn.ReLU(), "b": nn.Sequential(nn.Tanh())})
            self.extra = None

        def forward(self, x):
            x = self.first(x)
            for layer in self.rest:
                x = self.act["a"](layer(x))
            return x

    t.manual_seed(0)
    return Net()


def names(pairs: Any) -> list[str]:
    return [name for name, _ in pairs]


def after(module: Any, act: Callable[[Any], Any], look: Callable[[Any], Any]) -> Any:
    act(module)
    return look(module)


def load(t: Any, change: Callable[[dict], Any], **options: Any) -> Any:
    one, state = net(t), dict(net(t).state_dict())
    change(state)
    found = one.load_state_dict(state, **options)
    return found, found.missing_keys, found.unexpected_keys


WALKS: dict[str, Scenario] = {
    "repr": lambda t: net(t),
    "parameters": lambda t: names(net(t).named_parameters()),
    "parameters, all": lambda t: names(net(t).named_parameters(remove_duplicate=False)),
    "parameters, prefix": lambda t: names(net(t).named_parameters("p", recurse=False)),
    "parameters below": lambda t: names(net(t).first.named_parameters("p", recurse=False)),
    "buffers": lambda t: names(net(t).named_buffers("b")),
    "buffers here": lambda t: names(net(t).first.named_buffers(recurse=False)),
    "modules": lambda t: names(net(t).named_modules()),
    "modules, prefix": lambda t: names(net(t).named_modules(prefix="m")),
    "modules, all": lambda t: names(net(t).named_modules(remove_duplicate=False)),
    "children": lambda t: names(net(t).named_children()),
    "state": lambda t: list(net(t).state_dict()),
    "state, by position": lambda t: list(net(t).first.state_dict(None, "x.", True)),
    "state, prefix": lambda t: list(net(t).first.state_dict(prefix="x.")),
    "metadata": lambda t: dict(net(t).state_dict()._metadata),
    "submodule": lambda t: net(t).get_submodule("rest.1"),
    "no submodule": lambda t: net(t).get_submodule("rest.7"),
    "no module": lambda t: net(t).get_submodule("first.scale"),
    "parameter": lambda t: net(t).get_parameter("first.scale").shape,
    "no parameter": lambda t: net(t).get_parameter("first.seen"),
    "None as parameter": lambda t: net(t).get_parameter("first.none"),
    "buffer": lambda t: net(t).get_buffer("first.cache"),
    "no buffer": lambda t: net(t).get_buffer("first.scale"),
    "set": lambda t: after(net(t), lambda n: n.set_submodule("act.b.0", t.nn.ReLU()), repr),
    "set anew": lambda t: after(net(t), lambda n: n.set_submodule("first.x", t.nn.ReLU()), repr),
    "set strictly": lambda t: net(t).set_submodule("first.x", t.nn.ReLU(), strict=True),
    "set no module": lambda t: net(t).set_submodule("first.x", 3),
    "set nothing": lambda t: net(t).set_submodule("", t.nn.ReLU()),
    "set over": lambda t: net(t).set_submodule("first.seen", t.nn.ReLU()),
    "modes": lambda t: [m.training for m in after(net(t), lambda n: n.first.eval(), lambda n: n.modules())],
    "train 1": lambda t: net(t).train(1),
    "requires": lambda t: [p.requires_grad for p in net(t).requires_grad_(False).parameters()],
    "double": lambda t: [str(v.dtype) for v in net(t).double().state_dict().values()],
    "half": lambda t: [str(v.dtype) for v in net(t).half().state_dict().values()],
    "to": lambda t: [str(v.dtype) for v in net(t).to("cpu", t.float64).state_dict().values()],
    "to int": lambda t: net(t).to(t.int32),
    "type": lambda t: [str(v.dtype) for v in net(t).type("torch.DoubleTensor").state_dict().values()],
    "apply": lambda t: (lambda seen: (net(t).apply(lambda m: seen.append(m._get_name())), seen)[1])([]),
    "deep copy": lambda t: copy.deepcopy(net(t)),
    "tied in copies": lambda t: (lambda n: n.tied is n.rest[0])(copy.deepcopy(net(t))),
    "dir": lambda t: [n for n in dir(net(t)) if n in ("first", "rest", "training", "0")],
    "zero_grad": lambda t: [p.grad for p in after(net(t), lambda n: n.zero_grad(), lambda n: n.parameters())],
}

ATTRIBUTES: dict[str, Scenario] = {
    "number for a parameter": lambda t: setattr(net(t).first, "scale", 3),
    "tensor for a parameter": lambda t: setattr(net(t).first, "scale", t.ones(3)),
    "double for a parameter": lambda t: setattr(net(t).first, "scale", t.ones(3).double()),
    "None for a parameter": lambda t: after(
        net(t), lambda n: setattr(n.first, "scale", None), lambda n: list(n.state_dict())
    ),
    "number for a module": lambda t: setattr(net(t), "first", 3),
    "None for a module": lambda t: after(net(t), lambda n: setattr(n, "first", None), repr),
    "number for a buffer": lambda t: setattr(net(t).first, "seen", 3),
    "tensor for a buffer": lambda t: after(
        net(t), lambda n: setattr(n.first, "cache", t.ones(1)), lambda n: list(n.state_dict())
    ),
    "parameter for a module": lambda t: after(
        net(t), lambda n: setattr(n, "first", t.nn.Parameter(t.ones(1))), lambda n: list(n.state_dict())
    ),
    "module for a parameter": lambda t: after(
        net(t), lambda n: setattr(n.first, "scale", t.nn.ReLU()), lambda n: (n, list(n.state_dict()))
    ),
    "parameter for a buffer": lambda t: after(
        net(t), lambda n: setattr(n.first, "seen", t.nn.Parameter(t.ones(1))), lambda n: list(n.state_dict())
    ),
    "module for an attribute": lambda t: after(net(t), lambda n: setattr(n, "extra", t.nn.ReLU()), repr),
    "parameter in place of one": lambda t: after(
        net(t), lambda n: setattr(n.first, "scale", t.nn.Parameter(t.ones(1))), lambda n: list(n.state_dict())
    ),
    "delete": lambda t: after(net(t), lambda n: delattr(n.first, "scale"), lambda n: list(n.state_dict())),
    "delete a module": lambda t: after(net(t), lambda n: delattr(n, "first"), repr),
    "delete nothing": lambda t: delattr(net(t), "nothing"),
    "get nothing": lambda t: net(t).nothing,
    "dotted by attribute": lambda t: after(net(t), lambda n: setattr(n, "a.b", t.nn.ReLU()), repr),
    "buffer wrapper": lambda t: after(
        t.nn.Module(), lambda m: setattr(m, "x", t.nn.Buffer(t.ones(1))), lambda m: list(m.state_dict())
    ),
    "register a tensor": lambda t: net(t).register_parameter("w", t.ones(1)),
    "register a computed one": lambda t: net(t).register_parameter("w", t.ones(1, requires_grad=True) * 2),
    "register twice": lambda t: net(t).first.register_parameter("seen", None),
    "register again": lambda t: net(t).first.register_parameter("scale", None),
    "register a number": lambda t: net(t).register_parameter(3, None),
    "register dotted": lambda t: net(t).register_buffer("a.b", t.ones(1)),
    "register empty": lambda t: net(t).register_buffer("", t.ones(1)),
    "register a list": lambda t: net(t).register_buffer("x", [1]),
    "register over a method": lambda t: net(t).register_buffer("forward", t.ones(1)),
    "add a number": lambda t: net(t).add_module("x", 3),
    "add a class": lambda t: net(t).add_module("x", t.nn.ReLU),
    "add a name": lambda t: net(t).add_module(3, t.nn.ReLU()),
    "add over": lambda t: net(t).first.add_module("seen", t.nn.ReLU()),
    "add dotted": lambda t: net(t).add_module("a.b", t.nn.ReLU()),
    "add empty": lambda t: net(t).add_module("", t.nn.ReLU()),
    "add None": lambda t: after(net(t), lambda n: n.add_module("nothing", None), repr),
    "call nothing": lambda t: t.nn.Module()(1),
    "init arguments": lambda t: t.nn.Module(1),
    "init keywords": lambda t: t.nn.Module(x=1),
    "parameter of a list": lambda t: type(t.nn.Parameter(t.ones(2).long(), requires_grad=False)).__name__,
    "a parameter": lambda t: t.nn.Parameter(t.ones(2)),
    "constant parameter": lambda t: t.nn.Parameter(t.ones(2), False),
    "empty parameter": lambda t: t.nn.Parameter(),
    "parameter of a result": lambda t: t.nn.Parameter(t.ones(2, requires_grad=True) * 3).is_leaf,
}

LOADING: dict[str, Scenario] = {
    "all": lambda t: load(t, lambda s: None),
    "missing": lambda t: load(t, lambda s: (s.pop("first.seen"), s.pop("rest.1.weight"))),
    "unexpected": lambda t: load(t, lambda s: s.update({"x": 1, "first.fc.y": 2, "no.z": 3})),
    "both": lambda t: load(t, lambda s: (s.pop("first.seen"), s.update({"first.x": 1}))),
    "no number of batches": lambda t: load(t, lambda s: s.pop("first.norm.num_batches_tracked")),
    "not strict": lambda t: load(t, lambda s: (s.pop("first.seen"), s.update({"first.x": 1})), strict=False),
    "sizes": lambda t: load(t, lambda s: s.update({"first.scale": t.ones(2), "rest.0.weight": t.ones(3)})),
    "sizes, not strict": lambda t: load(t, lambda s: s.update({"first.scale": t.ones(2)}), strict=False),
    "numbers": lambda t: load(t, lambda s: s.update({"first.scale": 3})),
    "scalar of one": lambda t: load(
        t, lambda s: s.update({"first.norm.num_batches_tracked": t.ones(1).long()})
    ),
    "transient": lambda t: load(t, lambda s: s.update({"first.cache": t.ones(2)})),
    "list": lambda t: net(t).load_state_dict([1]),
    "None parameter": lambda t: load(t, lambda s: s.update({"first.none": t.ones(2)})),
    "assign": lambda t: (
        (
            lambda n: (n.load_state_dict({k: v.double() for k, v in n.state_dict().items()}, assign=True), n)[
                1
            ]
        )(net(t)).first.scale.dtype
    ),
    "into a destination": lambda t: list(net(t).first.state_dict(destination=OrderedDict(), prefix="q.")),
}

CONTAINERS: dict[str, Scenario] = {
    "empty": lambda t: [t.nn.Sequential(), t.nn.ModuleList(), t.nn.ModuleDict(), t.nn.ParameterList()],
    "nested lists": lambda t: t.nn.ModuleList([t.nn.ModuleList([t.nn.ReLU()] * 2), t.nn.Tanh(), t.nn.Tanh()]),
    "slices": lambda t: net(t).rest[::2],
    "index": lambda t: net(t).rest[3],
    "negative index": lambda t: net(t).rest[-4],
    "no index": lambda t: net(t).rest["0"],
    "set item": lambda t: after(net(t).rest, lambda m: m.__setitem__(-1, t.nn.ReLU()), repr),
    "delete item": lambda t: after(net(t).rest, lambda m: m.__delitem__(0), repr),
    "delete slice": lambda t: after(net(t).rest, lambda m: m.__delitem__(slice(0, 2)), repr),
    "insert": lambda t: after(net(t).rest, lambda m: m.insert(1, t.nn.ReLU()), repr),
    "pop": lambda t: after(net(t).rest, lambda m: m.pop(1), repr),
    "plus": lambda t: net(t).rest.__add__([t.nn.ReLU()]),
    "extend nothing": lambda t: net(t).rest.extend(3),
    "append nothing": lambda t: net(t).rest.append(None),
    "sequential of a list": lambda t: t.nn.Sequential([t.nn.ReLU()]),
    "sequential of a class": lambda t: t.nn.Sequential(t.nn.ReLU),
    "sequential of a function": lambda t: t.nn.Sequential(len),
    "sequential, named": lambda t: t.nn.Sequential(OrderedDict(a=t.nn.ReLU(), b=t.nn.Tanh()))[1:],
    "named, renumbered": lambda t: after(
        t.nn.Sequential(OrderedDict(a=t.nn.ReLU(), b=t.nn.Tanh())), lambda m: m.__delitem__(0), repr
    ),
    "sum": lambda t: t.nn.Sequential(t.nn.ReLU()) + t.nn.Sequential(t.nn.Tanh()),
    "wrong sum": lambda t: t.nn.Sequential(t.nn.ReLU()) + t.nn.ReLU(),
    "product": lambda t: t.nn.Sequential(t.nn.ReLU(), t.nn.Tanh()) * 2,
    "wrong product": lambda t: t.nn.Sequential() * 1.5,
    "no product": lambda t: t.nn.Sequential() * 0,
    "sequential insert": lambda t: t.nn.Sequential(t.nn.ReLU(), t.nn.Tanh()).insert(-1, t.nn.Identity()),
    "far insert": lambda t: t.nn.Sequential(t.nn.ReLU()).insert(5, t.nn.Identity()),
    "dict of pairs": lambda t: t.nn.ModuleDict([["a", t.nn.ReLU()], ("b", t.nn.Tanh())]),
    "dict of a dict": lambda t: list(t.nn.ModuleDict({"z": t.nn.ReLU(), "a": t.nn.ReLU()}).keys()),
    "dict of triples": lambda t: t.nn.ModuleDict([(1, 2, 3)]),
    "dict of numbers": lambda t: t.nn.ModuleDict([1]),
    "dict of nothing": lambda t: t.nn.ModuleDict(3),
    "dict over a method": lambda t: t.nn.ModuleDict({"keys": t.nn.ReLU()}),
    "dict, missing": lambda t: t.nn.ModuleDict()["x"],
    "parameter list": lambda t: t.nn.ParameterList([t.ones(2), t.ones(2, 3).double(), "x", 3]),
    "one parameter": lambda t: t.nn.ParameterList([t.ones(2)]),
    "parameters, names": lambda t: names(t.nn.ParameterList([t.ones(2)] * 3).named_parameters()),
    "parameters, index": lambda t: t.nn.ParameterList([t.ones(2)])[1],
    "parameters, slice": lambda t: t.nn.ParameterList([t.ones(n) for n in range(4)])[::-2],
    "parameters called": lambda t: t.nn.ParameterList()(1),
    "parameters of a tensor": lambda t: t.nn.ParameterList(t.ones(2)),
    "parameter dict": lambda t: t.nn.ParameterDict({"b": t.ones(2).double(), "a": t.ones(1), "c": None}),
    "parameter dict, pairs": lambda t: t.nn.ParameterDict([("b", t.ones(2)), ("a", "x")]),
    "parameter dict, or": lambda t: list(t.nn.ParameterDict({"a": 1}) | t.nn.ParameterDict({"b": 2})),
    "parameter dict, pop": lambda t: t.nn.ParameterDict().popitem(),
    "parameter dict called": lambda t: t.nn.ParameterDict()(1),
    "identity": lambda t: t.nn.Identity(54, unused=1),
    "flatten": lambda t: [t.nn.Flatten(), t.nn.Flatten(0, -2)(t.ones(2, 3, 4)).shape],
}  # fmt: skip


@pytest.mark.parametrize("name", [*WALKS, *ATTRIBUTES, *LOADING, *CONTAINERS])
def test_scenarios(name: str) -> None:
    scenarios = WALKS | ATTRIBUTES | LOADING | CONTAINERS
    assert said(lambda: scenarios[name](gradviz)) == said(lambda: scenarios[name](torch))


def test_no_two_scenarios_have_one_name() -> None:
    counts = [len(group) for group in (WALKS, ATTRIBUTES, LOADING, CONTAINERS)]
    assert len(WALKS | ATTRIBUTES | LOADING | CONTAINERS) == sum(counts)
