"""Following the forward pass of a round: ops, and calls of layers, that are those that the trace foresees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .dtypes import Default
from .echo_checks import are_below, is_leaf, is_parameter
from .echo_nodes import EchoNode, Notes, Round
from .echo_trace import Entry, Trace
from .mutation import share
from .node import NO_ATTRS, Node, sequence
from .state import inferring, state
from .tensor import Tensor

_node, _tensor, _next = EchoNode.__new__, Tensor.__new__, sequence.__next__


class Matcher:
    """Makes the nodes of a round without arrays while it goes as the trace says.

    Values are known by their places in the trace: those of the parameters, of leaves and of results.
    """

    def __init__(self, params: Sequence[Tensor], trace: Trace) -> None:
        self.params, self.trace = list(params), trace
        self.notes = Notes()
        self._default, self._now = Default.dtype, state.__dict__
        self._specs = [param._node.spec for param in self.params]
        self._first_use: dict[int, int] = {}
        for number, entry in enumerate(trace.entries):
            for each in entry.inputs:
                self._first_use.setdefault(each.place, number)
        self._entries = (*trace.entries, replace(trace.entries[0], name=""))  # the last one is met by no op
        self._layers = {layer.start: layer for layer in trace.layers}

    def start(self, known: Sequence[Node | None]) -> None:
        """A round begins, with parameters that are known."""
        self._cursor = 0
        self._entry: Entry = self._entries[0]
        self._env: list[Node | None] = [*known, *[None] * (len(self.trace.leaves) + len(self._entries))]
        self._read: list[tuple[int, Tensor]] = []
        self._seeds: dict[int, int] = {}
        self._round = Round(self.notes)
        self._results: list[EchoNode] = []
        self._started = _next()

    def apply(self, name: str, inputs: tuple[Tensor, ...], attrs: Mapping[str, Any] | None) -> Tensor | None:
        """The result of the op, without an array, if it is the one that was foreseen; else None."""
        entry, now = self._entry, self._now
        if name != entry.name or now["recorder"] is not None or now["grad_enabled"] is not entry.grad_enabled:
            return None
        given = NO_ATTRS if attrs is None else attrs
        if given is not entry.attrs and not entry.agrees(given):
            return None
        if inferring.threads or now["origin"] is not None or len(inputs) != len(entry.inputs):
            return None
        env = self._env
        nodes = tuple([tensor._node for tensor in inputs])
        for tensor, node, (place, wants) in zip(inputs, nodes, entry.inputs, strict=True):
            if tensor._requires_grad is not wants:
                return None
            if env[place] is not node and not self._takes(place, tensor, node, self._cursor + 1):
                return None
        if entry.counted >= 0 and not are_below(nodes[entry.counted].array, entry.bound):
            return None
        result = _handle(self._make(entry, nodes, given))
        if entry.op.view:
            share(result, inputs[0], name, given)
        if entry.seeded:
            self._seeds[self._cursor] = given["seed"]
        self._cursor += 1
        self._entry = self._entries[self._cursor]
        return result

    def call(self, called: Any, args: tuple[Any, ...]) -> Any:
        """The result of all ops of a layer or function, if it is called as was foreseen; NotImplemented if
        not."""
        layer, now = self._layers.get(self._cursor), self._now
        if layer is None or not layer.fits(called, args):
            return NotImplemented
        if now["recorder"] is not None or now["grad_enabled"] is not self._entry.grad_enabled:
            return NotImplemented
        if inferring.threads or now["origin"] is not None:
            return NotImplemented
        env = self._env
        for tensor, (place, wants) in zip((*args[: layer.count], *layer.held), layer.read, strict=True):
            if not isinstance(tensor, Tensor) or tensor._requires_grad is not wants:
                return NotImplemented
            node = tensor._node
            if env[place] is not node and not self._takes(place, tensor, node, layer.stop):
                return NotImplemented
        for place, bound in layer.bounds:
            counted = env[place]
            assert counted is not None
            if not are_below(counted.array, bound):
                return NotImplemented
        for entry in self._entries[layer.start : layer.stop]:
            made = self._make(entry, tuple([env[place] for place, _ in entry.inputs]), entry.attrs)  # type: ignore[misc]
        self._cursor = layer.stop
        self._entry = self._entries[layer.stop]
        result = _handle(made)
        if layer.view:
            share(result, args[0], entry.name, entry.attrs)
        return result

    def _takes(self, place: int, tensor: Tensor, node: Node, stop: int) -> bool:
        """Whether a value that is not known yet fits, and none of the entries up to `stop` has read another;
        then it is known for the rest of the round."""
        number = place - self.trace.first
        if number >= len(self.trace.leaves) or not self._cursor <= self._first_use[place] < stop:
            return False
        if number < 0:
            if tensor is not self.params[place] or not is_parameter(tensor, node, self._specs[place]):
                return False
        elif not is_leaf(tensor, node, self.trace.leaves[number]):
            return False
        self._env[place] = node
        self._read.append((place, tensor))
        return True

    def _values(self) -> list[tuple[int, Node]]:
        """What the round has read, by place."""
        return [(place, node) for place, _ in self._read if (node := self._env[place]) is not None]

    def _make(self, entry: Entry, nodes: tuple[Node, ...], attrs: Mapping[str, Any]) -> EchoNode:
        """The node of a result."""
        node = _node(EchoNode)
        node.source, node.form, node.spec = self._round, entry.form, entry.spec
        node.recipe = (entry.op, nodes, attrs)
        node.requires_grad = entry.requires_grad
        if entry.requires_grad:
            node.op, node.inputs, node.attrs = entry.op, nodes, attrs
        else:
            node.op = None
        node.hooks = node.owner = None
        node.replaced = 0
        node.sequence = _next()
        self._env[entry.out] = node
        self._results.append(node)
        return node


def _handle(node: EchoNode) -> Tensor:
    """A tensor of a node."""
    result = _tensor(Tensor)
    result._node, result._requires_grad = node, node.requires_grad
    result._grad = result._storage = result._path = result._tape = None
    return result
