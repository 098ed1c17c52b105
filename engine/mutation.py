"""Changing a tensor in place: its handle, and all that share its storage, point to another node."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import numpy as np

from .errors import InPlaceError
from .node import Node, leaf
from .state import state

if TYPE_CHECKING:
    from .tensor import Tensor


class Storage:
    """What handles share, such as `x`, `x.data` and `x.numpy()`: changing one in place changes all."""

    __slots__ = ("array", "members")

    def __init__(self) -> None:
        self.members: list[weakref.ref[Tensor]] = []
        self.array: np.ndarray | None = None  # memory that is shared with numpy, if any


def join_storage(tensor: Tensor) -> Storage:
    """The storage that a tensor shares with its aliases, made when there is the first one."""
    if tensor._storage is None:
        tensor._storage = Storage()
        tensor._storage.members.append(weakref.ref(tensor))
    return tensor._storage


def assign(tensor: Tensor, value: Tensor, what: str) -> Tensor:
    """Make `value` this tensor's value in place, as `what` ("add_") asked for."""
    if state.grad_enabled and tensor._requires_grad and tensor._node.op is None:
        raise InPlaceError(
            f"a leaf Variable that requires grad is being used in an in-place operation ({what}). "
            f"Change it under `with torch.no_grad():` or through `.data`."
        )
    if tensor._view_of is not None and tensor._view_of() is not None:
        raise InPlaceError(
            f"{what} on a view: gradviz keeps views apart from the tensor that they came from, so this "
            f"would not change the original as in PyTorch. Assign to the original: `x[...] = value`."
        )
    if value.shape != tensor.shape:
        raise InPlaceError(
            f"{what}: output with shape {list(tensor.shape)} doesn't match "
            f"the broadcast shape {list(value.shape)}"
        )
    if value.dtype is not tensor.dtype:
        if value.dtype.rank > tensor.dtype.rank:
            raise InPlaceError(
                f"{what}: result type {value.dtype} can't be cast to the desired output type {tensor.dtype}"
            )
        value = value.to(tensor.dtype)
    graph = state.grad_enabled and value._requires_grad
    point_to(tensor, value._node)
    if graph:
        tensor._requires_grad = True
    return tensor


def point_to(tensor: Tensor, node: Node) -> None:
    """Give this handle and all that share its storage a new value."""
    storage = tensor._storage
    handles = [tensor]
    if storage is not None:
        handles = [handle for ref in storage.members if (handle := ref()) is not None]
        storage.members = [weakref.ref(handle) for handle in handles]
        if storage.array is not None:
            node = _write_through(storage, tensor._node, node)
    for handle in handles:
        if handle._requires_grad and not node.requires_grad:
            node = _copy_leaf(node) if node.owner is not None and node.owner() is not handle else node
            node.owner = weakref.ref(handle)
            node.requires_grad = node.op is None
        handle._node = node
        if state.recorder is not None:
            state.recorder.bind(handle)


def _write_through(storage: Storage, old: Node, new: Node) -> Node:
    """Keep memory that is shared with numpy up to date; the old node keeps its value in memory of its own."""
    shared = storage.array
    assert shared is not None
    if old.array is shared:
        old.array = shared.copy()
    shared[...] = new.array
    new.array = shared
    return new


def _copy_leaf(node: Node) -> Node:
    return leaf(node.array)
