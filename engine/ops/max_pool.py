"""Max-pooling: one op finds the winners, one takes their values; backward goes to the recorded winners."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..dtypes import DType, float64, int64
from ..element import Call, Expr, Index, Ref
from ..errors import DTypeError, ShapeError
from ..jit import dense
from ..kernels import pooling as kernels
from ..op import Op, Sample, Spec, register
from ..tensor import apply
from .windows import check_output, check_planes, under_window, window_count, working_dtype

_KEYS = ("kernel_size", "stride", "padding", "dilation")


@register
class MaxPool2dIndices(Op):
    """Where in its plane the largest element of each window lies."""

    name = "max_pool2d_indices"
    formula = r"k_{n,c,r,q} = \arg\max_{i,j}\; x_{n,c,\,s r+d i-p,\,s q+d j-p}"
    derivatives = ("",)
    says: ClassVar = {
        "en": "Finds the largest number under each window and notes its place, row · width + column.",
        "zh": "找出每个窗口下最大的数，记下它的位置：行 · 宽 + 列。",
    }
    vjps = (None,)

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """float32 or float64."""
        return working_dtype(*inputs)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """(N, C, H', W') of int64."""
        x = inputs[0].shape
        check_planes("max_pool2d", x)
        if inputs[0].dtype.rank == 0:
            raise DTypeError("max_pool2d takes numbers, not bool")
        kernel, stride, padding, dilation = (attrs[key] for key in _KEYS)
        rows, columns = (
            window_count(x[2 + k], kernel[k], stride[k], padding[k], dilation[k], attrs["ceil_mode"])
            for k in (0, 1)
        )
        check_output("max_pool2d", x, kernel, rows, columns)
        return Spec((*x[:2], rows, columns), int64)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Plane by plane."""
        x = inputs[0]
        found = np.empty((x.shape[0] * x.shape[1], *out.shape[2:]), np.int64)
        planes = dense(x).reshape(-1, *x.shape[2:]) if x.size else np.empty((0, 1, 1), x.dtype)
        kernels.max_pool2d_indices(planes, found, *(v for key in _KEYS for v in attrs[key]))
        return found.reshape(out.shape)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The place of the largest: a later one wins only if it is larger."""
        x = inputs[0]
        kernel, stride, padding, dilation = (attrs[key] for key in _KEYS)
        rows, columns = (
            under_window(index[2 + k], x.shape[2 + k], kernel[k], stride[k], padding[k], dilation[k])
            for k in (0, 1)
        )
        over = [v for _, v in columns]
        places = [(u, v) for _, u in rows for v in over]
        terms = [(Ref(0, (*index[:2], u, v)), float(u * x.shape[3] + v)) for u, v in places]
        return Call("argmax", tuple(part for term in terms for part in term))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Overlapping windows, padding, dilation, incomplete windows at the end."""
        for number in range(5):
            kernel = int(rng.integers(1, 4)), int(rng.integers(1, 4))
            attrs = {
                "kernel_size": kernel,
                "stride": kernel if number < 2 else (int(rng.integers(1, 4)), int(rng.integers(1, 4))),
                "padding": (0, 0) if number < 2 else (kernel[0] // 2, kernel[1] // 2),
                "dilation": (1, 1) if number < 3 else (2, 1),
                "ceil_mode": bool(number % 2),
            }
            x = rng.normal(size=(int(rng.integers(1, 3)), 6, 7, 2)).transpose(0, 3, 1, 2)
            yield Sample((x,), attrs, smooth=False)


@register
class MaxPool2d(Op):
    """The values of the winners."""

    name = "max_pool2d"
    torch_name = "MaxPool2DWithIndicesBackward0"
    inputs = ("x", "k")
    formula = r"y_{n,c,r,q} = x_{n,c}[k_{n,c,r,q}] = \max_{i,j}\; x_{n,c,\,s r+d i-p,\,s q+d j-p}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = 1\;\mathrm{for\ the\ winner,\; else}\; 0", "")
    says: ClassVar = {
        "en": "Keeps the largest number of each window; only that winner will get the gradient.",
        "zh": "保留每个窗口中最大的数；只有这个胜者会得到梯度。",
    }
    saves = ("inputs",)
    vjps = (
        lambda g, y, x, k: apply("max_pool2d_backward", (g, k), {"shape": tuple(x.shape)}),
        None,
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The indices' shape and x's dtype."""
        x, k = inputs
        if len(x.shape) != 4 or k.shape[:2] != x.shape[:2]:
            raise ShapeError(f"max_pool2d: indices {k.shape} do not belong to an input {x.shape}")
        return Spec(k.shape, x.dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Take from each flattened plane."""
        x, k = inputs
        planes = x.reshape(x.shape[0] * x.shape[1], x.shape[2] * x.shape[3])
        places = k.reshape(len(planes), k.shape[2] * k.shape[3])
        y: np.ndarray = planes[np.arange(len(planes))[:, None], places]
        if places.size and places.min() < 0:  # dilated windows may miss the input altogether
            y[places < 0] = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
        return y.reshape(out.shape)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The winner."""
        if inputs[1][index] < 0:
            return -np.inf
        place = divmod(int(inputs[1][index]), inputs[0].shape[3])
        return Call("id", (Ref(0, (*index[:2], *place)),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """The winners of the other op's samples."""
        for sample in MaxPool2dIndices().samples(rng):
            yield Sample((sample.inputs[0], _winners(sample)))


@register
class MaxPool2dBackward(Op):
    """dL/dx: each upstream number goes to its winner, and winners of several windows get the sum."""

    name = "max_pool2d_backward"
    torch_name = "MaxPool2DWithIndicesBackwardBackward0"
    inputs = ("g", "k")
    formula = r"\dfrac{\partial L}{\partial x_{n,c,u,v}} = \sum_{r,q:\; k_{n,c,r,q} = (u,v)} g_{n,c,r,q}"
    derivatives = (r"1\;\mathrm{where\ the\ index\ points,\; else}\; 0", "")
    says: ClassVar = {
        "en": "Routes each upstream gradient to the number that won its window; all others get 0.",
        "zh": "把每个上游梯度送给赢得其窗口的数；其余为 0。",
    }
    saves = ("inputs",)
    vjps = (lambda u, dx, g, k, shape: apply("max_pool2d", (u, k)), None)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape of x, which is an attribute."""
        return Spec(tuple(attrs["shape"]), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Scatter and add, plane by plane."""
        g, k = inputs
        if g.dtype == np.float16:
            g = g.astype(np.float32)
        if k.size and k.min() < 0:
            g, k = np.where(k < 0, g.dtype.type(0), g), np.maximum(k, 0)
        dx = np.zeros(out.shape, g.dtype)
        planes, inner = out.shape[0] * out.shape[1], out.shape[2] * out.shape[3]
        windows = k.shape[2] * k.shape[3]
        kernels.scatter_add(
            dense(g).reshape(planes, windows),
            dense(k).reshape(planes, windows),
            dx.reshape(planes, inner),
        )
        return dx

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum over the windows that it won."""
        k = inputs[1][index[:2]]
        won = np.argwhere(k == index[2] * attrs["shape"][3] + index[3])
        return Call("add", tuple(Ref(0, (*index[:2], int(r), int(q))) for r, q in won))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """The winners of the other op's samples."""
        for sample in MaxPool2dIndices().samples(rng):
            k = _winners(sample)
            yield Sample((rng.normal(size=k.shape), k), {"shape": sample.inputs[0].shape})


def _winners(sample: Sample) -> np.ndarray:
    op, x = MaxPool2dIndices(), sample.inputs[0]
    return op.kernel(op.spec(_spec(x), **sample.attrs), x, **sample.attrs)


def _spec(x: np.ndarray) -> Spec:
    return Spec(x.shape, float64)
