"""Leaving the library: a tensor as Python numbers, lists, numpy arrays and text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import GradError
from .printing import tensor_repr

if TYPE_CHECKING:
    from .grad_fn import GradFn
    from .node import Node
    from .storage import Storage


class Exports:
    """The part of `Tensor` that gives its values to Python and numpy."""

    __slots__ = ("__weakref__",)

    if TYPE_CHECKING:
        _node: Node
        _requires_grad: bool

        def _join_storage(self) -> Storage:
            """See `Tensor`."""

        @staticmethod
        def _wrapped(array: np.ndarray) -> Any:
            """See `Tensor`."""

        @property
        def grad_fn(self) -> GradFn | None:
            """See `Tensor`."""

    def item(self) -> Any:
        """Its one element as a Python number."""
        if self._node.array.size != 1:
            raise GradError(f"a Tensor with {self._node.array.size} elements cannot be converted to Scalar")
        return self._node.array.item()

    def _one(self) -> Any:
        if self._node.array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return self._node.array.item()

    def tolist(self) -> Any:
        """Its elements as (nested lists of) Python numbers."""
        return self._node.array.tolist()

    def numpy(self, force: bool = False) -> np.ndarray:
        """Its values as a numpy array that shares its memory."""
        if self._requires_grad and not force:
            raise GradError(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
            )
        storage = self._join_storage()
        if storage.array is None:
            storage.expose(storage.base.array.copy(order="K"))
        return self._node.array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            if copy is False:
                raise ValueError(f"a tensor of {array.dtype} cannot be seen as {dtype} without a copy")
            return array.astype(dtype)
        return array.copy(order="K") if copy else array

    def __array_wrap__(self, array: np.ndarray, context: Any = None, return_scalar: bool = False) -> Any:
        """What a function of numpy made of this tensor, as a tensor; truth values as uint8, as in PyTorch."""
        array = np.asarray(array)
        return self._wrapped(array.astype(np.uint8) if array.dtype == bool else array)

    def __len__(self) -> int:
        if not self._node.spec.shape:
            raise TypeError("len() of a 0-d tensor")
        return self._node.spec.shape[0]

    def __bool__(self) -> bool:
        if self._node.array.size != 1:
            raise GradError("Boolean value of Tensor with more than one value is ambiguous")
        return bool(self._node.array.item())

    def __float__(self) -> float:
        return float(self._one())

    def __int__(self) -> int:
        return int(self._one())

    __index__ = __int__

    def __format__(self, spec: str) -> str:
        if self._node.spec.shape == ():  # as PyTorch does: f"{loss}" and f"{loss:.3f}" show the number
            return format(self.item(), spec)
        return object.__format__(self, spec)

    def __repr__(self, **_: Any) -> str:
        return tensor_repr(self)
