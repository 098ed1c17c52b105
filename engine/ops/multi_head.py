"""Attention with several heads: each head looks at a part of the features.

Source: A. Vaswani et al., "Attention Is All You Need", NIPS 2017, section 3.2.2.
"""

from __future__ import annotations

import math
import warnings

from ..api import public
from ..composite import composite
from ..dtypes import DType, bool_
from ..node import constant
from ..tensor import Tensor
from .attention import scaled_dot_product_attention
from .choice import where
from .dropout import dropout
from .filling import zeros
from .join import cat
from .matmul import bmm, linear
from .multi_head_check import check_masks, check_shapes, check_sizes
from .pad import pad
from .softmax import softmax
from .split import chunk


@public("F")
@composite(
    "multi_head_attention_forward",
    formula=r"y = \left[h_1\, \dots\, h_H\right] W_o + b_o,\quad h_i = \mathrm{softmax}\left("
    r"\dfrac{q_i k_i^\top}{\sqrt{d}} + m\right) v_i,\quad q = x W_q + b_q,\; \dots",
    derivative=r"\dfrac{\partial L}{\partial v_i} = a_i^\top \dfrac{\partial L}{\partial h_i},"
    r"\quad a_i = \mathrm{softmax}\left(\dfrac{q_i k_i^\top}{\sqrt{d}} + m\right)",
    en="Several heads attend at once, each with its own part of queries, keys and values; a last layer mixes "
    "what they found.",
    zh="多个头同时做注意力，各用查询、键和值的一部分；最后一层把它们的结果混合起来。",
)
def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Outputs (L, N, E) for queries (L, N, E), keys and values (S, N, …), or the same without N; and weights.

    The weights, (N, L, S) on average over the heads or (N, H, L, S), are None unless `need_weights`. Masks of
    truth values tell what is hidden, masks of numbers are added. `bias_k` and `bias_v`, and zeros with
    `add_zero_attn`, stand behind keys and values; `static_k` and `static_v` replace them.
    """
    batched = check_shapes(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        query, key, value = _with_batch(query, key, value)
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    length, batch, width = query.shape
    other = None if attn_mask is None else attn_mask.dtype
    key_padding_mask = additive_mask(key_padding_mask, "key_padding_mask", query.dtype, other)
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    if is_causal and key_padding_mask is None and not need_weights:
        attn_mask = None
    else:
        attn_mask = additive_mask(attn_mask, "attn_mask", query.dtype)
        is_causal = is_causal and key_padding_mask is None
    check_sizes(query, key, value, embed_dim_to_check, num_heads, use_separate_proj_weight)
    separate = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else None
    q, k, v = _projected(query, key, value, in_proj_weight, in_proj_bias, separate)
    attn_mask = check_masks(attn_mask, (length, key.shape[0]), batch * num_heads)
    behind = 0
    if bias_k is not None and bias_v is not None:
        assert static_k is None, "bias cannot be added to static key."
        assert static_v is None, "bias cannot be added to static value."
        k, v = (cat([each, bias.expand(1, batch, width)]) for each, bias in ((k, bias_k), (v, bias_v)))
        behind += 1
    else:
        assert bias_k is None, "bias_k is set but bias_v is None"
        assert bias_v is None, "bias_v is set but bias_k is None"
    count, size = batch * num_heads, width // num_heads
    q = _heads(q, count, size)
    k = _heads(k, count, size) if static_k is None else static_k
    v = _heads(v, count, size) if static_v is None else static_v
    if add_zero_attn:
        nothing = zeros(count, 1, size, dtype=k.dtype)
        k, v = cat([k, nothing], 1), cat([v, nothing], 1)
        behind += 1
    if behind:
        attn_mask, key_padding_mask = (
            None if each is None else pad(each, (0, behind)) for each in (attn_mask, key_padding_mask)
        )
    mask = _merged(attn_mask, key_padding_mask, k.shape[1], batch, num_heads)
    chance = dropout_p if training else 0.0
    weights: Tensor | None = None
    if need_weights:
        weights = _weights(q, k, mask, chance)
        found = bmm(weights, v)
        weights = weights.view(batch, num_heads, length, k.shape[1])
        weights = weights.mean(1) if average_attn_weights else weights
    else:
        found = _attend(q, k, v, mask, chance, is_causal, (batch, num_heads))
    mixed = found.transpose(0, 1).reshape(length * batch, width)
    output = linear(mixed, out_proj_weight, out_proj_bias)
    output = output.view(length, batch, output.shape[1])
    if not batched:
        return output.squeeze(1), None if weights is None else weights.squeeze(0)
    return output, weights


def additive_mask(
    mask: Tensor | None,
    name: str,
    dtype: DType,
    other: DType | None = None,
    other_name: str = "attn_mask",
) -> Tensor | None:
    """A mask to be added: −∞ where a mask of truth values hides."""
    if mask is None:
        return None
    if mask.dtype is not bool_ and not mask.dtype.is_floating_point:
        raise AssertionError(f"only bool and floating types of {name} are supported")
    if other is not None and mask.dtype is not other:
        warnings.warn(
            f"Support for mismatched {name} and {other_name} is deprecated. Use same type for both instead.",
            stacklevel=4,
        )
    if mask.dtype.is_floating_point:
        return mask
    never, always = (Tensor._from_node(constant(x)) for x in (-math.inf, 0.0))
    return where(mask, never, always).to(dtype)


def _with_batch(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """With a batch of one; the same tensor stays the same."""
    wide = query.unsqueeze(1)
    wide_key = wide if key is query else key.unsqueeze(1)
    return wide, wide_key, wide_key if value is key else value.unsqueeze(1)


def _projected(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    separate: tuple[Tensor | None, ...] | None,
) -> list[Tensor]:
    """q, k and v; all at once where query, key and value are one tensor."""
    if separate is None:
        assert weight is not None, "use_separate_proj_weight is False but in_proj_weight is None"
        if query is key is value:
            return list(chunk(linear(query, weight, bias), 3, -1))
        separate = tuple(chunk(weight, 3))
    biases = (None, None, None) if bias is None else chunk(bias, 3)
    result = []
    for name, x, w, b in zip("qkv", (query, key, value), separate, biases, strict=True):
        assert w is not None, f"use_separate_proj_weight is True but {name}_proj_weight is None"
        result.append(linear(x, w, b))
    return result


def _heads(x: Tensor, count: int, size: int) -> Tensor:
    """(L, N, E) as (N · H, L, E / H)."""
    return x.reshape(x.shape[0], count, size).transpose(0, 1)


def _merged(
    attn_mask: Tensor | None, padding: Tensor | None, length: int, batch: int, heads: int
) -> Tensor | None:
    """Both masks as one, (1 or N · H, L or 1, S)."""
    if padding is None:
        return attn_mask
    for dim, wanted in enumerate((batch, length)):
        if padding.shape[dim] != wanted:
            raise AssertionError(
                f"Expected key_padded_mask.shape[{dim}] to be {wanted}, but got {padding.shape[dim]}"
            )
    wide = padding.view(batch, 1, 1, length).expand(batch, heads, 1, length)
    wide = wide.reshape(batch * heads, 1, length)
    return wide if attn_mask is None else attn_mask + wide


def _weights(q: Tensor, k: Tensor, mask: Tensor | None, chance: float) -> Tensor:
    scores = bmm(q * math.sqrt(1.0 / q.shape[-1]), k.transpose(-2, -1))
    weights = softmax(scores if mask is None else scores + mask, -1)
    return dropout(weights, chance) if chance > 0 else weights


def _attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None,
    chance: float,
    is_causal: bool,
    lead: tuple[int, int],
) -> Tensor:
    """The same without the weights, and 0 where everything is hidden; `lead` is (N, H)."""
    if mask is not None:
        mask = mask.unsqueeze(0) if mask.shape[0] == 1 else mask.view(*lead, *mask.shape[1:])
    q, k, v = (each.reshape(*lead, *each.shape[1:]) for each in (q, k, v))
    found = scaled_dot_product_attention(q, k, v, mask, chance, is_causal and mask is None)
    return found.reshape(lead[0] * lead[1], *found.shape[2:])
