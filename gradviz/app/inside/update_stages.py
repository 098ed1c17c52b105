"""Which slots of an update are worth a stage: found from what each one depends on, not from the optimizer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gradviz.engine.program import Binding, Instr, Phase, Program, SlotKind

from .update_terms import ELEMENTWISE

_STATES = {  # of the optimizers, as recordings name them: symbol
    "momentum": "b",
    "exp_avg": "m",
    "exp_avg_sq": "v",
    "max_exp_avg_sq": "vₘₐₓ",
    "square_avg": "v",
    "grad_avg": "ḡ",
    "sum": "s",
    "step": "t",
}
_DIGITS = "₀₁₂₃₄₅₆₇₈₉"
_GRADIENT, _WEIGHT, _RATE, _COUNT, _OLD, _NEW, _OTHER = "g", "w", "lr", "t", "old", "new", "other"
Kinds = frozenset[str]


@dataclass(frozen=True, eq=False)
class Marked:
    """The slots of one update that get a stage, with kind and symbol, in the order of their computation.

    `symbols` names slots that come from outside; `cone` are the instructions between gradient and new weight;
    `whole` are slots of all gradients together, inside the total norm.
    """

    name: str
    before: int
    gradient: int
    after: int
    marks: dict[int, tuple[str, str]]
    symbols: dict[int, str]
    whole: frozenset[int]
    made: frozenset[int]  # what the cone writes; all else comes from outside


def mark(program: Program) -> Iterator[Marked]:
    """Every update of every parameter of a program."""
    names = {row.slot: row.name for row in program.bindings if row.slot is not None}
    for name, start, bound in _updates(program):
        found = _gradient(program, name, bound)
        if found is not None:
            yield _Marker(program, names, name, start, found, bound).marked()


def _updates(program: Program) -> Iterator[tuple[str, int, list[Binding]]]:
    """For each parameter and optimizer step the slot before, and the bindings that the step makes."""
    rows: dict[str, list[Binding]] = {}
    for row in program.bindings:
        if row.slot is not None:
            rows.setdefault(row.name, []).append(row)
    for name, bound in rows.items():
        first = bound[0].slot
        assert first is not None
        if program.slots[first].kind is not SlotKind.PARAMETER or len(bound) < 2:
            continue
        arrivals = [
            row.moment for row in rows.get(f"{name}.grad", ()) if _phase(program, row) is Phase.BACKWARD
        ]
        before, group = first, list[Binding]()
        for row, following in zip(bound[1:], [*bound[2:], None], strict=True):
            group.append(row)
            if following is None or any(row.moment < at <= following.moment for at in arrivals):
                yield name, before, group
                assert row.slot is not None
                before, group = row.slot, []


def _phase(program: Program, row: Binding) -> Phase | None:
    producer = program.producers[row.slot] if row.slot is not None else -1
    return program.instrs[producer].site.phase if producer >= 0 else None


def _gradient(program: Program, name: str, group: list[Binding]) -> int | None:
    """The gradient that backward left before an update."""
    found = None
    for row in program.bindings:
        if row.moment >= group[-1].moment:
            break
        if row.name == f"{name}.grad" and row.slot is not None:
            producer = program.producers[row.slot]
            if producer < 0 or _phase(program, row) is Phase.BACKWARD:
                found = row.slot
    return found


class _Marker:
    """Goes once over the instructions between a gradient and the new weight."""

    def __init__(
        self,
        program: Program,
        names: Mapping[int, str],
        name: str,
        before: int,
        gradient: int,
        bound: list[Binding],
    ) -> None:
        self._program, self._name = program, name
        self._before, self._gradient = before, gradient
        self._weights = {row.slot for row in bound}
        slot = bound[-1].slot
        assert slot is not None
        self._after = slot
        self._bound = names  # of all slots
        self._cone = self._walk()
        self._made = {program.instrs[i].output for i in self._cone}
        self._kinds: dict[int, Kinds] = {}
        self._marks: dict[int, tuple[str, str]] = {gradient: ("gradient", "g₀")}
        self._symbols: dict[int, str] = {before: "w₀"}
        self._counts: dict[str, int] = {}

    def _walk(self) -> list[int]:
        """The instructions of the update that the new weight depends on, in order."""
        program, seen, todo = self._program, set[int](), [self._after]
        while todo:
            index = program.producers[slot := todo.pop()]
            if index < 0 or slot in (self._gradient, self._before) or index in seen:
                continue
            if program.instrs[index].site.phase in (Phase.BACKWARD, Phase.LOSS):
                continue
            seen.add(index)
            todo += program.instrs[index].inputs
        return sorted(seen)

    def marked(self) -> Marked:
        """All marks, in the order of their computation."""
        program = self._program
        whole = set()
        for index in self._cone:
            instr = program.instrs[index]
            kinds = [self._kind(slot) for slot in instr.inputs]
            if (state := self._state(instr.output)) is not None:
                self._kinds[instr.output] = frozenset({_COUNT if state == "step" else _NEW})
            else:
                self._kinds[instr.output] = frozenset().union(*kinds)
            if "total_norm" in instr.site.module:
                whole.add(instr.output)
                self._kinds[instr.output] = frozenset({_GRADIENT})  # though of all parameters
            found = self._stage(instr, kinds, state)
            if found is not None:
                self._marks[instr.output] = (found, self._symbol(found, state, instr))
        self._delta()
        ordered = sorted(self._marks.items(), key=lambda item: program.producers[item[0]])
        ordered.sort(key=lambda item: item[0] != self._gradient)  # the gradient is first
        return Marked(
            self._name,
            self._before,
            self._gradient,
            self._after,
            dict(ordered),
            self._symbols,
            frozenset(whole),
            frozenset(self._made),
        )

    def _kind(self, slot: int) -> Kinds:
        """What a slot depends on."""
        if slot in self._kinds:
            return self._kinds[slot]
        row = self._program.slots[slot]
        key = (row.name or self._bound.get(slot, "")).removeprefix(f"{self._name}.")
        if slot == self._gradient:
            kind = _GRADIENT
        elif slot == self._before:
            kind = _WEIGHT
        elif row.kind is SlotKind.CONSTANT:
            return frozenset()
        elif key == "step":
            kind = _COUNT
            self._symbols[slot] = "t₀"
        elif key in _STATES or row.kind is SlotKind.BUFFER:
            kind = _OLD
            self._symbols[slot] = f"{_STATES.get(key, key)}₀"
        elif row.name.startswith("lr"):
            kind = _RATE
            self._symbols[slot] = row.name
        else:
            kind = _OTHER
        self._kinds[slot] = frozenset({kind})
        return self._kinds[slot]

    def _state(self, slot: int) -> str | None:
        """Which of the parameter's state a slot is, after the update."""
        name = self._bound.get(slot, "")
        key = name.removeprefix(f"{self._name}.")
        return key if key != name and key != "grad" else None

    def _stage(self, instr: Instr, kinds: list[Kinds], state: str | None) -> str | None:
        """Which stage an instruction completes, if any."""
        own = self._kinds[instr.output]
        bound = self._bound.get(instr.output)
        if instr.output in self._weights:
            return "shrink" if _GRADIENT not in own and not own & {_OLD, _NEW} else "weight"
        if state is not None:
            return state
        if bound == f"{self._name}.grad":
            return "clip"
        if "total_norm" in instr.site.module:
            return "norm" if self._leaves_norm(instr.output) else None
        if instr.op not in ELEMENTWISE:
            return "part"
        if instr.op == "neg" and own == {_GRADIENT}:
            return "uphill"
        if instr.op == "add" and {_GRADIENT} in kinds and {_WEIGHT} in kinds:
            return "decay"
        if instr.op == "add" and any(_NEW in kind for kind in kinds) and any(_is_gradient(k) for k in kinds):
            return "ahead"
        if instr.op in ("div", "mul") and {_COUNT} in kinds:
            other = kinds[0] if kinds[1] == {_COUNT} else kinds[1]
            if other == {_RATE}:
                return "rate" if self._has_power(instr) else "slower"
            return "correction" if other and other != {_COUNT} else None
        return None

    def _leaves_norm(self, slot: int) -> bool:
        readers = (self._program.instrs[i] for i, _ in self._program.consumers[slot])
        return any("total_norm" not in reader.site.module for reader in readers)

    def _has_power(self, instr: Instr) -> bool:
        """Whether a factor of the step count is made by a power, as 1 − βᵗ is."""
        todo = [slot for slot in instr.inputs if self._kinds.get(slot, frozenset()) == {_COUNT}]
        while todo:
            producer = self._program.producers[todo.pop()]
            if producer in self._cone:
                if self._program.instrs[producer].op == "pow":
                    return True
                todo += self._program.instrs[producer].inputs
        return False

    def _delta(self) -> None:
        """What the weight changes by is a stage of its own, if it is more than a stage that is there."""
        last = self._program.instrs[self._program.producers[self._after]]
        if last.op in ("sub", "add") and len(last.inputs) == 2:
            change = last.inputs[1]
            if change in self._made and change not in self._marks:
                self._marks[change] = ("update", "Δw")

    def _symbol(self, kind: str, state: str | None, instr: Instr) -> str:
        if state is not None:
            return f"{_STATES.get(state, state)}₁"
        if kind in ("norm", "correction", "rate", "slower"):
            symbol = {"norm": "‖g‖", "correction": self._corrected(instr)}.get(kind, "lrₜ")
            times = self._counts[symbol] = self._counts.get(symbol, 0) + 1
            return symbol if times == 1 else symbol + "′" * (times - 1)
        letter = "w" if kind in ("weight", "shrink") else "g" if kind != "part" else "p"
        self._counts[letter] = self._counts.get(letter, 0) + 1
        return letter + "".join(_DIGITS[int(digit)] for digit in str(self._counts[letter]))

    def _corrected(self, instr: Instr) -> str:
        """What a moment is called once its bias is corrected."""
        for slot in instr.inputs:
            producer = self._program.producers[slot]
            source = self._program.instrs[producer] if producer in self._cone else None
            if source is not None and source.op == "sqrt" and source.inputs[0] in self._marks:
                return "√v̂"
            if slot in self._marks and self._marks[slot][0].startswith("exp_avg"):
                return {"m₁": "m̂", "v₁": "v̂"}.get(self._marks[slot][1], "ĉ")
        return "ĉ"


def _is_gradient(kinds: Kinds) -> bool:
    return _GRADIENT in kinds and kinds <= {_GRADIENT, _WEIGHT, _OTHER}
