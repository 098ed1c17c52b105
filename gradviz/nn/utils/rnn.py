"""Sequences of several lengths: padded to one length, or packed without the padding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from gradviz.engine.dtypes import int64
from gradviz.engine.node import leaf
from gradviz.engine.ops.join import cat, stack
from gradviz.engine.ops.pad import pad
from gradviz.engine.tensor import Tensor

from ..values import filled


class _Packed(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Packed):
    """Sequences without padding, sorted by length: `data` holds all first elements, then all second ones …

    `batch_sizes[t]` is how many sequences have an element t; `sorted_indices` is the order that the sequences
    were brought into, `unsorted_indices` the way back.
    """

    def __new__(
        cls,
        data: Tensor,
        batch_sizes: Tensor | None = None,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> PackedSequence:
        """Made by `pack_padded_sequence` and `pack_sequence`."""
        if batch_sizes is None:
            raise ValueError("batch_sizes is required in PackedSequence")
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The same with `data` in another dtype."""
        return PackedSequence(self.data.to(*args, **kwargs), *self[1:])

    def double(self) -> PackedSequence:
        """The same in float64."""
        return PackedSequence(self.data.double(), *self[1:])

    def float(self) -> PackedSequence:
        """The same in float32."""
        return PackedSequence(self.data.float(), *self[1:])

    def cpu(self) -> PackedSequence:
        """The sequence itself: it is on the CPU."""
        return self


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The order that undoes another one."""
    if permutation is None:
        return None
    order = permutation._node.array
    back = np.empty_like(order)
    back[order] = np.arange(order.size)
    return _numbers(back)


def pack_padded_sequence(
    input: Tensor,
    lengths: Tensor | Sequence[int],
    batch_first: bool = False,
    enforce_sorted: bool = True,
) -> PackedSequence:
    """Leave out the padding of (T, B, …), or (B, T, …) with `batch_first`.

    With `enforce_sorted` the lengths must fall; without, the sequences are sorted here.
    """
    sizes = np.array(lengths._node.array if isinstance(lengths, Tensor) else list(lengths), np.int64)
    if not enforce_sorted:
        order = np.argsort(-sizes, kind="stable")
        sizes = sizes[order]
        sorted_indices = _numbers(order)
        input = input[sorted_indices] if batch_first else input[:, sorted_indices]
    else:
        sorted_indices = None
    if batch_first:
        input = input.transpose(0, 1)
    _check_lengths(input, sizes)
    counts = (sizes[None] > np.arange(sizes[0])[:, None]).sum(1)
    data = cat([input[step].narrow(0, 0, int(count)) for step, count in enumerate(counts)])
    return PackedSequence(data, _numbers(counts), sorted_indices)


def _check_lengths(input: Tensor, sizes: np.ndarray) -> None:
    if not input.numel():
        raise RuntimeError("Cannot pack empty tensors.")
    if sizes.ndim != 1 or sizes.size != input.shape[1]:
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {sizes.size} "
            f"(batch_size={input.shape[1]})"
        )
    if (sizes <= 0).any():
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
        )
    if (sizes[1:] > sizes[:-1]).any():
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
            "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this "
            "requirement if you do not need ONNX exportability."
        )
    if sizes[0] > input.shape[0]:
        raise RuntimeError(f"Expected lengths of at most {input.shape[0]}, but got {sizes[0]}")


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Fill up to one length again: (T, B, …) or with `batch_first` (B, T, …), and the lengths."""
    counts = sequence.batch_sizes._node.array
    longest = counts.size if total_length is None else total_length
    if longest < counts.size:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, but got "
            f"total_length={total_length} and max sequence length being {counts.size}"
        )
    batch = int(counts[0])
    rows = []
    for part, count in zip(sequence.data.split(counts.tolist()), counts.tolist(), strict=True):
        below: tuple[int, ...] = (0, 0) * (part.ndim - 1) + (0, batch - count)
        rows.append(part if count == batch else pad(part, below, value=padding_value))
    if longest > counts.size:
        empty = filled(padding_value, *rows[0].shape, dtype=rows[0].dtype)
        rows += [empty] * (longest - counts.size)
    padded = stack(rows)
    if batch_first:
        padded = padded.transpose(0, 1)
    lengths = _numbers((counts[None] > np.arange(batch)[:, None]).sum(1))
    if sequence.unsorted_indices is not None:
        back = sequence.unsorted_indices
        padded = padded[back] if batch_first else padded[:, back]
        lengths = lengths[back]
    return padded, lengths


def pad_sequence(
    sequences: Iterable[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Fill up tensors (Lᵢ, …) to the longest: (T, B, …), or (B, T, …) with `batch_first`."""
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}"
        )
    listed = list(sequences)
    for number, each in enumerate(listed):
        if not isinstance(each, Tensor):
            raise TypeError(
                f"expected Tensor as element {number} in argument 0, but got {type(each).__name__}"
            )
    if not listed:
        raise RuntimeError("received an empty list of sequences")
    longest = max(each.shape[0] for each in listed)
    rows = []
    for each in listed:
        missing = longest - each.shape[0]
        amounts: tuple[int, ...] = (missing, 0) if padding_side == "left" else (0, missing)
        amounts = (0, 0) * (each.ndim - 1) + amounts
        rows.append(pad(each, amounts, value=padding_value) if missing else each)
    return stack(rows, 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The sequences of a padded tensor, cut to their lengths."""
    if not batch_first:
        padded_sequences = padded_sequences.transpose(0, 1)
    sizes = lengths._node.array.tolist()
    return [each[_numbers(np.arange(size))] for each, size in zip(padded_sequences, sizes, strict=True)]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack tensors (Lᵢ, …)."""
    lengths = [each.shape[0] for each in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The tensors that were packed."""
    return unpad_sequence(*pad_packed_sequence(packed_sequences))


def _numbers(array: np.ndarray) -> Tensor:
    return Tensor._from_node(leaf(array.astype(int64.numpy)))
