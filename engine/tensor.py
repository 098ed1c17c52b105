"""`Tensor`: the handle that users hold. It points to a node; in-place changes point it to another one.

Methods that are ops (`x.relu()`, `x + y`) are attached by `methods.bind` from the functions that the ops
define; their types stand in `_methods.pyi`, which is generated.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import convert
from .dispatch import run
from .dtypes import DType
from .errors import GradError, InPlaceError
from .node import Node, constant, leaf
from .op import REGISTRY
from .size import CPU, Device, Size
from .state import state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._methods import TensorMethods
    from .autograd import GradFn
else:
    TensorMethods = object


class Storage:
    """What several handles share (`x` and `x.data`, `x.detach()`, `x.numpy()`): changing one in place
    changes all."""

    __slots__ = ("array", "members")

    def __init__(self) -> None:
        self.members: list[weakref.ref[Tensor]] = []
        self.array: np.ndarray | None = None  # memory that is shared with numpy, if any


class Tensor(TensorMethods):
    """A multi-dimensional array that remembers how it was computed.

    `Tensor(data)` makes a float32 tensor from data, `Tensor(2, 3)` an uninitialised one of that shape, as in
    PyTorch; `gradviz.tensor(data)` is the usual way.
    """

    __slots__ = ("__weakref__", "_grad", "_node", "_requires_grad", "_storage", "_view_of")
    __array_priority__ = 1000  # numpy's operators give way to ours

    def __init__(self, *data: Any) -> None:
        array = convert.legacy_array(data)
        self._node = leaf(array)
        self._requires_grad = False
        self._grad: Tensor | None = None
        self._storage: Storage | None = None
        self._view_of: weakref.ref[Tensor] | None = (
            None  # the tensor that PyTorch's view would share memory with
        )

    @classmethod
    def _from_node(cls, node: Node, requires_grad: bool = False) -> Tensor:
        tensor: Tensor = cls.__new__(cls)
        tensor._node = node
        tensor._requires_grad = requires_grad
        tensor._grad = None
        tensor._storage = None
        tensor._view_of = None
        return tensor

    # What it is.

    @property
    def shape(self) -> Size:
        """The sizes of its dimensions."""
        return Size(self._node.spec.shape)

    def size(self, dim: int | None = None) -> Any:
        """Its shape, or the size of one dimension."""
        return self.shape if dim is None else self.shape[dim]

    @property
    def ndim(self) -> int:
        """How many dimensions it has."""
        return len(self._node.spec.shape)

    def dim(self) -> int:
        """How many dimensions it has."""
        return len(self._node.spec.shape)

    def numel(self) -> int:
        """How many elements it has."""
        return int(self._node.array.size)

    nelement = numel

    @property
    def dtype(self) -> DType:
        """The type of its elements."""
        return self._node.spec.dtype

    @property
    def device(self) -> Device:
        """Where it lives: the CPU."""
        return CPU

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by the user rather than by an op on tensors that require gradients."""
        return not (self._requires_grad and self._node.op is not None)

    @property
    def requires_grad(self) -> bool:
        """Whether backward computes a gradient for it."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Turn the gradient for this leaf on or off; returns the tensor itself."""
        if requires_grad and not self.dtype.is_floating_point:
            raise GradError("only Tensors of floating point dtype can require gradients")
        node = self._node
        if not requires_grad and not self.is_leaf:
            raise GradError(
                "you can only change requires_grad flags of leaf variables. If you want to use a computed "
                "variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
            )
        if requires_grad and node.op is None:
            owner = node.owner() if node.owner is not None else None
            if owner is not None and owner is not self:  # x.data.requires_grad_(): a leaf of its own
                node = self._node = leaf(node.array)
            node.owner = weakref.ref(self)
            node.requires_grad = True
        self._requires_grad = bool(requires_grad)
        return self

    def retain_grad(self) -> None:
        """Keep the gradient of this non-leaf tensor in `.grad` when backward runs."""
        if not self._requires_grad:
            raise GradError("can't retain_grad on Tensor that has requires_grad=False")
        self._node.owner = weakref.ref(self)

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward has accumulated, or None."""
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None and value.shape != self.shape:
            raise GradError(
                f"assigned grad has data of a different size: {value.shape} for a tensor of {self.shape}"
            )
        self._grad = value
        if state.recorder is not None:
            state.recorder.bind(self, ".grad", None if value is None else value._node, clear=value is None)

    @property
    def grad_fn(self) -> GradFn | None:
        """The node of the backward graph that computes its gradient's way on, or None for a leaf."""
        from .autograd import GradFn  # autograd is written in terms of tensors

        return GradFn(self._node) if self._requires_grad and self._node.op is not None else None

    @property
    def data(self) -> Tensor:
        """The same values without gradients: changing them in place changes this tensor."""
        return self._alias(self._node)

    @data.setter
    def data(self, value: Tensor) -> None:
        self._point_to(value._node)

    def _alias(self, node: Node) -> Tensor:
        alias = Tensor._from_node(node)
        self._join_storage()
        alias._storage = self._storage
        assert self._storage is not None
        self._storage.members.append(weakref.ref(alias))
        return alias

    def _join_storage(self) -> Storage:
        if self._storage is None:
            self._storage = Storage()
            self._storage.members.append(weakref.ref(self))
        return self._storage

    # Running ops and changing in place.

    def _assign(self, value: Tensor, what: str) -> Tensor:
        """Make `value` this tensor's value in place, as `what` ("add_") asked for."""
        if state.grad_enabled and self._requires_grad and self._node.op is None:
            raise InPlaceError(
                f"a leaf Variable that requires grad is being used in an in-place operation ({what}). "
                f"Change it under `with torch.no_grad():` or through `.data`."
            )
        if self._view_of is not None and self._view_of() is not None:
            raise InPlaceError(
                f"{what} on a view: gradviz keeps views apart from the tensor that they came from, so this would "
                f"not change the original as in PyTorch. Assign to the original instead: `x[...] = value`."
            )
        if value.shape != self.shape:
            raise InPlaceError(
                f"{what}: output with shape {list(self.shape)} doesn't match "
                f"the broadcast shape {list(value.shape)}"
            )
        if value.dtype is not self.dtype:
            if value.dtype.rank > self.dtype.rank:
                raise InPlaceError(
                    f"{what}: result type {value.dtype} can't be cast to the desired output type {self.dtype}"
                )
            value = value.to(self.dtype)
        graph = state.grad_enabled and value._requires_grad
        self._point_to(value._node)
        if graph:
            self._requires_grad = True
        return self

    def _point_to(self, node: Node) -> None:
        """Give this handle and all that share its storage a new value."""
        storage = self._storage
        handles = [self]
        if storage is not None:
            handles = [handle for ref in storage.members if (handle := ref()) is not None]
            storage.members = [weakref.ref(handle) for handle in handles]
            if storage.array is not None:
                node = _write_through(storage, self._node, node)
        for handle in handles:
            if handle._requires_grad and not node.requires_grad:
                node = _copy_leaf(node) if node.owner is not None and node.owner() is not handle else node
                node.owner = weakref.ref(handle)
                node.requires_grad = node.op is None
            handle._node = node
            if state.recorder is not None:
                state.recorder.bind(handle)

    # Leaving the library.

    def item(self) -> Any:
        """Its one element as a Python number."""
        if self._node.array.size != 1:
            raise GradError(f"a Tensor with {self._node.array.size} elements cannot be converted to Scalar")
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
            array = self._node.array
            if not array.flags.writeable or array.base is not None:
                array = array.copy()
                self._node.array = array
            storage.array = array
        return storage.array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        return (
            array.astype(dtype)
            if dtype is not None and array.dtype != dtype
            else array.copy()
            if copy
            else array
        )

    def __len__(self) -> int:
        if not self._node.spec.shape:
            raise TypeError("len() of a 0-d tensor")
        return self._node.spec.shape[0]

    def __bool__(self) -> bool:
        if self._node.array.size != 1:
            raise GradError("Boolean value of Tensor with more than one value is ambiguous")
        return bool(self._node.array.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    __index__ = __int__

    def __iter__(self) -> Iterator[Tensor]:
        if not self._node.spec.shape:
            raise TypeError("iteration over a 0-d tensor")
        return (self[i] for i in range(len(self)))

    def __hash__(self) -> int:
        return id(self)

    def __format__(self, spec: str) -> str:
        return (
            format(self.item(), spec)
            if self.ndim == 0 and spec
            else repr(self)
            if not spec
            else object.__format__(self, spec)
        )

    def __repr__(self, **_: Any) -> str:
        from .printing import tensor_repr  # printing needs this class

        return tensor_repr(self)

    def backward(
        self, gradient: Tensor | None = None, retain_graph: bool | None = None, create_graph: bool = False
    ) -> None:
        """Compute d self / d leaf for every leaf that requires a gradient, and add it to the leaf's `.grad`.

        `gradient` is the upstream gradient, needed unless this tensor has one element.
        """
        from .autograd import backward  # autograd is written in terms of tensors

        backward(self, gradient, retain_graph=retain_graph, create_graph=create_graph)


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


def apply(name: str, inputs: tuple[Tensor, ...], attrs: Mapping[str, Any] | None = None) -> Tensor:
    """Run the op called `name` on tensors: the one way into the engine that all functions use."""
    op = REGISTRY[name]
    if state.recorder is not None:
        state.recorder.meet(inputs)
    nodes = tuple([tensor._node for tensor in inputs])
    node = run(op, nodes, tuple([tensor._requires_grad for tensor in inputs]), attrs or {})
    result = Tensor._from_node(node, node.requires_grad)
    if op.view:
        source = inputs[0]
        root = source._view_of() if source._view_of is not None else None
        result._view_of = weakref.ref(source if root is None else root)
    return result


def as_tensor_operand(value: Any) -> Tensor:
    """A tensor as it is; a Python or numpy number as a constant that counts less in type promotion."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (bool, int, float, np.bool_, np.integer, np.floating)):
        return Tensor._from_node(constant(value))
    raise TypeError(f"expected a tensor or a number, not {type(value).__name__}")
