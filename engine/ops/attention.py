"""Attention: each query takes a mean of the values, weighted by how well it fits their keys.

Source: A. Vaswani et al., "Attention Is All You Need", NIPS 2017, section 3.2.1.
"""

from __future__ import annotations

import math

from ..api import public
from ..composite import composite
from ..dtypes import bool_
from ..errors import ArgumentError, DTypeError, ShapeError
from ..node import constant
from ..tensor import Tensor
from .choice import where
from .dropout import dropout
from .filling import ones
from .softmax import softmax


@public("F")
@composite(
    "scaled_dot_product_attention",
    formula=r"y = \mathrm{softmax}\left(\dfrac{q k^\top}{\sqrt{d}} + m\right) v",
    derivative=r"\dfrac{\partial L}{\partial v} = a^\top g,\quad \dfrac{\partial L}{\partial q}"
    r" = \dfrac{1}{\sqrt{d}}\, a \odot \left(g v^\top - \overline{g v^\top}\right) k",
    en="Each query takes a mean of the values, weighted by how well it fits their keys.",
    zh="每个查询按与各键的契合程度对值作加权平均。",
)
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(q kᵀ · scale + mask) v for queries (…, L, E), keys (…, S, E) and values (…, S, F): (…, L, F).

    A mask of truth values says which keys a query may look at, one of numbers is added; with `is_causal`
    query i sees keys 0 to i. `scale` is 1 / √E by default. With `enable_gqa` several queries' heads share
    those of keys and values. A query that may look at nothing gets 0.
    """
    _check(query, key, value, attn_mask, is_causal)
    if enable_gqa:
        key, value = (_repeated(each, query) for each in (key, value))
    factor = 1.0 / math.sqrt(query.shape[-1]) if scale is None else float(scale)
    scores = (query @ key.transpose(-2, -1)) * factor
    if is_causal:
        attn_mask = ones(query.shape[-2], key.shape[-2], dtype=bool_).tril()
    weights = _weights(scores, attn_mask)
    if dropout_p > 0:
        weights = dropout(weights, dropout_p)
    return weights @ value


def _check(query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None, is_causal: bool) -> None:
    name = "scaled_dot_product_attention"
    shapes = ", ".join(str(tuple(each.shape)) for each in (query, key, value))
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise ShapeError(f"{name}: query, key and value need at least two dimensions, but are {shapes}")
    if not query.dtype is key.dtype is value.dtype:
        raise DTypeError(
            f"{name}: query, key and value must have one dtype, but are {query.dtype.name}, {key.dtype.name} "
            f"and {value.dtype.name}"
        )
    if attn_mask is not None:
        if is_causal:
            raise ShapeError(f"{name}: Explicit attn_mask should not be set when is_causal=True")
        if attn_mask.dtype is not bool_ and attn_mask.dtype is not query.dtype:
            raise DTypeError(
                f"{name}: attn_mask must be of bool or of the query's dtype {query.dtype.name}, not "
                f"{attn_mask.dtype.name}"
            )


def _repeated(heads: Tensor, query: Tensor) -> Tensor:
    """Each head as often as there are queries' heads for it."""
    if query.ndim < 3 or heads.ndim < 3 or query.shape[-3] % heads.shape[-3]:
        raise ArgumentError(
            f"scaled_dot_product_attention: the {tuple(query.shape)} query's heads are no multiple of the "
            f"{tuple(heads.shape)} key's or value's"
        )
    times = query.shape[-3] // heads.shape[-3]
    if times == 1:
        return heads
    *front, count, length, width = heads.shape
    wide = heads.unsqueeze(-3).expand(*front, count, times, length, width)
    return wide.reshape(*front, count * times, length, width)


def _weights(scores: Tensor, mask: Tensor | None) -> Tensor:
    """The softmax of the scores; 0 in lines where the mask leaves nothing."""
    if mask is None:
        return softmax(scores, -1)
    never = Tensor._from_node(constant(-math.inf))
    if mask.dtype is bool_:
        hidden = ~mask
        scores = where(mask, scores, never)
    else:
        hidden = mask.detach() == -math.inf
        scores = scores + mask
    empty = hidden.all(-1, keepdim=True)
    if not empty._node.array.any():
        return softmax(scores, -1)
    return where(empty, 0.0, softmax(where(empty, 0.0, scores), -1))
