"""Ops that autograd itself emits: sums over broadcast dimensions, casts, the first gradient, accumulation
into .grad."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dtypes import dtype_named
from ..element import Call, Expr, Index, Ref
from ..errors import ShapeError
from ..op import Op, Sample, Spec, random_shape, register
from ..tensor import Tensor, apply


@register
class SumTo(Op):
    """Sum over the dimensions in which an input was broadcast: the gradient of broadcasting."""

    name = "sum_to"
    formula = r"y_{i} = \sum_{j\,\in\,\mathrm{broadcast}(i)} x_{j}"
    derivatives = (r"\dfrac{\partial y_i}{\partial x_j} = 1",)
    says: ClassVar = {
        "en": "Sums the gradient over every place to which broadcasting had copied the value.",
        "zh": "把广播复制到的各处的梯度相加。",
    }
    vjps = (lambda g, y, x, shape: apply("expand", (g,), {"shape": x.shape}),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The given shape, which must broadcast to the input's."""
        shape = tuple(attrs["shape"])
        _check_broadcast(self.name, shape, inputs[0].shape)
        return Spec(shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Sum the extra leading dimensions and those of size 1 in the result."""
        x = inputs[0]
        extra = x.ndim - len(out.shape)
        axes = tuple(range(extra)) + tuple(
            extra + i for i, size in enumerate(out.shape) if size == 1 and x.shape[extra + i] != 1
        )
        return np.asarray(x.sum(axis=axes, dtype=x.dtype)).reshape(out.shape)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum of all elements that the position was broadcast to."""
        x = inputs[0]
        shape = tuple(attrs["shape"])
        extra = x.ndim - len(shape)
        ranges = [range(size) for size in x.shape[:extra]]
        for i, size in enumerate(shape):
            ranges.append(range(x.shape[extra + i]) if size == 1 else range(index[i], index[i] + 1))
        return Call("add", tuple(Ref(0, place) for place in itertools.product(*ranges)))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Shapes that were broadcast by leading dimensions, by ones, and by both."""
        full = random_shape(rng, 1)
        for cut in range(len(full) + 1):
            shape = tuple(1 if rng.random() < 0.5 else size for size in full[cut:])
            yield Sample((rng.normal(size=full),), {"shape": shape})


@register
class ExpandTo(Op):
    """Copy values to a larger shape by broadcasting."""

    name = "expand"
    view = True
    formula = r"y_{j} = x_{i},\quad j \in \mathrm{broadcast}(i)"
    derivatives = (r"\dfrac{\partial y_j}{\partial x_i} = 1",)
    says: ClassVar = {
        "en": "Repeats the tensor along dimensions of size 1; backward sums over the copies.",
        "zh": "沿大小为 1 的维度重复张量；反向时对各副本求和。",
    }
    vjps = (lambda g, y, x, shape: apply("sum_to", (g,), {"shape": x.shape}),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The given shape, to which the input's must broadcast."""
        _check_broadcast(self.name, inputs[0].shape, tuple(attrs["shape"]))
        return Spec(tuple(attrs["shape"]), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """A view without copying."""
        return np.broadcast_to(inputs[0], out.shape)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The one element that was copied here."""
        shape = inputs[0].shape
        place = index[len(index) - len(shape) :]
        return Call(
            "id", (Ref(0, tuple(0 if size == 1 else i for size, i in zip(shape, place, strict=True))),)
        )

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """The reverse of sum_to's."""
        for sample in SumTo().samples(rng):
            yield Sample((rng.normal(size=sample.attrs["shape"]),), {"shape": sample.inputs[0].shape})


def _check_broadcast(name: str, small: tuple[int, ...], large: tuple[int, ...]) -> None:
    fits = len(small) <= len(large) and all(
        a in (1, b) for a, b in zip(reversed(small), reversed(large), strict=False)
    )
    if not fits:
        raise ShapeError(f"{name}: a tensor of shape {small} cannot be broadcast to {large}")


@register
class To(Op):
    """Cast to another dtype."""

    name = "to"
    torch_name = "ToCopyBackward0"
    formula = r"y = x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = 1",)
    says: ClassVar = {
        "en": "Converts the numbers to another dtype; the gradient is converted back.",
        "zh": "把数值转换为另一种 dtype；梯度再转换回来。",
    }
    vjps = (lambda g, y, x, dtype: apply("to", (g,), {"dtype": x.dtype.name}),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The same shape in the given dtype."""
        return Spec(inputs[0].shape, dtype_named(attrs["dtype"]))

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Convert, towards zero from floating point to integers."""
        return inputs[0].astype(out.dtype.numpy)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element itself (in floating point: integers lose their fraction)."""
        return Call("id", (Ref(0, index),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """To the same precision, so that finite differences see no rounding."""
        yield Sample((rng.normal(size=random_shape(rng)),), {"dtype": "float64"})


class Filled(Op):
    """Base of the ops whose result is one number everywhere, in their input's shape and dtype."""

    derivatives = ("",)
    vjps = (None,)
    fill: ClassVar[float]

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's shape and dtype."""
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The number everywhere."""
        return np.full(out.shape, self.fill, out.dtype.numpy)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The number."""
        return self.fill

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Any tensor."""
        yield Sample((rng.normal(size=random_shape(rng)),))


@register
class OnesLike(Filled):
    """The gradient that backward starts from: d loss / d loss = 1."""

    name = "ones_like"
    formula = r"\dfrac{\partial L}{\partial L} = 1"
    says: ClassVar = {
        "en": "Backward starts here: the derivative of the loss with respect to itself is 1.",
        "zh": "反向传播从这里开始：损失对自身的导数是 1。",
    }
    fill = 1.0

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """A scalar, as a loss is, and another shape."""
        yield Sample((np.array(rng.normal()),))
        yield Sample((rng.normal(size=random_shape(rng)),))


@register
class AccumulateGrad(Op):
    """Add a gradient to what `.grad` holds already; without zero_grad, that is the previous iteration's."""

    name = "accumulate_grad"
    inputs = ("*grads",)
    formula = r"w.\mathrm{grad} \leftarrow w.\mathrm{grad} + g"
    derivatives = (r"1", r"1")
    says: ClassVar = {
        "en": "Adds the gradient to .grad, which keeps what was there before unless zero_grad cleared it.",
        "zh": "把梯度加到 .grad 上；若没有 zero_grad 清零，之前的值会保留。",
    }
    vjps = (lambda g, y, *xs: g, lambda g, y, *xs: g)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The gradients' shape, the same for all."""
        if any(spec.shape != inputs[0].shape for spec in inputs):
            raise ShapeError(f"{self.name}: shapes differ: {', '.join(str(spec.shape) for spec in inputs)}")
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The sum, or the gradient itself where there was none before."""
        return inputs[0].copy() if len(inputs) == 1 else np.add(*inputs)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """Old plus new."""
        return Call("add", tuple(Ref(i, index) for i in range(len(inputs))))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """The first gradient, and a second one."""
        shape = random_shape(rng)
        yield Sample((rng.normal(size=shape),))
        yield Sample((rng.normal(size=shape), rng.normal(size=shape)))


@register
class ZeroGrad(Filled):
    """Forget a gradient before the next backward pass."""

    name = "zero_grad"
    inputs = ("grad",)
    formula = r"w.\mathrm{grad} \leftarrow 0"
    says: ClassVar = {
        "en": "Clears .grad, so that the next backward pass does not add to an old gradient.",
        "zh": "清空 .grad，使下一次反向传播不会累加到旧梯度上。",
    }
    fill = 0.0  # PyTorch drops the tensor instead, which counts as zeros


@register
class Detach(Op):
    """The same value, cut off from the graph."""

    name = "detach"
    formula = r"y = x"
    derivatives = ("",)
    says: ClassVar = {
        "en": "Gives the same numbers but lets no gradient through.",
        "zh": "数值相同，但不让梯度通过。",
    }
    vjps = (None,)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's."""
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The very array."""
        return inputs[0]

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element itself."""
        return Call("id", (Ref(0, index),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Any value."""
        yield Sample((rng.normal(size=random_shape(rng)),))


@public("method", "torch")
def detach(input: Tensor) -> Tensor:
    """The same values without a gradient; shares memory with `input`, so in-place changes show in both."""
    return input._alias(apply("detach", (input,))._node)
