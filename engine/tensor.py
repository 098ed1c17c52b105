"""`Tensor`: the handle that users hold. It points to a node; in-place changes point it to another one.

Methods that are ops (`x.relu()`, `x + y`) are attached by `methods.bind` from the functions that the ops
define; their types stand in `_methods.pyi`, which is generated.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import convert, mutation
from .dispatch import run
from .dtypes import DType
from .errors import GradError
from .exports import Exports
from .grad_fn import GradFn
from .joint import function_of
from .layouts import Layout, strided
from .node import NO_ATTRS, Node, constant, leaf
from .op import REGISTRY
from .size import CPU, Device, Size
from .state import assigned, state
from .storage import Step, Storage
from .warn import warn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._methods import TensorMethods
    from .tape import Tape
else:
    TensorMethods = object


_NO_LEAF = (
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't "
    "be populated during autograd.backward(). If you indeed want the .grad field to be populated for a "
    "non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by "
    "mistake, make sure you access the leaf Tensor instead."
)


class Tensor(Exports, TensorMethods):
    """A multi-dimensional array that remembers how it was computed.

    `Tensor(data)` makes a float32 tensor from data, `Tensor(2, 3)` an uninitialised one of that shape, as in
    PyTorch; `gradviz.tensor(data)` is the usual way.
    """

    __slots__ = ("_grad", "_late", "_node", "_of", "_path", "_requires_grad", "_row", "_storage", "_tape")
    __array_priority__ = 1000  # numpy's operators give way to ours

    def __init__(self, *data: Any) -> None:
        self._set_up(leaf(convert.legacy_array(data)))

    def _set_up(self, node: Node, requires_grad: bool = False) -> None:
        self._node = node
        self._requires_grad = requires_grad
        self._grad: Tensor | None = None
        self._storage: Storage | None = None
        self._path: Step | None = None  # how it is a view of its storage's whole
        self._tape: Tape | None = None  # where its row is, if it has one
        self._row: int

    @classmethod
    def _from_node(cls, node: Node, requires_grad: bool = False) -> Tensor:
        tensor: Tensor = cls.__new__(cls)
        tensor._node = node  # `_set_up`, written out: every op comes here
        tensor._requires_grad = requires_grad
        tensor._grad = tensor._storage = tensor._path = tensor._tape = None
        return tensor

    @classmethod
    def _from_row(cls, tape: Tape, row: int) -> Tensor:
        tensor: Tensor = cls.__new__(cls)
        tensor._tape, tensor._row, tensor._requires_grad = tape, row, True
        return tensor

    if not TYPE_CHECKING:  # it would tell the type checker that every attribute is there

        def __getattr__(self, name: str) -> Any:
            """What a tensor that came out of a tape or an echo has not been asked for yet."""
            if name == "_node":
                self._node = node = (self._tape or self._late).node(self._row)
                return node
            if name in ("_grad", "_late", "_storage", "_path"):
                late = None if name == "_late" else self._late
                return None if late is None else late.lacking(self, name)
            told = f"'{type(self).__name__}' object has no attribute '{name}'"
            raise AttributeError(told, name=name, obj=self)

    def __reduce__(self) -> tuple[Any, ...]:
        # Copies and pickles are leaves: they keep the values, not the graph.
        return _rebuild, (type(self), self._node.array.copy(), self._requires_grad, self._grad)

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
        return math.prod(self._node.spec.shape)

    nelement = numel

    @property
    def dtype(self) -> DType:
        """The type of its elements."""
        return self._node.spec.dtype

    @property
    def layout(self) -> Layout:
        """How its elements are stored: `torch.strided`."""
        return strided

    @property
    def device(self) -> Device:
        """Where it lives: the CPU."""
        return CPU

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by the user rather than by an op on tensors that require gradients."""
        return not (self._requires_grad and self._node.op is not None)

    def is_inference(self) -> bool:
        """Whether it was made in inference mode."""
        return self._node.inference

    @property
    def output_nr(self) -> int:
        """Its number among the results of its grad_fn."""
        return function_of(self._node)[1]

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
        if requires_grad and node.inference and not state.inference:
            raise GradError(
                "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."
            )
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
        self._tape = None
        return self

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward has accumulated, or None; only leaves have one, unless `retain_grad`."""
        if self._grad is None and not self.is_leaf and self._node.owner is None:
            warn(_NO_LEAF)
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            self._check_grad(value)
        self._grad = value
        assigned.count += 1
        if state.recorder is not None:
            state.recorder.bind(self, ".grad", None if value is None else value._node, clear=value is None)

    def _check_grad(self, value: object) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(
                f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}"
            )
        if value is self:
            raise GradError("can't assign Variable as its own grad")
        if value.dtype is not self.dtype:
            raise GradError(
                f"attempting to assign a gradient with dtype {value.dtype} to a tensor of {self.dtype}; "
                "they must match"
            )
        if value.shape != self.shape:
            raise GradError(
                f"attempting to assign a gradient of size '{list(value.shape)}' to a tensor of size "
                f"'{list(self.shape)}'. Please ensure that the gradient and the tensor are the same size"
            )

    @property
    def grad_fn(self) -> GradFn | None:
        """The node of the backward graph that computes its gradient's way on, or None for a leaf."""
        return GradFn(self._node) if self._requires_grad and self._node.op is not None else None

    def _join_storage(self) -> Storage:
        return mutation.join_storage(self)

    def _assign(self, value: Tensor, what: str) -> Tensor:
        """Make `value` this tensor's value in place, as `what` ("add_") asked for."""
        return mutation.assign(self, value, what)

    def _point_to(self, node: Node) -> None:
        mutation.point_to(self, node)

    @property
    def data(self) -> Tensor:
        """The same values without gradients: changing them in place changes this tensor.

        Backward does not notice such a change, as it does that of `detach()`.
        """
        return self._alias(self._node, {"data": True})

    @data.setter
    def data(self, value: Tensor) -> None:
        mutation.adopt(self, value)

    def _alias(self, node: Node, attrs: Mapping[str, Any] | None = None) -> Tensor:
        node.inference = self._node.inference
        alias = Tensor._from_node(node)
        mutation.share(alias, self, "detach", attrs or {})
        return alias

    @staticmethod
    def _wrapped(array: np.ndarray) -> Tensor:
        return Tensor._from_node(leaf(array))

    def __iter__(self) -> Iterator[Tensor]:
        if not self._node.spec.shape:
            raise TypeError("iteration over a 0-d tensor")
        return (self[i] for i in range(len(self)))

    def __hash__(self) -> int:
        return id(self)


