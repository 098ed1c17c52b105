"""Changing a tensor in place. Nodes never change: handles are pointed to other nodes instead.

Handles that PyTorch lets share memory (`x`, `x.data`, `x.detach()`, `x[0]`, `x.view(…)`, `x.numpy()`) share
a `Storage`. When one of them is changed, the whole gets a new value, from which all others take their own;
so a change through a view is an instruction that can be seen and differentiated.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .dispatch import run
from .errors import InPlaceError
from .node import Node, leaf
from .op import REGISTRY
from .state import GradMode, state

if TYPE_CHECKING:
    from .tensor import Tensor


class Step(NamedTuple):
    """One view op on the way from a storage's whole to a handle; `before` is the step before it."""

    before: Step | None
    op: str
    attrs: Mapping[str, Any]


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
    for step in _steps(path):
        op = REGISTRY[step.op]
        spec = leaf(array).spec
        array = op.kernel(op.spec(spec, **step.attrs), array, **step.attrs)
    return array


def _steps(path: Step | None) -> list[Step]:
    found = []
    while path is not None:
        found.append(path)
        path = path.before
    return found[::-1]


def join_storage(tensor: Tensor) -> Storage:
    """The storage of a tensor, made when it has to share it for the first time."""
    storage = tensor._storage
    if storage is None:
        storage = tensor._storage = Storage(tensor._node)
        storage.add(tensor)
    return storage


def share(view: Tensor, source: Tensor, op: str, attrs: Mapping[str, Any]) -> None:
    """`view` is what the view op makes of `source`: from now on a change of one changes the other."""
    storage = view._storage = join_storage(source)
    view._path = Step(source._path, op, attrs)
    storage.add(view)
    if storage.array is not None:
        storage.alias(view._node)
        if state.recorder is not None:
            state.recorder.freeze(view._node)


def is_view(tensor: Tensor) -> bool:
    """Whether a tensor shows (a part of) another one, as PyTorch's `_is_view` says."""
    return any(step.op != "detach" for step in _steps(tensor._path))


def check_in_place(tensor: Tensor, what: str) -> None:
    """Raise InPlaceError where PyTorch does not let `what` ("add_") change a tensor."""
    if not state.grad_enabled:
        return
    advice = "Change it under `with torch.no_grad():` or through `.data`."
    if tensor._requires_grad and tensor._node.op is None:
        raise InPlaceError(
            f"a leaf Variable that requires grad is being used in an in-place operation ({what}). {advice}"
        )
    storage = tensor._storage
    whole_is_leaf = storage is not None and storage.base.requires_grad and storage.base.op is None
    if tensor._requires_grad and whole_is_leaf and tensor._path is not None:
        raise InPlaceError(
            "a view of a leaf Variable that requires grad is being used in an in-place operation "
            f"({what}). {advice}"
        )


def assign(tensor: Tensor, value: Tensor, what: str) -> Tensor:
    """Make `value` this tensor's value in place, as `what` ("add_") asked for."""
    check_in_place(tensor, what)
    if value.shape != tensor.shape:
        raise InPlaceError(
            f"{what}: output with shape {list(tensor.shape)} doesn't match "
            f"the broadcast shape {list(value.shape)}"
        )
    if tensor._path is not None and any(step.op == "expand" for step in _steps(tensor._path)):
        raise InPlaceError(
            f"{what}: unsupported operation: more than one element of the written-to tensor refers to a "
            "single memory location. Please clone() the tensor before performing the operation."
        )
    if value.dtype is not tensor.dtype:
        if value.dtype.rank > tensor.dtype.rank:
            raise InPlaceError(
                f"{what}: result type {value.dtype} can't be cast to the desired output type {tensor.dtype}"
            )
        value = value.to(tensor.dtype)
    _lay_out_like(value._node, tensor._node)
    graph = state.grad_enabled and value._requires_grad
    if graph:
        tensor._requires_grad = True
    with GradMode(graph or (state.grad_enabled and tensor._requires_grad)):
        point_to(tensor, value._node)
    return tensor


def _lay_out_like(node: Node, old: Node) -> None:
    """Memory keeps its layout when its numbers change, whatever layout the new ones came in."""
    if node.array.strides != old.array.strides and node.array.shape == old.array.shape and node is not old:
        array = np.empty_like(old.array)
        array[...] = node.array
        node.array = array


