"""The memory of `compiled.echo_rows`, filled for a follower; what its calls are matched by."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from .compiled import echo_rows as rows
from .echo_nodes import Round
from .echo_places import Memory
from .echo_trace import Layer, Trace
from .node import Node
from .state import inferring
from .tensor import Tensor


class Calls:
    """What is known of the calls of a round. `memory[CURSOR]` is the entry that comes next.

    `function` matches calls; it is None where that is left to Python.
    """

    def __init__(
        self, trace: Trace, now: Mapping[str, Any], hidden: Tensor, owner: object, stand_in: object
    ) -> None:
        words = {
            "STAND_IN": id(stand_in),
            "RECEIVER": id(owner),
            "STATE": id(now),
            "INFERRING": id(vars(inferring)),
            "FIRST": trace.results,
            "HIDDEN": id(hidden),
        }
        self._held: list[object] = [trace, hidden, now, stand_in]  # while their addresses are in the memory
        self._end = len(trace.entries)
        memory = Memory(rows, rows.STEPS + self._end + 1, words)
        self.memory = memory.words
        for layer in trace.layers:
            self._add(layer, trace)
        self.function: Callable[[Any, tuple[Any, ...]], Any] | None = memory.function("follow")

    def begin(
        self,
        round: Round,
        handles: list[Tensor],
        values: list[Node | None],
        taken: list[tuple[int, Tensor]],
    ) -> None:
        """Another round begins, which holds these lists."""
        memory = self.memory
        memory[rows.ROUND], memory[rows.NODES] = id(round), id(round.nodes)
        memory[rows.NUMBERS], memory[rows.VIEWS] = id(round.numbers), id(round.views)
        memory[rows.HANDLES], memory[rows.VALUES], memory[rows.TAKEN] = id(handles), id(values), id(taken)
        memory[rows.CURSOR] = 0

    def end(self) -> None:
        """No call is foreseen any more, as the round's lists may go."""
        self.memory[rows.CURSOR] = self._end

    def _fit(self, place: int, layer: Layer, trace: Trace) -> tuple[int, int]:
        """The spec and the strides of values that a round may read at a place for the first time."""
        uses = (n for n, entry in enumerate(trace.entries) if any(i.place == place for i in entry.inputs))
        if not trace.first <= place < trace.results or not layer.start <= next(uses) < layer.stop:
            return 0, 0
        leaf = trace.leaves[place - trace.first]
        return (0, 0) if leaf.constant else (id(leaf.spec), id(leaf.strides))

    def _add(self, layer: Layer, trace: Trace) -> None:
        """Write a layer's row, if its calls can be matched by objects' addresses alone."""
        last = trace.entries[layer.stop - 1]
        shown = last.inputs[0].place - trace.results if layer.view else -1
        self.memory[rows.STEPS + layer.start] = rows.UNSEEN
        if layer.view and shown < 0:
            return
        if any(_numel(place, trace) != 1 for place, _ in layer.bounds):
            return
        row = [0] * rows.ROW
        row[rows.CALLED], row[rows.STOP] = id(layer.called), layer.stop
        row[rows.TENSORS], row[rows.SETTINGS] = layer.count, len(layer.settings)
        row[rows.READS], row[rows.WANTS] = len(layer.read), id(last.requires_grad)
        row[rows.GRADS], row[rows.SHOWN] = id(trace.entries[layer.start].grad_enabled), shown
        row[rows.BOUNDS], row[rows.SIZE] = len(layer.bounds), -1
        row += [id(each) for each in layer.settings]
        for number, each in enumerate(layer.read):
            held = 0 if number < layer.count else id(layer.held[number - layer.count])
            row += [held, each.place, id(each.wants), *self._fit(each.place, layer, trace)]
        row += _words(layer.bounds)
        if layer.insides is not None:
            own, parts = layer.insides, layer.insides.parts
            row[rows.SIZE], row[rows.ATTRIBUTES] = own.count, len(own.names)
            row[rows.EMPTIES], row[rows.PARTS] = len(own.empty), len(parts)
            row += _words((id(n), id(value)) for n, value in zip(own.names, own.attributes, strict=True))
            row += [id(name) for name in own.empty]
            row += _words((id(table), id(name), id(part)) for table, name, part in parts)
        self.memory[rows.STEPS + layer.start] = len(self.memory)
        self.memory.extend(row)


def _numel(place: int, trace: Trace) -> int:
    """Of a leaf."""
    return math.prod(trace.leaves[place - trace.first].spec.shape)


def _words(groups: Any) -> list[int]:
    return [word for group in groups for word in group]
