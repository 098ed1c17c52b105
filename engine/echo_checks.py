"""Whether values are of the kind that a trace foresees, and whether somebody else has a say in them."""

from __future__ import annotations

import numpy as np

from .echo_trace import Leaf
from .mutation import leave
from .node import Node
from .op import Spec
from .program import SlotKind
from .tensor import Tensor


def alone(tensor: Tensor) -> bool:
    """Whether a tensor that has a storage shares its memory with nobody any more; then it leaves it."""
    storage = tensor._storage
    assert storage is not None
    if storage.array is not None or len(storage.members()) > 1:
        return False
    leave(tensor)
    return True


def is_watched(node: Node) -> bool:
    """Whether a node that has a place for hooks has hooks."""
    hooks = node.hooks
    return hooks is not None and any((hooks.gradient, hooks.before, hooks.after, hooks.accumulated))


def is_parameter(tensor: Tensor, node: Node, spec: Spec) -> bool:
    """Whether a parameter that the user has changed can go to the executor."""
    if node.op is not None or node.inference or node.spec is not spec or not node.array.flags.c_contiguous:
        return False
    if node.owner is None or node.owner() is not tensor:
        return False
    return tensor._storage is None or tensor._storage.array is None


def is_kept(node: Node, room: np.ndarray) -> bool:
    """Whether something that an optimizer keeps, and that the user has changed, can go to the executor."""
    array = node.array
    return not (node.requires_grad or node.inference) and (array.shape, array.dtype) == (
        room.shape,
        room.dtype,
    )


def is_leaf(tensor: Tensor, node: Node, leaf: Leaf) -> bool:
    """Whether a value from outside is of the kind that the trace has in its place."""
    if node.op is not None or node.spec is not leaf.spec or node.inference:
        return False
    if tensor._storage is not None and tensor._storage.array is not None:
        return False
    if leaf.constant:
        return node.kind is SlotKind.CONSTANT and bool(node.array.item() == leaf.array.item())
    return node.array.strides == leaf.strides


def are_below(array: np.ndarray, bound: int) -> bool:
    """Whether all numbers are at least 0 and below a bound."""
    if array.size == 1:
        return 0 <= int(array.item()) < bound
    return not array.size or bool(array.min() >= 0 and array.max() < bound)
