"""The machine code of tapes: loaded, or compiled, once a script has run so many small ops that it pays."""

from __future__ import annotations

from collections.abc import Callable

from .compiled import routine
from .jit import is_warm, jit_disabled

PATIENCE, PATIENCE_COLD = 20_000, 400_000
"""After how many small ops the machine code is loaded, or compiled if there is none yet: about when the time
that it takes is won back."""


class _Machine:
    """The functions in machine code, once there are any; until then small ops are counted."""

    append: Callable[[int, int, int, int, int, int], int] | None = None
    reach: Callable[..., int]
    pull: Callable[..., None]
    counted = 0
    limit = PATIENCE


machine = _Machine()


def prepare() -> None:
    """Load the machine code now, or compile it."""
    if jit_disabled() or machine.append is not None:
        return
    functions = routine.taping()
    # Numba's own way in tells types apart first, which takes as long as the op.
    (compiled,) = functions.append.overloads.values()
    machine.reach, machine.pull = functions.reach, functions.pull
    machine.append = getattr(compiled, "entry_point", functions.append)


def count() -> None:
    """One small op more has gone the ordinary way: after many, tapes are worth their start."""
    machine.counted += 1
    if machine.counted >= machine.limit:
        if machine.limit == PATIENCE and not is_warm():
            machine.limit = PATIENCE_COLD
        else:
            prepare()
            machine.limit = -1
