"""The executor's memory, as nodes read it: parameters, what the optimizer keeps, and gradients."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from .echo_nodes import EchoNode, Form, Round, has, is_filled, value_node
from .node import Node
from .plain_sweep import PlainSweep
from .state import state
from .tensor import Tensor


class Arena:
    """The executor's memory as far as nodes read it: `arrays` are views of it, by number.

    What the executor changes may have two sides: it reads what is on the present one, and then leaves new
    values on the other, which is the present one from then on. `now` is its number.
    """

    def __init__(self, memory: np.ndarray, sides: Sequence[Sequence[np.ndarray]], lock: Any = None) -> None:
        self.lock = threading.RLock() if lock is None else lock
        self.sides = [list(side) for side in sides]
        self.now = 0
        self._stretches, self.offsets = [], []
        for side in self.sides:
            starts = [array.ctypes.data - memory.ctypes.data for array in side]
            ends = [start + array.nbytes for start, array in zip(starts, side, strict=True)]
            begin, end = min(starts, default=0), max(ends, default=0)
            self._stretches.append(memory[begin:end])
            self.offsets.append([start - begin for start in starts])
        self.forms = [Form(index, array) for index, array in enumerate(self.arrays)]
        self.spare: list[np.ndarray] = []

    @property
    def arrays(self) -> list[np.ndarray]:
        """The present values."""
        return self.sides[self.now]

    @property
    def other(self) -> int:
        """The side that the next values come to; the only one if there is but one."""
        return (self.now + 1) % len(self.sides)

    def copy(self, side: int) -> np.ndarray:
        """All of one side as it is now."""
        stretch = self._stretches[side]
        room = self.spare.pop() if self.spare else np.empty(max(map(len, self._stretches)), np.uint8)
        np.copyto(room[: len(stretch)], stretch)
        return room


_SPARE = 2


class Block:
    """The source of values that the executor has at one moment, on the side where they are then; saved before
    it overwrites them."""

    __slots__ = ("__weakref__", "home", "saved", "side")

    def __init__(self, home: Arena) -> None:
        self.home, self.side = home, home.now
        self.saved: np.ndarray | None = None

    def recipe(self, node: EchoNode) -> None:
        """No op makes it."""

    def fill(self, node: EchoNode) -> None:
        """Copy the value out."""
        with self.home.lock:
            node.array = self.value(node.form.index)

    def value(self, index: int) -> np.ndarray:
        """A copy of a value."""
        view, saved = self.home.sides[self.side][index], self.saved
        if saved is None:
            return view.copy(order="C")
        start = self.home.offsets[self.side][index]
        return np.ndarray(view.shape, view.dtype, saved, start).copy(order="C")

    def save(self) -> np.ndarray:
        """Keep the values as they are now, and return all of them as bytes."""
        if self.saved is None:
            self.saved = self.home.copy(self.side)
        return self.saved

    def __del__(self) -> None:
        if self.saved is not None and len(self.home.spare) < _SPARE:
            self.home.spare.append(self.saved)


class Gradients(Block):
    """The source of the gradients of one round: the executor, or before it has run, a backward pass.

    Parameters have it as `_late` instead of a `.grad` until somebody looks at that. `root` is the number of
    the loss.
    """

    __slots__ = ("numbers", "params", "root", "round", "run", "shown")

    def __init__(
        self, home: Arena, round: Round, root: int, params: Sequence[Tensor], numbers: dict[int, int]
    ) -> None:
        super().__init__(home)
        self.round: Round | None = round
        self.root = root
        self.params, self.numbers = params, numbers  # of the parameters, by their ids
        self.shown: dict[int, tuple[Tensor, EchoNode]] = {}  # by the number of the parameter
        self.run = False

    def lacking(self, param: Tensor, name: str) -> Tensor | None:
        """Give a parameter its gradient."""
        if name != "_grad":
            return None
        with self.home.lock:
            if has(param, name):  # another thread was quicker
                return param._grad
            number = self.numbers[id(param)]
            node = value_node(param._node.spec, self, self.home.forms[number])
            param._grad = grad = Tensor._from_node(node)
            if not self.run:
                self.shown[number] = grad, node
            return grad

    def fill(self, node: EchoNode) -> None:
        """Copy the gradient out, or compute all of them."""
        with self.home.lock:
            if self.run:
                node.array = self.value(node.form.index)
            elif not is_filled(node):
                self._sweep()

    def finish(self) -> None:
        """The executor has computed them."""
        self.run = True
        self.round, self.params, self.shown = None, (), {}

    def _sweep(self) -> None:
        """The backward pass that was put off, as it would have been then."""
        now = state.__dict__
        assert self.round is not None
        graph = [self.round.node(number) for number in range(len(self.round.steps))]
        root = graph[self.root]
        looked_at = set(self.round.notes.early)
        marked = [(n, n.replaced, n.hooks, n.owner) for n in _reached(graph)]
        given = [param._grad for param in self.params]
        nodes = [(self.params[number], node) for number, (_, node) in self.shown.items()]
        before = {key: now[key] for key in ("recorder", "inference", "origin", "calling", "echo")}
        now.update(recorder=None, inference=False, origin=None, calling=False, echo=None)
        try:
            for node, *_ in marked:  # what came after the pass was asked for does not count
                node.replaced, node.hooks, node.freed = 0, None, False
                node.owner = node.owner if node.op is None else None
            for param in self.params:
                param._grad = None
            one = np.ones(root.spec.shape, root.spec.dtype.numpy)
            start = Tensor._from_node(root, True)
            seed = Tensor._from_node(Node(one, root.spec))
            PlainSweep((start,), (seed,), None, False, False, accumulate=True).run()
            for param, node in nodes:
                assert param._grad is not None
                if not is_filled(node):
                    node.array = param._grad._node.array
        finally:
            self.round.notes.early = looked_at  # it was not the user who looked
            now.update(before)
            for node, node.replaced, node.hooks, node.owner in marked:
                node.freed = node.op is not None
            for param, grad in zip(self.params, given, strict=True):
                param._grad = grad


def _reached(graph: Sequence[Node]) -> list[Node]:
    """The nodes of a graph and its leaves."""
    found = dict.fromkeys(graph)
    for node in graph:
        found.update(dict.fromkeys(node.inputs))
    return list(found)
