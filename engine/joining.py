"""Which ops go onto a tape: those of tensors that it can hold, while nothing wants to see each op."""

from __future__ import annotations

import math
from types import FrameType
from typing import TYPE_CHECKING, Any

from .compiled.tape_rows import ADD, DIV, MUL, SUB
from .dtypes import float32, float64
from .node import sequence
from .op import Spec
from .state import inferring
from .tape import Tape

if TYPE_CHECKING:
    from .tensor import Tensor

KINDS = {"add": ADD, "sub": SUB, "mul": MUL, "div": DIV}
"""The ops of two values that a tape knows."""
LARGEST = 64
"""Elements of a value; with more of them, computing takes longer than describing."""
_TAPES_KEPT = 64  # by a thread: one for each shape
_REST = 4096


def join(
    kind: int, left: Tensor, right: Any, now: dict[str, Any], frame: FrameType
) -> tuple[Tape, int] | None:
    """Put an op's operands on a tape and run it there; None if it must go the ordinary way."""
    if now["recorder"] is not None or not now["grad_enabled"] or inferring.ever:
        return None
    spec = left._node.spec if left._tape is None else left._tape.spec_of(left._row)
    if not isinstance(right, (int, float)):
        other = right._node.spec if right._tape is None else right._tape.spec_of(right._row)
        if other is not spec or not (left._requires_grad or right._requires_grad):
            return None
    elif not left._requires_grad:
        return None
    tape = _tape_for(spec, now)
    if tape is None or not tape.moved(frame.f_code, now):
        return None
    one, two = tape.row_of(left), tape.row_of(right)
    if one is None or two is None:
        return None
    row = tape.append(tape.address, kind, one, two, next(sequence), frame.f_lasti)
    return None if row < 0 else (tape, row)


def _tape_for(spec: Spec, now: dict[str, Any]) -> Tape | None:
    """This thread's tape for values of a shape and dtype, a new one if the last is full.

    Where most rows are asked for their nodes, a tape only costs: the next ones wait for a while.
    """
    tapes: dict[int, Tape] = now["tapes"]
    tape = tapes.get(id(spec))
    if tape is not None and tape.has_room():
        return tape
    if tape is not None:
        if tape.rest == 0:
            tape.close()
            tape.rest = _REST if tape.shown * 4 > len(tape.rows) else 1
        tape.rest -= 1
        if tape.rest > 0:
            return None
    if tape is None:
        small = 0 < math.prod(spec.shape) <= LARGEST
        if not small or spec.weak or spec.dtype not in (float32, float64):
            return None
        if len(tapes) >= _TAPES_KEPT:
            for each in tapes.values():
                each.close()
            tapes.clear()
    tape = tapes[id(spec)] = Tape(spec, now)  # it holds the spec, so that the id stays its own
    return tape
