"""Tracing a round: noting its ops while they run in the ordinary way, and picking those that count."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from .echo_nodes import Form
from .echo_trace import Entry, Input, Insides, Layer, Leaf, Trace, UnfitError
from .fixed import Fixed
from .joining import LARGEST
from .node import NO_ATTRS, Node
from .op import REGISTRY
from .program import SlotKind
from .state import state
from .tensor import Tensor, apply

MOST = 5000
"""Ops of a round that are noted, as each holds its result."""
FEW = 24
"""Operators of tensors that are small enough for tapes."""


class _Call(NamedTuple):
    name: str
    nodes: tuple[Node, ...]
    wants: tuple[bool, ...]
    attrs: Mapping[str, Any]
    grad_enabled: bool
    result: Node
    shared: bool  # an input lies in memory that numpy may write to


class _LayerCall(NamedTuple):
    called: Any
    args: tuple[Any, ...]
    first: int  # number of its first op
    stop: int


class _Pass(NamedTuple):
    """A backward pass: where it began, whether in the usual way, and which results so far were replaced."""

    root: Node
    plain: bool
    replaced: list[bool]


class Tracer:
    """Notes the ops of a round while they run in the ordinary way."""

    def __init__(self, params: Sequence[Tensor]) -> None:
        self.params = list(params)
        self._nodes = [param._node for param in params]
        self._calls: list[_Call] = []
        self._depends = {id(node) for node in self._nodes}  # what is held by calls
        self._layers: list[_LayerCall] = []
        self._inside = self._full = False
        self._small = 0  # operators of small tensors so far
        self._passes: list[_Pass] = []

    def apply(self, name: str, inputs: tuple[Tensor, ...], attrs: Mapping[str, Any] | None) -> Tensor | None:
        """Run an op and note it."""
        now = state.__dict__
        if now["recorder"] is not None or now["inference"] or now["origin"] is not None:
            return None
        nodes = tuple([tensor._node for tensor in inputs])
        if not now["grad_enabled"] or not any(id(node) in self._depends for node in nodes):
            return None  # its result is a leaf, if it is used
        if len(self._calls) >= MOST:  # nobody steps any more, it seems
            self._depends.clear()
            self._calls.clear()
            self._full = True
            return None
        wants = tuple([tensor._requires_grad for tensor in inputs])
        shared = any(t._storage is not None and t._storage.array is not None for t in inputs)
        now["echo"] = None
        try:
            result = apply(name, inputs, attrs)
        finally:
            now["echo"] = self
        enabled = now["grad_enabled"]
        self._calls.append(_Call(name, nodes, wants, attrs or {}, enabled, result._node, shared))
        self._depends.add(id(result._node))
        return result

    def operates(self, name: str, left: Tensor) -> bool:
        """Whether an operator shall come to `apply`, so that it is noted.

        Where there are many of small tensors, it is quicker to leave them to tapes.
        """
        small = math.prod(left._node.spec.shape) <= LARGEST
        self._small += small
        return not small or self._small <= FEW

    def call(self, called: Any, args: tuple[Any, ...]) -> Any:
        """Run a layer or a function, and note which ops it has run; NotImplemented inside of another one."""
        if self._inside:
            return NotImplemented
        first, self._inside = len(self._calls), True
        try:
            result = called(*args)
        finally:
            self._inside = False
        new = isinstance(result, Tensor) and not any(result is each for each in args)
        if new and self._calls[first:] and result._node is self._calls[-1].result:
            self._layers.append(_LayerCall(called, args, first, len(self._calls)))
        return result

    def backward(self, root: Tensor, plain: bool) -> bool:
        """Backward begins; it runs in the ordinary way."""
        plain = plain and state.recorder is None and all(p._grad is None for p in self.params)
        plain = plain and all(p._node is n for p, n in self._pairs())
        plain = plain and all(
            n.hooks is None and (n.owner is None or n.op is None)
            for call in self._calls
            for n in (call.result, *call.nodes)
        )
        replaced = [bool(call.result.replaced) for call in self._calls]
        self._passes.append(_Pass(root._node, plain, replaced))
        return False

    def trace(self) -> Trace:
        """The round, at the beginning of the step; UnfitError if it is not one that can be repeated."""
        if self._full:
            raise UnfitError("there are too many ops")
        depends = _depending(self._nodes, self._calls)
        mine = [each for each in self._passes if id(each.root) in depends]
        if len(mine) != 1 or not mine[0].plain:
            raise UnfitError("backward is not called once, in the usual way")
        if any(param._grad is None or param._node is not node for param, node in self._pairs()):
            raise UnfitError("a parameter has no gradient, or has been changed")
        calls = self._calls[: len(mine[0].replaced)]
        return _Sorter(self._nodes, calls, mine[0].replaced).trace(mine[0].root, self._layers)

    def _pairs(self) -> list[tuple[Tensor, Node]]:
        return list(zip(self.params, self._nodes, strict=True))


class _Sorter:
    """Picks the calls that lead from parameters to the loss, and numbers what they read."""

    def __init__(self, params: list[Node], calls: list[_Call], replaced: list[bool]) -> None:
        self._nodes = params
        self._params = {id(node): place for place, node in enumerate(params)}
        self._calls, self._replaced = calls, replaced

    def trace(self, root: Node, layers: Sequence[_LayerCall]) -> Trace:
        """Those, as entries."""
        chosen = self._chosen(root)
        calls = [self._calls[number] for number in chosen]
        results = {id(call.result) for call in calls}
        leaves: dict[int, Leaf] = {}
        for call in calls:
            for node, wants in zip(call.nodes, call.wants, strict=True):
                if id(node) in results or id(node) in self._params or id(node) in leaves:
                    continue
                if wants or node.op is not None or call.shared or node.spec.weak is not _fixed(node):
                    raise UnfitError(f"{call.name} reads a value that does not belong to the round")
                leaves[id(node)] = Leaf(node.spec, node.array.strides, _fixed(node), node.array)
        places = dict(self._params)
        for key in (*leaves, *(id(call.result) for call in calls)):
            places[key] = len(places)
        entries = [self._entry(self._calls[n], self._replaced[n], places, leaves) for n in chosen]
        if id(root) not in results or root.spec.shape:
            raise UnfitError("the loss is not computed from the parameters")
        numbers = {number: n for n, number in enumerate(chosen)}
        found = (self._layer(each, numbers, entries, places) for each in layers)
        return Trace(
            tuple(leaves.values()),
            tuple(entries),
            tuple(each for each in found if each is not None),
            places[id(root)],
            len(self._params),
        )

    def _layer(
        self, call: _LayerCall, numbers: Mapping[int, int], entries: list[Entry], places: Mapping[int, int]
    ) -> Layer | None:
        """A call of a module or function, if nothing but its ops tells of it afterwards."""
        if call.first >= call.stop or not all(n in numbers for n in range(call.first, call.stop)):
            return None
        start, stop = numbers[call.first], numbers[call.stop - 1] + 1
        own, count = entries[start:stop], sum(isinstance(each, Tensor) for each in call.args)
        inner = {entry.out for entry in own[:-1]}
        if any(each.place in inner for entry in entries[stop:] for each in entry.inputs):
            return None
        tensors, settings = call.args[:count], call.args[count:]
        try:
            insides = _insides(call.called)
        except UnfitError:
            return None
        view = len(own) == 1 and count == 1 and own[0].op.view and insides is None
        if not all(isinstance(each, Tensor) for each in tensors) or not all(map(_simple, settings)):
            return None
        parts = () if insides is None else insides.parts
        held = [part for *_, part in parts if part is not None and id(part._node) in places]
        if not all(id(each._node) in places for each in tensors):
            return None
        read = tuple([Input(places[id(each._node)], each._requires_grad) for each in (*tensors, *held)])
        known = {each.place for each in read}
        for entry in own:
            if (entry.op.view and not view) or entry.seeded or entry.replaced:
                return None
            if not all(each.place in known for each in entry.inputs):
                return None
            known.add(entry.out)
        bounds = tuple([(e.inputs[e.counted].place, e.bound) for e in own if e.counted >= 0])
        return Layer(call.called, start, stop, count, settings, tuple(held), read, bounds, insides, view)

    def _chosen(self, root: Node) -> list[int]:
        """The numbers of the calls that the loss depends on and that depend on a parameter."""
        depends = _depending(self._nodes, self._calls)
        made = {id(c.result): n for n, c in enumerate(self._calls) if id(c.result) in depends}
        wanted: set[int] = set()
        stack = [id(root)]
        while stack:
            number = made.get(stack.pop())
            if number is not None and number not in wanted:
                wanted.add(number)
                stack += [id(n) for n in self._calls[number].nodes]
        return sorted(wanted)

    def _entry(
        self, call: _Call, replaced: bool, places: Mapping[int, int], leaves: Mapping[int, Leaf]
    ) -> Entry:
        node, attrs = call.result, call.attrs
        if type(node) is not Node or not all(_simple(value) for value in attrs.values()):
            raise UnfitError(f"{call.name} cannot be foreseen")
        counted, bound = -1, 0
        for position, source in enumerate(call.nodes):
            if id(source) in leaves and source.spec.dtype.rank == 1 and not leaves[id(source)].constant:
                counted, bound = self._bound(call, position), _bounds(call)
        return Entry(
            call.name,
            REGISTRY[call.name],
            tuple(Input(places[id(n)], w) for n, w in zip(call.nodes, call.wants, strict=True)),
            attrs if type(attrs) is Fixed else dict(attrs) if attrs else NO_ATTRS,
            tuple(map(type, attrs.values())),
            "seed" in attrs,
            node.spec,
            Form(
                places[id(node)] - len(self._params) - len(leaves),
                _stand_in(node.array),
                node.mask,
                node.kind,
                node.place,
            ),
            node.requires_grad,
            call.grad_enabled,
            places[id(node)],
            replaced,
            counted,
            bound,
        )

    @staticmethod
    def _bound(call: _Call, position: int) -> int:
        """The position of class numbers or indices, which an op refuses if they are too large."""
        if (call.name, position) not in (("nll_loss", 1), ("embedding", 1)):
            raise UnfitError(f"{call.name} may refuse the numbers that it is given")
        return position


_HOOKS = ("_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks")
EMPTY = ("_modules", *_HOOKS)  # of the modules whose calls are foreseen


def _insides(called: Any) -> Insides | None:
    """What a module was when it was traced; None for a function."""
    attributes = vars(called)
    if "_modules" not in attributes:
        return None
    names = [name for name in attributes if not name.startswith("_")]
    if any(attributes[name] for name in EMPTY) or not all(_simple(attributes[name]) for name in names):
        raise UnfitError("a layer has hooks, or settings that may change")
    names.append("_transient")  # so that there are at least two, and `get` gives a tuple
    get = itemgetter(*names)
    parts = [(table, *each) for table in ("_parameters", "_buffers") for each in attributes[table].items()]
    return Insides(len(attributes), tuple(names), get, get(attributes), EMPTY, tuple(parts))


def _depending(params: Sequence[Node], calls: Sequence[_Call]) -> set[int]:
    """The ids of parameters and of all results that depend on one."""
    found = {id(node) for node in params}
    for call in calls:
        if any(id(node) in found for node in call.nodes):
            found.add(id(call.result))
    return found


def _bounds(call: _Call) -> int:
    shapes = [node.spec.shape for node in call.nodes]
    if call.name == "nll_loss":
        return shapes[0][1] if len(shapes[0]) > 1 else shapes[0][0]
    return shapes[0][0]


def _fixed(node: Node) -> bool:
    """Whether a leaf is a number in the user's code."""
    return node.kind is SlotKind.CONSTANT


def _stand_in(array: np.ndarray) -> np.ndarray:
    """An array of the same shape and strides that takes no memory, where that is safe to reshape."""
    if not array.flags.c_contiguous or not array.size:
        return array.copy(order="K")
    return np.lib.stride_tricks.as_strided(
        np.empty(1, array.dtype), array.shape, array.strides, writeable=False
    )


def _simple(value: Any) -> bool:
    if type(value) is tuple:  # no list, which may be changed in place
        return all(_simple(each) for each in value)
    return value is None or type(value) in (int, float, bool, str)
