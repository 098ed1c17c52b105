"""Values that backward needs, and that an in-place change has taken from their tensor.

Nodes keep their values, so backward could go on; but the user who writes `x += 1` believes that the old value
is gone, and PyTorch refuses. So a node notes when its tensor was given another value, and an op that was run
before and whose rule reads that node gets one without numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import GradError
from .node import Node
from .state import state

if TYPE_CHECKING:
    import numpy as np

    from .tensor import Tensor

_LOOKED_AT = 64


class _Latest:
    """When the last in-place change of all began: graphs that are younger need not be looked through."""

    change = 0


latest = _Latest()


def began(tensor: Tensor, value: Node) -> int:
    """When the in-place change of a tensor to `value` began, in the count of `Node.sequence`.

    Functions such as `relu(x, inplace=True)` do not say so beforehand: theirs are the ops of the same line.
    """
    whose, since = state.changing
    if whose == id(tensor) and since < value.sequence:
        state.changing = (0, 0)  # another tensor may get this id
        return since
    first, stack, looked = value.sequence, [value], 0
    while stack and looked < _LOOKED_AT:
        node = stack.pop()
        looked += 1
        here = node.site is not None and value.site is not None and node.site[2:] == value.site[2:]
        if here and node.sequence > tensor._node.sequence:
            first = min(first, node.sequence)
            stack.extend(node.inputs)
    return first


def mark_replaced(node: Node, since: int) -> None:
    """The tensor of this node has another value, by a change that began at `since`."""
    node.replaced = max(node.replaced, since)
    node.pin()
    latest.change = max(latest.change, since)


def is_replaced(node: Node, user: int) -> bool:
    """Whether the value was taken from its tensor after the op number `user` had run: its own, or that of the
    whole that it is a view of."""
    while node.replaced <= user:
        if node.op is None or not node.op.view:
            return False
        node = node.inputs[0]
    return True


def is_gone(tensor: Tensor) -> bool:
    """For rules that may read one value or another: whether reading this one would be refused."""
    return isinstance(tensor._node, Replaced)


class Replaced(Node):
    """Stands for a node whose value is gone: shape and dtype are known, its numbers raise GradError."""

    __slots__ = ("_user",)

    def __init__(self, node: Node, user: Node) -> None:
        self.spec, self.op, self.inputs, self.attrs = node.spec, node.op, node.inputs, node.attrs
        self.mask, self.place, self.requires_grad = node.mask, node.place, node.requires_grad
        self.sequence, self.freed, self.kind, self.name = node.sequence, node.freed, node.kind, node.name
        self.hooks, self.owner, self.replaced = node.hooks, node.owner, node.replaced
        self.inference = node.inference
        self._user = user

    @property
    def array(self) -> np.ndarray:  # type: ignore[override]
        """Raises GradError."""
        user = self._user
        assert user.op is not None
        made = f"which is the output of {self.op.name}" if self.op is not None else "a leaf"
        place = f" at {user.site[2]}:{user.site[3]}" if user.site is not None and user.site[2] else ""
        raise GradError(
            "one of the variables needed for gradient computation has been modified by an inplace operation: "
            f"[{self.spec.dtype} {list(self.spec.shape)}], {made}, is needed for the gradient of "
            f"{user.op.name}{place}. Write `x = x + 1` instead of `x += 1`, or change a clone()"
        )
