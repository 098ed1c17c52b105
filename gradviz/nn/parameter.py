"""`Parameter`: a tensor that a module owns and an optimizer changes; `Buffer`: one that is only kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from gradviz.engine.mutation import leave, share
from gradviz.engine.node import Node, leaf
from gradviz.engine.size import Size
from gradviz.engine.state import no_grad
from gradviz.engine.tensor import Tensor

from .places import Place


class Parameter(Tensor):
    """A leaf that requires a gradient and that a module finds when it is assigned to an attribute.

    It shares memory with the tensor that it is made from.
    """

    __slots__ = ("places",)

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        _adopt(self, data, "Parameter")
        self.requires_grad_(requires_grad)

    def _set_up(self, node: Node, requires_grad: bool = False) -> None:
        super()._set_up(node, requires_grad)
        self.places: list[Place] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = type(self)(Tensor._from_node(leaf(self._node.array.copy(order="K"))), self.requires_grad)
        memo[id(self)] = twin
        return twin

    def __repr__(self, **options: object) -> str:
        return "Parameter containing:\n" + super().__repr__(**options)


class UninitializedParameter(Parameter):
    """A parameter whose shape will be known later; `materialize` turns it into an ordinary one, of zeros."""

    __slots__ = ()

    @property
    def shape(self) -> Size:
        """Not known yet."""
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in "
            "`load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call "
            "`forward` to initialize the parameters before accessing their attributes."
        )

    def materialize(self, shape: Sequence[int]) -> None:
        """Give it its shape."""
        self.__class__ = Parameter  # type: ignore[assignment]
        leave(self)
        with no_grad():
            self._point_to(leaf(np.zeros(tuple(shape), self.dtype.numpy)))

    def __repr__(self, **options: object) -> str:
        return "<UninitializedParameter>"


class Buffer(Tensor):
    """A tensor that a module registers as a buffer when it is assigned to an attribute.

    It shares memory with the tensor that it is made from; `persistent` says whether the state_dict has it.
    """

    __slots__ = ("persistent",)

    def __init__(self, data: Tensor | None = None, *, persistent: bool = True) -> None:
        _adopt(self, data, "Buffer")
        self.persistent = persistent
        if data is not None and data.requires_grad:
            self.requires_grad_()

    def _set_up(self, node: Node, requires_grad: bool = False) -> None:
        super()._set_up(node, requires_grad)
        self.persistent = True


def _adopt(handle: Tensor, data: Tensor | None, what: str) -> None:
    """Give a new handle the value and the memory of a tensor."""
    if data is None:
        handle._set_up(leaf(np.empty(0, np.float32)))
        return
    if not isinstance(data, Tensor):
        raise TypeError(f"{what}: expected a tensor, got {type(data).__name__}")
    handle._set_up(leaf(data._node.array))
    share(handle, data, "detach", {})
