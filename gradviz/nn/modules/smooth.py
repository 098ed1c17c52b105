"""Smooth activations as layers."""

from __future__ import annotations

from gradviz.engine.ops.elu import celu, elu, selu
from gradviz.engine.ops.gates import glu, softsign, tanhshrink
from gradviz.engine.ops.gelu import gelu
from gradviz.engine.ops.softplus import logsigmoid, mish, silu, softplus
from gradviz.engine.tensor import Tensor

from ..module import Module
from .activation import in_place_repr


class Tanh(Module):
    """The hyperbolic tangent."""

    def forward(self, input: Tensor) -> Tensor:
        """tanh(x)."""
        return input.tanh()


class Sigmoid(Module):
    """1 / (1 + exp(−x))."""

    def forward(self, input: Tensor) -> Tensor:
        """σ(x)."""
        return input.sigmoid()


class LogSigmoid(Module):
    """log σ(x)."""

    def forward(self, input: Tensor) -> Tensor:
        """Logarithms of probabilities."""
        return logsigmoid(input)


class Softsign(Module):
    """x / (1 + |x|)."""

    def forward(self, input: Tensor) -> Tensor:
        """Numbers between −1 and 1."""
        return softsign(input)


class Tanhshrink(Module):
    """x − tanh x."""

    def forward(self, input: Tensor) -> Tensor:
        """What tanh takes away."""
        return tanhshrink(input)


class SiLU(Module):
    """x · σ(x), also called swish."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """The number times its sigmoid."""
        return silu(input, self.inplace)

    def extra_repr(self) -> str:
        """Whether it changes its input."""
        return in_place_repr("", self.inplace)


class Mish(Module):
    """x · tanh(softplus(x))."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """The number times the tanh of its softplus."""
        return mish(input, self.inplace)

    def extra_repr(self) -> str:
        """Whether it changes its input."""
        return in_place_repr("", self.inplace)


class SELU(Module):
    """elu with the two numbers of self-normalising networks."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """λ · elu(x, α)."""
        return selu(input, self.inplace)

    def extra_repr(self) -> str:
        """Whether it changes its input."""
        return in_place_repr("", self.inplace)


class ELU(Module):
    """x where it is positive, else α (eˣ − 1)."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """The number, or the exponential."""
        return elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """α."""
        return in_place_repr(f"alpha={self.alpha}", self.inplace)


class CELU(Module):
    """x where it is positive, else α (exp(x / α) − 1)."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """The number, or the exponential."""
        return celu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """α."""
        return in_place_repr(f"alpha={self.alpha}", self.inplace)


class Softplus(Module):
    """log(1 + exp(β x)) / β."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:
        """A smooth relu."""
        return softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The settings."""
        return f"beta={self.beta}, threshold={self.threshold}"


class GLU(Module):
    """a · σ(b) of the halves a and b."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """The first half, as far as the second lets it through."""
        return glu(input, self.dim)

    def extra_repr(self) -> str:
        """The dimension."""
        return f"dim={self.dim}"


class GELU(Module):
    """x · Φ(x), exactly or by a tanh."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """The number times the share of a bell curve below it."""
        return gelu(input, self.approximate)

    def extra_repr(self) -> str:
        """Which of the two."""
        return f"approximate={self.approximate!r}"
