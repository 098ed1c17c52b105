"""The recorded program: one list of instructions for zero_grad, forward, loss, backward and update.

An `Instr` is `output = op(inputs, attrs)` with the place that it came from. Slots are written once (static
single assignment), so stepping back in time moves a cursor and undoes nothing. Everything else that one may
want to know about an instruction (layout, selection, breakpoints, statistics) lives in tables of its own,
keyed by its index.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np

from .errors import ProgramError


class Phase(StrEnum):
    """What the training step is doing while an instruction runs, in the order of a usual iteration."""

    ZERO_GRAD = "zero_grad"
    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"


class SlotKind(StrEnum):
    """Where a slot's value comes from: an instruction (`VALUE`) or outside of the program (all others)."""

    INPUT = "input"
    PARAMETER = "parameter"
    BUFFER = "buffer"
    GRADIENT = "gradient"  # a .grad that was there before the recording began
    CONSTANT = "constant"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Site:
    """Where an instruction came from.

    `module` is the dotted path of modules and composed functions inside which it ran ("layer1.0.conv1",
    "cross_entropy"; "" outside of all); `file`, `line` the user's source; `origin` the index of the forward
    instruction that a backward instruction differentiates, or -1.
    """

    module: str = ""
    phase: Phase = Phase.FORWARD
    file: str = ""
    line: int = 0
    origin: int = -1


@dataclass(frozen=True, slots=True)
class Instr:
    """`output = op(*inputs, **attrs)`; inputs and output are slot numbers, inputs ordered (a + a has two)."""

    op: str
    inputs: tuple[int, ...]
    attrs: Mapping[str, Any]
    output: int
    site: Site


@dataclass(frozen=True, slots=True)
class Slot:
    """What is known of a slot besides its value; `name` is what the user calls it ("conv1.weight", "x",
    "lr")."""

    shape: tuple[int, ...]
    dtype: str
    kind: SlotKind
    name: str = ""
    requires_grad: bool = False


@dataclass(frozen=True, slots=True)
class Binding:
    """From moment `moment` on, the user's name `name` means slot `slot` (None: nothing, as .grad after
    zero_grad).

    `conv1.weight` is bound at moment 0 to the weight before the update and again by the update;
    `conv1.weight.grad` by the instruction that accumulates it.
    """

    moment: int
    name: str
    slot: int | None


@dataclass(frozen=True, slots=True)
class Contribution:
    """One term of a gradient: input `index` of forward instruction `instr` sends `grad` back to `slot`.

    `total` is the slot of the sum so far; `total == grad` for the first contribution.
    """

    slot: int
    instr: int
    index: int
    grad: int
    total: int


@dataclass(frozen=True, slots=True)
class Scope:
    """A module or composed function that instructions ran in; `kind` is "module" or "function"."""

    path: str
    kind: str
    title: str  # "Conv2d", "cross_entropy"
    description: str = ""  # the module's repr line, "Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))"
    function: str = ""  # the composed function that it runs, "batch_norm"


