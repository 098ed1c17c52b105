"""Putting tensors together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import wrap_dim
from ..dtypes import DType, result_type
from ..element import Call, Expr, Index, Ref
from ..errors import ArgumentError, ShapeError
from ..jit import dense
from ..op import Op, Sample, Spec, random_shape, register
from ..tensor import Tensor, apply
from .indexing import narrow, select


class _Join(Op):
    """Base of cat and stack: any number of inputs, each of which gets its part of the gradient."""

    inputs = ("*xs",)
    derivatives = (r"\dfrac{\partial y}{\partial x_k} = 1",)

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """The promoted dtype of all."""
        return result_type(inputs)

    def differentiable(self, position: int) -> bool:
        """Gradients flow to all inputs."""
        return True


@register
class Cat(_Join):
    """The inputs one after the other along `dim`."""

    name = "cat"
    formula = r"y = [x_1,\, x_2,\, \ldots]"
    says: ClassVar = {
        "en": "Puts tensors one after the other along a dimension; each gets its part of the gradient.",
        "zh": "沿某一维把张量首尾相接；每个张量得到梯度中属于自己的一段。",
    }

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """Sizes add up along `dim` and agree elsewhere."""
        dim, first = attrs["dim"], inputs[0].shape
        for number, spec in enumerate(inputs):
            if not spec.shape:
                raise ShapeError(f"zero-dimensional tensor (at position {number}) cannot be concatenated")
            rest = spec.shape[:dim] + spec.shape[dim + 1 :]
            if len(spec.shape) != len(first) or rest != first[:dim] + first[dim + 1 :]:
                raise ShapeError(
                    "Sizes of tensors must match except in dimension "
                    f"{dim}. Expected {list(first)} but got {list(spec.shape)} for tensor number {number} in "
                    "the list."
                )
        total = sum(spec.shape[dim] for spec in inputs)
        return Spec((*first[:dim], total, *first[dim + 1 :]), result_type(inputs))

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """numpy's concatenate."""
        return dense(np.concatenate(inputs, axis=attrs["dim"]))

    def vjp(self, position: int, g: Tensor, out: Tensor, *inputs: Tensor, **attrs: Any) -> Tensor:
        """The slice of the gradient that belongs to input number `position`."""
        dim = attrs["dim"]
        start = sum(x._node.spec.shape[dim] for x in inputs[:position])
        return narrow(g, dim, start, inputs[position]._node.spec.shape[dim])

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element of the input that this position belongs to."""
        dim, at = attrs["dim"], index[attrs["dim"]]
        for number, x in enumerate(inputs):
            if at < x.shape[dim]:
                return Call("id", (Ref(number, (*index[:dim], at, *index[dim + 1 :])),))
            at -= x.shape[dim]
        raise IndexError(index)

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """One, two and three inputs of different lengths."""
        for count in (1, 2, 3):
            shape = random_shape(rng, 1)
            dim = int(rng.integers(len(shape)))
            shapes = [(*shape[:dim], int(rng.integers(1, 4)), *shape[dim + 1 :]) for _ in range(count)]
            yield Sample(tuple(rng.normal(size=each) for each in shapes), {"dim": dim})


@register
class Stack(_Join):
    """The inputs beside each other along a new dimension."""

    name = "stack"
    formula = r"y_k = x_k"
    says: ClassVar = {
        "en": "Puts tensors beside each other along a new dimension; each gets its part of the gradient.",
        "zh": "沿一个新维度把同形状的张量并排放置；每个张量得到梯度中属于自己的一份。",
    }

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """A new dimension, as long as there are inputs; their shapes must be equal."""
        dim, first = attrs["dim"], inputs[0].shape
        for number, spec in enumerate(inputs):
            if spec.shape != first:
                raise ShapeError(
                    f"stack expects each tensor to be equal size, but got {list(first)} at entry 0 and "
                    f"{list(spec.shape)} at entry {number}"
                )
        return Spec((*first[:dim], len(inputs), *first[dim:]), result_type(inputs))

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """numpy's stack."""
        return dense(np.stack(inputs, axis=attrs["dim"]))

    def vjp(self, position: int, g: Tensor, out: Tensor, *inputs: Tensor, **attrs: Any) -> Tensor:
        """The entry of the gradient that belongs to input number `position`."""
        return select(g, attrs["dim"], position)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element of the input that this entry is."""
        dim = attrs["dim"]
        return Call("id", (Ref(index[dim], index[:dim] + index[dim + 1 :]),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """One to three inputs, at each place."""
        for count in (1, 2, 3):
            shape = random_shape(rng)
            dim = int(rng.integers(len(shape) + 1))
            yield Sample(tuple(rng.normal(size=shape) for _ in range(count)), {"dim": dim})


@public("torch", aliases=("concat", "concatenate"))
def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors one after the other along `dim`; their other sizes must agree."""
    _check_listed("cat", tensors)
    if not tensors:
        raise ArgumentError("cat: expected a non-empty list of Tensors")
    for number, each in enumerate(tensors):
        if not each.ndim:
            raise ShapeError(f"zero-dimensional tensor (at position {number}) cannot be concatenated")
    whole = next((each for each in tensors if each._node.spec.shape != (0,)), tensors[0])
    at = 0 if whole._node.spec.shape == (0,) else wrap_dim(dim, whole.ndim)
    if whole.ndim > 1:  # for old code's sake, an empty vector fits everywhere
        shape = (*whole._node.spec.shape[:at], 0, *whole._node.spec.shape[at + 1 :])
        tensors = [
            apply("reshape", (each,), {"shape": shape}) if each._node.spec.shape == (0,) else each
            for each in tensors
        ]
    return apply("cat", tuple(tensors), {"dim": at})


def _check_listed(name: str, tensors: Any) -> None:
    """TypeError for anything but several tensors."""
    if not isinstance(tensors, (tuple, list)):
        kind = type(tensors).__name__
        raise TypeError(f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not {kind}")
    for number, each in enumerate(tensors):
        if not isinstance(each, Tensor):
            raise TypeError(
                f"expected Tensor as element {number} in argument 0, but got {type(each).__name__}"
            )


@public("torch")
def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors of one shape beside each other along a new dimension `dim`."""
    _check_listed("stack", tensors)
    if not tensors:
        raise ShapeError("stack expects a non-empty TensorList")
    return apply("stack", tuple(tensors), {"dim": wrap_dim(dim, tensors[0].ndim + 1)})
