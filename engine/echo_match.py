"""Following the forward pass of a round: ops, and calls of layers, that are those that the trace foresees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from weakref import ref

from .compiled.echo_rows import CURSOR
from .dtypes import Default
from .echo_calls import Calls
from .echo_checks import are_below, is_leaf, is_parameter
from .echo_nodes import Notes, Round
from .echo_trace import Entry, Trace
from .mutation import share
from .node import NO_ATTRS, Node, sequence
from .state import inferring, state
from .tensor import Tensor

_tensor, _next = Tensor.__new__, sequence.__next__


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
        self._first = trace.results
        self._round = Round(self.notes, trace.entries, [])
        self._none = Tensor()  # stands for results that nobody gets to see
        self._calls = Calls(trace, self._now, self._none, self, Matcher.call)
        if self._calls.function is not None:
            self.call = self._calls.function  # type: ignore[assignment, method-assign]

    def start(self, known: Sequence[Node | None]) -> None:
        """A round begins, with parameters that are known."""
        self._calls.end()
        self._started = _next()
        self._values: list[Node | None] = [*known, *[None] * len(self.trace.leaves)]
        self._round = Round(self.notes, self.trace.entries, self._values)
        self._handles: list[Tensor] = []
        self._read: list[tuple[int, Tensor]] = []
        self._calls.begin(self._round, self._handles, self._values, self._read)

    @property
    def _cursor(self) -> int:
        """Which entry comes next."""
        return self._calls.memory[CURSOR]

    def apply(self, name: str, inputs: tuple[Tensor, ...], attrs: Mapping[str, Any] | None) -> Tensor | None:
        """The result of the op, without an array, if it is the one that was foreseen; else None."""
        cursor, now = self._cursor, self._now
        entry = self._entries[cursor]
        if name != entry.name or now["recorder"] is not None or now["grad_enabled"] is not entry.grad_enabled:
            return None
        given = NO_ATTRS if attrs is None else attrs
        if given is not entry.attrs and not entry.agrees(given):
            return None
        if inferring.threads or now["origin"] is not None or len(inputs) != len(entry.inputs):
            return None
        for tensor, (place, wants) in zip(inputs, entry.inputs, strict=True):
            if tensor._requires_grad is not wants or not self._is(place, tensor, cursor + 1):
                return None
        if entry.counted >= 0 and not self._are_below(entry.inputs[entry.counted].place, entry.bound):
            return None
        if entry.seeded:
            self._round.attrs[cursor] = given
        return self._result(entry, cursor + 1, inputs[0] if entry.op.view else None)

    def operates(self, name: str, _: Tensor) -> bool:
        """Whether an operator may be an op that is foreseen here: then it must come to `apply`."""
        return name == self._entries[self._cursor].name

    def call(self, called: Any, args: tuple[Any, ...]) -> Any:
        """The result of all ops of a layer or function, if it is called as was foreseen; NotImplemented if
        not. `compiled.echo_calls` does the same, where a layer has a row of its own there."""
        cursor, now = self._cursor, self._now
        layer = self._layers.get(cursor)
        if layer is None or layer.called is not called or not layer.fits(args):
            return NotImplemented
        if now["recorder"] is not None or now["grad_enabled"] is not self._entries[cursor].grad_enabled:
            return NotImplemented
        if inferring.threads or now["origin"] is not None:
            return NotImplemented
        first, values, handles, looked_at = self._first, self._values, self._handles, self._round.nodes
        for tensor, (place, wants) in zip((*args[: layer.count], *layer.held), layer.read, strict=True):
            if not isinstance(tensor, Tensor) or tensor._requires_grad is not wants:
                return NotImplemented
            if place < first:  # as `_is`
                node = tensor._node
                if values[place] is not node and not self._takes(place, tensor, node, layer.stop):
                    return NotImplemented
            elif (looked_at or handles[place - first] is not tensor) and not self._is(place, tensor, 0):
                return NotImplemented
        for place, bound in layer.bounds:
            if not self._are_below(place, bound):
                return NotImplemented
        for _ in range(layer.stop - layer.start - 1):
            handles.append(self._none)
            self._round.numbers.append(_next())
        return self._result(self._entries[layer.stop - 1], layer.stop, args[0] if layer.view else None)

    def _is(self, place: int, tensor: Tensor, stop: int) -> bool:
        """Whether a tensor has the value of a place, for entries up to `stop`."""
        number = place - self._first
        if number < 0:
            node = tensor._node
            return self._values[place] is node or self._takes(place, tensor, node, stop)
        if not self._round.nodes:  # nobody has looked at a result, so none has been given to another tensor
            return self._handles[number] is tensor
        return tensor._node is self._round.node(number)

    def _are_below(self, place: int, bound: int) -> bool:
        node = self._values[place]
        return node is not None and are_below(node.array, bound)

    def _result(self, entry: Entry, stop: int, shown: Tensor | None) -> Tensor:
        """The tensor of an entry's result; the next entry is `stop`."""
        result = _tensor(Tensor)
        result._requires_grad, result._tape = entry.requires_grad, None
        result._late, result._row = self._round, stop - 1  # type: ignore[attr-defined]
        if shown is not None:
            result._of = shown  # type: ignore[attr-defined]
            number = entry.inputs[0].place - self._first
            if number >= 0 and self._handles[number] is shown and not self._round.nodes:
                self._round.views.append(ref(result))
            else:  # others may look at its storage
                share(result, shown, entry.name, entry.attrs)
        self._handles.append(result)
        self._round.numbers.append(_next())
        self._calls.memory[CURSOR] = stop
        return result

    def _takes(self, place: int, tensor: Tensor, node: Node, stop: int) -> bool:
        """Whether a value that is not known yet fits, and none of the entries up to `stop` has read another;
        then it is known for the rest of the round."""
        if not self._cursor <= self._first_use[place] < stop:
            return False
        number = place - self.trace.first
        if number < 0:
            if tensor is not self.params[place] or not is_parameter(tensor, node, self._specs[place]):
                return False
        elif not is_leaf(tensor, node, self.trace.leaves[number]):
            return False
        self._values[place] = node
        self._read.append((place, tensor))
        return True

    def _taken(self) -> list[tuple[int, Node]]:
        """What the round has read, by place."""
        return [(place, node) for place, _ in self._read if (node := self._values[place]) is not None]
