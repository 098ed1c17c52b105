"""Arithmetic on single numbers: one kernel for all ops, as compiling one for each would take long."""

from __future__ import annotations

import math

from ..memory import Memory, Row
from ..routine import kernel


@kernel
def number(memory: Memory, row: Row) -> None:
    """out = a op b. Row: which op, out, a, b: 0 +, 1 −, 2 ·, 3 /, 4 power, 5 −a, 6 √a, 7 eᵃ."""
    op, out = row[0], row[1]
    x, y = memory[row[2]], memory[row[3]]
    if op == 0:
        memory[out] = x + y
    elif op == 1:
        memory[out] = x - y
    elif op == 2:
        memory[out] = x * y
    elif op == 3:
        memory[out] = x / y
    elif op == 4:
        memory[out] = math.pow(x, y)
    elif op == 5:
        memory[out] = -x
    elif op == 6:
        memory[out] = math.sqrt(x)
    else:
        memory[out] = math.exp(x)
