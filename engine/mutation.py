"""Changing a tensor in place. Nodes never change: handles are pointed to other nodes instead.

Handles that share memory in PyTorch share a `Storage`. When one of them is changed, the whole gets a new
value, from which all others take their own; so a change through a view is an instruction that can be seen and
differentiated.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .dispatch import run
from .errors import InPlaceError
from .node import Node, leaf, sequence
from .op import REGISTRY
from .saved import began, mark_replaced
from .state import GradMode, state
from .storage import Step, Storage, counter, steps, viewed

if TYPE_CHECKING:
    from .tensor import Tensor


def join_storage(tensor: Tensor) -> Storage:
    """The storage of a tensor, made when it has to share it for the first time."""
    storage = tensor._storage
    if storage is None:
        storage = tensor._storage = Storage(tensor._node)
        storage.add(tensor)
        tensor._tape = None  # others can change its value from now on
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


def check_in_place(tensor: Tensor, what: str) -> None:
    """Raise InPlaceError where PyTorch does not let `what` ("add_") change a tensor.

    To be called before the new value is computed: ops that run from here on belong to the change, and may
    use the value that goes away.
    """
    refuse(tensor, what)
    state.changing = (id(tensor), next(sequence))


def refuse(tensor: Tensor, what: str) -> None:
    """Raise InPlaceError where PyTorch does not let `what` change a tensor."""
    if tensor._node.inference and not state.inference:
        raise InPlaceError(
            f"Inplace update to inference tensor outside InferenceMode is not allowed ({what}). You can make "
            "a clone to get a normal tensor before doing inplace update."
        )
    if not state.grad_enabled:
        return
    advice = "Change it under `with torch.no_grad():` or through `.data`."
    if tensor._requires_grad and tensor._node.op is None:
        raise InPlaceError(
            f"a leaf Variable that requires grad is being used in an in-place operation ({what}). {advice}"
        )
    if tensor._requires_grad and any(step.several for step in steps(tensor._path)):
        raise InPlaceError(
            f"a view that came with others in a tuple is being modified in place ({what}); write the "
            f"operation so that it makes a new tensor. {advice}"
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
    refuse(tensor, what)
    if value.shape != tensor.shape:
        raise InPlaceError(
            f"{what}: output with shape {list(tensor.shape)} doesn't match "
            f"the broadcast shape {list(value.shape)}"
        )
    if _shows_twice(tensor):
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
    value._node.inference = tensor._node.inference
    graph = state.grad_enabled and value._requires_grad
    if graph:
        tensor._requires_grad = True
    with GradMode(graph or (state.grad_enabled and tensor._requires_grad)):
        point_to(tensor, value._node)
    return tensor


def replace_leaf(tensor: Tensor, array: np.ndarray) -> bool:
    """Give a parameter that shares its memory with nobody another value, without an op and outside of any
    recording; False, and nothing is done, if there is more to it.

    It is what `check_in_place` and `assign` come to in that case.
    """
    old = tensor._node
    if old.op is not None or tensor._storage is not None or old.inference or state.grad_enabled:
        return False
    if array.strides != old.array.strides or array.shape != old.array.shape or state.inference:
        return False
    if array.dtype != old.array.dtype or not tensor._requires_grad:
        return False
    mark_replaced(old, next(sequence))
    node = Node(array, old.spec)
    node.owner, node.requires_grad, node.hooks = weakref.ref(tensor), True, old.hooks
    tensor._node, tensor._tape = node, None
    return True


def _shows_twice(tensor: Tensor) -> bool:
    """Whether it is a view that repeats elements."""
    if tensor._path is None or tensor._storage is None:
        return False
    spec = tensor._storage.base.spec
    for step in steps(tensor._path):
        if step.op != "detach":
            before, spec = spec, REGISTRY[step.op].spec(spec, **step.attrs)
            if step.op == "expand" and math.prod(spec.shape) != math.prod(before.shape):
                return True
    return False


def _lay_out_like(node: Node, old: Node) -> None:
    """Memory keeps its layout when its numbers change, whatever layout the new ones came in."""
    if node.array.strides != old.array.strides and node.array.shape == old.array.shape and node is not old:
        array = np.empty_like(old.array)
        array[...] = node.array
        node.array = array


def point_to(tensor: Tensor, node: Node) -> None:
    """Give this handle a new value, and through the whole all that share its storage theirs."""
    storage = tensor._storage
    silent = (
        tensor._path is not None and counter(tensor._path) is not None
    )  # through .data: backward is not to notice
    since = began(tensor, node)
    if not silent:
        mark_replaced(tensor._node, since)
    if storage is None:
        rebind(tensor, node, silent)
        return
    members = storage.members()
    if not silent:
        mark_replaced(storage.base, since)
        for member in members:
            if counter(member._path) is None:
                mark_replaced(member._node, since)
    if len(members) == 1 and storage.array is None:
        leave(tensor)
        rebind(tensor, node, silent)
        return
    base = _write_back(tensor, storage.base, node)
    _lay_out_like(base, storage.base)
    if storage.array is not None:
        storage.write(base)
    elif tensor._path is not None:
        node.array = viewed(base.array, tensor._path)
        node.pin()
    storage.base = base
    known: dict[int, Node] = {id(None): base, id(tensor._path): node}
    for member in members:
        value = known.get(id(member._path)) or _replay(member, base)
        rebind(member, value, silent or counter(member._path) is not None)
        if member._path is None:
            member._requires_grad = member._requires_grad or base.requires_grad
            storage.base = member._node
    if storage.array is not None:
        storage.expose(storage.array)


def turn_into(tensor: Tensor, view: Tensor) -> None:
    """`tensor` becomes what `view`, a view of it, is: another shape of the same memory."""
    tensor._path = view._path
    requires_grad = tensor._requires_grad
    rebind(tensor, view._node)
    tensor._requires_grad = requires_grad or view._requires_grad


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
    share(tensor, value, "detach", {"data": True})


def _write_back(tensor: Tensor, base: Node, value: Node) -> Node:
    """The whole after the part that `tensor` shows has become `value`: undo the view ops one by one."""
    way = steps(tensor._path)
    wholes = [tensor._from_node(base, base.requires_grad)]
    for step in way[:-1]:
        before = wholes[-1]
        if step.op == "detach":
            wholes.append(tensor._from_node(before._node))
            continue
        node = run(REGISTRY[step.op], (before._node,), (before._requires_grad,), step.attrs)
        wholes.append(tensor._from_node(node, node.requires_grad))
    part = tensor._from_node(value, value.requires_grad)
    for step, whole in zip(reversed(way), reversed(wholes), strict=False):
        if step.op == "detach":
            part = tensor._from_node(part._node)
        else:
            part = REGISTRY[step.op].unview(whole, part, **step.attrs)
    return part._node


def _replay(member: Tensor, base: Node) -> Node:
    """The new value of a handle: its view ops, run again on the new whole."""
    node, wanted = base, base.requires_grad
    with GradMode(state.grad_enabled or member._requires_grad):
        for step in steps(member._path):
            if step.op == "detach":
                wanted = False
            else:
                node = run(REGISTRY[step.op], (node,), (wanted,), step.attrs)
                wanted = node.requires_grad
    if wanted:
        member._requires_grad = True
    return node


def rebind(handle: Tensor, node: Node, silent: bool = True) -> None:
    """Point one handle to another node; one that requires gradients goes on to do so.

    Unless `silent`, backward refuses to use the new value where it needs the old one.
    """
    old = handle._node
    if handle._requires_grad and not node.requires_grad:
        if old.op is not None and old.mask:  # its value was changed behind autograd's back; its graph stays
            node = _with_graph_of(old, node)
            if not silent:
                mark_replaced(node, node.sequence + 1)
        else:
            taken = node.owner is not None and node.owner() is not handle
            node = leaf(node.array) if taken else node
            node.owner = weakref.ref(handle)
            node.requires_grad = True
            node.hooks = old.hooks
    elif old.owner is not None and old.op is not None and old.owner() is handle:
        node.owner, old.owner = old.owner, None  # retain_grad means the tensor, whatever its value
        node.pin()
    handle._node = node
    handle._tape = None
    if state.recorder is not None:
        state.recorder.bind(handle)


def _with_graph_of(old: Node, value: Node) -> Node:
    node = Node(value.array, value.spec, old.op, old.inputs, old.attrs, old.mask, old.place)
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
