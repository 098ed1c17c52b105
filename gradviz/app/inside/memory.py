"""What is in memory at each moment, and why: parameters, gradients, what backward will read, temporaries.

A value is counted from the instruction that makes it to the last one that reads it: then it could be freed.
What a forward op keeps for its backward (`Op.saves`) is held until backward has been there, as PyTorch does;
parameters, optimizer state and `.grad` are held while their names mean them. Views share the memory of what
they view. At a moment the inputs of the instruction that has just run are still there beside its result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import pairwise

import numpy as np

from gradviz.engine.op import REGISTRY
from gradviz.engine.program import Phase, Program, SlotKind

from ..graph.folding import Owners
from ..names import GRAD

Span = tuple[int, int]  # first and last moment


class Use(IntEnum):
    """What a piece of memory is there for; where it is for several, the first counts."""

    PARAMETER = 0  # parameters, buffers and the optimizer's state
    GRADIENT = 1
    SAVED = 2  # kept for backward
    TEMPORARY = 3


@dataclass(frozen=True, slots=True)
class Life:
    """A value in memory from moment `born` to moment `last`; on the way to the next one it can be freed.

    `last` is the program's last moment if something holds it to the end. `saved` says while backward needs
    it, `savers` which forward instructions keep it for that. `views` are other slots in the same memory.
    """

    slot: int
    nbytes: int
    born: int
    last: int
    views: tuple[int, ...] = ()
    saved: Span | None = None
    savers: tuple[int, ...] = ()


class Memory:
    """The memory of one program over its moments 0 … len(program)."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._roots = _roots(program)
        self._names = _Names(program)

    @cached_property
    def lives(self) -> tuple[Life, ...]:
        """Every value that has memory of its own, in the order of their making."""
        members: dict[int, list[int]] = {}
        for slot, root in enumerate(self._roots):
            members.setdefault(root, []).append(slot)
        saved = self._saved()
        found = [self._life(root, slots, saved) for root, slots in members.items()]
        return tuple(sorted((life for life in found if life.nbytes), key=lambda life: (life.born, life.slot)))

    @cached_property
    def bytes(self) -> np.ndarray:
        """Bytes by moment (rows) and use (columns)."""
        change = np.zeros((len(self.program) + 2, len(Use)), dtype=np.int64)
        for life in self.lives:
            for start, last, use in self._pieces(life):
                change[start, use] += life.nbytes
                change[last + 1, use] -= life.nbytes
        return change.cumsum(axis=0)[:-1]

    @cached_property
    def total(self) -> np.ndarray:
        """Bytes by moment."""
        return np.asarray(self.bytes.sum(axis=1))

    @cached_property
    def peak(self) -> int:
        """The first moment with the most bytes."""
        return int(self.total.argmax())

    def made(self, moment: int) -> tuple[Life, ...]:
        """What the instruction before a moment has allocated."""
        return tuple(life for life in self._by_birth.get(moment, ())) if moment else ()

    def freed(self, moment: int) -> tuple[Life, ...]:
        """What can be freed when a moment is over: nobody will read it again."""
        return () if moment == len(self.program) else tuple(self._by_end.get(moment, ()))

    def life(self, slot: int) -> Life | None:
        """The memory in which a slot lies."""
        return self._by_root.get(self._roots[slot])

    def use(self, slot: int, moment: int) -> Use | None:
        """What a slot's memory is there for at a moment; None if it is not there."""
        life = self.life(slot)
        for start, last, use in self._pieces(life) if life is not None else ():
            if start <= moment <= last:
                return use
        return None

    # How lives are found.

    def _life(self, root: int, slots: list[int], saved: dict[int, list[int]]) -> Life:
        program, producers = self.program, self.program.producers
        born = producers[root] + 1
        last = born
        if program.slots[root].kind in (SlotKind.PARAMETER, SlotKind.BUFFER):
            last = len(program) if not self._names.spans(root) else born
        for slot in slots:
            reads = program.consumers[slot]
            last = max(last, producers[slot] + 1, reads[-1][0] + 1 if reads else 0)
            last = max([last, *(end for _, end in self._names.spans(slot))])
        savers = sorted({index for slot in slots for index in saved.get(slot, ())})
        span = None
        if savers:
            span = savers[0] + 1, max(self._ends[index] for index in savers)
            last = max(last, span[1])
        nbytes = 0 if program.slots[root].kind is SlotKind.CONSTANT else program.values[root].nbytes
        views = tuple(slot for slot in slots if slot != root)
        return Life(root, nbytes, born, min(last, len(program)), views, span, tuple(savers))

    def _saved(self) -> dict[int, list[int]]:
        """For each slot the forward instructions that keep it for their backward."""
        found: dict[int, list[int]] = {}
        for index, instr in enumerate(self.program.instrs):
            if index not in self._ends:
                continue
            op = REGISTRY.get(instr.op)
            saves = op.saves if op is not None else ()
            kept = (
                *(instr.inputs if "inputs" in saves else ()),
                *((instr.output,) if "output" in saves else ()),
            )
            for slot in kept:
                found.setdefault(slot, []).append(index)
        return found

    @cached_property
    def _ends(self) -> dict[int, int]:
        """For each forward instruction with a gradient the moment at which backward is done with it.

        Without a backward pass everything is kept to the end, in case one comes.
        """
        instrs, slots = self.program.instrs, self.program.slots
        done: dict[int, int] = {}
        for index, instr in enumerate(instrs):
            if instr.site.phase is Phase.BACKWARD and instr.site.origin >= 0:
                done[instr.site.origin] = index + 1
        went_back = any(instr.site.phase is Phase.BACKWARD for instr in instrs)
        rest = (
            {}
            if went_back
            else {i: len(instrs) for i, x in enumerate(instrs) if slots[x.output].requires_grad}
        )
        return {**rest, **done}

    def _pieces(self, life: Life) -> Iterator[tuple[int, int, Use]]:
        """The life cut where its use changes: first and last moment, and the use."""
        slots = (life.slot, *life.views)
        held = [span for slot in slots for span in self._names.spans(slot, gradients=False)]
        if not held and self.program.slots[life.slot].kind in (SlotKind.PARAMETER, SlotKind.BUFFER):
            held = [(life.born, life.last)]
        is_gradient = any(slot in self._names.gradients for slot in slots)
        cuts = {life.born, life.last + 1}
        for start, last in (*held, *([life.saved] if life.saved is not None else [])):
            cuts |= {max(start, life.born), min(last, life.last) + 1}
        marks = sorted(cut for cut in cuts if life.born <= cut <= life.last + 1)
        for start, stop in pairwise(marks):
            if any(a <= start <= b for a, b in held):
                use = Use.PARAMETER
            elif is_gradient:
                use = Use.GRADIENT
            elif life.saved is not None and life.saved[0] <= start <= life.saved[1]:
                use = Use.SAVED
            else:
                use = Use.TEMPORARY
            yield start, stop - 1, use

    # Tables.

    @cached_property
    def _by_root(self) -> dict[int, Life]:
        return {life.slot: life for life in self.lives}

    @cached_property
    def _by_birth(self) -> dict[int, list[Life]]:
        found: dict[int, list[Life]] = {}
        for life in self.lives:
            found.setdefault(life.born, []).append(life)
        return found

    @cached_property
    def _by_end(self) -> dict[int, list[Life]]:
        found: dict[int, list[Life]] = {}
        for life in self.lives:
            found.setdefault(life.last, []).append(life)
        return found


