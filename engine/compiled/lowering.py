"""From instructions to rows: each op has a rule, which says how it is computed from views of the arena.

What has no rule, or a rule that gives up, is left to the interpreter: a `Fallback`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..interpret import spec_of
from ..op import REGISTRY, Spec
from ..program import Instr, Program, SlotKind
from .values import Address, Buffer, Fallback, Operand, Place, Row, View, dense_strides

Rule = Callable[["Lowering", Instr], bool]
RULES: dict[str, Rule] = {}
"""By op: emits rows for an instruction and returns True, or returns False before it has emitted any."""

PRECISIONS = {np.dtype(np.float32): "float32", np.dtype(np.float64): "float64"}
_KINDS = {"float32": 0, "float64": 1, "int64": 2, "bool": 3}  # for the kernel `cast`
VECTOR = 64  # bytes of the longest vectors


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Decorator: this is how these ops are lowered."""

    def enter(function: Rule) -> Rule:
        for name in names:
            RULES[name] = function
        return function

    return enter


class Lowering:
    """The rows of one program in the making.

    `needed` marks the instructions that are lowered at all; `kept` the slots that can be asked for
    afterwards.
    """

    def __init__(
        self, program: Program, needed: Sequence[bool], kept: frozenset[int], rules: Mapping[str, Rule]
    ) -> None:
        self.program = program
        self._rules = rules
        self.kept = kept
        self.steps: list[Row | Fallback] = []
        self.views: dict[int, View] = {}
        self.leaves: dict[int, View] = {}
        self.constants: dict[Buffer, np.ndarray] = {}
        self.fallbacks: dict[str, int] = {}
        self.readers: dict[int, list[int]] = {}  # by slot: the needed instructions that read it
        self._known: dict[tuple[Any, ...], View] = {}
        self.at = 0  # the instruction that is being lowered
        self._needed = needed
        for index, instr in enumerate(program.instrs):
            if needed[index]:
                for slot in instr.inputs:
                    self.readers.setdefault(slot, []).append(index)
        self._postponed: dict[int, Callable[[], None]] = {}
        self.made: set[tuple[Any, ...]] = set()  # what is shared and has been computed
        self.codes: set[int] = set()  # slots whose view holds something shorter than the value
        self.doubt: View | None = None

    def run(self) -> None:
        """Lower every instruction that is needed, in order."""
        for index, instr in enumerate(self.program.instrs):
            self.at = index
            if not self._needed[index]:
                continue
            if index in self._postponed:
                self._postponed[index]()
                self._hold(instr.output)
                continue
            found = self._rules.get(instr.op)
            known = found is not None and not self._empty(instr)
            if not (known and found is not None and found(self, instr)) and not self.alias(instr):
                self.fall_back(instr)
            self._hold(instr.output)

    def postpone(self, index: int, emit: Callable[[], None]) -> None:
        """Let the rule of an earlier instruction lower a later one, when it is its turn."""
        self._postponed[index] = emit

    def _hold(self, slot: int) -> None:
        if slot in self.kept and slot in self.views:
            self.views[slot].buffer.fixed = True

    def _empty(self, instr: Instr) -> bool:
        slots = self.program.slots
        return any(0 in slots[slot].shape for slot in (*instr.inputs, instr.output))

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
                found = self.leaves[slot] = self.new(row.shape, np.dtype(row.dtype), fixed=True)
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
            made = self.new(view.shape, view.dtype)
            self.each("copy", made, [view])
            self._known[key] = made
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
        size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        return View(Buffer(size, fixed), 0, tuple(shape), dense_strides(tuple(shape)), dtype)

    def out(self, slot: int) -> View:
        """A dense array for a slot that is about to be computed."""
        row = self.program.slots[slot]
        made = self.views[slot] = self.new(row.shape, np.dtype(row.dtype))
        return made

    def only_reader(self, slot: int) -> int | None:
        """The one instruction that reads a slot, and reads it once, if nobody else wants it."""
        readers = self.readers.get(slot, [])
        return readers[0] if len(readers) == 1 and slot not in self.kept else None

    # Rows.

    def emit(
        self,
        kernel: str,
        dtype: np.dtype[Any],
        *operands: Operand,
        over: Sequence[tuple[View, View]] = (),
    ) -> None:
        """Append a row."""
        pairs = tuple((new.buffer, old.buffer) for new, old in over if new.whole and old.whole)
        self.steps.append(Row(kernel, PRECISIONS[dtype], operands, self.at, pairs))

    def each(self, kernel: str, out: View, inputs: Sequence[View]) -> None:
        """Append an elementwise row: a plain loop where strides allow it, else a nest of loops."""
        if not out.size:
            return
        shape, strides = collapse(out.shape, [out.strides, *(view.broadcast(out.shape) for view in inputs)])
        inner = [steps[-1] for steps in strides]
        if len(shape) == 1 and all(step in (0, 1) or shape[0] == 1 for step in inner):
            operands: list[Operand] = [shape[0], out.place]
            for view, step in zip(inputs, inner[1:], strict=True):
                single = step == 0 and shape[0] > 1
                operands += [self.repeated(view) if single else view.place, 0 if single else 1]
            self.emit(kernel, out.dtype, *operands, over=[(out, view) for view in inputs])
            return
        scratch = self.new((len(strides) * BLOCK,), out.dtype)
        operands = [Address(kernel), len(strides), len(shape) - 1, shape[-1], BLOCK, scratch.place]
        operands += shape[:-1]
        for view, steps in zip((out, *inputs), strides, strict=True):
            operands += [view.place, steps[-1], *steps[:-1]]
        room = 2 + 2 * len(strides) + len(shape)  # for the kernel: the inner row, and where the nest is
        self.emit("nest", out.dtype, *operands, *([0] * room))

    def alias(self, instr: Instr) -> bool:
        """Lower an op whose kernel returns a view of its input, by asking it for one."""
        if not instr.inputs:
            return False
        source = self.view(instr.inputs[0])
        if source.dtype != np.dtype(self.program.slots[instr.output].dtype) or not source.buffer.nbytes:
            return False
        op = REGISTRY[instr.op]
        if not op.view and instr.op != "detach":
            return False
        found = view_through(source, instr, self.program)
        if found is None and not source.dense:
            found = view_through(self.dense(source), instr, self.program)
        if found is None:
            return False
        self.views[instr.output] = found
        return True

    def fall_back(self, instr: Instr) -> None:
        """Let the interpreter run an instruction."""
        self.fallbacks[instr.op] = self.fallbacks.get(instr.op, 0) + 1
        inputs = tuple(self.view(slot) for slot in instr.inputs)
        weak = tuple(self.program.slots[slot].kind is SlotKind.CONSTANT for slot in instr.inputs)
        out = self.out(instr.output)
        self.steps.append(Fallback(instr.op, inputs, out, instr.attrs, weak, self.at))


