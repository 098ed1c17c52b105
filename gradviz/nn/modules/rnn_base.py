"""What recurrent layers have in common: whole sequences, in several layers and both directions."""

from __future__ import annotations

import warnings
from contextlib import nullcontext
from typing import Any

from gradviz.engine.dtypes import DType
from gradviz.engine.errors import ShapeError
from gradviz.engine.ops.dropout import dropout
from gradviz.engine.ops.join import cat, stack
from gradviz.engine.ops.matmul import linear
from gradviz.engine.ops.recurrent import gru_cell, lstm_cell, rnn_relu_cell, rnn_tanh_cell
from gradviz.engine.ops.split import split, unbind
from gradviz.engine.size import Device
from gradviz.engine.state import scope
from gradviz.engine.tensor import Tensor

from ..module import Module
from ..utils.rnn import PackedSequence
from ..values import empty_parameter, filled
from .rnn_cells import reset_recurrent
from .unroll import Cell, State, unroll

_GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "LSTM": 4, "GRU": 3}
_CELLS = {"RNN_TANH": rnn_tanh_cell, "RNN_RELU": rnn_relu_cell, "GRU": gru_cell}
_TITLES = {"RNN_TANH": "rnn_tanh_cell", "RNN_RELU": "rnn_relu_cell", "LSTM": "lstm_cell", "GRU": "gru_cell"}


