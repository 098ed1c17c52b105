"""A backward pass that nobody watches: gradients are arrays on their way, and become tensors where they end.

It computes what `Sweep` does in the same order, without instructions: rules that are written with operators
alone (`Op.array_vjps`) take numpy's arrays as they take tensors.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence

import numpy as np

from .errors import GradError
from .node import Node
from .plain_rules import RULES, contributions
from .program import Phase
from .saved import is_replaced, latest
from .state import GradMode, state
from .sweep import USED_TWICE, Sweep
from .tape_pass import TapePass
from .taped_node import TapedNode
from .tensor import Tensor

_sum = np.add


class PlainSweep(Sweep):
    """For `backward()` of the whole graph while no recorder listens, and without `create_graph`.

    Inputs are older than what is made of them, so going by age makes every gradient complete in time.
    """

    def run(self) -> None:
        """Do it."""
        self._arrays: dict[Node, np.ndarray] = {}
        order, rows = _behind([root._node for root in self._roots])
        self._oldest = next((node.sequence for node in reversed(order) if node.op is not None), 0)
        origin, before = state.origin, state.phase
        state.phase = Phase.BACKWARD
        try:
            with GradMode(False):
                for root, grad in zip(self._roots, self._grads, strict=True):
                    self._add(root._node, grad, None, 0)
                if rows is None:
                    self._walk(order)
                else:
                    ops = [node for node in order if node.op is not None]
                    self._walk(ops)
                    rows.run(self._arrays, not self._retain_graph)
                    ends = {node: None for node in order if node.op is None} | rows.leaves
                    self._walk(sorted(ends, key=_age, reverse=True))
        finally:
            state.origin, state.phase = origin, before

    def _walk(self, order: list[Node]) -> None:
        done, end, quiet = 0, len(order), state.quiet
        while done < end:
            done = quiet.run(self._stretch, order, done)
            if done < end:
                node = order[done]
                found = self._arrays.pop(node, None)
                if found is not None:
                    self._adjoint[id(node)] = Tensor._from_node(Node(np.asarray(found), node.spec))
                self._visit(node, [])
                done += 1

    def _stretch(self, order: list[Node], start: int) -> int:
        """Pass gradients on from node number `start`, up to the first that this cannot be done for."""
        arrays, free, check = self._arrays, not self._retain_graph, latest.change > self._oldest
        found = arrays.get
        for place in range(start, len(order)):
            node = order[place]
            op = node.op
            if op is None and _put(node, arrays):
                continue
            if op is None or node.hooks is not None or node.owner is not None:
                return place
            if not op.array_vjps and RULES[op] is None:
                return place
            g = found(node)
            if g is None:
                continue
            if check and _changed(node):
                return place
            inputs, spec = node.inputs, node.spec
            if not op.array_vjps:
                given = contributions(node, g)
                if given is None:
                    return place
                for source, grad in given:
                    before = found(source)
                    arrays[source] = grad if before is None else _sum(before, grad)
            elif len(inputs) == 2 and inputs[0].spec is spec and inputs[1].spec is spec:  # most often
                (one, two), (first, second), (wanted, too) = inputs, op.array_vjps, node.mask
                x, y, z = one.array, two.array, node.array
                if wanted:
                    grad = first(g, z, x, y)  # type: ignore[misc]
                    before = found(one)
                    arrays[one] = grad if before is None else _sum(before, grad)
                if too:
                    grad = second(g, z, x, y)  # type: ignore[misc]
                    before = found(two)
                    arrays[two] = grad if before is None else _sum(before, grad)
            else:
                values = _values(node)
                if values is None:
                    return place
                for source, wanted, rule in zip(inputs, node.mask, op.array_vjps, strict=True):
                    if wanted:
                        grad = rule(g, node.array, *values)  # type: ignore[misc]
                        before = found(source)
                        arrays[source] = grad if before is None else _sum(before, grad)
            del arrays[node]
            if free:
                node.freed = True
        return len(order)

    def _add(self, node: Node, grad: Tensor, consumer: Node | None, position: int) -> None:
        array = grad._node.array
        if grad._storage is not None and grad._storage.array is not None:
            array = array.copy()  # numpy may write into its memory; all other arrays never change
        before = self._arrays.get(node)
        self._arrays[node] = array if before is None else state.quiet.run(np.add, before, array)

    def _settle(self, node: Node, ready: list[tuple[int, int, Node]]) -> None:
        """Nothing waits: see above."""


def _put(leaf: Node, arrays: dict[Node, np.ndarray]) -> bool:
    """Give a leaf's tensor its gradient, if it has none yet and no hook waits for it."""
    tensor = leaf.owner() if leaf.owner is not None else None
    if tensor is None or tensor._grad is not None or leaf.hooks is not None:
        return False
    grad = arrays.pop(leaf, None)
    if grad is not None:
        if grad.base is not None or not grad.flags.c_contiguous or type(grad) is not np.ndarray:
            grad = np.array(grad, order="C")  # a product of 0-dimensional arrays is numpy's scalar, no array
        tensor._grad = Tensor._from_node(Node(grad, leaf.spec))
    return True


def _values(node: Node) -> Sequence[np.ndarray] | None:
    """The inputs' arrays, if their contributions will have their shape and dtype."""
    spec, sources = node.spec, node.inputs
    for source in sources:
        if source.spec is not spec:
            break
    else:
        return [source.array for source in sources]
    if any(wanted or not source.spec.weak for source, wanted in _others(node)):
        return None
    dtype = spec.dtype.numpy
    return [n.array if n.spec is spec else n.array.astype(dtype) for n in sources]


def _others(node: Node) -> list[tuple[Node, bool]]:
    """The inputs that are not of the result's spec."""
    pairs = zip(node.inputs, node.mask, strict=True)
    return [(source, wanted) for source, wanted in pairs if source.spec is not node.spec]


def _changed(node: Node) -> bool:
    """Whether an in-place change may have taken a value that the node's rule reads."""
    number = node.sequence
    return node.replaced > number or any(is_replaced(source, number) for source in node.inputs)


def _behind(starts: list[Node]) -> tuple[list[Node], TapePass | None]:
    """Every node that gradients reach, the youngest first; without those on tapes, if these can be left to a
    pass of theirs: all of them are older than the others."""
    order, taped = _collect(starts, True)
    if taped:
        rows = TapePass(taped)
        last = max(node.sequence for node in taped)
        if all(node.op is None or node.sequence > last for node in order) and rows.find():
            return order, rows
        order, _ = _collect(starts, False)
    return order, None


def _collect(starts: list[Node], apart: bool) -> tuple[list[Node], list[TapedNode]]:
    """Every node that gradients reach, the youngest first; `apart` leaves out those that lie on tapes, and
    what is behind them, and returns these by themselves."""
    order, taped = list(dict.fromkeys(starts)), []
    seen = set(order)
    for node in order:  # it grows
        if node.op is None:
            continue
        if apart and type(node) is TapedNode:
            taped.append(node)
            continue
        if node.freed and node.op.saves:
            raise GradError(USED_TWICE)
        for source, wanted in zip(node.inputs, node.mask, strict=False):
            if wanted and source not in seen:
                seen.add(source)
                order.append(source)
    if taped:
        order = [node for node in order if type(node) is not TapedNode]
    order.sort(key=_age, reverse=True)
    return order, taped


_age = operator.attrgetter("sequence")
