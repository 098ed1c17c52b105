"""Everything that the inspector shows of one instruction or value, at one moment; no widgets, no pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from gradviz.engine.element import references
from gradviz.engine.op import REGISTRY
from gradviz.engine.program import Phase, Program, SlotKind

from .element_facts import SOME, element_expr, numbers_for_element, term_bound
from .gradient_facts import ContributionFacts, GradientStory, contributions, gradient_story
from .i18n import tr
from .instr_facts import InstrFacts, input_labels, instr_facts
from .names import name_of
from .numerals import number, tex_number
from .state import StateView
from .symbols import left_side
from .tensor_facts import FactsCache, TensorFacts

if TYPE_CHECKING:
    from .session import Session

__all__ = [
    "ContributionFacts",
    "Facts",
    "FactsCache",
    "GradientStory",
    "InstrFacts",
    "TensorFacts",
    "ValueFacts",
    "facts_for",
    "gradient_of",
    "input_labels",
    "instr_facts",
    "numbers_for_element",
    "shown_element",
    "slot_facts",
]

Role = Literal["output", "gradient", "input", "weight"]
_OUTSIDE = (SlotKind.PARAMETER, SlotKind.BUFFER)


@dataclass(frozen=True, eq=False)
class ValueFacts:
    """A slot as it stands at this moment; `value` is None while it is not computed.

    `label` is what the op's formula calls it ("x", "weight"), `name` what the user does ("conv1.weight", "").
    """

    role: Role
    label: str
    name: str
    slot: int
    shape: tuple[int, ...]
    dtype: str
    kind: SlotKind
    value: np.ndarray | None
    program: Program
    cache: FactsCache
    hidden: bool = False  # it is known, and to be predicted
    shapeless: bool = False  # so is its shape

    @property
    def statistics(self) -> TensorFacts | None:
        """The statistics of the value, computed when asked for; None while there is no value."""
        return None if self.value is None else self.cache.get(self.program, self.slot)

    @property
    def title(self) -> str:
        """The user's name for it, a plain number itself, or else the formula's name."""
        if not self.name and self.kind is SlotKind.CONSTANT and self.value is not None and not self.shape:
            return number(float(self.value))
        return self.name or self.label


@dataclass(frozen=True, eq=False)
class Facts:
    """One instruction with its values, or one value from outside (`instr` is None).

    `selected`: the user chose it; otherwise it is the instruction that has just run. `element` is the element
    that is looked at: the user's choice, or the one of the largest magnitude; None while nothing is computed.
    `inside`: the instructions that a selected closed module stands for.
    """

    program: Program
    moment: int
    selected: bool
    title: str
    instr: InstrFacts | None
    output: ValueFacts
    gradient: ValueFacts | None
    inputs: tuple[ValueFacts, ...]
    contributions: tuple[ContributionFacts, ...]
    story: GradientStory | None
    element: tuple[int, ...] | None
    inside: tuple[int, ...] = ()

    @property
    def weights(self) -> tuple[ValueFacts, ...]:
        """The inputs that are parameters or buffers."""
        return tuple(item for item in self.inputs if item.role == "weight")

    @cached_property
    def heavy(self) -> bool:
        """Whether writing an element out may take longer than a frame, as it may have very many terms."""
        return self.instr is not None and term_bound(self.program, self.instr.index) > SOME

    @cached_property
    def reads(self) -> tuple[frozenset[tuple[int, ...]], ...]:
        """For each input the elements that `element` of the output is made from."""
        found: list[set[tuple[int, ...]]] = [set() for _ in self.inputs]
        if self.instr is not None and self.element is not None:
            expr = element_expr(self.program, self.instr.index, self.element)
            for ref in references(expr) if expr is not None else ():
                found[ref.input].add(ref.index)
        return tuple(map(frozenset, found))

    @cached_property
    def numbers(self) -> str:
        """The formula with this moment's numbers for `element`; "" while they are not known."""
        if self.element is None or self.output.value is None:
            return ""
        if self.instr is None:
            value = float(self.output.value[self.element])
            return f"{left_side(self.title, '', self.element)} ${tex_number(value)}$"
        return numbers_for_element(self.program, self.instr.index, self.element)


