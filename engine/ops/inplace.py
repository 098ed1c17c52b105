"""In-place methods that are more than an op's result put in place: filling, copying, random numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..element import Call, Expr, Index, broadcast_ref
from ..errors import GradError, ShapeError
from ..mutation import check_in_place
from ..op import Op, Sample, Spec, broadcast_shapes, random_shape, register
from ..program import Phase
from ..state import phase, state
from ..storage import is_view
from ..tensor import Tensor, apply, as_tensor_operand


@register
class Fill(Op):
    """y = v everywhere."""

    name = "fill"
    inputs = ("x", "v")
    formula = r"y_i = v"
    derivatives = (r"\dfrac{\partial y}{\partial x} = 0", r"\dfrac{\partial y_i}{\partial v} = 1")
    says: ClassVar = {
        "en": "Every element becomes the same number; what was there before gets no gradient.",
        "zh": "每个元素都变成同一个数；原来的值得不到梯度。",
    }
    vjps = (lambda g, y, x, v: apply("zeros_like", (x,)), lambda g, y, x, v: g.sum())

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """Shape and dtype of x; v is a number or a tensor without dimensions."""
        if inputs[1].shape:
            raise ShapeError(
                "fill_ only supports 0-dimension value tensor but got tensor with "
                f"{len(inputs[1].shape)} dimensions."
            )
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """numpy's full."""
        return np.full(out.shape, inputs[1], out.dtype.numpy)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The number."""
        return Call("id", (broadcast_ref(1, inputs[1].shape, index),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Any shape."""
        yield Sample((rng.normal(size=random_shape(rng)), np.array(rng.normal())))


@register
class Copy(Op):
    """y = v, in the shape and dtype of x."""

    name = "copy"
    torch_name = "CopyBackwards"
    inputs = ("x", "v")
    formula = r"y = v"
    derivatives = (r"\dfrac{\partial y}{\partial x} = 0", r"\dfrac{\partial y}{\partial v} = 1")
    says: ClassVar = {
        "en": "Takes over the values of another tensor; what was there before gets no gradient.",
        "zh": "取用另一个张量的值；原来的值得不到梯度。",
    }
    vjps = (lambda g, y, x, v: apply("zeros_like", (x,)), lambda g, y, x, v: g)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """Shape and dtype of x, to which v must broadcast."""
        x, v = inputs
        if len(v.shape) > len(x.shape) or broadcast_shapes("copy_", x.shape, v.shape) != x.shape:
            raise ShapeError(f"copy_: a tensor of shape {v.shape} cannot be broadcast to {x.shape}")
        return Spec(x.shape, x.dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Broadcast and convert."""
        y = np.empty_like(inputs[0])
        y[...] = inputs[1]
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element that takes this place."""
        return Call("id", (broadcast_ref(1, inputs[1].shape, index),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Equal shapes, and one that broadcasts."""
        shape = random_shape(rng, 1)
        yield Sample((rng.normal(size=shape), rng.normal(size=shape)))
        yield Sample((rng.normal(size=shape), rng.normal(size=shape[1:])))


@public("method")
def fill_(self: Tensor, value: Any) -> Tensor:
    """Every element becomes `value`."""
    check_in_place(self, "fill_")
    return self._assign(apply("fill", (self, as_tensor_operand(value))), "fill_")


@public("method")
def zero_(self: Tensor) -> Tensor:
    """Every element becomes 0."""
    check_in_place(self, "zero_")
    if state.recorder is not None and state.recorder.is_gradient(self):
        with phase(Phase.ZERO_GRAD):
            return self._assign(apply("zero_grad", (self,)), "zero_")
    return self._assign(apply("fill", (self, as_tensor_operand(0))), "zero_")


@public("method")
def copy_(self: Tensor, src: Tensor, non_blocking: bool = False) -> Tensor:
    """Take over the elements of `src`, converted to this dtype and broadcast to this shape."""
    check_in_place(self, "copy_")
    return self._assign(apply("copy", (self, src)), "copy_")


@public("method")
def detach_(self: Tensor) -> Tensor:
    """Cut this tensor off from its graph: it becomes a leaf that does not require a gradient.

    Errors: RuntimeError for a view, whose graph is that of the tensor that it shows a part of.
    """
    if is_view(self):
        raise GradError("Can't detach views in-place. Use detach() instead.")
    node = apply("detach", (self,))._node
    self._requires_grad = False
    self._node = node
    self._tape = None
    return self