BLOCK = 512
"""Elements that a nest hands to its kernel at once."""


def view_through(source: View, instr: Instr, program: Program) -> View | None:
    """What a view op shows of `source`, found by running its kernel on memory that is not looked at."""
    item = source.dtype.itemsize
    memory = np.empty(source.buffer.nbytes // item, source.dtype)
    array = np.lib.stride_tricks.as_strided(
        memory[source.offset :], source.shape, [step * item for step in source.strides]
    )
    shown = REGISTRY[instr.op].kernel(spec_of(program, instr.output), array, **instr.attrs)
    start = shown.__array_interface__["data"][0] - memory.__array_interface__["data"][0]
    if not 0 <= start < max(memory.nbytes, 1) or not np.may_share_memory(shown, memory):
        return None
    strides = tuple(step // item for step in shown.strides)
    return View(source.buffer, start // item, tuple(shown.shape), strides, source.dtype)


def collapse(shape: Sequence[int], strides: Sequence[Sequence[int]]) -> tuple[list[int], list[list[int]]]:
    """The same elements with as few dimensions as possible; the longest stretch that is dense comes last."""
    sizes: list[int] = []
    steps: list[list[int]] = [[] for _ in strides]
    for i, size in enumerate(shape):
        if size == 1:
            continue
        here = [each[i] for each in strides]
        if sizes and all(before[-1] == step * size for before, step in zip(steps, here, strict=True)):
            sizes[-1] *= size
            for each, step in zip(steps, here, strict=True):
                each[-1] = step
        else:
            sizes.append(size)
            for each, step in zip(steps, here, strict=True):
                each.append(step)
    if not sizes:
        return [1], [[1] for _ in strides]
    return sizes, steps
