"""Along each line of a tensor: softmax and its logarithm."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import wrap_dim
from ..dtypes import DType
from ..element import Call, Expr, Index, Ref
from ..errors import DTypeError, ShapeError
from ..jit import dense
from ..kernels import softmax as kernels
from ..op import Op, Sample, Spec, random_shape, register
from ..tensor import Tensor, apply
from ..warn import warn
from .windows import working_dtype


class _AlongDim(Op):
    """What the softmaxes have in common: they work on each line of the tensor along `dim`."""

    rows: ClassVar[Callable[..., None]]  # the kernel, over the rows of matrices

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Line by line."""
        if not inputs[0].size:
            return np.empty(out.shape, inputs[0].dtype)
        lines = [_lines(x, attrs["dim"]) for x in inputs]
        result = np.empty_like(lines[0])
        type(self).rows(*lines, result)
        return _unlines(result, out.shape, attrs["dim"])

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape of the inputs, the same for all."""
        for spec in inputs:
            if not spec.dtype.is_floating_point and 0 not in spec.shape:
                raise DTypeError(f"{self.name} takes floating point, not {spec.dtype.name}")
            if spec.shape != inputs[0].shape:
                raise ShapeError(f"{self.name}: shapes {inputs[0].shape} and {spec.shape} differ")
        return Spec(inputs[0].shape, inputs[0].dtype)

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """float32 or float64."""
        return working_dtype(*inputs)

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Each dimension of a random shape, a transposed one, and a single number."""
        shape = random_shape(rng, 1)
        count = len(self.inputs)
        for dim in range(len(shape)):
            yield Sample(tuple(rng.normal(size=shape) for _ in range(count)), {"dim": dim})
        yield Sample(tuple(rng.normal(size=(4, 3)).T for _ in range(count)), {"dim": 1})
        yield Sample(tuple(np.array(rng.normal()) for _ in range(count)), {"dim": 0})


def _lines(x: np.ndarray, dim: int) -> np.ndarray:
    """The lines along `dim` as the rows of a dense matrix."""
    if x.ndim == 2 and dim == 1:  # most often
        return dense(x)
    return dense(np.moveaxis(np.atleast_1d(x), dim, -1)).reshape(-1, x.shape[dim] if x.ndim else 1)


def _unlines(rows: np.ndarray, shape: tuple[int, ...], dim: int) -> np.ndarray:
    """Rows back to a tensor of `shape`."""
    if not shape:
        return rows.reshape(())
    if dim == len(shape) - 1:
        return rows.reshape(shape)
    moved = shape[:dim] + shape[dim + 1 :] + (shape[dim],)
    return np.ascontiguousarray(np.moveaxis(rows.reshape(moved), -1, dim))


def _along(index: Index, shape: tuple[int, ...], dim: int) -> list[Index]:
    """The indices of the line that `index` lies in."""
    return [(*index[:dim], k, *index[dim + 1 :]) for k in range(shape[dim])] if shape else [()]


@register
class Softmax(_AlongDim):
    """yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ)."""

    name = "softmax"
    formula = r"y_i = \dfrac{e^{x_i}}{\sum_j e^{x_j}}"
    derivatives = (r"\dfrac{\partial y_i}{\partial x_j} = y_i\,(\delta_{ij} - y_j)",)
    says: ClassVar = {
        "en": "Turns scores into probabilities: the exponentials, divided by their sum.",
        "zh": "把得分变成概率：各指数除以它们的和。",
    }
    saves = ("output",)
    vjps = (lambda g, y, x, dim: apply("softmax_backward", (g, y), {"dim": dim}),)
    rows = staticmethod(kernels.softmax)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The exponential over the sum of all exponentials of the line, each less the largest score."""
        line = _along(index, inputs[0].shape, attrs["dim"])
        top = float(max(inputs[0][at] for at in line))
        shifted = {at: Call("exp", (Call("sub", (Ref(0, at), top)),)) for at in line}
        return Call("div", (shifted[index], Call("add", tuple(shifted.values()))))


@register
class SoftmaxBackward(_AlongDim):
    """dL/dxᵢ = yᵢ (gᵢ − Σⱼ gⱼ yⱼ)."""

    name = "softmax_backward"
    torch_name = "SoftmaxBackwardDataBackward0"
    inputs = ("g", "y")
    formula = r"\dfrac{\partial L}{\partial x_i} = y_i\,\left(g_i - \sum_j g_j\, y_j\right)"
    derivatives = (
        r"\dfrac{\partial\, \mathrm{d}x_i}{\partial g_j} = y_i\,(\delta_{ij} - y_j)",
        r"\dfrac{\partial\, \mathrm{d}x_i}{\partial y_j} = \delta_{ij}\left(g_i - \sum_k"
        r" g_k\, y_k\right) - y_i\, g_j",
    )
    says: ClassVar = {
        "en": "A score gets its probability times what its upstream gradient exceeds their average by.",
        "zh": "每个得分的梯度是其概率乘以上游梯度与其平均值之差。",
    }
    saves = ("inputs",)
    vjps = (
        lambda u, dx, g, y, dim: apply("softmax_backward", (u, y), {"dim": dim}),
        lambda u, dx, g, y, dim: (
            u * (g - (g * y).sum(dim, keepdim=True)) - g * (u * y).sum(dim, keepdim=True)
        ),
    )
    rows = staticmethod(kernels.softmax_backward)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The probability times the upstream gradient less the weighted average."""
        line = _along(index, inputs[0].shape, attrs["dim"])
        average = Call("add", tuple(Call("mul", (Ref(0, at), Ref(1, at))) for at in line))
        return Call("mul", (Ref(1, index), Call("sub", (Ref(0, index), average))))