@dataclass(frozen=True)
class Program:
    """A frozen, checked recording with the value of every slot (`values[slot]`, never written to)."""

    instrs: tuple[Instr, ...]
    slots: tuple[Slot, ...]
    values: tuple[np.ndarray, ...]
    bindings: tuple[Binding, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    loss: int | None = None  # the slot that backward started from

    def __len__(self) -> int:
        return len(self.instrs)

    @cached_property
    def producers(self) -> tuple[int, ...]:
        """For each slot the index of the instruction that writes it, or -1."""
        table = [-1] * len(self.slots)
        for index, instr in enumerate(self.instrs):
            table[instr.output] = index
        return tuple(table)

    @cached_property
    def consumers(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each slot the pairs (instruction, input position) that read it, in order."""
        table: list[list[tuple[int, int]]] = [[] for _ in self.slots]
        for index, instr in enumerate(self.instrs):
            for position, slot in enumerate(instr.inputs):
                table[slot].append((index, position))
        return tuple(tuple(row) for row in table)

    @cached_property
    def gradients(self) -> Mapping[int, tuple[Contribution, ...]]:
        """For each slot that backward reached, its contributions in order; the last one's `total` is the
        gradient."""
        table: dict[int, list[Contribution]] = {}
        for contribution in self.contributions:
            table.setdefault(contribution.slot, []).append(contribution)
        return {slot: tuple(rows) for slot, rows in table.items()}

    def gradient_slot(self, slot: int, moment: int | None = None) -> int | None:
        """The slot that holds d loss / d `slot` as far as it is known at `moment` (default: at the end)."""
        found = None
        for row in self.gradients.get(slot, ()):
            if moment is not None and self.producers[row.total] >= moment:
                break
            found = row.total
        return found

    def bound(self, name: str, moment: int) -> int | None:
        """The slot that the user's name means at a moment, or None."""
        found = None
        for binding in self.bindings:
            if binding.moment > moment:
                break
            if binding.name == name:
                found = binding.slot
        return found

    def names(self) -> tuple[str, ...]:
        """Every name that is ever bound, in the order of its first binding."""
        return tuple(dict.fromkeys(binding.name for binding in self.bindings))

    def check(self) -> None:
        """Raise ProgramError unless each slot is written once, before it is read, with the shape that it
        declares."""
        if len(self.values) != len(self.slots):
            raise ProgramError(f"{len(self.slots)} slots but {len(self.values)} values")
        known = [slot.kind is not SlotKind.VALUE for slot in self.slots]
        for index, instr in enumerate(self.instrs):
            for slot in (*instr.inputs, instr.output):
                if not 0 <= slot < len(self.slots):
                    raise ProgramError(
                        f"instruction {index} ({instr.op}) names slot {slot}, which does not exist"
                    )
            for slot in instr.inputs:
                if not known[slot]:
                    raise ProgramError(
                        f"instruction {index} ({instr.op}) reads slot {slot} before it is written"
                    )
            if known[instr.output]:
                raise ProgramError(
                    f"instruction {index} ({instr.op}) writes slot {instr.output} a second time"
                )
            known[instr.output] = True
        for number, (row, value) in enumerate(zip(self.slots, self.values, strict=True)):
            if tuple(value.shape) != row.shape:
                raise ProgramError(f"slot {number} declares shape {row.shape} but holds {tuple(value.shape)}")
        self._check_tables(known)

    def _check_tables(self, known: list[bool]) -> None:
        for row in self.contributions:
            if not 0 <= row.instr < len(self.instrs) or not all(
                0 <= s < len(known) for s in (row.slot, row.grad, row.total)
            ):
                raise ProgramError(f"a contribution points outside of the program: {row}")
        moments = [binding.moment for binding in self.bindings]
        if moments != sorted(moments):
            raise ProgramError("bindings are not in the order of their moments")

    def fingerprint(self) -> str:
        """A digest of the structure (ops, edges, shapes, modules), the same for each iteration of one
        network."""
        digest = hashlib.sha256()
        for instr in self.instrs:
            digest.update(
                repr(
                    (instr.op, instr.inputs, instr.output, instr.site.module, instr.site.phase.value)
                ).encode()
            )
        for slot in self.slots:
            digest.update(repr((slot.shape, slot.dtype, slot.kind.value, slot.name)).encode())
        return digest.hexdigest()

    def pretty(self) -> str:
        """The program as text, one instruction a line: `%7: float32[1, 6, 28, 28] = conv2d(%0 x, …)  #
        conv1, forward`."""
        lines = []
        for instr in self.instrs:
            out = self.slots[instr.output]
            args = ", ".join(f"%{s} {self.slots[s].name}".rstrip() for s in instr.inputs)
            attrs = "".join(f", {key}={value!r}" for key, value in instr.attrs.items())
            where = ", ".join(part for part in (instr.site.module, instr.site.phase.value) if part)
            lines.append(
                f"%{instr.output}: {out.dtype}{list(out.shape)} = {instr.op}({args}{attrs})  # {where}"
            )
        return "\n".join(lines)
