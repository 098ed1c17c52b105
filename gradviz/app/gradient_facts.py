"""Where a gradient comes from: its terms, and the story of one backward instruction.

upstream gradient × local derivative → contribution → accumulated
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gradviz.engine.op import REGISTRY, Op
from gradviz.engine.program import Contribution, Phase, Program

from .names import GRAD, names
from .state import StateView

Stage = Literal["inner", "contribution", "accumulation", "stored"]


@dataclass(frozen=True, slots=True)
class ContributionFacts:
    """One term of a gradient: what input `position` of instruction `instr` sends back.

    `term` and `total` are the numbers of one element (None where no element is chosen or it has not arrived).
    """

    instr: int
    op: str
    module: str
    position: int
    grad: int  # slot of the term
    total_slot: int  # slot of the sum so far
    arrived: bool
    term: float | None
    total: float | None


@dataclass(frozen=True, slots=True)
class GradientStory:
    """A backward instruction seen from the forward instruction `origin` that it differentiates.

    It works on the gradient of `target` (input `position` of origin), the `step`-th of `steps` terms; `stage`
    says whether its output is the term itself, the sum with the terms before it, a number on the way there,
    or (for accumulate_grad, whose `contribution` is the whole gradient) the `.grad` that keeps it. `target`
    is None for an instruction that serves several inputs.
    """

    origin: int
    op: str
    module: str
    stage: Stage
    upstream: int | None  # slot of ∂L/∂(output of origin)
    target: int | None
    position: int | None
    local: str  # the local derivative, in mathtext
    contribution: int | None  # slots
    total: int | None
    step: int
    steps: int


def contributions(
    state: StateView, slot: int, element: tuple[int, ...] | None
) -> tuple[ContributionFacts, ...]:
    """All terms of the gradient of a slot, those that are still to come too, in their order."""
    program = state.program
    found = []
    for row in program.gradients.get(slot, ()):
        instr = program.instrs[row.instr]
        arrived = state.written(row.total)
        term = total = None
        if arrived and element is not None and not state.hidden.intersection((row.grad, row.total)):
            term = float(program.values[row.grad][element])
            total = float(program.values[row.total][element])
        found.append(
            ContributionFacts(
                row.instr,
                instr.op,
                instr.site.module,
                row.index,
                row.grad,
                row.total,
                arrived,
                term,
                total,
            )
        )
    return tuple(found)


def gradient_story(
    state: StateView, index: int, registry: Mapping[str, Op] = REGISTRY
) -> GradientStory | None:
    """The story of instruction `index`; None unless it differentiates a forward instruction."""
    program = state.program
    instr = program.instrs[index]
    origin = instr.site.origin
    if instr.op == "accumulate_grad":
        return _stored(program, index)
    if instr.site.phase is not Phase.BACKWARD or origin < 0:
        return None
    forward = program.instrs[origin]
    row, stage = contribution_of(program, index)
    op = registry.get(forward.op)
    local = ""
    if row is not None and op is not None and op.derivatives:
        local = op.derivatives[min(row.index, len(op.derivatives) - 1)]
    rows = program.gradients.get(row.slot, ()) if row is not None else ()
    return GradientStory(
        origin=origin,
        op=forward.op,
        module=forward.site.module,
        stage=stage,
        upstream=_upstream(program, forward.output, index),
        target=row.slot if row is not None else None,
        position=row.index if row is not None else None,
        local=local,
        contribution=row.grad if row is not None else None,
        total=row.total if row is not None else None,
        step=rows.index(row) + 1 if row is not None else 0,
        steps=len(rows),
    )


def _stored(program: Program, index: int) -> GradientStory | None:
    """The end of the story: the gradient is complete and is added to `.grad`."""
    instr = program.instrs[index]
    found = [row for row in program.contributions if row.total == instr.inputs[-1]]
    if not found:
        return None
    row, rows = found[-1], program.gradients[found[-1].slot]
    forward = program.instrs[row.instr]
    return GradientStory(
        origin=row.instr,
        op=forward.op,
        module=forward.site.module,
        stage="stored",
        upstream=None,
        target=row.slot,
        position=row.index,
        local="",
        contribution=instr.inputs[-1],
        total=instr.output,
        step=rows.index(row) + 1,
        steps=len(rows),
    )


def carriers(program: Program, index: int) -> frozenset[int]:
    """The slots that carry a gradient, as far as instruction `index` is concerned.

    These are all terms and sums of gradients, what the user calls .grad, and what was computed from them for
    the same forward instruction.
    """
    found = {slot for row in program.contributions for slot in (row.grad, row.total)}
    found.update(slot for slot, name in names(program).items() if name.endswith(GRAD))
    site = program.instrs[index].site
    if program.loss is not None:
        found.update(s for i in (program.consumers[program.loss]) if (s := _seed(program, i[0])) is not None)
    if site.phase is Phase.BACKWARD and site.origin >= 0:
        start = index
        while start and program.instrs[start - 1].site.origin == site.origin:
            start -= 1
        for instr in program.instrs[start:index]:
            if instr.site.phase is Phase.BACKWARD and found.intersection(instr.inputs):
                found.add(instr.output)
    return frozenset(found)


def _seed(program: Program, reader: int) -> int | None:
    """The slot of ∂L/∂L, if instruction `reader` writes it."""
    instr = program.instrs[reader]
    if instr.site.phase is Phase.BACKWARD and instr.inputs == (program.loss,) and instr.op == "ones_like":
        return instr.output
    return None


def _upstream(program: Program, slot: int, before: int) -> int | None:
    """The slot of the gradient of `slot` that is known when instruction `before` runs."""
    known = program.gradient_slot(slot, before)
    if known is None and slot == program.loss:
        seeds = (_seed(program, reader) for reader, _ in program.consumers[slot])
        known = next((seed for seed in seeds if seed is not None), None)
    return known


def contribution_of(program: Program, index: int) -> tuple[Contribution | None, Stage]:
    """The contribution that an instruction makes or adds up, or the next one of the same origin."""
    output = program.instrs[index].output
    origin = program.instrs[index].site.origin
    for row in program.contributions:
        if row.grad == output and row.instr == origin:
            return row, "contribution"
        if row.total == output and row.total != row.grad:
            return row, "accumulation"
    served = [
        row
        for row in program.contributions
        if row.instr == origin and _reaches(program, output, row.grad, index, origin)
    ]
    return (served[0] if len(served) == 1 else None), "inner"


def _reaches(program: Program, slot: int, target: int, index: int, origin: int) -> bool:
    """Whether `target` is computed from `slot` by instructions of the same origin."""
    known = {slot}
    for instr in program.instrs[index + 1 : program.producers[target] + 1]:
        if instr.site.origin == origin and known.intersection(instr.inputs):
            known.add(instr.output)
    return target in known
