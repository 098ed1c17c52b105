"""Average pooling."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..dtypes import DType, float64, int64
from ..element import Call, Expr, Index, Ref
from ..errors import DTypeError
from ..jit import dense
from ..kernels import pooling as kernels
from ..op import Op, Sample, Spec, register
from ..tensor import apply
from .windows import check_output, check_planes, floating, window_count, working_dtype

Span = tuple[int, int]


class _AveragePool(Op):
    """What the two have in common: planes of floating point, windows that are products of two spans."""

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """float32 or float64."""
        return working_dtype(*inputs)


def _planes(x: np.ndarray) -> np.ndarray:
    """(N, C, H, W) as dense (N · C, H, W)."""
    return dense(x).reshape(x.shape[0] * x.shape[1], *x.shape[2:])


def _span(at: int, size: int, k: int, attrs: dict[str, Any]) -> Span:
    """First and last place + 1 of window `at` within the input."""
    start = at * attrs["stride"][k] - attrs["padding"][k]
    return max(start, 0), min(start + attrs["kernel_size"][k], size)


def _divisor(index: Index, sizes: tuple[int, ...], attrs: dict[str, Any]) -> int:
    """What the sum of a window is divided by: its places, with or without those in the padding."""
    if attrs["divisor_override"]:
        return int(attrs["divisor_override"])
    count = 1
    for k in (0, 1):
        if attrs["count_include_pad"]:
            pad = attrs["padding"][k]
            start = index[2 + k] * attrs["stride"][k] - pad
            count *= min(start + attrs["kernel_size"][k], sizes[2 + k] + pad) - start
        else:
            first, last = _span(index[2 + k], sizes[2 + k], k, attrs)
            count *= last - first
    return count


def divisors(shape: tuple[int, ...], sizes: tuple[int, ...], attrs: dict[str, Any]) -> np.ndarray:
    """The divisor of each output of a plane."""
    table = [[_divisor((0, 0, r, q), sizes, attrs) for q in range(shape[3])] for r in range(shape[2])]
    return np.array(table).reshape(shape[2:])


def _geometry(attrs: dict[str, Any]) -> tuple[int, ...]:
    return (*attrs["kernel_size"], *attrs["stride"], *attrs["padding"])


@register
class AvgPool2d(_AveragePool):
    """The mean over each window."""

    name = "avg_pool2d"
    formula = r"y_{n,c,r,q} = \dfrac{1}{|W|}\sum_{(u,v)\,\in\,W_{r,q}} x_{n,c,u,v}"
    derivatives = (
        r"\dfrac{\partial y_{n,c,r,q}}{\partial x_{n,c,u,v}} = \dfrac{1}{|W|},\quad (u,v)\in W_{r,q}",
    )
    says: ClassVar = {
        "en": "Takes the mean under each window; its gradient spreads evenly over the window.",
        "zh": "取每个窗口内的平均值；梯度平均分给窗口内的各位置。",
    }
    vjps = (lambda g, y, x, **attrs: apply("avg_pool2d_backward", (g,), {"shape": tuple(x.shape), **attrs}),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """(N, C, H', W')."""
        x = inputs[0].shape
        check_planes(self.name, x)
        kernel, stride, padding = (attrs[key] for key in ("kernel_size", "stride", "padding"))
        rows, columns = (
            window_count(x[2 + k], kernel[k], stride[k], padding[k], 1, attrs["ceil_mode"]) for k in (0, 1)
        )
        check_output(self.name, x, kernel, rows, columns)
        dtype = inputs[0].dtype
        if not dtype.is_floating_point and dtype is not int64:
            raise DTypeError(f"avg_pool2d takes floating point or int64, not {dtype.name}")
        return Spec((*x[:2], rows, columns), dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Sums, then one division."""
        x = inputs[0]
        y = np.empty(out.shape, x.dtype)
        kernels.sum_pool2d(_planes(x), _planes(y), *_geometry(attrs))
        y /= divisors(out.shape, x.shape, attrs)
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum of the window over the number of places."""
        sizes = inputs[0].shape
        rows, columns = (range(*_span(index[2 + k], sizes[2 + k], k, attrs)) for k in (0, 1))
        terms = tuple(Ref(0, (*index[:2], u, v)) for u in rows for v in columns)
        return Call("div", (Call("add", terms), float(_divisor(index, sizes, attrs))))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Overlapping windows, padding that counts or not, incomplete windows, a divisor of one's own."""
        for number in range(5):
            kernel = int(rng.integers(1, 4)), int(rng.integers(1, 4))
            attrs = {
                "kernel_size": kernel,
                "stride": kernel if number < 2 else (int(rng.integers(1, 4)), int(rng.integers(1, 4))),
                "padding": (0, 0) if number < 2 else (kernel[0] // 2, kernel[1] // 2),
                "ceil_mode": bool(number % 2),
                "count_include_pad": number != 3,
                "divisor_override": 3 if number == 4 else None,
            }
            x = rng.normal(size=(int(rng.integers(1, 3)), 5, 6, 2)).transpose(0, 3, 1, 2)
            yield Sample((x,), attrs)


@register
class AvgPool2dBackward(_AveragePool):
    """dL/dx of avg_pool2d."""

    name = "avg_pool2d_backward"
    inputs = ("g",)
    formula = (
        r"\dfrac{\partial L}{\partial x_{n,c,u,v}} = \sum_{r,q:\,(u,v)\,\in\,W_{r,q}}"
        r" \dfrac{g_{n,c,r,q}}{|W|}"
    )
    derivatives = (r"\dfrac{\partial\,\mathrm{d}x_{n,c,u,v}}{\partial g_{n,c,r,q}} = \dfrac{1}{|W|}",)
    says: ClassVar = {
        "en": "Gives every number in a window an equal share of the window's upstream gradient.",
        "zh": "把窗口的上游梯度平均分给窗口中的每个数。",
    }
    vjps = (lambda u, dx, g, shape, **attrs: apply("avg_pool2d", (u,), attrs),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape of x, which is an attribute."""
        return Spec(tuple(attrs["shape"]), floating(self.name, *inputs))

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """One division, then sums over the windows that a place lies in."""
        g = inputs[0]
        dx = np.zeros(out.shape, g.dtype)
        shares = (g / divisors(g.shape, out.shape, attrs)).astype(g.dtype, copy=False)
        kernels.sum_pool2d_backward(_planes(shares), _planes(dx), *_geometry(attrs))
        return dx

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """A share of each window that the place lies in."""
        g, sizes = inputs[0], attrs["shape"]
        near = []
        for k in (0, 1):
            spans = ((at, _span(at, sizes[2 + k], k, attrs)) for at in range(g.shape[2 + k]))
            near.append([at for at, (first, last) in spans if first <= index[2 + k] < last])
        terms = []
        for r in near[0]:
            for q in near[1]:
                at = (*index[:2], r, q)
                terms.append(Call("div", (Ref(0, at), float(_divisor(at, sizes, attrs)))))
        return Call("add", tuple(terms))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """avg_pool2d's, from the other side."""
        for sample in AvgPool2d().samples(rng):
            x = sample.inputs[0].shape
            shape = AvgPool2d().spec(Spec(x, float64), **sample.attrs).shape
            yield Sample((rng.normal(size=shape),), {"shape": x, **sample.attrs})
