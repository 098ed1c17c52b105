"""Two-dimensional convolution and its two gradients: three bilinear ops, each one's vjps the other two."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..dtypes import DType, float64, int8, int16, int32, int64, uint8
from ..element import Call, Expr, Index, Ref
from ..errors import ShapeError
from ..jit import dense
from ..kernels import convolution as kernels
from ..op import Op, Sample, Spec, register
from ..tensor import apply
from .windows import (
    check_output,
    check_planes,
    floating,
    over_place,
    under_window,
    window_count,
    working_dtype,
)

_TAP = r"x_{n,c,\,s r+d i-p,\,s q+d j-p}"


def _geometry(
    weight: tuple[int, ...], stride: Any, padding: Any, dilation: Any, groups: int
) -> tuple[int, ...]:
    return (*weight[2:], *stride, *padding, *dilation)


def _grouped(weight: np.ndarray, groups: int) -> np.ndarray:
    """(O, C / groups, F, F) as one matrix for each group."""
    return dense(weight).reshape(groups, weight.shape[0] // groups, -1)


class _Convolution(Op):
    """What the three have in common: attributes stride, padding, dilation (pairs) and groups."""

    saves = ("inputs",)

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """float32 or float64."""
        return working_dtype(*inputs)


@register
class Conv2d(_Convolution):
    """y = conv(x, w) + b."""

    name = "conv2d"
    torch_name = "ConvolutionBackward0"
    inputs = ("x", "w", "*b")
    formula = rf"y_{{n,o,r,q}} = b_o + \sum_{{c,i,j}} w_{{o,c,i,j}}\, {_TAP}"
    derivatives = (
        r"\dfrac{\partial y_{n,o,r,q}}{\partial x_{n,c,u,v}} = w_{o,c,i,j},"
        r"\quad u = s r+d i-p,\; v = s q+d j-p",
        rf"\dfrac{{\partial y_{{n,o,r,q}}}}{{\partial w_{{o,c,i,j}}}} = {_TAP}",
        r"\dfrac{\partial y_{n,o,r,q}}{\partial b_o} = 1",
    )
    says: ClassVar = {
        "en": (
            "Slides each kernel over the image; every output is the sum of the products under the "
            "kernel, plus a bias."
        ),
        "zh": "每个卷积核在图像上滑动；每个输出是核下各乘积之和再加偏置。",
    }
    vjps = (
        lambda g, y, x, w, *b, **attrs: apply(
            "conv2d_input_grad", (g, w), {"shape": tuple(x.shape), **attrs}
        ),
        lambda g, y, x, w, *b, **attrs: apply(
            "conv2d_weight_grad", (g, x), {"shape": tuple(w.shape), **attrs}
        ),
        lambda g, y, x, w, b, **attrs: g.sum((0, 2, 3)),
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """(N, O, H', W') with H' = ⌊(H + 2P − D(F − 1) − 1) / S⌋ + 1."""
        x, w = inputs[0].shape, inputs[1].shape
        groups = attrs["groups"]
        check_planes(self.name, x)
        if len(w) != 4 or 0 in w:
            raise ShapeError(f"conv2d: weight must have shape (O, C / groups, F, F), not {w}")
        if x[1] != w[1] * groups:
            grouped = f" × {groups} groups" if groups > 1 else ""
            raise ShapeError(f"conv2d: input {x} has {x[1]} channels, but weight {w} takes {w[1]}{grouped}")
        if w[0] % groups:
            raise ShapeError(
                f"conv2d: the {w[0]} output channels of weight {w} do not split into {groups} groups"
            )
        if len(inputs) > 2 and inputs[2].shape != (w[0],):
            raise ShapeError(f"conv2d: bias must have shape ({w[0]},) for weight {w}, not {inputs[2].shape}")
        dtype = floating(self.name, *inputs, whole=(uint8, int8, int16, int32, int64))
        rows, columns = (
            window_count(x[2 + k], w[2 + k], attrs["stride"][k], attrs["padding"][k], attrs["dilation"][k])
            for k in (0, 1)
        )
        check_output(self.name, x, (w[2], w[3]), rows, columns)
        return Spec((x[0], w[0], rows, columns), dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """One matrix product for each sample and group."""
        x, w = inputs[:2]
        y = np.empty(out.shape, x.dtype)
        kernels.conv2d(dense(x), _grouped(w, attrs["groups"]), y, *_geometry(w.shape, **attrs))
        if len(inputs) > 2:
            y += inputs[2][:, None, None]
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The products under the kernel, and the bias."""
        x, w = inputs[:2]
        n, o = index[:2]
        first = o // (w.shape[0] // attrs["groups"]) * w.shape[1]
        rows, columns = (list(_taps(index[2 + k], x.shape, w.shape, k, attrs)) for k in (0, 1))
        terms: list[Expr] = [
            Call("mul", (Ref(1, (o, c, i, j)), Ref(0, (n, first + c, u, v))))
            for c in range(w.shape[1])
            for i, u in rows
            for j, v in columns
        ]
        return Call("add", (*terms, *(Ref(2, (o,)) for _ in inputs[2:])))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Strides, padding, dilation, groups, with and without a bias."""
        for number in range(5):
            groups = int(rng.integers(1, 3)) if number else 1
            inside, outside = int(rng.integers(1, 3)), groups * int(rng.integers(1, 3))
            size = [int(v) for v in rng.integers(1, 4, 2)]
            attrs = _random_attrs(rng, groups) if number else _attrs()
            image = [attrs["dilation"][k] * (size[k] - 1) + int(rng.integers(1, 4)) for k in (0, 1)]
            x = rng.normal(size=(int(rng.integers(1, 3)), *image, inside * groups)).transpose(0, 3, 1, 2)
            w = rng.normal(size=(outside, inside, *size))
            yield Sample((x, w, rng.normal(size=outside)) if number % 2 else (x, w), attrs)


@register
class Conv2dInputGrad(_Convolution):
    """dL/dx of y = conv(x, w): each upstream number, times the kernel, goes back to its patch."""

    name = "conv2d_input_grad"
    inputs = ("g", "w")
    formula = (
        r"\dfrac{\partial L}{\partial x_{n,c,u,v}} = \sum_{o,i,j} w_{o,c,i,j}\, g_{n,o,r,q},"
        r"\quad u = s r+d i-p,\; v = s q+d j-p"
    )
    derivatives = (
        r"\dfrac{\partial\, \mathrm{d}x_{n,c,u,v}}{\partial g_{n,o,r,q}} = w_{o,c,i,j}",
        r"\dfrac{\partial\, \mathrm{d}x_{n,c,u,v}}{\partial w_{o,c,i,j}} = g_{n,o,r,q}",
    )
    says: ClassVar = {
        "en": (
            "Sends each upstream gradient back through the kernel: a pixel gets one product for every "
            "window that it lay under."
        ),
        "zh": "把上游梯度经卷积核送回：像素从覆盖它的每个窗口各得到一个乘积。",
    }
    vjps = (
        lambda u, dx, g, w, shape, **attrs: apply("conv2d", (u, w), attrs),
        lambda u, dx, g, w, shape, **attrs: apply(
            "conv2d_weight_grad", (g, u), {"shape": tuple(w.shape), **attrs}
        ),
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape of x, which is an attribute."""
        return Spec(tuple(attrs["shape"]), floating(self.name, *inputs, whole=(int64,)))

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """One matrix product for each sample and group, then sums over overlapping patches."""
        g, w = inputs
        dx = np.empty(attrs.pop("shape"), g.dtype)
        kernels.conv2d_input_grad(dense(g), _grouped(w, attrs["groups"]), dx, *_geometry(w.shape, **attrs))
        return dx

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """One product for each window that covered the pixel, and each kernel of its group."""
        g, w = inputs
        n, c = index[:2]
        out_channels = w.shape[0] // attrs["groups"]
        group, inside = divmod(c, w.shape[1])
        rows, columns = (
            list(
                over_place(
                    index[2 + k],
                    g.shape[2 + k],
                    w.shape[2 + k],
                    *(attrs[a][k] for a in ("stride", "padding", "dilation")),
                )
            )
            for k in (0, 1)
        )
        return Call(
            "add",
            tuple(
                Call("mul", (Ref(1, (o, inside, i, j)), Ref(0, (n, o, r, q))))
                for o in range(group * out_channels, (group + 1) * out_channels)
                for i, r in rows
                for j, q in columns
            ),
        )

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """conv2d's, from the other side."""
        for sample in Conv2d().samples(rng):
            x, w = sample.inputs[:2]
            shape = Conv2d().spec(_spec(x), _spec(w), **sample.attrs).shape
            yield Sample((rng.normal(size=shape), w), {"shape": x.shape, **sample.attrs})


@register
class Conv2dWeightGrad(_Convolution):
    """dL/dw of y = conv(x, w): what each weight was multiplied with, times the upstream gradient, summed."""

    name = "conv2d_weight_grad"
    inputs = ("g", "x")
    formula = rf"\dfrac{{\partial L}}{{\partial w_{{o,c,i,j}}}} = \sum_{{n,r,q}} g_{{n,o,r,q}}\, {_TAP}"
    derivatives = (
        rf"\dfrac{{\partial\, \mathrm{{d}}w_{{o,c,i,j}}}}{{\partial g_{{n,o,r,q}}}} = {_TAP}",
        r"\dfrac{\partial\, \mathrm{d}w_{o,c,i,j}}{\partial x_{n,c,u,v}} = g_{n,o,r,q},"
        r"\quad u = s r+d i-p,\; v = s q+d j-p",
    )
    says: ClassVar = {
        "en": (
            "Each weight is used at every position, so its gradient sums upstream gradient times input "
            "over all positions."
        ),
        "zh": "每个权重在所有位置上使用，所以它的梯度是各位置上游梯度与输入乘积之和。",
    }
    vjps = (
        lambda v, dw, g, x, shape, **attrs: apply("conv2d", (x, v), attrs),
        lambda v, dw, g, x, shape, **attrs: apply(
            "conv2d_input_grad", (g, v), {"shape": tuple(x.shape), **attrs}
        ),
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape of w, which is an attribute."""
        return Spec(tuple(attrs["shape"]), floating(self.name, *inputs))

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The sum of one matrix product for each sample and group."""
        g, x = inputs
        shape = attrs.pop("shape")
        dw = np.zeros(shape, g.dtype)
        kernels.conv2d_weight_grad(
            dense(g), dense(x), _grouped(dw, attrs["groups"]), *_geometry(shape, **attrs)
        )
        return dw

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """One product for each sample and position at which the weight met a pixel."""
        g, x = inputs
        shape = attrs["shape"]
        o, c = index[:2]
        channel = o // (shape[0] // attrs["groups"]) * shape[1] + c
        rows, columns = (
            [
                (at, place)
                for at in range(g.shape[2 + k])
                for tap, place in _taps(at, x.shape, shape, k, attrs)
                if tap == index[2 + k]
            ]
            for k in (0, 1)
        )
        return Call(
            "add",
            tuple(
                Call("mul", (Ref(0, (n, o, r, q)), Ref(1, (n, channel, u, v))))
                for n in range(x.shape[0])
                for r, u in rows
                for q, v in columns
            ),
        )

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """conv2d's, from the other side."""
        for sample in Conv2d().samples(rng):
            x, w = sample.inputs[:2]
            shape = Conv2d().spec(_spec(x), _spec(w), **sample.attrs).shape
            yield Sample((rng.normal(size=shape), x), {"shape": w.shape, **sample.attrs})


def _taps(
    at: int, x: tuple[int, ...], w: tuple[int, ...], k: int, attrs: dict[str, Any]
) -> Iterable[tuple[int, int]]:
    """The pairs (tap, place) of window `at` along rows (k = 0) or columns (k = 1)."""
    return under_window(at, x[2 + k], w[2 + k], *(attrs[a][k] for a in ("stride", "padding", "dilation")))


def _attrs(
    stride: Any = (1, 1), padding: Any = (0, 0), dilation: Any = (1, 1), groups: int = 1
) -> dict[str, Any]:
    return {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


def _random_attrs(rng: np.random.Generator, groups: int) -> dict[str, Any]:
    def two(low: int, high: int) -> tuple[int, int]:
        return int(rng.integers(low, high)), int(rng.integers(low, high))

    return _attrs(two(1, 3), two(0, 3), two(1, 3), groups)


def _spec(array: np.ndarray) -> Spec:
    return Spec(array.shape, float64)
