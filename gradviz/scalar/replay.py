"""Computing a graph of values again, with other numbers and without Python objects: `Replay`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from gradviz.engine.kernels import scalars as kernels

from .codes import LEAF, NUMBER
from .order import behind, table_of
from .value import Value

_LANES = 8
"""Rows of samples are filled up to a multiple of this, which is what a vector register holds."""


class Replay:
    """The graph behind `root`, recorded once, to be computed and differentiated any number of times.

    With `samples` the graph of one sample stands for many: by leaf, one number for each sample. Then the
    result is the mean over the samples, which are computed side by side, and other leaves get the gradient of
    that mean. The values themselves keep their numbers until `write_back`.

    Arithmetic gives inf and NaN where Python's raises. Errors: ValueError for an operation of the user's own,
    and for samples that do not fit; KeyError for a value that is not in the graph.
    """

    def __init__(self, root: Value, samples: Mapping[Value, Sequence[float]] | None = None) -> None:
        self._order = behind((root,))
        tape = table_of(self._order)
        self._row = {value: i for i, value in enumerate(self._order)}
        self._code = tape.code.astype(np.uint8)
        self._number = tape.number
        a, b = (np.maximum(each, 0).astype(np.uint64) for each in (tape.a, tape.b))
        self.count = _count(samples) if samples else 0
        """How many samples there are; 0 for a graph without."""
        self._lanes = np.uint64(-(-self.count // _LANES) * _LANES)
        spread = np.zeros(len(self._order), bool)
        for leaf in samples or ():
            if leaf._code != LEAF:
                raise ValueError("only values that were not computed can differ from sample to sample")
            spread[self._row[leaf]] = True
        self._wide = np.zeros(len(self._order), np.uint8)
        if samples:
            for i, (left, right) in enumerate(zip(tape.a.tolist(), tape.b.tolist(), strict=True)):
                self._wide[i] = (left >= 0 and spread[left]) + 2 * (right >= 0 and spread[right])
                spread[i] |= self._wide[i] > 0
        self._spread = spread
        room = np.where(spread, int(self._lanes), 1)
        self._at = (np.cumsum(room) - room).astype(np.uint64)
        self._a, self._b = self._at[a], self._at[b]
        self._data = np.repeat(tape.data, room)
        self._grad = np.zeros_like(self._data)
        for leaf, numbers in (samples or {}).items():
            self.set_samples(leaf, numbers)

    def __len__(self) -> int:
        return len(self._order)

    def forward(self) -> float:
        """Compute everything; returns the root's number, or its mean over the samples."""
        if self.count:
            kernels.forward_lanes(
                self._code, self._wide, self._at, self._a, self._b, self._number, self._data, self._lanes
            )
        else:
            with np.errstate(all="ignore"):  # where kernels run as plain Python
                kernels.forward(self._code, self._a, self._b, self._number, self._data)
        return float(self.numbers(self._order[-1]).mean())

    def backward(self) -> None:
        """Differentiate what `forward` has computed by every value."""
        if not self.count:
            kernels.backward(self._code, self._a, self._b, self._number, self._data, self._grad)
            return
        self._grad.fill(0.0)
        room = self._place(len(self._order) - 1)
        if self._spread[-1]:
            self._grad[room][: self.count] = 1 / self.count
        else:
            self._grad[room] = 1.0
        kernels.backward_lanes(
            self._code,
            self._wide,
            self._at,
            self._a,
            self._b,
            self._number,
            self._data,
            self._grad,
            self._lanes,
        )

    def step(self, leaves: np.ndarray, rate: float) -> float:
        """Forward, backward, and gradient descent of the `leaves` (from `places`); returns the result before
        the step."""
        before = self.forward()
        self.backward()
        kernels.descend(leaves, self._data, self._grad, float(rate))
        return before

    def places(self, leaves: Iterable[Value]) -> np.ndarray:
        """Where leaves that all samples share lie, for `step`."""
        rows = [self._row[leaf] for leaf in leaves]
        if any(self._spread[i] or self._code[i] > NUMBER for i in rows):
            raise ValueError("only leaves that are the same for all samples can be trained")
        return self._at[rows]

    def numbers(self, value: Value) -> np.ndarray:
        """What `forward` has computed for a value: one number, or one for each sample."""
        return self._data[self._place(self._row[value])][: self.count or 1]

    def gradients(self, value: Value) -> np.ndarray:
        """What `backward` has computed for a value, likewise."""
        return self._grad[self._place(self._row[value])][: self.count or 1]

    def set(self, leaf: Value, number: float) -> None:
        """Give a leaf another number, for all samples."""
        if leaf._code > NUMBER:
            raise ValueError("only values that were not computed can be set")
        self._data[self._place(self._row[leaf])] = number

    def set_samples(self, leaf: Value, numbers: Sequence[float]) -> None:
        """Give a leaf that differs from sample to sample its numbers."""
        row = self._row[leaf]
        if not self._spread[row] or leaf._code > NUMBER:
            raise ValueError("this value is the same for all samples")
        if len(numbers) != self.count:
            raise ValueError(f"there are {self.count} samples, but {len(numbers)} numbers")
        room = self._data[self._place(row)]
        room[: self.count] = numbers
        room[self.count :] = numbers[-1]  # what is left over computes the last sample again

    def write_back(self) -> None:
        """Put the numbers and gradients into the values; those of one sample only without samples."""
        for value, i in self._row.items():
            if not self._spread[i]:
                value.data = float(self._data[self._at[i]])
                value.grad = float(self._grad[self._at[i]])

    def _place(self, row: int) -> slice:
        start = int(self._at[row])
        return slice(start, start + (int(self._lanes) if self._spread[row] else 1))


def _count(samples: Mapping[Value, Sequence[float]]) -> int:
    counts = {len(numbers) for numbers in samples.values()}
    if len(counts) != 1 or 0 in counts:
        raise ValueError(f"each leaf needs as many numbers, and at least one; there are {sorted(counts)}")
    return counts.pop()
