"""Which gradient each instruction of backward leaves behind, and where backward passes begin."""

from __future__ import annotations

from collections.abc import Iterator

from gradviz.engine.program import Phase, Program


class Gradients:
    """`roots`: by the index of the instruction that begins a backward pass, the slot that it starts from."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.roots: dict[int, int] = {
            index: instr.inputs[0]
            for index, instr in enumerate(program.instrs)
            if instr.op == "ones_like" and instr.site.phase is Phase.BACKWARD
        }
        # A gradient's slot -> the slot of what it is the gradient of.
        self._targets: dict[int, int] = {row.total: row.slot for row in program.contributions}
        for index, instr in enumerate(program.instrs):
            if instr.op == "accumulate_grad":
                self._note(index)

    def _note(self, index: int) -> None:
        instr = self._program.instrs[index]
        target = self._targets.get(instr.inputs[-1])
        if target is not None:
            self._targets[instr.output] = target

    @property
    def any(self) -> bool:
        """Whether a gradient was left in a `.grad`."""
        return any(instr.op == "accumulate_grad" for instr in self._program.instrs)

    def target_of(self, slot: int) -> int | None:
        """The slot whose `.grad` holds `slot`: the result of an accumulation."""
        producer = self._program.producers[slot]
        if producer < 0 or self._program.instrs[producer].op != "accumulate_grad":
            return None
        return self._targets.get(slot)

    def is_written(self, slot: int) -> bool:
        """Whether an instruction outside of backward has written a slot."""
        index = self._program.producers[slot]
        return index >= 0 and self._program.instrs[index].site.phase is not Phase.BACKWARD

    def before(self, root: int) -> Iterator[tuple[int, int | None]]:
        """What `.grad` must hold before a backward pass begins, where it is not what the pass before left:
        pairs of a target and the old gradient, or None for none."""
        starts = sorted(self.roots)
        following = [start for start in starts if start > root]
        end = following[0] if following else len(self._program)
        for index in range(root, end):
            instr = self._program.instrs[index]
            if instr.op != "accumulate_grad":
                continue
            target = self._targets.get(instr.output)
            if target is None:
                continue
            old = instr.inputs[0] if len(instr.inputs) == 2 else None
            if old is not None and self._is_zero(old):
                old = None
            if old is None and root != starts[0]:
                yield target, None
            elif old is not None and self.target_of(old) != target:
                yield target, old

    def _is_zero(self, slot: int) -> bool:
        producer = self._program.producers[slot]
        return producer >= 0 and self._program.instrs[producer].op == "zero_grad"
