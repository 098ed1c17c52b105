"""`ctx`: what the forward of a user's function leaves for its backward."""

from __future__ import annotations

import weakref
from typing import Any

from .errors import GradError
from .joint import Joint, result_op
from .node import Node
from .program import SlotKind
from .saved import Replaced, is_replaced
from .tensor import Tensor


class FunctionCtx:
    """What forward leaves for backward; forward may set attributes of its own on it."""

    def __init__(self, inputs: tuple[Any, ...]) -> None:
        self.needs_input_grad = tuple(isinstance(each, Tensor) and each.requires_grad for each in inputs)
        self._inputs = {id(each): each._node for each in inputs if isinstance(each, Tensor)}
        self.given: tuple[Tensor | None, ...] = ()
        self._saved: tuple[_Saved | None, ...] = ()
        self._joint: weakref.ref[Joint] | None = None
        self.materialize = True
        self.constant: set[int] = set()
        self.dirty: set[int] = set()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for backward, which finds them in `saved_tensors`."""
        for number, each in enumerate(tensors):
            if each is not None and not isinstance(each, Tensor):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {number} is of type "
                    f"{type(each).__name__}"
                )
        self.given = tensors

    def mark_non_differentiable(self, *args: Tensor) -> None:
        """Say which results have no gradient."""
        self.constant = {id(each) for each in args}

    def mark_dirty(self, *args: Tensor) -> None:
        """Say which inputs forward has changed in place; it must return them."""
        self.dirty = {id(each) for each in args}

    def set_materialize_grads(self, value: bool) -> None:
        """Whether backward gets zeros for a result that nothing depends on, or None."""
        self.materialize = value

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What forward has saved. Errors: RuntimeError once the graph has been freed, or for a tensor that
        was changed in place since."""
        joint = self._joint() if self._joint is not None else None
        if joint is None:
            return self.given
        if joint.freed:
            raise GradError(
                "Trying to backward through the graph a second time (or directly access saved tensors after "
                "they have already been freed). Specify retain_graph=True when calling .backward() or "
                "autograd.grad() the first time if you need to backward through the graph again."
            )
        return tuple(None if each is None else each.unpack(joint) for each in self._saved)

    def keep(self, results: dict[int, tuple[int, Node]], joint: Joint) -> None:
        """Take over what was saved; `results` are numbers and nodes by the ids of forward's tensors."""
        kept: list[_Saved | None] = []
        for each in self.given:
            if each is None:
                kept.append(None)
            elif id(each) in results:
                kept.append(_Saved(*results[id(each)][::-1], False))
            else:
                node = self._inputs.get(id(each), each._node)
                kept.append(_Saved(node, -1, each.requires_grad))
        self._saved, self.given = tuple(kept), ()
        self._joint = weakref.ref(joint)
        self._inputs = {}


class _Saved:
    """A tensor in saved_tensors; one of the results must not hold the node that holds it."""

    def __init__(self, node: Node, number: int, requires_grad: bool) -> None:
        self._number = number
        self._result = weakref.ref(node)
        self._value = node if number < 0 else None
        self._parts = (node.array, node.spec, node.place, node.requires_grad)
        self._requires_grad = requires_grad or (number >= 0 and node.requires_grad)

    def unpack(self, joint: Joint) -> Tensor:
        """The tensor, with its place in the graph."""
        node, user = self._value, joint.sequence
        if node is None:
            node = self._result()
            user = joint.sequence if node is None else node.sequence
        if node is None:
            array, spec, place, differentiable = self._parts
            node = Node(array, spec, site=place)
            if differentiable:
                attach(node, self._number, joint)
        if is_replaced(node, user):
            _ = Replaced(node, joint).array
        return Tensor._from_node(node, self._requires_grad)


def attach(node: Node, number: int, joint: Joint) -> None:
    """Make a node the result `number` of a function."""
    node.op, node.inputs, node.mask, node.requires_grad = result_op(number), (joint,), (True,), True
    node.place, node.kind = joint.place, SlotKind.VALUE