def _rebuild(kind: type[Tensor], array: np.ndarray, requires_grad: bool, grad: Tensor | None) -> Tensor:
    tensor = kind.__new__(kind)
    tensor._set_up(leaf(array))
    if requires_grad:
        tensor.requires_grad_()
    tensor._grad = grad
    return tensor


def apply(name: str, inputs: tuple[Tensor, ...], attrs: Mapping[str, Any] | None = None) -> Tensor:
    """Run the op called `name` on tensors: the one way into the engine that all functions use."""
    now = state.__dict__
    echo = now["echo"]
    if echo is not None:
        foreseen: Tensor | None = echo.apply(name, inputs, attrs)
        if foreseen is not None:
            return foreseen
    op = REGISTRY[name]
    recorder = now["recorder"]
    if recorder is not None:
        recorder.meet(inputs)
    if len(inputs) == 2:  # as below, without building lists
        one, two = inputs
        nodes: tuple[Node, ...] = (one._node, two._node)
        wants: tuple[bool, ...] = (one._requires_grad, two._requires_grad)
    else:
        nodes = tuple([tensor._node for tensor in inputs])
        wants = tuple([tensor._requires_grad for tensor in inputs])
    node = run(op, nodes, wants, attrs or NO_ATTRS)
    result = Tensor._from_node(node, node.requires_grad)
    if op.view:
        mutation.share(result, inputs[0], name, attrs or {})
        node.inference = nodes[0].inference
    return result


def as_tensor_operand(value: Any) -> Tensor:
    """A tensor as it is; a Python or numpy number as a constant that counts less in type promotion."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (bool, int, float, np.bool_, np.integer, np.floating)):
        return Tensor._from_node(constant(value))
    raise TypeError(f"expected a tensor or a number, not {type(value).__name__}")
