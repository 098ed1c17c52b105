"""Recurrent layers: RNN, LSTM and GRU."""

from __future__ import annotations

from typing import Any

from gradviz.engine.dtypes import DType
from gradviz.engine.tensor import Tensor

from ..utils.rnn import PackedSequence
from .rnn_base import RNNBase

Sequences = Tensor | PackedSequence


class RNN(RNNBase):
    """hₜ = tanh(W xₜ + b + U hₜ₋₁ + c), or with `nonlinearity="relu"` the part of the sum above 0.

    Input (L, N, input_size), (N, L, input_size) with `batch_first`, (L, input_size), or packed; returns the
    states of the last layer at all times, (…, D · hidden_size) with D directions, and the last states of all
    layers and directions, (D · num_layers, N, hidden_size).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: DType | None = None,
        **others: Any,
    ) -> None:
        _refuse(type(self), others)
        modes = {"tanh": "RNN_TANH", "relu": "RNN_RELU"}
        if nonlinearity not in modes:
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(
            modes[nonlinearity],
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            device=device,
            dtype=dtype,
        )
        self.nonlinearity = nonlinearity

    def forward(self, input: Sequences, hx: Tensor | None = None) -> tuple[Sequences, Tensor]:
        """The states of all times, and the last ones; the first ones, `hx`, are 0 by default."""
        output, (hidden,) = self._forward(input, (hx,))
        return output, hidden


class LSTM(RNNBase):
    """cₜ = f cₜ₋₁ + i g and hₜ = o tanh(cₜ) with gates i, f, o = σ(…) and g = tanh(…) of xₜ and hₜ₋₁.

    Input (L, N, input_size), (N, L, input_size) with `batch_first`, (L, input_size), or packed; with
    `proj_size` the output is hₜ times a matrix. Returns hₜ of the last layer at all times, and the pair of
    the last h and c of all layers and directions.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            "LSTM",
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            proj_size,
            device,
            dtype,
        )

    def forward(
        self, input: Sequences, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Sequences, tuple[Tensor, Tensor]]:
        """The outputs of all times, and the last (h, c); the first ones, `hx`, are 0 by default."""
        given: tuple[Tensor | None, ...] = (None, None) if hx is None else (hx[0], hx[1])
        output, (hidden, memory) = self._forward(input, given)
        return output, (hidden, memory)


class GRU(RNNBase):
    """hₜ = (1 − z) n + z hₜ₋₁ with gates r, z = σ(…) and n = tanh(W xₜ + b + r (U hₜ₋₁ + c)).

    Input (L, N, input_size), (N, L, input_size) with `batch_first`, (L, input_size), or packed; returns the
    states of the last layer at all times, and the last states of all layers and directions.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: DType | None = None,
        **others: Any,
    ) -> None:
        _refuse(type(self), others)
        super().__init__(
            "GRU",
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            device=device,
            dtype=dtype,
        )

    def forward(self, input: Sequences, hx: Tensor | None = None) -> tuple[Sequences, Tensor]:
        """The states of all times, and the last ones; the first ones, `hx`, are 0 by default."""
        output, (hidden,) = self._forward(input, (hx,))
        return output, hidden


def _refuse(kind: type, others: dict[str, Any]) -> None:
    if "proj_size" in others:
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
    for name in others:
        raise TypeError(f"{kind.__name__}.__init__() got an unexpected keyword argument '{name}'")
