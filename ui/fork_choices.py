"""What a second run can have otherwise: the learning rate, a number, activations, weights, the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from gradviz.engine.program import Program, SlotKind

from gradviz.app.experiment import Experiment
from gradviz.app.i18n import tr
from gradviz.app.inside.activations import TITLES, activations, other_activation
from gradviz.app.inside.compare import Changes, Rules, fresh_weights, learning_rate, one_number, other_inputs
from gradviz.app.inside.variations import SCHEMES, data_slots, initialised, noisy, pictures, shifted
from gradviz.app.names import name_of
from gradviz.app.numerals import index_text, number
from gradviz.app.session import Session

FACTORS = (10.0, 2.0, 0.5, 0.1)
_MAY = (SlotKind.PARAMETER, SlotKind.BUFFER, SlotKind.INPUT)
_SEEDS = (1, 2)


@dataclass(frozen=True)
class Wanted:
    """What is changed: values, or how instructions are computed; see `fork` and `other_activation`."""

    changes: Changes = field(default_factory=dict)
    rules: Rules = field(default_factory=dict)
    without: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Choice:
    """One change; where `number` is given, the learner may also enter another one: `make` takes it."""

    group: str
    text: str
    make: Callable[[Program, int], Wanted]
    now: float | None = None
    entered: Callable[[float], tuple[str, Callable[[Program, int], Wanted]]] | None = None


def choices(session: Session, experiment: Experiment | None = None) -> Iterator[Choice]:
    """What makes sense here and now; samples that nobody has recorded come from the experiment."""
    program, timeline = session.program, session.timeline
    if program is None or timeline is None:
        return
    yield from _rates(program)
    yield from _numbers(session, program)
    moment = timeline.locate()[1]
    yield from _activations(session, program, moment)
    yield from _weights(program)
    yield from _data(session, program, experiment)


def _rates(program: Program) -> Iterator[Choice]:
    rates = learning_rate(program, 1.0)
    if not rates:
        return
    group = tr("Learning rate")
    for factor in FACTORS:
        text = tr("Learning rate × {factor}").format(factor=number(factor))
        yield Choice(group, text, partial(_rate, factor=factor))
    now = float(np.asarray(next(iter(rates.values()))).reshape(-1)[0])

    def entered(value: float) -> tuple[str, Callable[[Program, int], Wanted]]:
        return tr("Learning rate {value}").format(value=number(value)), partial(_rate_is, value=value)

    yield Choice(group, tr("Another learning rate…"), partial(_rate_is, value=now), now, entered)


def _numbers(session: Session, program: Program) -> Iterator[Choice]:
    slot, element = session.selection.slot, session.selection.element
    if slot is None or slot >= len(program.slots) or program.slots[slot].kind not in _MAY:
        return
    value = program.values[slot]
    if value.dtype.kind != "f" or not value.size:
        return
    place = element if element is not None else tuple(0 for _ in value.shape)
    name = (name_of(program, slot) or tr("this value")) + index_text(place)
    now = float(value[place])

    def entered(other: float) -> tuple[str, Callable[[Program, int], Wanted]]:
        text = tr("{name}: {value} instead of {now}")
        title = text.format(name=name, value=number(other), now=number(now))
        return title, partial(_number, slot=slot, place=place, value=other)

    for other in (now + 1.0, 2 * now, 0.0):
        if other != now:
            yield Choice(name, *entered(other))
    title = tr("Another value for {name}…").format(name=name)
    yield Choice(name, title, partial(_number, slot=slot, place=place, value=now), now, entered)


def _activations(session: Session, program: Program, moment: int) -> Iterator[Choice]:
    group = tr("Activation")
    found = activations(program, moment)
    slot = session.selection.slot
    here = program.producers[slot] if slot is not None and slot < len(program.slots) else -1
    for op, indices in found.items():
        if here in indices and len(indices) > 1:
            text = tr("Only this {op} becomes {other}")
            yield from _others(group, text, op, (here,))
        yield from _others(group, tr("Every {op} becomes {other}"), op, indices)


def _others(group: str, text: str, op: str, indices: tuple[int, ...]) -> Iterator[Choice]:
    for other, title in TITLES.items():
        if other != op:
            make = partial(_activation, indices=indices, name=other)
            yield Choice(group, text.format(op=TITLES[op], other=title), make)


def _weights(program: Program) -> Iterator[Choice]:
    group = tr("Initialisation")
    if fresh_weights(program):
        for seed in _SEEDS:
            text = tr("Other random weights, seed {n}").format(n=seed)
            yield Choice(group, text, partial(_fresh, seed=seed))
    if not initialised(program, "zeros"):
        return
    texts = {
        "kaiming": tr("Kaiming: normal, σ = √(2 / fan in)"),
        "xavier": tr("Xavier: uniform, ±√(6 / (fan in + fan out))"),
        "large": tr("All weights ten times as large"),
        "zeros": tr("All weights zero"),
    }
    for scheme in SCHEMES:
        yield Choice(group, texts[scheme], partial(_scheme, scheme=scheme))


def _data(session: Session, program: Program, experiment: Experiment | None) -> Iterator[Choice]:
    group, timeline = tr("Data"), session.timeline
    assert timeline is not None
    here = timeline.locate()[0]
    for n, other in enumerate(timeline.programs):
        inputs = _inputs(other)
        if n != here and any(_differs(program, name, value) for name, value in inputs.items()):
            yield Choice(
                group, tr("The data of iteration {n}").format(n=n + 1), partial(_given, inputs=inputs)
            )
    if experiment is not None:
        first = experiment.spec.sample
        for sample in range(first + 1, min(first + 4, len(experiment.data))):
            text = tr("Sample {n}, which is not recorded").format(n=sample)
            yield Choice(group, text, partial(_sample, experiment=experiment, sample=sample))

        def entered(value: float) -> tuple[str, Callable[[Program, int], Wanted]]:
            chosen = min(max(round(value), 0), len(experiment.data) - 1)
            make = partial(_sample, experiment=experiment, sample=chosen)
            return tr("Sample {n}").format(n=chosen), make

        make = partial(_sample, experiment=experiment, sample=first)
        yield Choice(group, tr("Another sample…"), make, float(first), entered)
    if data_slots(program):
        yield Choice(group, tr("With noise, three tenths of its spread"), _noisy)
    if any(program.slots[slot].shape[-1] > 4 for slot in pictures(program)):
        yield Choice(group, tr("The picture moved two pixels to the right"), _shifted)


# How each is made; they run in a thread.


def _rate(program: Program, moment: int, factor: float) -> Wanted:
    return Wanted(learning_rate(program, factor))


def _rate_is(program: Program, moment: int, value: float) -> Wanted:
    return Wanted({slot: np.full_like(old, value) for slot, old in learning_rate(program, 1.0).items()})


def _number(program: Program, moment: int, slot: int, place: tuple[int, ...], value: float) -> Wanted:
    return Wanted(one_number(program, slot, place, value))


def _activation(program: Program, moment: int, indices: tuple[int, ...], name: str) -> Wanted:
    rules, without = other_activation(program, indices, name)
    return Wanted({}, rules, without)


def _fresh(program: Program, moment: int, seed: int) -> Wanted:
    return Wanted(fresh_weights(program, seed))


def _scheme(program: Program, moment: int, scheme: str) -> Wanted:
    return Wanted(initialised(program, scheme))


def _given(program: Program, moment: int, inputs: dict[str, np.ndarray]) -> Wanted:
    return Wanted(other_inputs(program, inputs))


def _sample(program: Program, moment: int, experiment: Experiment, sample: int) -> Wanted:
    x, target = experiment.batch(sample)
    return Wanted(other_inputs(program, {"x": x.numpy(), "target": target.numpy()}))


def _noisy(program: Program, moment: int) -> Wanted:
    return Wanted(noisy(program))


def _shifted(program: Program, moment: int) -> Wanted:
    return Wanted(shifted(program))


def _inputs(program: Program) -> dict[str, np.ndarray]:
    """The named inputs of a program, but its learning rates."""
    rates = learning_rate(program, 1.0)
    found: dict[str, np.ndarray] = {}
    for row in program.bindings:
        slot = row.slot
        if slot is not None and slot not in rates and program.slots[slot].kind is SlotKind.INPUT:
            found.setdefault(row.name, program.values[slot])
    return found


def _differs(program: Program, name: str, value: np.ndarray) -> bool:
    slot = program.bound(name, 0)
    if slot is None or program.slots[slot].shape != value.shape:
        return False
    return not np.array_equal(program.values[slot], value)
