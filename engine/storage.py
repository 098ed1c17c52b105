"""What tensors share that PyTorch lets share memory: `x`, `x.data`, `x.detach()`, `x[0]`, `x.view(…)`,
`x.numpy()`."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .node import Node, leaf
from .op import REGISTRY
from .state import state

if TYPE_CHECKING:
    from .tensor import Tensor


watchers: list[Callable[[Sequence[Node]], None]] = []
"""Called with nodes whose memory numpy is about to share."""


class Step(NamedTuple):
    """One view op on the way from a storage's whole to a handle; `before` is the step before it.

    `several` marks views that came in a tuple, which PyTorch does not let be changed in place.
    """

    before: Step | None
    op: str
    attrs: Mapping[str, Any]
    several: bool = False


class Storage:
    """What handles share: the node of the whole, the handles, and the memory that numpy sees, if it does."""

    __slots__ = ("_members", "_room", "aliases", "array", "base")

    def __init__(self, base: Node) -> None:
        self.base = base
        self.array: np.ndarray | None = None
        self.aliases: weakref.WeakSet[Node] | None = None  # nodes whose arrays lie in `array`
        self._members: list[weakref.ref[Tensor]] = []
        self._room = 8

    def add(self, tensor: Tensor) -> None:
        """One more handle."""
        if len(self._members) >= self._room:
            self._members = [ref for ref in self._members if ref() is not None]
            self._room = 2 * len(self._members) + 8
        self._members.append(weakref.ref(tensor))

    def members(self) -> list[Tensor]:
        """The handles that are still held by somebody."""
        return [tensor for ref in self._members if (tensor := ref()) is not None and tensor._storage is self]

    def expose(self, array: np.ndarray) -> None:
        """Keep the values of all handles in `array` from now on, which numpy shares."""
        for watch in watchers:
            watch([self.base, *(member._node for member in self.members())])
        self.array = array
        self._place(self.base, array)
        for member in self.members():
            self._place(member._node, viewed(array, member._path))

    def _place(self, node: Node, array: np.ndarray) -> None:
        node.array = array
        self.alias(node)

    def alias(self, node: Node) -> None:
        """The array of a node lies in the memory that numpy shares."""
        if self.aliases is None:
            self.aliases = weakref.WeakSet()
        self.aliases.add(node)
        node.pin()

    def write(self, base: Node) -> None:
        """Put the new value of the whole into the memory that numpy shares; old nodes keep theirs."""
        assert self.array is not None
        for node in self.aliases or ():
            node.array = node.array.copy(order="K")
        self.aliases = None
        if state.recorder is not None:
            state.recorder.freeze(base)
        self.array[...] = base.array


def viewed(array: np.ndarray, path: Step | None) -> np.ndarray:
    """The part of the whole that a handle shows, as a view of the same memory where numpy can make one."""
    for step in steps(path):
        op = REGISTRY[step.op]
        spec = leaf(array).spec
        array = op.kernel(op.spec(spec, **step.attrs), array, **step.attrs)
    return array


def steps(path: Step | None) -> list[Step]:
    found = []
    while path is not None:
        found.append(path)
        path = path.before
    return found[::-1]


def is_view(tensor: Tensor) -> bool:
    """Whether a tensor shows (a part of) another one, as PyTorch's `_is_view` says."""
    return any(step.op != "detach" for step in steps(tensor._path))


def counter(path: Step | None) -> Step | None:
    """What PyTorch counts the changes of a handle by: the whole's counter, or that of a `.data`."""
    while path is not None and not (path.op == "detach" and path.attrs):
        path = path.before
    return path
