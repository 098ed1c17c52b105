"""The nodes of a user's function: one for the function, which backward runs once, and one for each result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .dtypes import float32
from .node import Node, Place, leaf
from .op import Op, Spec

if TYPE_CHECKING:
    from .tensor import Tensor

    Gradients = tuple[Tensor | None, ...]

_NO_ARRAY = np.empty(0, np.float32)
_NO_SPEC = Spec((0,), float32)


class JointOp(Op):
    """The op of one call of a user's function; `backward` takes the gradients of all `count` results to those
    of all inputs."""

    name = "custom_function"
    inputs = ("*x",)

    def __init__(self, function: str, count: int, backward: Callable[[Gradients], Gradients]) -> None:
        self.function = function
        self.count = count
        self.backward = backward

    def differentiable(self, position: int) -> bool:
        """Every tensor is listed in next_functions."""
        return True

    def grad_name(self, *inputs: Spec, **attrs: Any) -> str:
        """After the class."""
        return f"{self.function}Backward"


class Joint(Node):
    """The node of one call: it has no value, and its gradient is one for each result."""

    __slots__ = ()

    def __init__(
        self, op: JointOp, inputs: tuple[Node, ...], mask: tuple[bool, ...], site: Place | None
    ) -> None:
        super().__init__(_NO_ARRAY, _NO_SPEC, op, inputs, None, mask, site)


class ResultOp(Op):
    """The op of a result's node, whose one input is the joint node."""

    name = "custom_function"
    inputs = ("joint",)
    number: int

    def differentiable(self, position: int) -> bool:
        """The gradient goes to the joint node."""
        return True


def result_op(number: int) -> ResultOp:
    """The op of result `number`."""
    op = ResultOp()
    op.number = number
    return op


def function_of(node: Node) -> tuple[Node, int]:
    """What PyTorch calls the node's function, and the number of the node's value among its results."""
    return (node.inputs[0], node.op.number) if isinstance(node.op, ResultOp) else (node, 0)


def read_by(node: Node) -> tuple[tuple[Node, ...], Mapping[str, Any]]:
    """The inputs and attributes of a node's instruction; a user's function reads its value and its inputs."""
    if not isinstance(node.op, ResultOp):
        return node.inputs, node.attrs
    joint = node.inputs[0]
    assert isinstance(joint.op, JointOp)
    return (leaf(node.array), *joint.inputs), {"function": joint.op.function}
