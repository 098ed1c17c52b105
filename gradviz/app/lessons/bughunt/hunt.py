"""A hunt from its start to its end, without widgets: suspects, checks used, guesses, score."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from gradviz.app.recording import Recording
from gradviz.engine.program import Phase, Program

from .bugs import BUGS, GATHER, Bug
from .loops import LOOPS
from .planting import scene_path

LEVELS = (1, 2, 3)
FULL, LEAST = 100, 10
PER_CHECK, PER_GUESS = 4, 20
_FORWARD = (Phase.FORWARD, Phase.LOSS)


@dataclass
class Hunt:
    """One hunt over what was recorded with the bug; `over` once it is found or given up."""

    bug: Bug
    recording: Recording
    checks: int = 0
    guesses: list[str] = field(default_factory=list)
    given_up: bool = False

    @property
    def program(self) -> Program:
        """The first iteration."""
        return self.recording.iterations[0].program

    @property
    def suspects(self) -> tuple[str, ...]:
        """All that could be wrong, in the order of the program."""
        if self.bug.line:
            return tuple(f"line:{line}" for line in LOOPS[self.bug.scene])
        found: dict[str, None] = {}
        users = {row.instr for rows in self.program.gradients.values() for row in rows}
        for index, instr in enumerate(self.program.instrs):
            if index in users and instr.site.phase in _FORWARD:
                found[f"op:{instr.op}"] = None
        if any(len(rows) > 1 for rows in self.program.gradients.values()):
            found[GATHER] = None
        return tuple(found)

    @property
    def found(self) -> bool:
        """Whether the last guess was right."""
        return bool(self.guesses) and self.guesses[-1] == self.bug.suspect

    @property
    def over(self) -> bool:
        return self.found or self.given_up

    @property
    def score(self) -> int:
        """Points: the fewer checks and wrong guesses, the more; none for giving up."""
        if self.given_up:
            return 0
        wrong = sum(guess != self.bug.suspect for guess in self.guesses)
        return max(LEAST, FULL - PER_CHECK * self.checks - PER_GUESS * wrong)

    def note_check(self) -> None:
        """The learner has used a tool."""
        if not self.over:
            self.checks += 1

    def accuse(self, suspect: str) -> bool:
        """Whether that is the bug; a suspect that was accused before costs nothing again."""
        if not self.over and suspect not in self.guesses:
            self.guesses.append(suspect)
        return suspect == self.bug.suspect

    def give_up(self) -> None:
        """End the hunt; the bug is told."""
        self.given_up = not self.found

    def node_ops(self, suspect: str, program: Program | None = None) -> tuple[int, ...]:
        """The instructions of an iteration (by default the first) that a suspect stands for."""
        kind, _, name = suspect.partition(":")
        program = program or self.program
        rows = list(enumerate(program.instrs))
        if kind == "op":
            return tuple(i for i, row in rows if row.op == name and row.site.phase in _FORWARD)
        if kind == "line":
            wanted = self.line_number(suspect)
            return tuple(i for i, row in rows if row.site.line == wanted)
        makers = (program.producers[slot] for slot, terms in program.gradients.items() if len(terms) > 1)
        return tuple(sorted(index for index in makers if index >= 0))

    def line_number(self, suspect: str) -> int:
        """Where a line stands in the scene's file, counted from 1; 0 for what is no line."""
        text = suspect.partition(":")[2]
        lines = scene_path(self.bug.scene).read_text(encoding="utf-8").splitlines()
        return next((number for number, line in enumerate(lines, 1) if line.strip() == text), 0)


def choose(level: int, scores: Mapping[str, object], rng: random.Random) -> Bug:
    """A bug of a level, one that has not been found yet if there is any."""
    of_level = [bug for bug in BUGS.values() if bug.level == level]
    fresh = [bug for bug in of_level if bug.id not in scores]
    return rng.choice(fresh or of_level)
