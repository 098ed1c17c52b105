"""Recurrent cells: one time step, as a layer."""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.dtypes import DType
from gradviz.engine.ops.recurrent import gru_cell, lstm_cell, rnn_relu_cell, rnn_tanh_cell
from gradviz.engine.size import Device
from gradviz.engine.tensor import Tensor

from .. import init
from ..module import Module
from ..parameter import Parameter
from ..values import empty_parameter, filled


def reset_recurrent(module: Module, hidden_size: int) -> None:
    """The default initial values of all recurrent layers: U(−k, k) with k = 1 / √hidden_size."""
    bound = 1 / math.sqrt(hidden_size) if hidden_size > 0 else 0.0
    for parameter in module.parameters():
        init.uniform_(parameter, -bound, bound)


class RNNCellBase(Module):
    """What the cells have in common: weights for `num_chunks` gates, and the check of what comes in."""

    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        if device is not None:
            Device(device)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        self.weight_ih = empty_parameter(num_chunks * hidden_size, input_size, dtype=dtype)
        self.weight_hh = empty_parameter(num_chunks * hidden_size, hidden_size, dtype=dtype)
        for name in ("bias_ih", "bias_hh"):
            size = num_chunks * hidden_size
            self.register_parameter(name, empty_parameter(size, dtype=dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new initial values."""
        reset_recurrent(self, self.hidden_size)

    def extra_repr(self) -> str:
        """The sizes, and what differs from the defaults."""
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            text += f", nonlinearity={self.nonlinearity}"
        return text

    def _check(self, tensor: Tensor, what: str) -> None:
        if tensor.ndim not in (1, 2):
            raise ValueError(
                f"{type(self).__name__}: Expected {what} to be 1D or 2D, got {tensor.ndim}D instead"
            )

    def _batched(self, input: Tensor, hx: Tensor | None) -> tuple[Tensor, Tensor]:
        """Input and state with a batch dimension; the state is 0 unless it is given."""
        self._check(input, "input")
        if hx is not None:
            self._check(hx, "hidden")
        if input.ndim == 1:
            input = input.unsqueeze(0)
            hx = None if hx is None else hx.unsqueeze(0)
        return input, self._zeros(input) if hx is None else hx

    def _zeros(self, input: Tensor) -> Tensor:
        return filled(0.0, input.shape[0], self.hidden_size, dtype=input.dtype)

    @property
    def _weights(self) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
        return self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh


class RNNCell(RNNCellBase):
    """h' = tanh(W x + b + U h + c), or with `nonlinearity="relu"` max(W x + b + U h + c, 0).

    Input (N, input_size) or (input_size,), state (N, hidden_size) or (hidden_size,), which is 0 by default.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """The next state."""
        cells = {"tanh": rnn_tanh_cell, "relu": rnn_relu_cell}
        x, state = self._batched(input, hx)
        if self.nonlinearity not in cells:
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        news: Tensor = cells[self.nonlinearity](x, state, *self._weights)
        return news if input.ndim == 2 else news.squeeze(0)


class LSTMCell(RNNCellBase):
    """c' = f c + i g and h' = o tanh(c') with the gates i, f, o = σ(…) and g = tanh(…).

    Input (N, input_size) or (input_size,), state (h, c) of (N, hidden_size) or (hidden_size,) each.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """The next state (h', c')."""
        self._check(input, "input")
        for number, state in enumerate(() if hx is None else hx):
            self._check(state, f"hx[{number}]")
        single = input.ndim == 1
        if single:
            input = input.unsqueeze(0)
        if hx is None:
            zeros = self._zeros(input)
            hx = zeros, zeros
        elif single:
            hx = hx[0].unsqueeze(0), hx[1].unsqueeze(0)
        hidden, memory = lstm_cell(input, hx, *self._weights)
        return (hidden.squeeze(0), memory.squeeze(0)) if single else (hidden, memory)


class GRUCell(RNNCellBase):
    """h' = (1 − z) n + z h with the gates r, z = σ(…) and n = tanh(W x + b + r (U h + c)).

    Input (N, input_size) or (input_size,), state (N, hidden_size) or (hidden_size,), which is 0 by default.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """The next state."""
        x, state = self._batched(input, hx)
        news = gru_cell(x, state, *self._weights)
        return news if input.ndim == 2 else news.squeeze(0)
