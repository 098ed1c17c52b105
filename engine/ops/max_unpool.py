"""The inverse of max-pooling: numbers go back to the places that they came from, zeros elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..composite import composite
from ..dtypes import int64
from ..element import Call, Expr, Index, Ref
from ..errors import ArgumentError, DTypeError, ShapeError
from ..op import Op, Sample, Spec, register
from ..tensor import Tensor, apply
from .windows import pool_input, sizes

Sizes = int | Sequence[int]


@register
class MaxUnpool2d(Op):
    """y[k] = x, 0 where no index points; of several for one place the last stays."""

    name = "max_unpool2d"
    inputs = ("x", "k")
    formula = r"y_{n,c}[k_{n,c,r,q}] = x_{n,c,r,q},\;\mathrm{else}\; 0"
    derivatives = (r"\dfrac{\partial y_{n,c}[k_{n,c,r,q}]}{\partial x_{n,c,r,q}} = 1", "")
    says: ClassVar = {
        "en": "Puts each number back to the place that its index names; all other places get 0.",
        "zh": "把每个数放回其索引所指的位置；其余位置为 0。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x, k, shape: apply("max_pool2d", (g, k)), None)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape of what was pooled, which is an attribute."""
        return Spec(tuple(attrs["shape"]), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Put into each flattened plane."""
        x, k = inputs
        area = out.shape[2] * out.shape[3]
        if k.size and not 0 <= k.min() <= k.max() < area:
            bad = int(k.max()) if k.max() >= area else int(k.min())
            raise ShapeError(f"max_unpool2d: index {bad} lies outside of planes {out.shape[2:]}")
        y = np.zeros((*out.shape[:2], area), x.dtype)
        flat = (*x.shape[:2], x.shape[2] * x.shape[3])
        np.put_along_axis(y, k.reshape(flat), x.reshape(flat), 2)
        return y.reshape(out.shape)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The number that was put here last, or 0."""
        hits = np.argwhere(inputs[1][index[:2]] == index[2] * attrs["shape"][3] + index[3])
        if not len(hits):
            return 0.0
        return Call("id", (Ref(0, (*index[:2], *(int(i) for i in hits[-1]))),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Places of which each is used once."""
        for size in ((2, 2), (1, 3)):
            x = rng.normal(size=(2, 1, *size))
            k = np.stack([rng.permutation(12)[: x[0].size].reshape(x.shape[1:]) for _ in range(2)])
            yield Sample((x, k), {"shape": (2, 1, 3, 4)})


def _unpool(
    name: str,
    input: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    output_size: Sequence[int] | None,
) -> Tensor:
    count = int(name[-2])
    kernel = sizes(kernel_size, count, f"{name}: kernel_size", 1)
    steps = kernel if stride is None else sizes(stride, count, f"{name}: stride", 1)
    zeros = sizes(padding, count, f"{name}: padding")
    x = pool_input(name, input, count)
    if indices.dtype is not int64:
        raise DTypeError(f"{name}: indices must be int64, not {indices.dtype.name}")
    if indices.shape != input.shape:
        raise ShapeError(
            f"{name}: indices {tuple(indices.shape)} must have the shape of the input {tuple(input.shape)}"
        )
    usual = [(n - 1) * s + f - 2 * p for n, s, f, p in zip(x.shape[2:], steps, kernel, zeros, strict=True)]
    wanted = usual if output_size is None else [int(size) for size in output_size][-count:]
    if output_size is not None and len(output_size) not in (count, count + 2):
        raise ArgumentError(
            f"{name}: output_size must have {count} or {count + 2} numbers, not {output_size}"
        )
    for k in range(count):
        if output_size is not None and not usual[k] - steps[k] < wanted[k] < usual[k] + steps[k]:
            raise ArgumentError(
                f'invalid output_size "{tuple(wanted)}" (dim {k} must be between {usual[k] - steps[k]} and '
                f"{usual[k] + steps[k]})"
            )
    k_ = indices.reshape(x.shape)
    if count == 1:
        x, k_, wanted = x.unsqueeze(2), k_.unsqueeze(2), [1, *wanted]
    result = apply("max_unpool2d", (x, k_), {"shape": (*x.shape[:2], *wanted)})
    result = result.squeeze(2) if count == 1 else result
    return result if input.ndim == count + 2 else result.squeeze(0)


@public("F")
@composite(
    "max_unpool1d",
    formula=r"y_{n,c}[k_{n,c,r}] = x_{n,c,r},\;\mathrm{else}\; 0",
    derivative=r"\dfrac{\partial y_{n,c}[k_{n,c,r}]}{\partial x_{n,c,r}} = 1",
    en="Puts each number of the lines back to the place that its index names; all other places get 0.",
    zh="把线上每个数放回其索引所指的位置；其余位置为 0。",
)
def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Put the results of max_pool1d back to their places in lines, with zeros elsewhere."""
    return _unpool("max_unpool1d", input, indices, kernel_size, stride, padding, output_size)


@public("F")
def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Put the results of max_pool2d back to their places in planes, with zeros elsewhere."""
    return _unpool("max_unpool2d", input, indices, kernel_size, stride, padding, output_size)
