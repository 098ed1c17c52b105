"""Long flat stretches of ops, as a script's loop records them, folded by turns of the loop or by number.

A loop is seen by what it records: the same ops from the same lines again and again. Boxes are nested so that
none of them opens to more than about a hundred.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from gradviz.engine.program import Phase, Program

from .folding import Owners, is_forward

MANY = 1500  # ops directly in one module, all phases together; fewer are drawn as they are
MOST = 100  # things that a box opens to
_LONGEST = 64  # ops in one turn of a loop
_TURNS = 8  # that make a loop, at least


@dataclass(frozen=True, slots=True)
class Chunk:
    """A box around instructions `first` to `last` (numbers within their module and phase, from 0).

    Of a loop, `turns` says how often it ran, `op` and `line` what it does; of some turns of a loop `first`
    and `last` are the numbers of these.
    """

    id: str
    parent: str  # the scope that it lies in
    first: int
    last: int
    turns: int = 0
    op: str = ""  # if a turn is a single op
    line: int = 0
    inside_loop: bool = False


@dataclass(frozen=True)
class Chunks:
    """All boxes by their ids, and for each instruction in one of them the innermost."""

    boxes: dict[str, Chunk] = field(default_factory=dict)
    homes: dict[int, str] = field(default_factory=dict)


def find_chunks(program: Program) -> Chunks:
    """The boxes that a program needs so that it can be drawn; most programs need none."""
    made = Chunks()
    if len(program) <= MANY:
        return made
    paths = Owners(program).paths
    counts: dict[str, int] = {}
    for path in paths:
        counts[path] = counts.get(path, 0) + 1
    stretches: dict[tuple[str, Phase | None], list[int]] = {}
    for index, (instr, path) in enumerate(zip(program.instrs, paths, strict=True)):
        site = instr.site
        if counts[path] > MANY and (is_forward(site.phase) or site.origin < 0):
            stretches.setdefault((path, None if is_forward(site.phase) else site.phase), []).append(index)
    for (path, phase), indices in stretches.items():
        if len(indices) > MOST:
            _Stretch(program, made, path, phase, indices).fold()
    for index, instr in enumerate(program.instrs):  # what is differentiated opens with its gradient
        home = made.homes.get(instr.site.origin)
        if home is not None and index not in made.homes:
            made.homes[index] = home
    return made


Unit = tuple[int, int]  # from, up to: what stays together


class _Stretch:
    """The instructions of one module in one phase."""

    def __init__(
        self, program: Program, made: Chunks, path: str, phase: Phase | None, indices: Sequence[int]
    ) -> None:
        self._program = program
        self._made = made
        self._path = path
        self._name = "i" if phase is None else phase.value
        self._indices = indices

    def fold(self) -> None:
        """Make the boxes."""
        instrs = [self._program.instrs[index] for index in self._indices]
        keys = [(instr.site.file, instr.site.line, instr.op) for instr in instrs]
        units: list[Unit] = []
        periods: dict[Unit, int] = {}
        for start, stop, period in loops(keys):
            if period:
                units.append((start, stop))
                periods[start, stop] = period
            else:
                units += [(at, at + 1) for at in range(start, stop)]
        self._spread(units, self._path, periods)

    def _spread(
        self, units: Sequence[Unit], parent: str, periods: dict[Unit, int], loop: Unit | None = None
    ) -> None:
        """Put units into a box, in boxes of their own if they are too many."""
        if self._size(units, periods) <= MOST:
            for unit in units:
                self._put(unit, parent, periods)
            return
        for group in _groups(units, max(MOST // self._size(units[:1], periods), 1)):
            first, last = group[0][0], group[-1][1] - 1
            if loop is not None:
                turn = group[0][1] - group[0][0]
                numbers = (first - loop[0]) // turn, (last - loop[0]) // turn
                chunk = self._box(parent, first, last, Chunk("", "", *numbers, inside_loop=True))
            else:
                chunk = self._box(parent, first, last, Chunk("", "", first, last))
            self._spread(group, chunk, periods, loop)

    @staticmethod
    def _size(units: Sequence[Unit], periods: dict[Unit, int]) -> int:
        """How many boxes units are drawn as."""
        return sum(1 if unit in periods else unit[1] - unit[0] for unit in units)

    def _put(self, unit: Unit, parent: str, periods: dict[Unit, int]) -> None:
        start, stop = unit
        period = periods.get(unit, 0)
        if not period:
            if parent != self._path:
                self._made.homes.update((self._indices[at], parent) for at in range(start, stop))
            return
        instr = self._program.instrs[self._indices[start]]
        turns = (stop - start) // period
        op = instr.op if period == 1 else ""
        about = Chunk("", "", start, stop - 1, turns, op, instr.site.line)
        chunk = self._box(parent, start, stop - 1, about)
        turn = [(at, min(at + period, stop)) for at in range(start, start + turns * period, period)]
        self._spread([*turn[:-1], (turn[-1][0], stop)], chunk, {}, unit)

    def _box(self, parent: str, first: int, last: int, about: Chunk) -> str:
        mark = f"×{self._name}{first}…{last}"
        mark = f"{self._path}.{mark}" if self._path else mark
        while mark in self._made.boxes:  # a box in a box with the same ends
            mark += "′"
        self._made.boxes[mark] = Chunk(
            mark, parent, about.first, about.last, about.turns, about.op, about.line, about.inside_loop
        )
        return mark


def _groups(units: Sequence[Unit], size: int) -> Iterable[Sequence[Unit]]:
    """Units in a row in at most MOST groups, all but the last of the same size: `size`, or more if needed."""
    while -(-len(units) // size) > MOST:
        size *= MOST
    return (units[at : at + size] for at in range(0, len(units), size))


def loops(keys: Sequence[Hashable]) -> list[tuple[int, int, int]]:
    """Stretches (from, up to, period) of a sequence: loops, and with period 0 what lies between them."""
    found: list[tuple[int, int, int]] = []
    plain = at = 0
    while at < len(keys):
        period, stop = _longest(keys, at)
        if not period:
            at += 1
            continue
        if plain < at:
            found.append((plain, at, 0))
        found.append((at, stop, period))
        plain = at = stop
    if plain < len(keys):
        found.append((plain, len(keys), 0))
    return found


def _longest(keys: Sequence[Hashable], start: int) -> tuple[int, int]:
    """The period with which a sequence goes on longest from here, in whole turns, and its end; 0 if none."""
    best, end = 0, start
    for period in range(1, min(_LONGEST, (len(keys) - start) // 2) + 1):
        at = start + period
        while at < len(keys) and keys[at] == keys[at - period]:
            at += 1
        turns = (at - start) // period
        stop = start + turns * period
        # A longer turn has to be worth it: two turns of a loop are a turn, too.
        if turns >= _TURNS and stop - end > (period if best else 0):
            best, end = period, stop
    return best, end
