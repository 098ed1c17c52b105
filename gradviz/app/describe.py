"""One sentence about a moment, from what was recorded: for the status bar, screen readers and the tour."""

from __future__ import annotations

from functools import cached_property

from gradviz.engine.program import Contribution, Instr, Phase, Program, SlotKind

from .arithmetic import Arithmetic
from .graph.folding import Owners
from .i18n import tr
from .inside.veil import HIDDEN, Veil
from .names import names
from .narration import phase_title
from .numerals import number, shape_text

_SHOWN = 4  # inputs that are listed one by one
_PARAMETERS = (SlotKind.PARAMETER, SlotKind.BUFFER)


class Narrator:
    """Tells the moments of one program; its tables are made once."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.veil: Veil | None = None  # what it does not tell

    def moment(self, moment: int) -> str:
        """What has just happened at a moment."""
        if moment == 0:
            return tr("Start: nothing has run yet")
        return self.instruction(moment - 1)

    def instruction(self, index: int) -> str:
        """What an instruction does."""
        instr = self._program.instrs[index]
        if instr.site.phase is Phase.BACKWARD:
            sentence, words = self._backward(index, instr)
        elif instr.site.phase in (Phase.UPDATE, Phase.ZERO_GRAD):
            sentence, words = self._update(index, instr)
        else:
            sentence, words = self._forward(instr)
        path = self._owners.paths[index]
        phase = phase_title(instr.site.phase)
        place = tr("{phase} · {module}").format(phase=phase, module=path) if path else phase
        return sentence.format(
            **{"place": place, "op": instr.op, "result": self._value(instr.output), **words}
        )

    def value(self, slot: int) -> str:
        """A slot as it appears in a sentence: "x (1×1×32×32)", "x1 = 2", "3×4", "0.5"."""
        name, value = self._names.get(slot, ""), self._value(slot)
        if not name:
            return value
        if self._program.values[slot].ndim:
            return tr("{name} ({shape})").format(name=name, shape=value)
        return tr("{name} = {value}").format(name=name, value=value)

    # The phases.

    def _forward(self, instr: Instr) -> tuple[str, dict[str, str]]:
        kinds = [self._program.slots[slot].kind for slot in instr.inputs]
        trained = [slot for slot, kind in zip(instr.inputs, kinds, strict=True) if kind in _PARAMETERS]
        others = [slot for slot, kind in zip(instr.inputs, kinds, strict=True) if kind not in _PARAMETERS]
        parameters = self._list([self._names.get(slot) or self._value(slot) for slot in trained])
        words = {"inputs": self._list([self.value(slot) for slot in others]), "parameters": parameters}
        if not instr.inputs:
            return tr("{place}: {op} gives {result}"), words
        if instr.output == self._program.loss:
            return tr("{place}: {op} takes {inputs}, gives the loss {result}"), words
        if not trained:
            return tr("{place}: {op} takes {inputs}, gives {result}"), words
        if not others:
            return tr("{place}: {op} takes {parameters}, gives {result}"), words
        return tr("{place}: {op} takes {inputs} with {parameters}, gives {result}"), words

    def _backward(self, index: int, instr: Instr) -> tuple[str, dict[str, str]]:
        loss = self._title(self._program.loss)
        if instr.op == "accumulate_grad":
            name = self._owners.subjects[index] or tr("a leaf")
            words = {"name": name, "loss": loss}
            if len(instr.inputs) == 1:
                return tr("{place}: {name}.grad ← ∂{loss}/∂{name} ({result})"), words
            return tr("{place}: {name}.grad ← {name}.grad + ∂{loss}/∂{name} ({result})"), words
        if instr.inputs == (self._program.loss,) and instr.op == "ones_like":
            return tr("{place}: it starts with ∂{loss}/∂{loss} = {result}"), {"loss": loss}
        if (row := self._sums.get(instr.output)) is not None:
            return tr(
                "{place}: contribution {n} is added; ∂{loss}/∂{target} is the sum of {n} of {m} ({result})"
            ), self._about(row)
        if (row := self._terms.get(instr.output)) is not None:
            words = self._about(row)
            if words["m"] == "1":
                return tr(
                    "{place}: upstream gradient ({upstream}) × local derivative of {origin} → "
                    "∂{loss}/∂{target} ({result})"
                ), words
            return tr(
                "{place}: upstream gradient ({upstream}) × local derivative of {origin} → "
                "contribution {n} of {m} to ∂{loss}/∂{target} ({result})"
            ), words
        words = {"inputs": self._list([self.value(slot) for slot in instr.inputs])}
        if instr.site.origin >= 0:
            words["origin"] = self._program.instrs[instr.site.origin].op
            return tr("{place}: for the derivative of {origin}, {op} takes {inputs}, gives {result}"), words
        return tr("{place}: {op} takes {inputs}, gives {result}"), words

    def _update(self, index: int, instr: Instr) -> tuple[str, dict[str, str]]:
        words = {"expression": self._arithmetic.text(index)}
        if instr.op == "zero_grad":
            return tr("{place}: {name} is cleared"), {"name": self.value(instr.inputs[0])}
        name = self._written.get(index)
        if name is not None:
            return tr("{place}: {name} ← {expression} ({result})"), {**words, "name": name}
        return tr("{place}: {expression} = {result}"), words

    # Tables and words.

    def _about(self, row: Contribution) -> dict[str, str]:
        rows = self._program.gradients[row.slot]
        origin = self._program.instrs[row.instr]
        return {
            "n": str(rows.index(row) + 1),
            "m": str(len(rows)),
            "loss": self._title(self._program.loss),
            "target": self._title(row.slot),
            "origin": origin.op,
            "upstream": self._value(self._gradient(origin.output)),
        }

    def _gradient(self, slot: int) -> int:
        """The slot of ∂loss/∂slot; the slot itself where backward has left no trace of it."""
        rows = self._program.gradients.get(slot)
        if rows:
            return rows[-1].total
        return self._seed if slot == self._program.loss and self._seed is not None else slot

    @cached_property
    def _seed(self) -> int | None:
        """The slot of ∂loss/∂loss."""
        wanted = ("ones_like", (self._program.loss,))
        return next((i.output for i in self._program.instrs if (i.op, i.inputs) == wanted), None)

    def _title(self, slot: int | None) -> str:
        """A short name for a slot inside of ∂ … / ∂ …."""
        if slot is None:
            return tr("loss")
        if name := self._names.get(slot):
            return name
        producer = self._program.producers[slot]
        return self._program.instrs[producer].op if producer >= 0 else f"%{slot}"

    def _value(self, slot: int) -> str:
        value, veil = self._program.values[slot], self.veil
        if veil is not None and slot in (veil.shapes if value.ndim else veil.slots)(self._program):
            return HIDDEN
        return shape_text(value.shape) if value.ndim else number(float(value))

    def _list(self, texts: list[str]) -> str:
        if len(texts) <= _SHOWN:
            return tr(", ").join(texts)
        first = tr(", ").join(texts[: _SHOWN - 1])
        return tr("{first} … ({count} in all)").format(first=first, count=len(texts))

    @cached_property
    def _owners(self) -> Owners:
        return Owners(self._program)

    @cached_property
    def _names(self) -> dict[int, str]:
        return names(self._program)

    @cached_property
    def _arithmetic(self) -> Arithmetic:
        return Arithmetic(self._program, self._names)

    @cached_property
    def _terms(self) -> dict[int, Contribution]:
        """The contribution that a slot is, for slots that an instruction of backward writes."""
        return {row.grad: row for row in reversed(self._program.contributions)}

    @cached_property
    def _sums(self) -> dict[int, Contribution]:
        """The last contribution in a slot that is a sum of several."""
        return {row.total: row for row in self._program.contributions if row.total != row.grad}

    @cached_property
    def _written(self) -> dict[int, str]:
        """The name that an instruction gives a new value."""
        producers = self._program.producers
        rows = ((row, producers[row.slot]) for row in self._program.bindings if row.slot is not None)
        return {producer: row.name for row, producer in rows if producer == row.moment - 1 >= 0}


def describe_moment(program: Program | None, moment: int) -> str:
    """One sentence about a moment; whoever needs many of one program keeps a `Narrator`."""
    return tr("Nothing is recorded yet") if program is None else Narrator(program).moment(moment)
