"""The machine code of tapes: loaded, or compiled, once a script has run so many small ops that it pays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from .compiled import routine
from .jit import is_warm, jit_disabled

PATIENCE, PATIENCE_COLD = 5_000, 200_000
"""After how many small ops the machine code is loaded, or compiled if there is none yet: about when the time
that it takes is won back."""


class _Machine:
    """The functions in machine code, once there are any; until then small ops are counted."""

    append: Callable[[int, int, int, int, int, int], int] | None = None
    reach: Callable[..., int]
    pulls: Mapping[str, Callable[..., int]]  # by the letter of the numbers' dtype
    passes: Mapping[str, Callable[..., int]]  # the same: whole backward passes
    followers: ClassVar[list[Callable[[], object]]] = []
    """What is done once the machine code is there."""
    counted = 0
    limit = PATIENCE


machine = _Machine()


def prepare() -> None:
    """Load the machine code now, or compile it."""
    if jit_disabled() or machine.append is not None:
        return
    append, machine.reach, machine.pulls, machine.passes = routine.taping()
    machine.append = append
    for follow in machine.followers:
        follow()


def count() -> None:
    """One small op more has gone the ordinary way: after many, tapes are worth their start."""
    machine.counted += 1
    if machine.counted >= machine.limit:
        if machine.limit == PATIENCE and not is_warm():
            machine.limit = PATIENCE_COLD
        else:
            prepare()
            machine.limit = -1
