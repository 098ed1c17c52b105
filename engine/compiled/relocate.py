"""The same steps for other samples: what is theirs alone gets memory of its own, what all samples share moves
on by as many rows. That takes a fraction of the time in which instructions are lowered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from .values import Buffer, Fallback, Loop, Place, Row, View


class Relocation:
    """To where buffers move: those of `same` stay, those in `moves` go on by so many bytes, for each of the
    others there is a new one."""

    def __init__(self, same: Collection[Buffer], moves: Mapping[Buffer, int]) -> None:
        self._moves = moves
        self._others = {buffer: buffer for buffer in (*same, *moves)}

    def buffer(self, old: Buffer) -> Buffer:
        """The buffer that takes the place of another one."""
        found = self._others.get(old)
        if found is None:
            found = self._others[old] = Buffer(old.nbytes, old.fixed)
        return found

    def view(self, old: View) -> View:
        """What a view shows there."""
        moved = self._moves.get(old.buffer, 0) // old.dtype.itemsize
        return View(self.buffer(old.buffer), old.offset + moved, old.shape, old.strides, old.dtype)

    def step(self, old: Row | Fallback) -> Row | Fallback:
        """What does there what a step does here."""
        if isinstance(old, Fallback):
            inputs = tuple(self.view(view) for view in old.inputs)
            return replace(old, inputs=inputs, output=self.view(old.output))
        operands = tuple([self._place(each) if type(each) is Place else each for each in old.operands])
        over = old.over and tuple([(self.buffer(new), self.buffer(gone)) for new, gone in old.over])
        return Row(old.kernel, old.precision, operands, old.instr, over)

    def _place(self, old: Place) -> Place:
        buffer = old.buffer
        if buffer in self._moves:
            return old.moved(self._moves[buffer] // old.itemsize)
        other = self.buffer(buffer)
        return old if other is buffer else Place(other, old.offset, old.itemsize)


def relocated(
    steps: Sequence[Row | Fallback], loops: Sequence[Loop], onwards: int, to: Relocation
) -> tuple[list[Row | Fallback], list[Loop]]:
    """The steps and loops once more, `onwards` steps later."""
    turns = [replace(loop, start=loop.start + onwards, stop=loop.stop + onwards) for loop in loops]
    return [to.step(step) for step in steps], turns
