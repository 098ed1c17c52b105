"""From instructions to rows: each op has a rule, which says how it is computed from views of the arena.

What has no rule, or a rule that gives up, is left to the interpreter: a `Fallback`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ..op import REGISTRY
from ..program import Instr, Program, SlotKind
from .alias import view_through
from .rows import Rows, dtype_of
from .split import Split
from .values import Buffer, Fallback, Loop, View

Rule = Callable[["Lowering", Instr], bool]
RULES: dict[str, Rule] = {}
"""By op: emits rows for an instruction and returns True, or returns False before it has emitted any."""


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Decorator: this is how these ops are lowered."""

    def enter(function: Rule) -> Rule:
        for name in names:
            RULES[name] = function
        return function

    return enter


class Lowering(Rows):
    """The rows of one program in the making.

    `needed` marks the instructions that are lowered at all; `kept` the slots that can be asked for
    afterwards.
    """

    def __init__(
        self, program: Program, needed: Sequence[bool], kept: frozenset[int], rules: Mapping[str, Rule]
    ) -> None:
        super().__init__(program)
        self.kept = kept
        self.fallbacks: dict[str, int] = {}
        self.readers: dict[int, list[int]] = {}  # by slot: the needed instructions that read it
        for index, instr in enumerate(program.instrs):
            if needed[index]:
                for slot in instr.inputs:
                    self.readers.setdefault(slot, []).append(index)
        self._rules = rules
        self._empty = {number for number, slot in enumerate(program.slots) if 0 in slot.shape}
        self._needed = needed
        self._postponed: dict[int, Callable[[], None]] = {}
        self.loops: list[Loop] = []
        self.split: Split | None = None
        self.sides: tuple[int, int, int] | None = None  # steps where two halves begin, and where they end
        self.in_parts = False  # parts of the program can be run, so that each row has its instruction's time
        self.adding = False  # sums over the batch have been begun by an earlier part
        self.range = (0, 0)  # the samples of the part that is being lowered
        self._whole: dict[int, View] = {}  # of what is batched, by slot: the rows of all samples
        self._everyone: dict[int, View] = {}  # the same memory, for what reads all rows in every part

    def run(self) -> None:
        """Lower every instruction that is needed, in order."""
        self.lower(range(len(self.program)))

    def rows(self, slot: int, start: int, stop: int) -> View:
        """The rows of some samples, of a slot whose rows are all kept."""
        if slot not in self._whole:
            assert self.split is not None
            row = self.split.program.slots[slot]
            self._whole[slot] = self.new(row.shape, dtype_of(row.dtype), fixed=True)
            if row.kind is not SlotKind.VALUE:
                self.leaves[slot] = self._whole[slot]
        return self._whole[slot].rows(start, stop)

    def lower(self, indices: Iterable[int]) -> None:
        """Lower some instructions."""
        for index in indices:
            instr = self.program.instrs[index]
            self.at = index
            if not self._needed[index]:
                continue
            if index in self._postponed:
                self._postponed.pop(index)()
            else:
                found = self._rules.get(instr.op)
                known = found is not None and not (self._empty and self._is_empty(instr))
                if not (known and found is not None and found(self, instr)) and not self.alias(instr):
                    self.fall_back(instr)
            self.hold(instr.output)

    def postpone(self, index: int, emit: Callable[[], None]) -> None:
        """Let the rule of an earlier instruction lower a later one, when it is its turn."""
        self._postponed[index] = emit

    def hold(self, slot: int) -> None:
        """Keep what is wanted afterwards: in its place, or by a copy to where all samples are."""
        if not self._wanted(slot) or slot not in self.views:
            return
        if self.batched(slot):
            whole = self.rows(slot, *self.range)
            if self.views[slot].buffer is not whole.buffer:
                self.each("copy", whole, [self.views[slot]])
        else:
            self.views[slot].buffer.fixed = True

    def _wanted(self, slot: int) -> bool:
        return slot in self.kept or (self.split is not None and slot in self.split.whole)

    def batched(self, slot: int) -> bool:
        """Whether a part of a slot's samples is all that is there at a time."""
        return self.split is not None and self.split.batched(slot)

    def summed(self, slot: int) -> bool:
        """Whether a slot is a sum over the batch, to which parts add."""
        return self.split is not None and self.split.summed(slot)

    def whole(self, slot: int) -> View:
        """All samples of an input."""
        return self._whole[slot] if slot in self._whole else self.view(slot)

    def everyone(self, slot: int) -> View:
        """The same for rows that read all of them in every part: in a buffer that does not move with it."""
        if slot in self._whole and slot not in self._everyone:
            whole = self._whole[slot]
            same = Buffer(whole.buffer.nbytes, whole.buffer.fixed, home=whole.buffer)
            self._everyone[slot] = whole._replace(buffer=same)
        return self._everyone[slot] if slot in self._everyone else self.view(slot)

    def _is_empty(self, instr: Instr) -> bool:
        return not self._empty.isdisjoint((*instr.inputs, instr.output))

    def out(self, slot: int) -> View:
        """A dense array for a slot that is about to be computed."""
        row = self.program.slots[slot]
        if self.adding and self.summed(slot):
            return self.views[slot]
        if self.split is not None and self._wanted(slot) and self.batched(slot):
            made = self.rows(slot, *self.range)
        else:
            made = self.new(row.shape, dtype_of(row.dtype))
        self.views[slot] = made
        return made

    def only_reader(self, slot: int) -> int | None:
        """The one instruction that reads a slot, and reads it once, if nobody else wants it."""
        readers = self.readers.get(slot, [])
        return readers[0] if len(readers) == 1 and not self._wanted(slot) else None

    def alias(self, instr: Instr) -> bool:
        """Lower an op whose kernel returns a view of its input, by asking it for one."""
        if not instr.inputs:
            return False
        source = self.view(instr.inputs[0])
        if source.dtype != dtype_of(self.program.slots[instr.output].dtype) or not source.buffer.nbytes:
            return False
        op = REGISTRY[instr.op]
        if not op.view and instr.op != "detach":
            return False
        found = view_through(source, instr, self.program)
        if found is None and self._rules and not source.dense:  # without kernels the interpreter copies
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
