"""One element of an instruction's output: what it is made from, and its formula with numbers."""

from __future__ import annotations

from collections.abc import Mapping

from gradviz.engine.element import Expr
from gradviz.engine.op import REGISTRY, Op
from gradviz.engine.program import Program, SlotKind

from .element_names import in_names
from .element_numbers import written_out
from .gradient_facts import carriers, contribution_of
from .i18n import tr
from .instr_facts import input_labels
from .names import name_of
from .numerals import tex_number
from .symbols import gradient_side, left_side

SOME = 20_000  # terms take longer than a frame to write out
MANY = 200_000  # terms are not written out at all


def numbers_for_element(
    program: Program, index: int, element: tuple[int, ...], registry: Mapping[str, Op] = REGISTRY
) -> str:
    """One element of an instruction as its formula with numbers; "name = value" for an op unknown here."""
    instr = program.instrs[index]
    result = float(program.values[instr.output][element])
    op = registry.get(instr.op)
    formula = op.formula if op is not None else ""
    left = _left_side(program, index, element, formula)
    if term_bound(program, index) > MANY:
        note = tr("too many terms to write out").replace(" ", "\u00a0")
        return f"{left} ${tex_number(result)}$ ({note})"
    expr = element_expr(program, index, element, registry)
    if expr is None:
        return f"{left} ${tex_number(result)}$"
    inputs = [program.values[slot] for slot in instr.inputs]
    if named := _with_names(program, index, expr):
        left = f"{left} {named} $=$"
    known = carriers(program, index)
    strong = frozenset(i for i, slot in enumerate(instr.inputs) if slot in known)
    return written_out(left, expr, inputs, result, strong)


def term_bound(program: Program, index: int) -> int:
    """About how many terms an element of the output may be made from, rather too many than too few.

    Elements along the longest dimension of the output share the largest input among them (sums, matrix
    products, gradients of weights) or read less of it (a convolution reads one patch).
    """
    instr = program.instrs[index]
    largest = max((program.values[slot].size for slot in instr.inputs), default=0)
    shape = program.slots[instr.output].shape
    return largest // max(1, *shape, 1)


def element_expr(
    program: Program, index: int, element: tuple[int, ...], registry: Mapping[str, Op] = REGISTRY
) -> Expr | None:
    """How one element of an instruction's output is made; None for an op unknown here."""
    instr = program.instrs[index]
    op = registry.get(instr.op)
    if op is None:
        return None
    return op.element(element, *(program.values[slot] for slot in instr.inputs), **instr.attrs)


def _with_names(program: Program, index: int, expr: Expr) -> str:
    """The same with the user's names: `u - 4` of `v = u - 4`; "" unless all are scalars with plain names."""
    instr = program.instrs[index]
    slots = [*instr.inputs, instr.output]
    names = [name_of(program, slot) or None for slot in slots]
    constant = [program.slots[slot].kind is SlotKind.CONSTANT for slot in slots]
    plain = all(name.isidentifier() if name else number for name, number in zip(names, constant, strict=True))
    if not plain or not any(names[:-1]) or any(program.slots[slot].shape for slot in slots):
        return ""
    return in_names(expr, [program.values[slot] for slot in instr.inputs], names[:-1])


def _left_side(program: Program, index: int, element: tuple[int, ...], formula: str) -> str:
    """What one element of an instruction's output is called."""
    name = name_of(program, program.instrs[index].output)
    row, stage = contribution_of(program, index)
    if name or row is None or stage != "contribution":
        return left_side(name, formula, element)
    origin = program.instrs[row.instr]
    label = input_labels(REGISTRY.get(origin.op), len(origin.inputs))[row.index]
    rows = program.gradients[row.slot]
    step = rows.index(row) + 1
    return gradient_side(name_of(program, row.slot), label, element, step, len(rows))