def facts_for(session: Session, cache: FactsCache | None = None) -> Facts | None:
    """The facts of what is selected, else of the instruction that has just run, else of what it starts from.

    None if nothing is recorded, or if nothing has run and the program has no input.
    """
    program, state = session.program, session.state
    if program is None or state is None or session.timeline is None:
        return None
    cache = cache if cache is not None else FactsCache()
    selection = session.selection
    if selection.slot is not None and selection.slot < len(program.slots):
        node = session.graph.by_id.get(selection.node_id or "") if session.graph else None
        inside = node.instrs if node is not None and node.kind == "module" else ()
        return slot_facts(state, selection.slot, cache, selection.element, selected=True, inside=inside)
    current = session.timeline.current
    if current is None:
        start = first_input(program)
        return None if start is None else slot_facts(state, start, cache)
    return slot_facts(state, program.instrs[current[1]].output, cache)


def first_input(program: Program) -> int | None:
    """The slot of the first value from outside that forward reads and that is no parameter: the data."""
    for instr in program.instrs:
        if instr.site.phase is Phase.FORWARD:
            for slot in instr.inputs:
                if program.slots[slot].kind is SlotKind.INPUT:
                    return slot
    return None


def slot_facts(
    state: StateView,
    slot: int,
    cache: FactsCache,
    element: tuple[int, ...] | None = None,
    selected: bool = False,
    inside: tuple[int, ...] = (),
) -> Facts:
    """The facts of the instruction that writes a slot, or of the slot alone if it came from outside."""
    program = state.program
    producer = program.producers[slot]
    instr = instr_facts(program, producer) if producer >= 0 else None
    output = _value(state, slot, "output", _output_label(program, producer), cache)
    story = gradient_story(state, producer) if producer >= 0 else None
    shown = shown_element(output.value, element)
    return Facts(
        program=program,
        moment=state.moment,
        selected=selected,
        title=instr.title if instr is not None else output.title or tr("a constant"),
        instr=instr,
        output=output,
        gradient=_gradient(state, slot, story, cache),
        inputs=_inputs(state, producer, cache) if producer >= 0 else (),
        contributions=contributions(state, slot, shown),
        story=story,
        element=shown,
        inside=inside if len(inside) > 1 else (),
    )


def gradient_of(state: StateView, slot: int, cache: FactsCache) -> ValueFacts | None:
    """∂loss/∂slot so far; None if it has none."""
    return _gradient(state, slot, None, cache)


def _output_label(program: Program, producer: int) -> str:
    if producer < 0:
        return ""
    return program.instrs[producer].op


def _value(state: StateView, slot: int, role: Role, label: str, cache: FactsCache) -> ValueFacts:
    info = state.program.slots[slot]
    return ValueFacts(
        role,
        label,
        name_of(state.program, slot),
        slot,
        info.shape,
        info.dtype,
        info.kind,
        state.value(slot),
        state.program,
        cache,
        state.written(slot) and slot in state.hidden,
        slot in state.shapeless,
    )


def _inputs(state: StateView, producer: int, cache: FactsCache) -> tuple[ValueFacts, ...]:
    program = state.program
    instr = program.instrs[producer]
    labels = input_labels(REGISTRY.get(instr.op), len(instr.inputs))
    return tuple(
        _value(state, slot, "weight" if program.slots[slot].kind in _OUTSIDE else "input", label, cache)
        for slot, label in zip(instr.inputs, labels, strict=True)
    )


def _gradient(
    state: StateView, slot: int, story: GradientStory | None, cache: FactsCache
) -> ValueFacts | None:
    """∂loss/∂slot so far; for a backward instruction the gradient that it helps to sum up; or None."""
    target = story.target if story is not None else slot
    if target is None:
        return None
    rows = state.program.gradients.get(target, ())
    if not rows:
        return None
    total = state.gradient_slot(target)
    name = name_of(state.program, target)
    label = f"∂L/∂{name or _output_label(state.program, state.program.producers[target]) or 'x'}"
    return _value(state, total if total is not None else rows[0].total, "gradient", label, cache)


def shown_element(value: np.ndarray | None, wanted: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """The wanted element if there is one such, else that of the largest magnitude; None without elements."""
    if value is None or not value.size:
        return None
    fits = wanted is not None and len(wanted) == value.ndim
    if wanted is not None and fits and all(i < n for i, n in zip(wanted, value.shape, strict=True)):
        return wanted
    size = np.abs(value) if value.dtype.kind != "b" else value
    if size.dtype.kind == "f":
        size = np.nan_to_num(size, nan=np.inf)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(size)), value.shape))
