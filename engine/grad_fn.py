"""`tensor.grad_fn`: the backward graph as PyTorch's users inspect it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .hooks import Hook, RemovableHandle, add, hooks_of
from .joint import function_of
from .node import Node

if TYPE_CHECKING:
    from .tensor import Tensor


class GradFn:
    """What `tensor.grad_fn` shows of a node: its name and the functions that its gradient goes to next."""

    __slots__ = ("_node",)

    def __init__(self, node: Node) -> None:
        self._node = function_of(node)[0]

    def name(self) -> str:
        """PyTorch's name, such as "MulBackward0" or, for a leaf, "torch::autograd::AccumulateGrad"."""
        node = self._node
        if node.op is None:
            return "torch::autograd::AccumulateGrad"
        return node.op.grad_name(*(n.spec for n in node.inputs), **node.attrs)

    @property
    def next_functions(self) -> tuple[tuple[GradFn | None, int], ...]:
        """For each input the function that receives its gradient, or None where none flows.

        It is paired with the number of the input among that function's results, which is 0 unless it is a
        user's own function.

        Inputs that never get one, such as indices, are left out, as in PyTorch.
        """
        node = self._node
        found = []
        for i in backward_order(node):
            source = node.inputs[i]
            found.append((GradFn(source), function_of(source)[1]) if node.mask[i] else (None, 0))
        return tuple(found)

    def register_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(grad_inputs, grad_outputs)` whenever this function has run.

        The gradients that it returns, if it returns any, take the place of `grad_inputs`, which has one for
        each of `next_functions`.
        """
        return add(hooks_of(self._node).after, hook)

    def register_prehook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(grad_outputs)` before this function runs; what it returns takes their place."""
        return add(hooks_of(self._node).before, hook)

    @property
    def variable(self) -> Tensor | None:
        """The leaf that an AccumulateGrad belongs to."""
        return self._node.owner() if self._node.op is None and self._node.owner is not None else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GradFn) and other._node is self._node

    def __hash__(self) -> int:
        return id(self._node)

    def __repr__(self) -> str:
        return f"<{self.name().rsplit('::', 1)[-1]} object at {id(self._node):#x}>"


def backward_order(node: Node) -> list[int]:
    """The inputs that a node's `next_functions` list, by their positions, in PyTorch's order."""
    op = node.op
    if op is None:
        return []
    order = [i for i in op.torch_order if i < len(node.inputs)] or range(len(node.inputs))
    return [i for i in order if op.differentiable(i)]
