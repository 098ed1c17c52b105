"""One layer of a Transformer's encoder, and of its decoder.

Sources: A. Vaswani et al., "Attention Is All You Need", NIPS 2017, section 3.1; for `norm_first` R. Xiong et
al., "On Layer Normalization in the Transformer Architecture", 2020, figure 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradviz.engine.dtypes import DType
from gradviz.engine.ops.activation import relu
from gradviz.engine.tensor import Tensor

from .. import functional
from ..module import Module
from .activation import Dropout
from .attention import MultiheadAttention
from .layer_norm import LayerNorm
from .linear import Linear

Activation = str | Callable[[Tensor], Tensor]


class _Layer(Module):
    """Attention blocks and a feed-forward block, each added to what goes past it, and normalised."""

    def __init__(
        self,
        attentions: tuple[str, ...],
        d_model: int,
        nhead: int,
        dim_feedforward: int,
        dropout: float,
        activation: Activation,
        layer_norm_eps: float,
        batch_first: bool,
        norm_first: bool,
        bias: bool,
        device: Any,
        dtype: DType | None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"device": device, "dtype": dtype}
        for name in attentions:
            attention = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, **made)
            self.add_module(name, attention)
        self.linear1 = Linear(d_model, dim_feedforward, bias, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **made)
        self.norm_first = norm_first
        numbers = range(1, len(attentions) + 2)
        for number in numbers:
            self.add_module(f"norm{number}", LayerNorm(d_model, layer_norm_eps, bias=bias, **made))
        for number in numbers:
            self.add_module(f"dropout{number}", Dropout(dropout))
        self.activation = activation_named(activation) if isinstance(activation, str) else activation

    def _attend(
        self,
        number: int,
        attention: Module,
        x: Tensor,
        memory: Tensor | None,
        mask: Tensor | None,
        padding: Tensor | None,
        is_causal: bool,
    ) -> Tensor:
        """Attention block number `number`, to `memory` or to x itself."""

        def block(y: Tensor) -> Any:
            keys = y if memory is None else memory
            return attention(
                y,
                keys,
                keys,
                attn_mask=mask,
                key_padding_mask=padding,
                need_weights=False,
                is_causal=is_causal,
            )[0]

        return self._around(number, block, x)

    def _feed_forward(self, number: int, x: Tensor) -> Tensor:
        return self._around(number, lambda y: self.linear2(self.dropout(self.activation(self.linear1(y)))), x)

    def _around(self, number: int, block: Callable[[Tensor], Any], x: Tensor) -> Tensor:
        """x plus what the block makes of it; normalised before the block or after the sum."""
        norm, dropout = self._modules[f"norm{number}"], self._modules[f"dropout{number}"]
        if self.norm_first:
            result: Tensor = x + dropout(block(norm(x)))
        else:
            result = norm(x + dropout(block(x)))
        return result


class TransformerEncoderLayer(_Layer):
    """Self-attention, then two Linear layers: x + attention(x), then x + W₂ f(W₁ x), normalised each.

    (S, N, d_model) or with `batch_first` (N, S, d_model), or without N.
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            ("self_attn",),
            d_model,
            nhead,
            dim_feedforward,
            dropout,
            activation,
            layer_norm_eps,
            batch_first,
            norm_first,
            bias,
            device,
            dtype,
        )

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """The same shape as `src`."""
        x = self._attend(1, self.self_attn, src, None, src_mask, src_key_padding_mask, is_causal)
        return self._feed_forward(2, x)


class TransformerDecoderLayer(_Layer):
    """Self-attention, attention to the encoder's output, then two Linear layers, normalised each.

    (T, N, d_model) or with `batch_first` (N, T, d_model), or without N.
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            ("self_attn", "multihead_attn"),
            d_model,
            nhead,
            dim_feedforward,
            dropout,
            activation,
            layer_norm_eps,
            batch_first,
            norm_first,
            bias,
            device,
            dtype,
        )

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """The same shape as `tgt`."""
        x = self._attend(1, self.self_attn, tgt, None, tgt_mask, tgt_key_padding_mask, tgt_is_causal)
        x = self._attend(
            2, self.multihead_attn, x, memory, memory_mask, memory_key_padding_mask, memory_is_causal
        )
        return self._feed_forward(3, x)


def activation_named(name: str) -> Callable[[Tensor], Tensor]:
    """relu or gelu."""
    if name not in ("relu", "gelu"):
        raise RuntimeError(f"activation should be relu/gelu, not {name}")
    found: Callable[[Tensor], Tensor] = getattr(functional, name)
    return found
