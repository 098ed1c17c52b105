"""Building rows: where values lie, and what is computed from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np

from ..interpret import spec_of
from ..op import Spec
from ..program import Program, SlotKind
from .values import Address, Buffer, Fallback, Operand, Place, Row, View, collapse, dense_strides

PRECISIONS: dict[np.dtype[Any], str] = {np.dtype(np.float32): "float32", np.dtype(np.float64): "float64"}
VECTOR = 64
"""Bytes of the longest vectors."""
BLOCK = 512
"""Elements that a nest hands to its kernel at once."""

dtype_of: Callable[[str], np.dtype[Any]] = cache(np.dtype)
"""numpy's dtype of a name."""

_BITS: dict[int, np.dtype[Any]] = {dtype.itemsize: dtype for dtype in PRECISIONS}
_KINDS = {"float32": 0, "float64": 1, "int64": 2, "bool": 3}  # for the kernel `cast`


class Rows:
    """The steps of a program so far, and the views of the values that they compute."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.at = 0  # the instruction that is being lowered
        self.steps: list[Row | Fallback] = []
        self.views: dict[int, View] = {}  # by slot
        self.leaves: dict[int, View] = {}  # of slots that no instruction writes
        self.constants: dict[Buffer, np.ndarray] = {}
        self.made: set[tuple[Any, ...]] = set()  # what is shared and has been computed
        self.codes: set[int] = set()  # slots whose view holds something shorter than the value
        self.folded: dict[int, int] = {}  # relu and places of a pooling that does both → its values
        self.absorbed: set[int] = set()  # slots whose value no row leaves behind, whatever their view says
        self.doubt: View | None = None  # the word that says that something is wrong
        self._known: dict[tuple[Any, ...], View] = {}

    def spec(self, slot: int) -> Spec:
        """Shape and dtype of a slot, as the ops' rules take them."""
        return spec_of(self.program, slot)

    # Views of values.

    def view(self, slot: int) -> View:
        """Where a slot's value lies, in any layout."""
        found = self.views.get(slot)
        if found is None:
            row = self.program.slots[slot]
            assert row.kind is not SlotKind.VALUE, f"slot {slot} is read before it is written"
            if row.kind is SlotKind.CONSTANT:
                found = self.constant(self.program.values[slot])
            else:
                found = self.leaves[slot] = self.new(row.shape, dtype_of(row.dtype), fixed=True)
            self.views[slot] = found
        return found

    def operand(self, slot: int, dtype: np.dtype[Any]) -> View | None:
        """A slot's value in another dtype; None if that conversion is not known."""
        view = self.view(slot)
        if view.dtype == dtype:
            return view
        if self.program.slots[slot].kind is SlotKind.CONSTANT:
            return self.constant(self.program.values[slot].astype(dtype))
        key = ("cast", view, dtype)
        if key not in self._known:
            if dtype not in PRECISIONS or view.dtype.name not in _KINDS:
                return None
            source = self.dense(view)
            made = self.new(view.shape, dtype)
            kind = _KINDS[view.dtype.name]
            self.emit("cast", dtype, view.size, made.place, source.place, kind)
            self._known[key] = made
        return self._known[key]

    def remember(self, view: View, other: View) -> None:
        """That a view has been converted already."""
        self._known["cast", view, other.dtype] = other

    def constant(self, value: np.ndarray) -> View:
        """A value that never changes, once for all that are equal."""
        key = ("constant", value.dtype, value.shape, value.tobytes())
        if key not in self._known:
            view = self._known[key] = self.new(value.shape, value.dtype, fixed=True)
            self.constants[view.buffer] = value
        return self._known[key]

    def dense(self, view: View) -> View:
        """The same elements side by side: the view itself, or a copy of it."""
        if view.dense:
            return view
        key = ("dense", view)
        if key not in self._known:
            made = self._known[key] = self.new(view.shape, view.dtype)
            bits: np.dtype[Any] | None = _BITS.get(view.dtype.itemsize)
            if bits is None:
                self.steps.append(Fallback("clone", (view,), made, {}, (False,), self.at))
            else:  # whatever the bits mean
                self.each("copy", made._replace(dtype=bits), [view._replace(dtype=bits)])
        return self._known[key]

    def repeated(self, view: View, offset: int = 0) -> Place:
        """A whole vector of one number of a view: what kernels read with a step of 0."""
        key = ("repeated", view.buffer, view.offset + offset, view.dtype)
        if key not in self._known:
            count = VECTOR // view.dtype.itemsize
            value = self.constants.get(view.buffer)
            if value is not None:
                made = self.constant(np.full(count, value.reshape(-1)[view.offset + offset]))
            else:
                made = self.new((count,), view.dtype)
                self.emit("spread", view.dtype, made.place, view.place.moved(offset))
            self._known[key] = made
        return self._known[key].place

    def shared(self, key: tuple[Any, ...], make: Callable[[], View]) -> View:
        """What several instructions need, such as the columns of a convolution: made by the first."""
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def trouble(self) -> Place:
        """The word that kernels set where an op would raise an error."""
        if self.doubt is None:
            self.doubt = self.new((1,), np.dtype(np.int64), fixed=True)
        return self.doubt.place

    def new(self, shape: tuple[int, ...], dtype: np.dtype[Any], fixed: bool = False) -> View:
        """A dense array in a buffer of its own."""
        buffer = Buffer(math.prod(shape) * dtype.itemsize, fixed)
        return View(buffer, 0, shape, dense_strides(shape), dtype)

    # Rows.

    def emit(
        self,
        kernel: str,
        dtype: np.dtype[Any],
        *operands: Operand,
        out: View | None = None,
        over: Sequence[View] = (),
    ) -> None:
        """Append a row; its result `out` may take the memory of one of those that it is written `over`."""
        pairs: tuple[tuple[Buffer, Buffer], ...] = ()
        if out is not None and out.whole:
            pairs = tuple([(out.buffer, old.buffer) for old in over if old.whole])
        self.steps.append(Row(kernel, PRECISIONS[dtype], operands, self.at, pairs))

    def emit_pairs(
        self,
        kernel: str,
        dtype: np.dtype[Any],
        operands: Sequence[Operand],
        over: Iterable[tuple[View, View]],
    ) -> None:
        """Append a row with several results: the first of each pair may take the memory of the second."""
        pairs = tuple([(new.buffer, old.buffer) for new, old in over if new.whole and old.whole])
        self.steps.append(Row(kernel, PRECISIONS[dtype], tuple(operands), self.at, pairs))

    def each(self, kernel: str, out: View, inputs: Sequence[View]) -> None:
        """Append an elementwise row: a plain loop where strides allow it, else a nest of loops."""
        size = out.size
        if not size:
            return
        steps = _along(out, inputs, size)
        if steps is None:
            shape, strides = collapse(
                out.shape, [out.strides, *(view.broadcast(out.shape) for view in inputs)]
            )
            inner = [each[-1] for each in strides]
            if len(shape) == 1 and all(step in (0, 1) or size == 1 for step in inner):
                steps = [int(step != 0 or size == 1) for step in inner[1:]]
        if steps is not None:
            operands: list[Operand] = [size, out.place]
            for view, step in zip(inputs, steps, strict=True):
                operands += (view.place if step else self.repeated(view), step)
            self.emit(kernel, out.dtype, *operands, out=out, over=inputs)
            return
        scratch = self.new((2 * len(strides) * BLOCK,), out.dtype)  # half of it if the row is cut in two
        operands = [Address(kernel), len(strides), len(shape) - 1, shape[-1], BLOCK, scratch.place]
        operands += shape[:-1]
        for view, steps in zip((out, *inputs), strides, strict=True):
            operands += [view.place, steps[-1], *steps[:-1]]
        room = 2 + 2 * len(strides) + len(shape)  # for the kernel: the inner row, and where the nest is
        self.emit("nest", out.dtype, *operands, *([0] * room))


def _along(out: View, inputs: Sequence[View], size: int) -> list[int] | None:
    """The usual case of `Rows.each`, soon found: all are dense, or single numbers; the inputs' steps."""
    if not out.dense:
        return None
    steps = []
    for view in inputs:
        count = view.size
        if count == size and view.dense:
            steps.append(1)
        elif count == 1:
            steps.append(0)
        else:
            return None
    return steps
