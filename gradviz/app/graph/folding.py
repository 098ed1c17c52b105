"""Where an instruction is drawn: the module that it belongs to, and the frame or folded box that shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gradviz.engine.program import Phase, Program, Scope, SlotKind

_TRAINED = frozenset({SlotKind.PARAMETER, SlotKind.BUFFER})


def is_forward(phase: Phase) -> bool:
    """Whether a phase belongs to the forward side; with `in`, Enum's slow hash would run each time."""
    return phase is Phase.FORWARD or phase is Phase.LOSS


@dataclass(frozen=True, slots=True)
class Place:
    """`fold` is the closed module that hides what lies here ("": none), `frame` the innermost open one."""

    fold: str
    frame: str


class Folding:
    """Which of a program's modules are closed; the outermost closed one hides all that is inside of it."""

    def __init__(self, around: Callable[[str], tuple[str, ...]], open_modules: frozenset[str]) -> None:
        self._around = around
        self._open = open_modules
        self._places: dict[str, Place] = {}

    def place(self, path: str) -> Place:
        """Where things of the module `path` are drawn."""
        found = self._places.get(path)
        if found is None:
            found = self._places[path] = self._find(path)
        return found

    def _find(self, path: str) -> Place:
        frame = ""
        for scope in self._around(path):
            if scope not in self._open:
                return Place(scope, frame)
            frame = scope
        return Place("", frame)


def enclosing(path: str, scopes: Mapping[str, Scope]) -> tuple[str, ...]:
    """The scopes that `path` lies in, outermost first, with itself ("layers.0" may lie in no "layers")."""
    parts = path.split(".") if path else []
    prefixes = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return tuple(prefix for prefix in prefixes if prefix in scopes)


class Owners:
    """For each instruction its module and, in backward and update, the leaf that it is about.

    Optimizers run outside of modules: `paths[i]` is then the module whose parameter or gradient instruction i
    works on. `subjects[i]` is that leaf's name ("conv1.weight"), or "".
    """

    def __init__(self, program: Program) -> None:
        self._scopes = program.scopes
        self.leaves: dict[str, int] = {}  # what can have a gradient or be trained, by name
        for number, slot in enumerate(program.slots):
            if (
                slot.name
                and slot.kind is not SlotKind.VALUE
                and (slot.requires_grad or slot.kind in _TRAINED)
            ):
                self.leaves.setdefault(slot.name, number)
        self.bound: dict[int, str] = {}  # slot -> the first name that it is bound to
        for binding in program.bindings:
            if binding.slot is not None:
                self.bound.setdefault(binding.slot, binding.name)
        self._homes: dict[str, str] = {}
        self.paths: list[str] = []
        self.subjects: list[str] = []
        self._walk(program)
        self._adopt(program)

    def leaf_of(self, name: str) -> str:
        """The leaf that a bound name is about: "conv1.weight" for itself and "conv1.weight.grad"; or ""."""
        if name in self.leaves:
            return name
        end = name.find(".")
        while end >= 0:
            if name[:end] in self.leaves:
                return name[:end]
            end = name.find(".", end + 1)
        return ""

    def home(self, name: str) -> str:
        """The module that a leaf lies in, by its name; "" if in none that was called."""
        found = self._homes.get(name)
        if found is None:
            around = enclosing(name.rpartition(".")[0], self._scopes)
            found = self._homes[name] = around[-1] if around else ""
        return found

    def _walk(self, program: Program) -> None:
        about = {slot: self.leaf_of(name) for slot, name in self.bound.items()}
        about.update((slot, name) for name, slot in self.leaves.items())
        for instr in program.instrs:
            site = instr.site
            path = site.module or (self.paths[site.origin] if site.origin >= 0 else "")
            subject = ""
            if not is_forward(site.phase) and (site.phase is not Phase.BACKWARD or site.origin < 0):
                subject = about.get(instr.output) or self._common(about, instr.inputs)
                if subject:
                    path = path or self.home(subject)
                    about[instr.output] = subject
            self.paths.append(path)
            self.subjects.append(subject)

    def _common(self, about: Mapping[int, str], inputs: tuple[int, ...]) -> str:
        """The leaf that the inputs are about, if it is one, or if all of them lie in one module."""
        found = ""
        for slot in inputs:
            subject = about.get(slot, "")
            if found and subject and subject != found and not self._together(subject, found):
                return ""
            found = found or subject
        return found

    def _together(self, one: str, other: str) -> bool:
        return self.home(one) == self.home(other) != ""

    def _adopt(self, program: Program) -> None:
        """Give what an optimizer computes from nameless values to the leaf that alone makes use of it."""
        reader: dict[int, str] = {}  # slot -> the leaf that its readers are about; "" if several, or none
        for index in range(len(program.instrs) - 1, -1, -1):
            instr = program.instrs[index]
            phase = instr.site.phase
            if phase is not Phase.UPDATE and phase is not Phase.ZERO_GRAD:
                continue
            subject = self.subjects[index] or reader.get(instr.output, "")
            self.subjects[index] = subject
            self.paths[index] = self.paths[index] or self.home(subject)
            for slot in instr.inputs:
                if reader.setdefault(slot, subject) != subject:
                    reader[slot] = ""