@register
class LogSoftmax(_AlongDim):
    """yᵢ = xᵢ − log Σⱼ exp(xⱼ)."""

    name = "log_softmax"
    formula = r"y_i = x_i - \log \sum_j e^{x_j}"
    derivatives = (r"\dfrac{\partial y_i}{\partial x_j} = \delta_{ij} - p_j,\quad p_j = e^{y_j}",)
    says: ClassVar = {
        "en": "The logarithm of softmax, computed in one go so that no probability rounds to 0 first.",
        "zh": "softmax 的对数，一步算出，避免概率先被舍入为 0。",
    }
    saves = ("output",)
    vjps = (lambda g, y, x, dim: apply("log_softmax_backward", (g, y), {"dim": dim}),)
    rows = staticmethod(kernels.log_softmax)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The score, less the largest, less the logarithm of the sum of exponentials."""
        line = _along(index, inputs[0].shape, attrs["dim"])
        top = float(max(inputs[0][at] for at in line))
        total = Call("add", tuple(Call("exp", (Call("sub", (Ref(0, at), top)),)) for at in line))
        return Call("sub", (Call("sub", (Ref(0, index), top)), Call("log", (total,))))


@register
class LogSoftmaxBackward(_AlongDim):
    """dL/dxᵢ = gᵢ − exp(yᵢ) Σⱼ gⱼ."""

    name = "log_softmax_backward"
    torch_name = "LogSoftmaxBackwardDataBackward0"
    inputs = ("g", "y")
    formula = r"\dfrac{\partial L}{\partial x_i} = g_i - p_i \sum_j g_j,\quad p_i = e^{y_i}"
    derivatives = (
        r"\dfrac{\partial\, \mathrm{d}x_i}{\partial g_j} = \delta_{ij} - p_i",
        r"\dfrac{\partial\, \mathrm{d}x_i}{\partial y_i} = -p_i \sum_j g_j",
    )
    says: ClassVar = {
        "en": (
            "After cross-entropy this is probability minus target: p − 1 for the right class, p for "
            "all others."
        ),
        "zh": "在交叉熵之后，它就是概率减目标：正确类别为 p − 1，其余为 p。",
    }
    saves = ("inputs",)
    vjps = (
        lambda u, dx, g, y, dim: u - (u * y.exp()).sum(dim, keepdim=True),
        lambda u, dx, g, y, dim: -(u * y.exp() * g.sum(dim, keepdim=True)),
    )
    rows = staticmethod(kernels.log_softmax_backward)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """g − p · Σ g; with g = −target this is p − target."""
        line = _along(index, inputs[0].shape, attrs["dim"])
        total = Call("add", tuple(Ref(0, at) for at in line))
        return Call("sub", (Ref(0, index), Call("mul", (Call("exp", (Ref(1, index),)), total))))


def implied_dim(name: str, ndim: int) -> int:
    """The dimension that PyTorch takes where none is given, with its warning."""
    warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include "
        f"dim=X as an argument."
    )
    return 0 if ndim in (0, 1, 3) else 1


def _along_dim(name: str, input: Tensor, dim: int, dtype: DType | None) -> Tensor:
    source = input if dtype is None else input.to(dtype)
    return apply(name, (source,), {"dim": wrap_dim(dim, input.ndim)})


@public("torch", "method")
def softmax(input: Tensor, dim: int, dtype: DType | None = None) -> Tensor:
    """exp(xᵢ) / Σⱼ exp(xⱼ) along `dim`."""
    return _along_dim("softmax", input, dim, dtype)


@public("torch", "method")
def log_softmax(input: Tensor, dim: int, dtype: DType | None = None) -> Tensor:
    """log(softmax(x)) along `dim`, without overflow or underflow."""
    return _along_dim("log_softmax", input, dim, dtype)


@public("F", name="softmax")
def softmax_implied(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None
) -> Tensor:
    """exp(xᵢ) / Σⱼ exp(xⱼ) along `dim`."""
    return softmax(input, implied_dim("softmax", input.ndim) if dim is None else dim, dtype)


@public("F", name="log_softmax")
def log_softmax_implied(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None
) -> Tensor:
    """log(softmax(x)) along `dim`, without overflow or underflow."""
    return log_softmax(input, implied_dim("log_softmax", input.ndim) if dim is None else dim, dtype)
