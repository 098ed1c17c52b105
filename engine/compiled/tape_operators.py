"""`+ − × ÷` of two tensors on a tape, without a line of Python: an operator that Python calls directly.

It does what `direct.operator_of_two` does first, and gives way to it where anything is unusual: operands on
other tapes, another place in the user's code, a recorder, a mode. An operator takes 0.15 µs instead of 0.7.
"""

from __future__ import annotations

from ..native import python_api as py
from .memory import inline, ints_at
from .tape_objects import (
    ADDRESS_AT,
    EVER,
    GRAD_ENABLED,
    INFERRING,
    MODULE_NAME,
    NONE,
    ORIGIN,
    PHASE_NAME,
    RECORDER,
    ROW_AT,
    SEQUENCE,
    TAPE_AT,
    TENSOR,
    TRUE,
    TYPE_AT,
    WANTS_GRAD_AT,
)
from .tape_rows import CODE, MODULE, NUMBERS, NUMBERS_KEPT, PHASE, STATE, THREAD
from .taping import append as _append

append = inline(_append)

_LOWER = 0xFFFFFFFF


@inline
def _is_usual(objects: int, tape: int) -> bool:
    """Whether this thread owns the tape, gradients are on, nothing listens, and the place is the tape's."""
    table, head = ints_at(objects), ints_at(tape)
    if py.number_of_thread(py.thread()) != head[THREAD]:
        return False
    now = head[STATE]
    quiet = py.in_dict(now, table[RECORDER]) == table[NONE] and py.in_dict(now, table[ORIGIN]) == table[NONE]
    recording = py.in_dict(now, table[GRAD_ENABLED]) == table[TRUE]
    if not (quiet and recording) or py.in_dict(table[INFERRING], table[EVER]) == table[TRUE]:
        return False
    module, phase = py.in_dict(now, table[MODULE_NAME]), py.in_dict(now, table[PHASE_NAME])
    return bool(module == head[MODULE] and phase == head[PHASE])


def operate(objects: int, kind: int, left: int, right: int) -> int:
    """The address of a new tensor, or 0 where the ordinary way must be gone."""
    table = ints_at(objects)
    one = ints_at(left)
    tape = one[table[TAPE_AT]]
    if tape == 0 or tape == table[NONE]:
        return 0
    block = py.to_word(ints_at(tape)[table[ADDRESS_AT]])
    head = ints_at(block)
    two = ints_at(right)
    type_of_two = two[table[TYPE_AT]]
    row_of_two = -1
    if type_of_two == table[TENSOR] or py.is_subtype(type_of_two, table[TENSOR]) & _LOWER != 0:
        if two[table[TAPE_AT]] == tape:
            row_of_two = py.to_word(two[table[ROW_AT]])
    else:
        for k in range(NUMBERS, NUMBERS + 2 * NUMBERS_KEPT, 2):
            if head[k] == right:
                row_of_two = head[k + 1]
    if row_of_two < 0 or not _is_usual(objects, block):
        return 0
    frame = py.frame()
    if frame == 0:
        return 0
    code = py.code_of(frame)
    py.release(code)  # the frame holds it
    if code != head[CODE]:
        return 0
    number = py.next_of(table[SEQUENCE])
    row = append(
        block,
        kind,
        py.to_word(one[table[ROW_AT]]),
        row_of_two,
        py.to_word(number),
        py.instruction_of(frame) & _LOWER,
    )
    py.release(number)
    if row < 0:
        return 0
    result = py.allocate(table[TENSOR], 0)
    if result != 0:
        made = ints_at(result)
        py.keep(tape)
        py.keep(table[TRUE])
        made[table[TAPE_AT]] = tape
        made[table[ROW_AT]] = py.from_word(row)
        made[table[WANTS_GRAD_AT]] = table[TRUE]
    return result  # type: ignore[no-any-return]
