"""Functions made of softmax, sigmoid and tanh: softmin, gumbel_softmax, glu, softsign, tanhshrink."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..composite import composite
from ..dtypes import DType, float64
from ..element import Expr, Index
from ..errors import DTypeError, ShapeError
from ..op import Op, Sample, Spec, random_shape, register
from ..random import next_seed
from ..tensor import Tensor, apply
from ..warn import warn
from .filling import arange
from .softmax import implied_dim, softmax


@public("F")
@composite(
    "softmin",
    formula=r"y_i = \dfrac{e^{-x_i}}{\sum_j e^{-x_j}}",
    derivative=r"\dfrac{\partial y_i}{\partial x_j} = -y_i\,(\delta_{ij} - y_j)",
    en="A softmax of the numbers with their signs changed: the smallest gets the largest probability.",
    zh="对取负后的数做 softmax：最小的数得到最大的概率。",
)
def softmin(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None
) -> Tensor:
    """exp(−xᵢ) / Σⱼ exp(−xⱼ) along `dim`."""
    return softmax(-input, implied_dim("softmin", input.ndim) if dim is None else dim, dtype)


@public("F")
@composite(
    "softsign",
    formula=r"y = \dfrac{x}{1 + |x|}",
    derivative=r"\dfrac{\partial y}{\partial x} = \dfrac{1}{(1 + |x|)^2}",
    en="Squashes every number into −1 … 1, more slowly than tanh.",
    zh="把每个数压缩到 −1 到 1 之间，比 tanh 变化更缓。",
)
def softsign(input: Tensor) -> Tensor:
    """x / (1 + |x|)."""
    return input / (input.abs() + 1)


@public("F")
@composite(
    "tanhshrink",
    formula=r"y = x - \tanh x",
    derivative=r"\dfrac{\partial y}{\partial x} = \tanh^2 x",
    en="What tanh takes away from a number.",
    zh="一个数减去其 tanh 所余下的部分。",
)
def tanhshrink(input: Tensor) -> Tensor:
    """x − tanh x."""
    return input - input.tanh()


@public("F")
@composite(
    "glu",
    formula=r"y = a\,\sigma(b),\quad x = [a, b]",
    derivative=r"\dfrac{\partial y}{\partial a} = \sigma(b),\quad"
    r" \dfrac{\partial y}{\partial b} = a\,\sigma(b)\,(1 - \sigma(b))",
    en="Cuts the tensor in two: the sigmoid of the second half is the gate of the first.",
    zh="把张量分成两半：后一半的 sigmoid 是前一半的门。",
)
def glu(input: Tensor, dim: int = -1) -> Tensor:
    """a · σ(b), where a and b are the halves of the input along `dim`."""
    if not input.ndim:
        raise ShapeError("glu does not support scalars because halving size must be even")
    if not input.dtype.is_floating_point:
        raise DTypeError(f"glu takes floating point, not {input.dtype.name}")
    size = input.shape[dim]
    if size % 2:
        raise ShapeError(f"Halving dimension must be even, but dimension {dim % input.ndim} is size {size}")
    before = (slice(None),) * (dim % input.ndim)
    return input[(*before, slice(0, size // 2))] * input[(*before, slice(size // 2, size))].sigmoid()


@register
class GumbelNoise(Op):
    """Random numbers from Gumbel's distribution, −log(−log u)."""

    name = "gumbel_noise"
    formula = r"n_i = -\log(-\log u_i),\quad u_i\;\mathrm{uniform\ in}\; (0, 1)"
    derivatives = ("",)
    says: ClassVar = {
        "en": "Random numbers: the largest of scores plus these is a draw from the scores' softmax.",
        "zh": "随机数：得分加上它们后取最大者，就相当于按得分的 softmax 抽样。",
    }
    vjps = (None,)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's shape and dtype, which must be floating point."""
        if not inputs[0].dtype.is_floating_point:
            raise DTypeError(f"gumbel_softmax takes floating point, not {inputs[0].dtype.name}")
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Draw from a generator of the seed's."""
        drawn = np.random.default_rng(attrs["seed"]).standard_exponential(out.shape)
        return np.asarray(-np.log(drawn)).astype(out.dtype.numpy)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """What was drawn."""
        return float(self.kernel(Spec(inputs[0].shape, float64), *inputs, **attrs)[index])

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Any shape."""
        yield Sample((rng.normal(size=random_shape(rng)),), {"seed": int(rng.integers(2**31))})


@public("F")
@composite(
    "gumbel_softmax",
    formula=r"y = \mathrm{softmax}\left(\dfrac{x + n}{\tau}\right),\quad n = -\log(-\log u)",
    derivative=r"\dfrac{\partial y_i}{\partial x_j} = \dfrac{1}{\tau}\,y_i\,(\delta_{ij} - y_j)",
    en="A soft draw from the softmax of the scores, through which gradients can flow.",
    zh="按得分的 softmax 做一次“软”抽样，梯度可以通过。",
)
def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """softmax((x + Gumbel noise) / τ); with `hard` the value is one-hot and the gradient that of the soft.

    Source: E. Jang, S. Gu, B. Poole, "Categorical Reparameterization with Gumbel-Softmax", ICLR 2017.
    """
    if eps != 1e-10:
        warn("`eps` parameter is deprecated and has no effect.")
    noise = apply("gumbel_noise", (logits,), {"seed": next_seed()})
    soft = softmax((logits + noise) / tau, dim)
    if not hard:
        return soft
    winner = soft.detach().argmax(dim, keepdim=True)
    size = logits.shape[dim] if logits.ndim else 1
    places = _numbers(size, logits.ndim, dim)
    one_hot = (places == winner).to(soft.dtype)
    return one_hot - soft.detach() + soft


def _numbers(size: int, ndim: int, dim: int) -> Tensor:
    """0 … size − 1 along a dimension."""
    shape = [1] * ndim
    if ndim:
        shape[dim] = size
    return arange(size).reshape(shape)
