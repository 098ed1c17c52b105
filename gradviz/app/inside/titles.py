"""What a value is called where only one of its elements is looked at: short, and never empty."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from gradviz.engine.program import Phase, Program, SlotKind

from ..i18n import tr
from ..names import names
from ..numerals import index_text


class Titles:
    """Names for the slots of one program; its tables are made once."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def of(self, slot: int) -> str:
        """ "conv1.weight", "∂L/∂conv1.weight", "conv1", "relu", "a constant"."""
        if name := self._names.get(slot):
            return name
        if (target := self._gradient_of.get(slot)) is not None:
            return f"∂L/∂{self._plain(target)}"
        return self._plain(slot)

    def element(self, slot: int, index: tuple[int, ...]) -> str:
        """The same with an index: "conv1.weight[3,0,1,2]"."""
        return self.of(slot) + index_text(index).replace(" ", "")

    def _plain(self, slot: int) -> str:
        if name := self._names.get(slot):
            return name
        producer = self._program.producers[slot]
        if producer < 0:
            return tr("input") if self._program.slots[slot].kind is SlotKind.INPUT else tr("constant")
        instr = self._program.instrs[producer]
        module = instr.site.module
        if module and self._last.get(module) == producer and instr.site.phase is not Phase.BACKWARD:
            return module
        return f"{module}.{instr.op}" if module and module != instr.op else instr.op

    @cached_property
    def _names(self) -> Mapping[int, str]:
        return names(self._program)

    @cached_property
    def _gradient_of(self) -> Mapping[int, int]:
        found: dict[int, int] = {}
        for row in self._program.contributions:
            found.setdefault(row.grad, row.slot)
            found.setdefault(row.total, row.slot)
        for instr in self._program.instrs:  # where backward starts: ∂loss/∂loss = 1
            if instr.op == "ones_like" and instr.site.phase is Phase.BACKWARD:
                found.setdefault(instr.output, instr.inputs[0])
        return found

    @cached_property
    def _last(self) -> Mapping[str, int]:
        """The instruction whose result a module passes on: its last one of forward."""
        return {
            instr.site.module: index
            for index, instr in enumerate(self._program.instrs)
            if instr.site.phase in (Phase.FORWARD, Phase.LOSS)
        }
