"""Average pooling to a given output size."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..dtypes import DType
from ..element import Call, Expr, Index, Ref
from ..jit import dense
from ..kernels import pooling as kernels
from ..op import Op, Sample, Spec, register
from ..tensor import apply
from .windows import check_planes, floating, working_dtype


def span(at: int, count: int, size: int) -> range:
    """The places of part `at` when `size` places are split into `count` parts, which overlap if they must."""
    return range(at * size // count, -(-(at + 1) * size // count))


def _planes(x: np.ndarray) -> np.ndarray:
    return dense(x).reshape(x.shape[0] * x.shape[1], *x.shape[2:])


@register
class AdaptiveAvgPool2d(Op):
    """The mean over each of H' × W' parts of the plane."""

    name = "adaptive_avg_pool2d"
    formula = r"y_{n,c,r,q} = \dfrac{1}{|W|}\sum_{(u,v)\,\in\,W_{r,q}} x_{n,c,u,v}"
    derivatives = (
        r"\dfrac{\partial y_{n,c,r,q}}{\partial x_{n,c,u,v}} = \dfrac{1}{|W|},\quad (u,v)\in W_{r,q}",
    )
    says: ClassVar = {
        "en": "Splits each plane into as many parts as the output has numbers and takes the mean of each.",
        "zh": "按输出大小把每个平面分成若干部分，取各部分的平均值。",
    }
    vjps = (
        lambda g, y, x, output_size: apply("adaptive_avg_pool2d_backward", (g,), {"shape": tuple(x.shape)}),
    )

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """float32 or float64."""
        return working_dtype(*inputs)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """(N, C, *output_size)."""
        check_planes(self.name, inputs[0].shape)
        return Spec((*inputs[0].shape[:2], *attrs["output_size"]), floating(self.name, *inputs))

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Plane by plane."""
        y = np.empty(out.shape, inputs[0].dtype)
        kernels.adaptive_avg_pool2d(_planes(inputs[0]), _planes(y))
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The mean of the part."""
        sizes = inputs[0].shape
        rows, columns = (span(index[2 + k], attrs["output_size"][k], sizes[2 + k]) for k in (0, 1))
        terms = tuple(Ref(0, (*index[:2], u, v)) for u in rows for v in columns)
        return Call("div", (Call("add", terms), float(len(terms))))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """To one number, to parts of equal and of different sizes, and to more parts than places."""
        for size in ((1, 1), (2, 3), (int(rng.integers(1, 5)), int(rng.integers(1, 5))), (5, 7)):
            yield Sample((rng.normal(size=(2, int(rng.integers(1, 3)), 4, 6)),), {"output_size": size})


@register
class AdaptiveAvgPool2dBackward(Op):
    """dL/dx of adaptive_avg_pool2d."""

    name = "adaptive_avg_pool2d_backward"
    inputs = ("g",)
    formula = (
        r"\dfrac{\partial L}{\partial x_{n,c,u,v}} = \sum_{r,q:\,(u,v)\,\in\,W_{r,q}}"
        r" \dfrac{g_{n,c,r,q}}{|W_{r,q}|}"
    )
    derivatives = (r"\dfrac{\partial\,\mathrm{d}x_{n,c,u,v}}{\partial g_{n,c,r,q}} = \dfrac{1}{|W_{r,q}|}",)
    says: ClassVar = {
        "en": "Gives every number in a part an equal share of the part's upstream gradient.",
        "zh": "把每一部分的上游梯度平均分给其中的每个数。",
    }
    vjps = (
        lambda u, dx, g, shape: apply("adaptive_avg_pool2d", (u,), {"output_size": (g.shape[2], g.shape[3])}),
    )

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """float32 or float64."""
        return working_dtype(*inputs)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape of x, which is an attribute."""
        return Spec(tuple(attrs["shape"]), floating(self.name, *inputs))

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Plane by plane."""
        dx = np.zeros(out.shape, inputs[0].dtype)
        kernels.adaptive_avg_pool2d_backward(_planes(inputs[0]), _planes(dx))
        return dx

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """A share of each part that the place lies in."""
        g, sizes = inputs[0], attrs["shape"]
        spans = [[span(at, g.shape[2 + k], sizes[2 + k]) for at in range(g.shape[2 + k])] for k in (0, 1)]
        rows, columns = ([at for at, part in enumerate(spans[k]) if index[2 + k] in part] for k in (0, 1))
        shares = (
            Call("div", (Ref(0, (*index[:2], r, q)), float(len(spans[0][r]) * len(spans[1][q]))))
            for r in rows
            for q in columns
        )
        return Call("add", tuple(shares))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """adaptive_avg_pool2d's, from the other side."""
        for sample in AdaptiveAvgPool2d().samples(rng):
            x = sample.inputs[0].shape
            yield Sample((rng.normal(size=(*x[:2], *sample.attrs["output_size"])),), {"shape": x})
