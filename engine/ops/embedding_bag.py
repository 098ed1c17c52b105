"""Sums, means and maxima of bags of embedding rows."""

from __future__ import annotations

import numpy as np

from ..api import public
from ..composite import composite
from ..dtypes import int32, int64
from ..errors import ArgumentError, DTypeError, ShapeError
from ..node import leaf
from ..tensor import Tensor, apply
from .choice import where
from .embedding import embedding, shorten
from .join import stack

_MODES = ("sum", "mean", "max")


@public("F")
@composite(
    "embedding_bag",
    formula=r"y_b = \sum_{i\,\in\,\mathrm{bag}\;b} s_i\, w_{k_i}",
    derivative=r"\dfrac{\partial y_{b,j}}{\partial w_{m,j}} = \sum_{i\,\in\,\mathrm{bag}\;b:\;k_i = m} s_i",
    en="Takes the rows of a table that each bag of numbers names, and adds them up.",
    zh="取出每一袋编号所指的表中各行并相加。",
)
def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """The sum, mean or largest numbers of the rows of each bag: (bags, length).

    Bags are the lines of `input` (bags, n), or parts of `input` (n) that begin at `offsets`; with
    `include_last_offset` the last offset is where the last bag ends. Row `padding_idx` does not count; with
    "sum" each row may have a weight.
    """
    numbers, starts = _bags(input, weight, offsets, include_last_offset)
    if mode not in _MODES:
        raise ArgumentError("mode has to be one of sum, mean or max")
    if sparse:
        raise ArgumentError("embedding_bag: there are no sparse gradients; leave sparse=False")
    if mode == "max" and scale_grad_by_freq:
        raise ArgumentError("max mode does not support scaling the gradient by the frequency")
    if per_sample_weights is not None and mode != "sum":
        raise _only_sum(mode)
    if per_sample_weights is not None and per_sample_weights.shape != input.shape:
        raise ArgumentError(
            f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then it must "
            f"have the same shape as the input ({input.shape})"
        )
    if padding_idx is not None:
        if not -weight.shape[0] <= padding_idx < weight.shape[0]:
            raise ShapeError("padding_idx must be within the number of embeddings")
        padding_idx %= weight.shape[0]
    if max_norm is not None:
        shorten(weight, input, float(max_norm), float(norm_type))
    rows = embedding(numbers, weight, scale_grad_by_freq=scale_grad_by_freq)
    counts = numbers != padding_idx if padding_idx is not None else None
    if mode == "max":
        return _largest(rows, starts, counts)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.reshape(-1, 1)
    if counts is not None:
        rows = where(counts.unsqueeze(1), rows, 0.0)
    sizes = np.diff(starts)
    which = Tensor._from_node(leaf(np.repeat(np.arange(len(sizes)), sizes)))
    result = apply("embedding_backward", (rows, which), {"rows": len(sizes)})
    if mode == "sum":
        return result
    ones = (counts if counts is not None else numbers == numbers).to(result.dtype).unsqueeze(1)
    return result / apply("embedding_backward", (ones, which), {"rows": len(sizes)}).clamp(min=1)


def _only_sum(mode: str) -> Exception:
    return NotImplementedError(
        "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' "
        f"(got mode='{mode}')."
    )


def _bags(
    input: Tensor, weight: Tensor, offsets: Tensor | None, include_last: bool
) -> tuple[Tensor, np.ndarray]:
    """All numbers in one line, and where each bag starts, with the end."""
    if weight.ndim != 2:
        raise ArgumentError(f"weight has to be a 2D Tensor, but got Tensor of dimension {weight.ndim}")
    if input.ndim == 2:
        if offsets is not None:
            raise ArgumentError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch"
            )
        bags, count = input.shape
        return input.reshape(-1), np.arange(bags + 1) * count
    if input.ndim != 1:
        raise ArgumentError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.ndim}")
    if offsets is None:
        raise ArgumentError("offsets has to be a 1D Tensor but got None")
    if offsets.ndim != 1:
        raise ArgumentError("offsets has to be a 1D Tensor")
    for each in (input, offsets):
        if each.dtype not in (int32, int64):
            raise DTypeError(
                f"embedding_bag: numbers and offsets must be int64 or int32, not {each.dtype.name}"
            )
    starts = offsets._node.array.astype(np.int64)
    if len(starts) and starts[0] != 0:
        raise ShapeError(f"offsets[0] has to be 0, but got {starts[0]}")
    if len(starts) and starts[-1] > len(input):
        raise ShapeError(
            f"offsets[-1] can not be greater than input's length {len(input)} but got {starts[-1]}"
        )
    if include_last:
        return input[: int(starts[-1])], starts
    return input, np.append(starts, len(input))


def _largest(rows: Tensor, starts: np.ndarray, counts: Tensor | None) -> Tensor:
    """The largest numbers of each bag, 0 for bags of nothing."""
    found = []
    for first, last in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        bag = rows[first:last]
        if counts is not None:
            bag = bag[counts[first:last]]
        found.append(bag.max(0).values if len(bag) else bag.sum(0))
    return stack(found) if found else rows[:0]
