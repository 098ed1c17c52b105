"""`Parameter`: a tensor that a module owns and an optimizer changes."""

from __future__ import annotations

import numpy as np

from gradviz.engine.node import Node, leaf
from gradviz.engine.tensor import Tensor

from .places import Place


class Parameter(Tensor):
    """A leaf that requires a gradient and that a module finds when it is assigned to an attribute."""

    __slots__ = ("places",)

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        array = np.empty(0, np.float32) if data is None else np.array(data._node.array, order="C")
        self._set_up(leaf(array))
        self.requires_grad_(requires_grad)

    def _set_up(self, node: Node, requires_grad: bool = False) -> None:
        super()._set_up(node, requires_grad)
        self.places: list[Place] = []

    def __repr__(self, **options: object) -> str:
        return "Parameter containing:\n" + super().__repr__(**options)
