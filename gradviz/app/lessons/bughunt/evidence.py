"""What the tools show, as code: which suspects gradient checks, a gradient's terms and the update accuse.

A learner does the same by hand. The gradient of an op's result agrees with a finite difference and that of
its input does not: the op's rule is wrong. Where a value has several uses, the ledger shows one term for
each; if all of them are right and their sum is not, the adding is wrong. A line of a training loop is checked
with what it reads and what it writes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradviz.app.anchors import Anchors
from gradviz.app.inside.check import Verdict, checks
from gradviz.app.recording import Recording
from gradviz.engine.dtypes import float64
from gradviz.engine.op import REGISTRY, Spec
from gradviz.engine.program import Program

from .bugs import GATHER
from .loops import wrong_lines

_STEP = 1e-5
_CLOSE = 1e-3  # of the term's size
_ELEMENTS = 4  # of each gradient that are checked


def accused(recording: Recording, scene: str) -> set[str]:
    """The suspects that the tools accuse."""
    programs = [iteration.program for iteration in recording.iterations]
    found = set(accused_rules(programs[0]))
    return found | {f"line:{line}" for line in wrong_lines(scene, Anchors(programs))}


def accused_rules(program: Program) -> Iterator[str]:
    """The ops whose rules are wrong, as gradient checks of all values tell; "gather" for a wrong sum."""
    wrong = {slot: gradient_is_wrong(program, slot) for slot in program.gradients}
    for slot, rows in program.gradients.items():
        if not wrong[slot]:
            continue
        above = [row for row in rows if not wrong.get(program.instrs[row.instr].output, False)]
        if len(rows) == 1:
            yield from (f"op:{program.instrs[row.instr].op}" for row in above)
            continue
        bad = [row for row in above if not term_is_right(program, row.instr, row.index, row.grad)]
        yield from (f"op:{program.instrs[row.instr].op}" for row in bad)
        if not bad and len(above) == len(rows):
            yield GATHER


def gradient_is_wrong(program: Program, slot: int) -> bool:
    """Whether the gradient check says so, for some elements of a value."""
    total = program.gradient_slot(slot)
    if total is None or program.values[slot].dtype.kind != "f":
        return False
    for element in _elements(program.values[total]):
        if next(checks(program, slot, element, steps=())).verdict is Verdict.DIFFERS:
            return True
    return False


def term_is_right(program: Program, instr: int, position: int, grad: int) -> bool:
    """Whether what one use sends back is its local slope times the upstream gradient."""
    row = program.instrs[instr]
    total = program.gradient_slot(row.output)
    upstream = np.ones(()) if total is None else program.values[total].astype(np.float64)
    inputs = [np.array(program.values[slot]) for slot in row.inputs]
    inputs = [value.astype(np.float64) if value.dtype.kind == "f" else value for value in inputs]
    spec = Spec(program.slots[row.output].shape, float64)

    def result(element: tuple[int, ...], by: float) -> float:
        moved = [value.copy() for value in inputs]
        moved[position][element] += by
        return float(np.sum(REGISTRY[row.op].kernel(spec, *moved, **row.attrs) * upstream))

    term = program.values[grad]
    scale = float(np.abs(term).max(initial=0.0))
    for element in _elements(term):
        slope = (result(element, _STEP) - result(element, -_STEP)) / (2 * _STEP)
        if abs(slope - term[element]) > _CLOSE * max(abs(slope), scale, 1e-6):
            return False
    return True


def _elements(gradient: np.ndarray) -> list[tuple[int, ...]]:
    """The largest one, and some that lie evenly in between."""
    if not gradient.size:
        return []
    places = {int(np.argmax(np.abs(gradient)))}
    places |= {int(place) for place in np.linspace(0, gradient.size - 1, _ELEMENTS)}
    return [tuple(int(i) for i in np.unravel_index(place, gradient.shape)) for place in sorted(places)]
