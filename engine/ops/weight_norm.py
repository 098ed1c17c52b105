"""A weight as a length times a direction.

Source: T. Salimans, D. Kingma, "Weight Normalization", NIPS 2016, equation 2.
"""

from __future__ import annotations

from ..composite import composite
from ..tensor import Tensor


@composite(
    "weight_norm",
    formula=r"w = g\,\dfrac{v}{\|v\|}",
    derivative=r"\dfrac{\partial L}{\partial g} = \dfrac{\partial L}{\partial w} \cdot \dfrac{v}{\|v\|},\quad"
    r"\dfrac{\partial L}{\partial v} = \dfrac{g}{\|v\|} \left(I - \dfrac{v v^\top}{\|v\|^2}\right)"
    r"\dfrac{\partial L}{\partial w}",
    en="Splits a weight into its length g and its direction v, so that each can be learnt alone.",
    zh="把权重分解为长度 g 与方向 v，使二者可以分别学习。",
)
def weight_norm(v: Tensor, g: Tensor, dim: int = 0) -> Tensor:
    """v · g / ‖v‖, with a norm for each entry of dimension `dim`, or one of the whole for −1."""
    return v * (g / norm_except_dim(v, dim))


def norm_except_dim(v: Tensor, dim: int) -> Tensor:
    """The norms over all dimensions but one, which stay with size 1; for −1 the norm of the whole."""
    squares = v * v
    if dim == -1:
        return squares.sum().sqrt()
    others = tuple(each for each in range(v.ndim) if each != dim % v.ndim)
    return (squares.sum(others, keepdim=True) if others else squares).sqrt()