def point_to(tensor: Tensor, node: Node) -> None:
    """Give this handle a new value, and through the whole all that share its storage theirs."""
    storage = tensor._storage
    if storage is None:
        rebind(tensor, node)
        return
    members = storage.members()
    if len(members) == 1 and storage.array is None:
        leave(tensor)
        rebind(tensor, node)
        return
    base = _write_back(tensor, storage.base, node)
    _lay_out_like(base, storage.base)
    if storage.array is not None:
        storage.write(base)
    elif tensor._path is not None:
        node.array = viewed(base.array, tensor._path)
    storage.base = base
    known: dict[int, Node] = {id(None): base, id(tensor._path): node}
    for member in members:
        rebind(member, known.get(id(member._path)) or _replay(member, base))
        if member._path is None:
            member._requires_grad = member._requires_grad or base.requires_grad
            storage.base = member._node
    if storage.array is not None:
        storage.expose(storage.array)


def leave(tensor: Tensor) -> None:
    """This handle shares nothing any more."""
    tensor._storage = None
    tensor._path = None


def adopt(tensor: Tensor, value: Tensor) -> None:
    """`tensor.data = value`: the handle leaves its old storage for that of `value`."""
    if value._storage is not None and value._storage is tensor._storage and value._node is tensor._node:
        return  # p.data += 1 has changed p already
    leave(tensor)
    rebind(tensor, value._node)
    share(tensor, value, "detach", {})


def _write_back(tensor: Tensor, base: Node, value: Node) -> Node:
    """The whole after the part that `tensor` shows has become `value`: undo the view ops one by one."""
    steps = _steps(tensor._path)
    wholes = [tensor._from_node(base, base.requires_grad)]
    for step in steps[:-1]:
        before = wholes[-1]
        if step.op == "detach":
            wholes.append(tensor._from_node(before._node))
            continue
        node = run(REGISTRY[step.op], (before._node,), (before._requires_grad,), step.attrs)
        wholes.append(tensor._from_node(node, node.requires_grad))
    part = tensor._from_node(value, value.requires_grad)
    for step, whole in zip(reversed(steps), reversed(wholes), strict=False):
        if step.op == "detach":
            part = tensor._from_node(part._node)
        else:
            part = REGISTRY[step.op].unview(whole, part, **step.attrs)
    return part._node


def _replay(member: Tensor, base: Node) -> Node:
    """The new value of a handle: its view ops, run again on the new whole."""
    node, wanted = base, base.requires_grad
    with GradMode(state.grad_enabled or member._requires_grad):
        for step in _steps(member._path):
            if step.op == "detach":
                wanted = False
            else:
                node = run(REGISTRY[step.op], (node,), (wanted,), step.attrs)
                wanted = node.requires_grad
    if wanted:
        member._requires_grad = True
    return node


def rebind(handle: Tensor, node: Node) -> None:
    """Point one handle to another node; one that requires gradients goes on to do so."""
    old = handle._node
    if handle._requires_grad and not node.requires_grad:
        if old.op is not None and old.mask:  # its value was changed behind autograd's back; its graph stays
            node = _with_graph_of(old, node)
        else:
            taken = node.owner is not None and node.owner() is not handle
            node = leaf(node.array) if taken else node
            node.owner = weakref.ref(handle)
            node.requires_grad = True
            node.hooks = old.hooks
    elif old.owner is not None and old.op is not None and old.owner() is handle:
        node.owner, old.owner = old.owner, None  # retain_grad means the tensor, whatever its value
    handle._node = node
    if state.recorder is not None:
        state.recorder.bind(handle)


def _with_graph_of(old: Node, value: Node) -> Node:
    node = Node(value.array, value.spec, old.op, old.inputs, old.attrs, old.mask, old.site)
    node.freed, node.owner, node.hooks = old.freed, old.owner, old.hooks
    if state.recorder is not None:
        state.recorder.same(node, value, old)
    return node


def refresh(tensor: Tensor) -> None:
    """Somebody has changed the numpy array that this tensor shares: it has a new value, hence a new node."""
    storage = tensor._storage
    assert storage is not None
    node = leaf(tensor._node.array)
    if storage.base is tensor._node:
        storage.base = node
    storage.alias(node)
    rebind(tensor, node)