class RNNBase(Module):
    """Weights for each layer and direction, checks of what comes in, and the walk over layers."""

    def __init__(
        self,
        mode: str,
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
        super().__init__()
        if device is not None:
            Device(device)
        if mode not in _GATES:
            raise ValueError(f"Unrecognized RNN mode: {mode}")
        _check_settings(input_size, hidden_size, num_layers, bias, batch_first, dropout, proj_size)
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        rows = _GATES[mode] * hidden_size
        for layer in range(num_layers):
            width = input_size if layer == 0 else self._width * self._directions
            shapes: dict[str, tuple[int, ...]] = {
                "weight_ih": (rows, width),
                "weight_hh": (rows, self._width),
            }
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
            shapes |= {"weight_hr": (proj_size, hidden_size)} if proj_size else {}
            for suffix in self._suffixes(layer):
                for name, shape in shapes.items():
                    setattr(self, name + suffix, empty_parameter(*shape, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new initial values."""
        reset_recurrent(self, self.hidden_size)

    def flatten_parameters(self) -> None:
        """Nothing to be done: it speeds up GPUs."""

    @property
    def _width(self) -> int:
        return self.proj_size or self.hidden_size

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _suffixes(self, layer: int) -> list[str]:
        return [f"_l{layer}", f"_l{layer}_reverse"][: self._directions]

    @property
    def all_weights(self) -> list[list[Tensor]]:
        """The parameters of each layer and direction."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
        suffixes = [suffix for layer in range(self.num_layers) for suffix in self._suffixes(layer)]
        return [
            [getattr(self, name + suffix) for name in names if name + suffix in self._parameters]
            for suffix in suffixes
        ]

    def extra_repr(self) -> str:
        """The sizes, and what differs from the defaults."""
        text = f"{self.input_size}, {self.hidden_size}"
        defaults = {
            "proj_size": 0,
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0,
            "bidirectional": False,
        }
        changed = (name for name, default in defaults.items() if getattr(self, name) != default)
        return ", ".join([text, *(f"{name}={getattr(self, name)}" for name in changed)])

    # The walk.

    def _cell(self, suffix: str) -> Cell:
        """One time step of a layer and direction."""
        weights: list[Any] = [
            self._parameters.get(name + suffix) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ]
        project = self._parameters.get(f"weight_hr{suffix}")

        def step(x: Tensor, state: State) -> State:
            if self.mode != "LSTM":
                return (_CELLS[self.mode](x, state[0], *weights),)
            hidden, memory = lstm_cell(x, (state[0], state[1]), *weights)
            return (hidden if project is None else linear(hidden, project)), memory

        return step

    def _run(self, steps: list[Tensor], starts: tuple[Tensor | None, ...]) -> tuple[list[Tensor], State]:
        """All layers over the inputs of all time steps: the last layer's outputs, and the last states."""
        ends: list[State] = []
        several = self.num_layers * self._directions > 1
        for layer in range(self.num_layers):
            if layer and self.dropout:
                with scope(f"dropout{layer}"):
                    steps = [dropout(each, self.dropout, self.training) for each in steps]
            sides = []
            for reverse, suffix in enumerate(self._suffixes(layer)):
                start = self._start(starts, len(ends), steps[0])
                with scope(suffix[1:]) if several else nullcontext():
                    side, end = unroll(steps, start, self._cell(suffix), _TITLES[self.mode], bool(reverse))
                sides.append(side)
                ends.append(end)
            steps = sides[0] if len(sides) == 1 else [cat(both, -1) for both in zip(*sides, strict=True)]
        return steps, tuple(stack(parts) for parts in zip(*ends, strict=True))

    def _start(self, given: tuple[Tensor | None, ...], number: int, first: Tensor) -> State:
        """The first state of a layer and direction; 0 unless it is given."""
        widths = (self._width, self.hidden_size)
        return tuple(
            filled(0.0, first.shape[0], width, dtype=first.dtype) if each is None else each[number]
            for each, width in zip(given, widths, strict=False)
        )

    def _forward(
        self, input: Tensor | PackedSequence, given: tuple[Tensor | None, ...]
    ) -> tuple[Tensor | PackedSequence, State]:
        """Output and last states of (L, N, features), (N, L, features), (L, features), or packed."""
        if isinstance(input, PackedSequence):
            return self._packed(input, given)
        name = "RNN" if self.mode.startswith("RNN") else self.mode
        if input.ndim not in (2, 3):
            tensor = " tensor" if name == "RNN" else ""
            raise ValueError(f"{name}: Expected input to be 2D or 3D, got {input.ndim}D{tensor} instead")
        batched = input.ndim == 3
        time = 1 if self.batch_first and batched else 0
        self._check_states(given, 3 if batched else 2)
        if not batched:
            input = input.unsqueeze(1)
            given = tuple(None if state is None else state.unsqueeze(1) for state in given)
        self._check(input, input.shape[1 - time], given)
        if not input.shape[time]:
            raise ShapeError("Expected sequence length to be larger than 0 in RNN")
        outputs, ends = self._run(list(unbind(input, time)), given)
        output = stack(outputs)
        if not batched:
            return output.squeeze(1), tuple(end.squeeze(1) for end in ends)
        return (output.transpose(0, 1) if time else output), ends

    def _packed(
        self, input: PackedSequence, given: tuple[Tensor | None, ...]
    ) -> tuple[PackedSequence, State]:
        data, sizes, order, back = input
        if data.ndim != 2:
            raise RuntimeError(f"input must have 2 dimensions, got {data.ndim}")
        if order is not None:
            given = tuple(None if state is None else state[:, order] for state in given)
        counts = sizes.tolist()
        self._check(data, counts[0], given)
        outputs, ends = self._run(list(split(data, counts)), given)
        if back is not None:
            ends = tuple(end[:, back] for end in ends)
        return PackedSequence(cat(outputs), sizes, order, back), ends

    def _check_states(self, given: tuple[Tensor | None, ...], ndim: int) -> None:
        dims = [state.ndim for state in given if state is not None]
        if all(dim == ndim for dim in dims):
            return
        kind = "batched 3-D" if ndim == 3 else "unbatched 2-D"
        if self.mode == "LSTM":
            raise RuntimeError(
                f"For {kind} input, hx and cx should also be {ndim}-D but got ({dims[0]}-D, {dims[1]}-D) "
                "tensors"
            )
        raise RuntimeError(f"For {kind} input, hx should also be {ndim}-D but got {dims[0]}-D tensor")

    def _check(self, input: Tensor, batch: int, given: tuple[Tensor | None, ...]) -> None:
        dtype = self.weight_ih_l0.dtype
        if input.dtype is not dtype:
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({dtype}). Convert input: "
                f"input.to({dtype}), or convert model: model.to({input.dtype})"
            )
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, "
                f"got {input.shape[-1]}"
            )
        for number, (state, width) in enumerate(zip(given, (self._width, self.hidden_size), strict=False)):
            wanted = (self.num_layers * self._directions, batch, width)
            if state is not None and tuple(state.shape) != wanted:
                which = f"hidden[{number}]" if self.mode == "LSTM" else "hidden"
                raise RuntimeError(f"Expected {which} size {wanted}, got {list(state.shape)}")


def _check_settings(
    input_size: int,
    hidden_size: int,
    num_layers: int,
    bias: bool,
    batch_first: bool,
    dropout: Any,
    proj_size: int,
) -> None:
    if isinstance(dropout, bool) or not isinstance(dropout, (int, float)) or not 0 <= dropout <= 1:
        raise ValueError(
            "dropout should be a number in range [0, 1] representing the probability of an element being "
            "zeroed"
        )
    if dropout > 0 and num_layers == 1:
        warnings.warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
            f"num_layers greater than 1, but got dropout={dropout} and num_layers={num_layers}",
            stacklevel=4,
        )
    for name, value, kind in (
        ("bias", bias, bool),
        ("batch_first", batch_first, bool),
        ("input_size", input_size, int),
        ("hidden_size", hidden_size, int),
    ):
        if not isinstance(value, kind):
            raise TypeError(f"{name} should be of type {kind.__name__}, got: {type(value).__name__}")
    for name, size in (("input_size", input_size), ("hidden_size", hidden_size), ("num_layers", num_layers)):
        if size <= 0:
            raise ValueError(f"{name} must be greater than zero")
    if proj_size < 0:
        raise ValueError("proj_size should be a positive integer or zero to disable projections")
    if proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")
