"""One recorded iteration as the body of a Python function: forward, loss, backward, update.

Instructions become assignments in their order. Backward is not written out: at the place where it began the
script calls `loss.backward()`, and what reads a gradient reads `.grad`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gradviz.app.i18n import tr
from gradviz.engine.program import Instr, Phase, Program, SlotKind

from .expressions import RANDOM, ExportError, expression
from .gradients import Gradients
from .naming import Names
from .operand import Operand, source

_FORWARD = (Phase.FORWARD, Phase.LOSS)
_INDENT = "    "


@dataclass
class Body:
    """The lines of the function; `leaves` are the slots that it takes, by their key in `v`; `finals` names
    the variables that hold parameters and state at the end; `loss` is the loss's variable, or ""."""

    lines: list[str] = field(default_factory=list)
    leaves: dict[str, int] = field(default_factory=dict)
    finals: dict[str, str] = field(default_factory=dict)
    loss: str = ""
    uses_put: bool = False

    @property
    def text(self) -> str:
        """The lines as one text: two iterations with the same text are one function."""
        return "\n".join(self.lines)


def emit(program: Program) -> Body:
    """Write one iteration; ExportError names the op and line that cannot be written."""
    return _Emitter(program).run()


class _Emitter:
    def __init__(self, program: Program) -> None:
        self._program = program
        self._names = Names()
        self._variables: dict[int, str] = {}  # by slot
        self._gradients = Gradients(program)
        self._final_names = {slot: name for name, slot in _final_slots(program).items()}
        self._needed = self._find_needed()
        self._body = Body()
        self._module = ""
        self._updating = False

    def run(self) -> Body:
        """All lines, from the leaves to what is returned."""
        if not self._gradients.roots and self._gradients.any:
            raise ExportError(tr("backward was given a gradient, which cannot be written"))
        for index, instr in enumerate(self._program.instrs):
            root = self._gradients.roots.get(index)
            if root is not None:
                self._backward(index, root)
            if index in self._needed and instr.site.phase is not Phase.BACKWARD:
                self._assign(instr)
        self._finish()
        self._body.lines = [*self._first_lines(), *self._body.lines]
        return self._body

    def _find_needed(self) -> set[int]:
        """The instructions that the loss, the backward passes or the new parameters depend on."""
        program = self._program
        wanted = list(self._gradients.roots.values()) + list(_final_slots(program).values())
        if program.loss is not None:
            wanted.append(program.loss)
        if not wanted and len(program):
            wanted.append(program.instrs[-1].output)
        needed: set[int] = set()
        while wanted:
            index = program.producers[wanted.pop()]
            if index < 0 or index in needed or self._is_backward(index):
                continue
            needed.add(index)
            wanted += program.instrs[index].inputs
        return needed

    def _is_backward(self, index: int) -> bool:
        instr = self._program.instrs[index]
        return instr.site.phase in (Phase.BACKWARD, Phase.ZERO_GRAD)

    # Lines.

    def _add(self, text: str, update: bool = False) -> None:
        if update != self._updating:
            if update:
                self._body.lines.append("with torch.no_grad():")
            self._updating = update
        self._body.lines.append((_INDENT if update else "") + text)

    def _comment(self, instr: Instr, update: bool) -> None:
        module = instr.site.module
        if module == self._module:
            return
        self._module = module
        scope = self._program.scopes.get(module)
        text = f"{module}: {scope.description or scope.title}" if scope is not None else module
        if text:
            self._add(f"# {' '.join(text.split())[:100]}", update)

    def _assign(self, instr: Instr) -> None:
        program, slot = self._program, instr.output
        update = instr.site.phase not in _FORWARD
        row = program.slots[slot]
        if instr.op in RANDOM:
            self._leaf(slot, f"random {instr.op}")
            return
        operands = [self._operand(each) for each in instr.inputs]
        try:
            text = expression(instr.op, operands, instr.attrs)
        except ExportError as error:
            raise ExportError(_placed(error, instr)) from None
        self._body.uses_put |= text.startswith("put(")
        self._comment(instr, update)
        if not update and not row.requires_grad and self._would_require(instr):
            text = f"({text}).detach()"  # it ran under no_grad
        if update and row.requires_grad and self._goes_forward(slot):
            text = f"({text}).requires_grad_()"
        final = self._final_names.get(slot)
        self._variables[slot] = name = self._names.new(f"new {final}" if final else row.name or instr.op)
        self._add(f"{name} = {text}", update)

    def _goes_forward(self, slot: int) -> bool:
        program = self._program
        return any(program.instrs[i].site.phase in _FORWARD for i, _ in program.consumers[slot])

    def _would_require(self, instr: Instr) -> bool:
        slots = self._program.slots
        floating = slots[instr.output].dtype.startswith("float")
        return floating and instr.op != "detach" and any(slots[i].requires_grad for i in instr.inputs)

    def _backward(self, index: int, root: int) -> None:
        name = self._text(root)
        for target, old in self._gradients.before(index):
            value = "None" if old is None else f"{self._text(old)}.detach().clone()"
            self._add(f"{self._text(target)}.grad = {value}")
        self._module = ""
        again = index != max(self._gradients.roots)
        self._add("# backward")
        self._add(f"{name}.backward({'retain_graph=True' if again else ''})")

    # Operands.

    def _operand(self, slot: int) -> Operand:
        row = self._program.slots[slot]
        if row.kind is SlotKind.CONSTANT:
            return Operand(source(self._program.values[slot].item()), (), row.dtype, number=True)
        return Operand(self._text(slot), row.shape, row.dtype)

    def _text(self, slot: int) -> str:
        """The variable that holds a slot; gradients are read from `.grad`, leaves are introduced."""
        known = self._variables.get(slot)
        if known is not None:
            return known
        producer = self._program.producers[slot]
        if producer < 0:
            return self._leaf(slot, self._program.slots[slot].name or f"value {slot}")
        target = self._gradients.target_of(slot)
        if target is None:
            instr = self._program.instrs[producer]
            text = tr("a result of backward is used in a way that cannot be written ({op})").format(
                op=instr.op
            )
            raise ExportError(_placed(text, instr))
        return f"{self._text(target)}.grad"

    def _leaf(self, slot: int, wish: str) -> str:
        key = wish
        while key in self._body.leaves:
            key += "'"
        self._body.leaves[key] = slot
        self._variables[slot] = name = self._names.new(wish)
        return name

    def _first_lines(self) -> list[str]:
        lines = []
        for key, slot in self._body.leaves.items():
            value = f"v[{key!r}]"
            if self._program.slots[slot].requires_grad:
                value = f"parameter({value})"
            lines.append(f"{self._variables[slot]} = {value}")
        return lines

    def _finish(self) -> None:
        program = self._program
        self._body.finals = {
            name: self._text(slot)
            for name, slot in _final_slots(program).items()
            if self._gradients.is_written(slot)
        }
        loss = program.loss
        if loss is None and len(program):
            loss = program.instrs[-1].output
        if loss is not None and loss in self._variables:
            self._body.loss = self._variables[loss]


