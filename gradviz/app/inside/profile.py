"""Memory, work and time of one program, and what is said of them at a moment."""

from __future__ import annotations

from functools import cached_property

from gradviz.engine.program import Program

from ..i18n import tr
from ..names import names
from ..numerals import number
from .cost import Cost, costs
from .memory import Life, Memory, Use

_SHOWN = 3  # values that are listed one by one
_UNITS = ("B", "kB", "MB", "GB", "TB")


class Profile:
    """What one program needs; `seconds` for each instruction, once somebody has measured them."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.memory = Memory(program)
        self.seconds: list[float] | None = None

    @cached_property
    def costs(self) -> list[Cost]:
        """The cost of each instruction."""
        return costs(self.program)

    @cached_property
    def _names(self) -> dict[int, str]:
        return names(self.program)

    def short(self, moment: int) -> str:
        """What is in memory at a moment, and at most."""
        memory = self.memory
        now, most = (bytes_text(int(memory.total[m])) for m in (moment, memory.peak))
        return tr("{now}, at most {most}").format(now=now, most=most)

    def lines(self, moment: int) -> list[str]:
        """All that is to be said of a moment."""
        memory = self.memory
        uses = [
            tr("{use} {amount}").format(use=use_title(use), amount=bytes_text(int(memory.bytes[moment, use])))
            for use in Use
            if memory.bytes[moment, use]
        ]
        total = bytes_text(int(memory.total[moment]))
        found = [tr("In memory: {total}").format(total=total), *uses]
        if moment == memory.peak:
            found[0] = tr("In memory: {total}, the most there ever is").format(total=total)
        found += [self._made(life) for life in memory.made(moment)]
        if gone := memory.freed(moment):
            found.append(self._freed(gone))
        if moment:
            found += self._work(moment - 1)
        return found

    def _made(self, life: Life) -> str:
        size = bytes_text(life.nbytes)
        if life.last == len(self.program):
            return tr("Made here: {size}, which stays").format(size=size)
        if life.last == life.born:
            return tr("Made here: {size}, which nothing reads").format(size=size)
        reader = self.program.instrs[life.last - 1].op
        words = {"size": size, "moment": life.last, "op": reader}
        if life.saved is not None and life.saved[1] == life.last:
            saver = self.program.instrs[life.savers[0]].op
            return tr("Made here: {size}, kept for the backward of {saver} until moment {moment}").format(
                **words, saver=saver
            )
        return tr("Made here: {size}, last read at moment {moment} ({op})").format(**words)

    def _freed(self, gone: tuple[Life, ...]) -> str:
        size = bytes_text(sum(life.nbytes for life in gone))
        titles = [self._title(life.slot) for life in gone[:_SHOWN]]
        if len(gone) > _SHOWN:
            titles.append("…")
        return tr("Can be freed now: {size} ({names})").format(size=size, names=tr(", ").join(titles))

    def _title(self, slot: int) -> str:
        producer = self.program.producers[slot]
        return self._names.get(slot) or (self.program.instrs[producer].op if producer >= 0 else f"%{slot}")

    def _work(self, index: int) -> list[str]:
        cost = self.costs[index]
        count = f"{cost.count:,}".replace(",", "\u2009")
        if cost.multiply_adds:
            found = [tr("{count} multiply-adds: {how}").format(count=count, how=cost.how)]
        elif cost.count:
            found = [tr("{count} elements: {how}").format(count=count, how=cost.how)]
        else:
            found = [tr("No arithmetic: the same memory, seen otherwise")]
        if self.seconds is not None:
            found.append(tr("{time}, measured here").format(time=time_text(self.seconds[index])))
        return found


def use_title(use: Use) -> str:
    """What memory is there for, in words."""
    return {
        Use.PARAMETER: tr("parameters"),
        Use.GRADIENT: tr("gradients"),
        Use.SAVED: tr("kept for backward"),
        Use.TEMPORARY: tr("temporary"),
    }[use]


def bytes_text(count: int) -> str:
    """An amount of memory, in powers of 1000: "0 B", "18.8 kB", "3.2 MB"."""
    size, unit = float(count), 0
    while size >= 999.5 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{number(size, 3)} {_UNITS[unit]}"


def time_text(seconds: float) -> str:
    """A short time: "12 µs", "0.35 ms", "1.2 s"."""
    if seconds < 1e-4:
        return tr("{n} µs").format(n=number(seconds * 1e6, 2))
    if seconds < 1:
        return tr("{n} ms").format(n=number(seconds * 1e3, 3))
    return tr("{n} s").format(n=number(seconds, 3))
