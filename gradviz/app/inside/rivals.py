"""Elements that were fetched as the largest of some, with those that they won against."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gradviz.engine.element import Call, Expr
from gradviz.engine.element_slopes import Worked
from gradviz.engine.op import REGISTRY, Op
from gradviz.engine.program import Program

from ..element_facts import element_expr

Index = tuple[int, ...]


def with_rivals(
    program: Program, instr: int, index: Index, expr: Expr, registry: Mapping[str, Op] = REGISTRY
) -> Expr:
    """max(rivals) instead of a copy of the winner, where another instruction has looked for the winner's
    place in the same tensor; else `expr` itself."""
    inputs = program.instrs[instr].inputs
    if not (isinstance(expr, Call) and expr.fn == "id" and len(inputs) == 2):
        return expr
    finder, output = program.producers[inputs[1]], program.instrs[instr].output
    if finder < 0 or program.instrs[finder].inputs[:1] != inputs[:1]:
        return expr
    if program.slots[inputs[1]].shape != program.slots[output].shape:
        return expr
    places = element_expr(program, finder, index, registry)
    if not (isinstance(places, Call) and places.fn == "argmax"):
        return expr
    rivals = Call("max", places.args[::2])
    best = Worked(rivals, [program.values[inputs[0]]]).value
    winner = float(program.values[output][index])
    return rivals if best == winner or (math.isnan(best) and math.isnan(winner)) else expr