def _final_slots(program: Program) -> dict[str, int]:
    """For each parameter and piece of state the slot that it means at the end, if an instruction wrote it."""
    kept = {SlotKind.PARAMETER, SlotKind.BUFFER}
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for row in program.bindings:
        if row.slot is None or row.name.endswith(".grad"):
            continue
        first.setdefault(row.name, row.slot)
        last[row.name] = row.slot
    return {
        name: slot
        for name, slot in last.items()
        if program.producers[slot] >= 0
        and (program.slots[first[name]].kind in kept or _is_update(program, slot))
    }


def _is_update(program: Program, slot: int) -> bool:
    return program.instrs[program.producers[slot]].site.phase is Phase.UPDATE


def _placed(problem: object, instr: Instr) -> str:
    place = f" ({instr.site.file}:{instr.site.line})" if instr.site.file else ""
    return f"{problem}{place}"


def same_values(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal, NaN for NaN."""
    return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def leaf_values(program: Program, leaves: dict[str, int]) -> dict[str, np.ndarray]:
    """The recorded values of a body's leaves."""
    return {key: program.values[slot] for key, slot in leaves.items()}


def lines_of(body: Body, indent: int) -> Sequence[str]:
    """The body's lines, indented."""
    return [_INDENT * indent + line for line in body.lines]