class _Names:
    """Which slots are held by names: parameters, buffers, optimizer state, `.grad`."""

    def __init__(self, program: Program) -> None:
        owners = Owners(program)
        self._spans: dict[int, list[tuple[Span, bool]]] = {}  # slot -> spans, and whether it is a .grad
        now: dict[str, tuple[int, int]] = {}
        for row in (*program.bindings, None):
            names = [row.name] if row is not None else list(now)
            moment = row.moment if row is not None else len(program)
            for name in names:
                if name in now:
                    since, slot = now.pop(name)
                    self._spans.setdefault(slot, []).append(((since, moment), name.endswith(GRAD)))
            if (
                row is not None
                and row.slot is not None
                and (owners.leaf_of(row.name) or row.name.endswith(GRAD))
            ):
                now[row.name] = (row.moment, row.slot)
        self.gradients = {row.grad for row in program.contributions} | {
            row.total for row in program.contributions
        }
        self.gradients |= {slot for slot, rows in self._spans.items() if any(grad for _, grad in rows)}
        self.gradients |= {n for n, slot in enumerate(program.slots) if slot.kind is SlotKind.GRADIENT}

    def spans(self, slot: int, gradients: bool = True) -> list[Span]:
        """From when to when names hold a slot, those of gradients included or not."""
        return [span for span, grad in self._spans.get(slot, ()) if gradients or not grad]


def _roots(program: Program) -> list[int]:
    """For each slot the one whose memory it lies in: its own, but of a view what it views."""
    roots = list(range(len(program.slots)))
    for instr in program.instrs:
        op = REGISTRY.get(instr.op)
        if instr.inputs and (instr.op == "detach" or (op is not None and op.view)):
            roots[instr.output] = roots[instr.inputs[0]]
    return roots
