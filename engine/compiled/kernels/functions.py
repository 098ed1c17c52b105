"""Functions of single numbers, elementwise: one kernel for many of them, as compiling one for each would take
long. The last input of a row is the code of the function, one number; see `lowerings.formulas`."""

from __future__ import annotations

import math

import numpy as np

from ..memory import Memory, Row, convert, octets
from ..operators import ceiling, floored, nearest, truncated
from ..routine import kernel
from ..simd import between, fill, lanes, load_masked, select, store_masked, zeros
from .elementwise import each_number


@kernel
def logarithm(memory: Memory, row: Row) -> None:
    """out = f(a): 0 ln a, 1 ln (1 + a), 2 log₂ a, 3 log₁₀ a, 4 eᵃ − 1, 5 erf a, 6 1 − erf a, 7 ln |Γ(a)|."""
    code = int(memory[row[4]])
    if code == 0:
        each_number(memory, row, math.log)
    elif code == 1:
        each_number(memory, row, math.log1p)
    elif code == 2:
        each_number(memory, row, math.log2)
    elif code == 3:
        each_number(memory, row, math.log10)
    elif code == 4:
        each_number(memory, row, math.expm1)
    elif code == 5:
        each_number(memory, row, math.erf)
    elif code == 6:
        each_number(memory, row, math.erfc)
    else:
        each_number(memory, row, math.lgamma)


@kernel
def angle(memory: Memory, row: Row) -> None:
    """out = f(a): 0 tan, 1 asin, 2 acos, 3 atan, 4 sinh, 5 cosh, 6 asinh, 7 acosh, 8 atanh."""
    code = int(memory[row[4]])
    if code == 0:
        each_number(memory, row, math.tan)
    elif code == 1:
        each_number(memory, row, math.asin)
    elif code == 2:
        each_number(memory, row, math.acos)
    elif code == 3:
        each_number(memory, row, math.atan)
    elif code == 4:
        each_number(memory, row, math.sinh)
    elif code == 5:
        each_number(memory, row, math.cosh)
    elif code == 6:
        each_number(memory, row, math.asinh)
    elif code == 7:
        each_number(memory, row, math.acosh)
    else:
        each_number(memory, row, math.atanh)


@kernel
def pair(memory: Memory, row: Row) -> None:
    """out = f(a, b): 0 aᵇ, 1 atan2(a, b), 2 √(a² + b²), 3 the rest of a / b with the sign of a, 4 |a| with
    the sign of b."""
    n, out, a, step_a, b, step_b, code = row[0], row[1], row[2], row[3], row[4], row[5], int(memory[row[6]])
    for i in range(n):
        x, y = memory[a + i * step_a], memory[b + i * step_b]
        if code == 0:
            memory[out + i] = math.pow(x, y)
        elif code == 1:
            memory[out + i] = math.atan2(x, y)
        elif code == 2:
            memory[out + i] = math.hypot(x, y)
        elif code == 3:
            memory[out + i] = np.fmod(x, y)
        else:
            memory[out + i] = math.copysign(x, y)


@kernel
def rounded(memory: Memory, row: Row) -> None:
    """out = a as a whole number: 0 below, 1 above, 2 towards 0, 3 the nearest, halves to even."""
    n, out, a, step, code = row[0], row[1], row[2], row[3], int(memory[row[4]])
    for i in range(0, n, lanes(memory)):
        rest = between(memory, 0, n - i)
        x = load_masked(memory, a + i * step, rest)
        if code == 0:
            x = floored(x)
        elif code == 1:
            x = ceiling(x)
        elif code == 2:
            x = truncated(x)
        else:
            x = nearest(x)
        store_masked(memory, out + i, x, rest)


@kernel
def compare(memory: Memory, row: Row) -> None:
    """out = 1 where it holds, else 0: 0 a = b, 1 a ≠ b, 2 a < b, 3 a ≤ b."""
    n, out, a, step_a, b, step_b, code = row[0], row[1], row[2], row[3], row[4], row[5], int(memory[row[6]])
    yes, no = fill(memory, 1.0), zeros(memory)
    for i in range(0, n, lanes(memory)):
        rest = between(memory, 0, n - i)
        x, y = load_masked(memory, a + i * step_a, rest), load_masked(memory, b + i * step_b, rest)
        if code == 0:
            z = select(x == y, yes, no)
        elif code == 1:
            z = select(x != y, yes, no)
        elif code == 2:
            z = select(x < y, yes, no)
        else:
            z = select(x <= y, yes, no)
        store_masked(memory, out + i, z, rest)


@kernel
def choose(memory: Memory, row: Row) -> None:
    """out = b where a is not 0, else c."""
    n, out, a, step_a, b, step_b, c, step_c = row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]
    zero = zeros(memory)
    for i in range(0, n, lanes(memory)):
        rest = between(memory, 0, n - i)
        x, y = load_masked(memory, b + i * step_b, rest), load_masked(memory, c + i * step_c, rest)
        store_masked(memory, out + i, select(load_masked(memory, a + i * step_a, rest) != zero, x, y), rest)


@kernel
def truth(memory: Memory, row: Row) -> None:
    """out = whether a is not 0, in bytes. Row: n, out, a, both dense."""
    n, out, a = row[0], row[1], row[2]
    zero = convert(memory, 0)
    answers = octets(memory)
    for i in range(n):
        answers[out + i] = memory[a + i] != zero
