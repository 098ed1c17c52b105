"""Repeated structure: blocks of a network or steps of an RNN that do the same in a row, folded as one box.

Siblings with consecutive numbers ("layer.0", "layer.1"; "t0", "t1"; calls "cell", "cell#2") are repeats when
their forward instructions agree in op, shape and wiring, and nothing between them depends on them.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gradviz.engine.program import Program, Scope

from .chunks import Chunks, find_chunks
from .folding import enclosing, is_forward

KIND = "repeat"  # of the scope that stands for a run of repeats
FEW = 4  # so many repeats are listed one by one; of more, the first and the last, and a box for the others

_NUMBERED = re.compile(r"([^#]*?)(\d+)")


@dataclass(frozen=True, slots=True)
class Repeat:
    """A run of scopes that do the same; `rest` are those between the first and the last of a longer one."""

    id: str
    members: tuple[str, ...]
    rest: bool = False


class Nest:
    """A program's scopes with one more for each run of repeats, around its members, and for each chunk."""

    def __init__(
        self, scopes: Mapping[str, Scope], repeats: Iterable[Repeat] = (), chunks: Chunks | None = None
    ) -> None:
        self._real = scopes
        self.chunks = chunks if chunks is not None else Chunks()
        self.repeats = {repeat.id: repeat for repeat in repeats}
        self.scopes: dict[str, Scope] = dict(scopes)
        self._around: dict[str, list[str]] = {}  # member -> the repeats that it lies in, outermost first
        for repeat in self.repeats.values():
            self.scopes[repeat.id] = Scope(repeat.id, KIND, scopes[repeat.members[0]].title)
            for member in repeat.members:
                self._around.setdefault(member, []).append(repeat.id)
        for chunk in self.chunks.boxes:
            self.scopes[chunk] = Scope(chunk, KIND, "")

    def homes(self, paths: Sequence[str]) -> Sequence[str]:
        """For each instruction the innermost scope that it is drawn in, from its module's path."""
        if not self.chunks.homes:
            return paths
        return [self.chunks.homes.get(index, path) for index, path in enumerate(paths)]

    def around(self, path: str) -> tuple[str, ...]:
        """The scopes that `path` lies in, outermost first, with itself."""
        chunk = self.chunks.boxes.get(path)
        if chunk is not None:
            return (*(self.around(chunk.parent) if chunk.parent else ()), path)
        repeat = self.repeats.get(path)
        chain = self._chain(repeat.members[0] if repeat is not None else path)
        return chain[: chain.index(path) + 1] if repeat is not None else chain

    def part(self, repeat: str, path: str) -> int:
        """Which of the repeats something of module `path` belongs to."""
        members = self.repeats[repeat].members
        return next((members.index(scope) for scope in enclosing(path, self._real) if scope in members), 0)

    def _chain(self, path: str) -> tuple[str, ...]:
        chain: list[str] = []
        for scope in enclosing(path, self._real):
            chain += [*self._around.get(scope, ()), scope]
        return tuple(chain)


_KEPT = 4
_nests: list[tuple[weakref.ref[Program], int, Nest]] = []  # the last ones: they are asked for at every click


def nest_of(program: Program, at_least: int) -> Nest:
    """The scopes of a program, with runs of `at_least` repeats or more (0 for none), and with its chunks."""
    for known, number, nest in _nests:
        if known() is program and number == at_least:
            return nest
    repeats = find_repeats(program, at_least) if at_least > 1 and program.scopes else ()
    nest = Nest(program.scopes, repeats, find_chunks(program))
    _nests.append((weakref.ref(program), at_least, nest))
    del _nests[:-_KEPT]
    return nest


def find_repeats(program: Program, at_least: int) -> list[Repeat]:
    """All runs of so many repeats or more, each followed by the rest of it, if it is long."""
    inside: dict[str, list[int]] = {}
    for index, instr in enumerate(program.instrs):
        if is_forward(instr.site.phase) and instr.site.module:
            for scope in enclosing(instr.site.module, program.scopes):
                inside.setdefault(scope, []).append(index)
    families: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for scope in inside:
        numbered = _numbered(scope, program.scopes[scope])
        if numbered is not None:
            parent, stem, number = numbered
            families.setdefault((parent, stem), []).append((number, scope))
    found: list[Repeat] = []
    for (parent, _), family in families.items():
        if len(family) >= at_least:
            for run in _runs(program, sorted(family), inside):
                if len(run) >= at_least:
                    found += _repeats(parent, run)
    return found


def _numbered(path: str, scope: Scope) -> tuple[str, str, int] | None:
    """Parent, stem and number of "layer.3", "l0.t3" or "cell#3"; None if there is no number."""
    parent, _, name = path.rpartition(".")
    if scope.kind == "module":
        stem, mark, call = name.partition("#")
        if mark and call.isdigit():
            return parent, f"{stem}#", int(call)
    numbered = _NUMBERED.fullmatch(name)
    if numbered is not None:
        return parent, numbered[1], int(numbered[2])
    return (parent, f"{name}#", 1) if scope.kind == "module" else None


def _runs(
    program: Program, family: list[tuple[int, str]], inside: Mapping[str, list[int]]
) -> Iterable[list[str]]:
    run: list[str] = []
    last, shape = -1, None
    for number, scope in family:
        signature = _signature(program, scope, inside[scope])
        if run and not (
            number == last + 1 and signature == shape and _adjacent(program, inside[run[-1]], inside[scope])
        ):
            yield run
            run = []
        run.append(scope)
        last, shape = number, signature
    yield run


def _signature(program: Program, scope: str, indices: list[int]) -> tuple[object, ...]:
    """What a scope computes, apart from where its inputs come from."""
    place = {index: number for number, index in enumerate(indices)}
    rows = []
    for index in indices:
        instr = program.instrs[index]
        wiring = tuple(place.get(program.producers[slot], -1) for slot in instr.inputs)
        shapes = tuple(program.slots[slot].shape for slot in (*instr.inputs, instr.output))
        rows.append((instr.op, instr.site.module[len(scope) :], wiring, shapes))
    return tuple(rows)


def _adjacent(program: Program, one: list[int], other: list[int]) -> bool:
    """Whether one follows the other, with nothing between them that depends on the first."""
    if other[0] <= one[-1]:
        return False
    made = {program.instrs[index].output for index in one}
    between = (program.instrs[index] for index in range(one[-1] + 1, other[0]))
    return not any(slot in made for instr in between for slot in instr.inputs)


def _repeats(parent: str, run: list[str]) -> list[Repeat]:
    made = [Repeat(_name(parent, run), tuple(run))]
    if len(run) > FEW:
        made.append(Repeat(_name(parent, run[1:-1]), tuple(run[1:-1]), rest=True))
    return made


def _name(parent: str, run: list[str]) -> str:
    first, last = (path.rpartition(".")[2] for path in (run[0], run[-1]))
    return f"{parent}.×{first}…{last}" if parent else f"×{first}…{last}"
