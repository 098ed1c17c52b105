"""What stands on nodes, edges and frames: short, and close to the code that the learner wrote."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from gradviz.app.i18n import ntr, tr
from gradviz.engine.program import Instr, Phase, Program, Scope, SlotKind

from .chunks import Chunk
from .folding import Owners
from .repeats import Nest


class Texts:
    """Titles and subtitles for one program."""

    def __init__(self, program: Program, owners: Owners, nest: Nest) -> None:
        self._program = program
        self._nest = nest
        self._owners = owners
        self._gradient_of: dict[int, int] = {}  # slot -> the slot whose gradient it is
        for row in program.contributions:
            self._gradient_of.setdefault(row.grad, row.slot)
            self._gradient_of.setdefault(row.total, row.slot)
        for instr in program.instrs:  # where backward starts: ∂loss/∂loss = 1
            if instr.op == "ones_like" and instr.site.phase is Phase.BACKWARD:
                self._gradient_of.setdefault(instr.output, instr.inputs[0])

    def op_title(self, index: int, instr: Instr, frame: str) -> str:
        """ "conv2d", "mul · 0.5", "x1w1 · mul", "∂x1 · mul", "weight.grad +=", "weight ← sub"."""
        slots = self._program.slots
        phase = instr.site.phase
        bound = self._owners.bound.get(instr.output, "")
        if instr.op == "accumulate_grad":
            name = bound or f"{self._owners.subjects[index]}.grad".lstrip(".")
            return f"{relative(name, frame)} {'=' if len(instr.inputs) == 1 else '+='}"
        parts = [instr.op]
        numbers = [self._number(slot) for slot in instr.inputs if in_title(self._program, slot, phase, frame)]
        if numbers:
            parts.append(", ".join(numbers))
        op = " · ".join(parts)
        if phase is Phase.BACKWARD:
            target = self._gradient_of.get(instr.output)
            name = slots[target].name if target is not None else ""
            return f"∂{relative(name, frame)} · {op}" if name else op
        if phase is Phase.UPDATE or phase is Phase.ZERO_GRAD:
            return f"{relative(bound, frame)} ← {op}" if bound else op
        name = slots[instr.output].name or bound
        return f"{relative(name, frame)} · {op}" if name else op

    def op_subtitle(self, instr: Instr) -> str:
        """The output's shape; "scalar" only where larger tensors come down to one number."""
        slots = self._program.slots
        shape = slots[instr.output].shape
        if not shape and any(slots[slot].shape for slot in instr.inputs):
            return tr("scalar")
        return shape_text(shape)

    def _number(self, slot: int) -> str:
        return self._program.slots[slot].name or f"{self._program.values[slot].item():g}"

    def fold_title(self, path: str, frame: str, phase: Phase) -> str:
        """ "conv1", "∂ conv1", "conv1 ← update"; with the class where the name is a number: "0 · Linear"."""
        return about_phase(self._title(path, frame, always=False), phase)

    def frame_title(self, path: str, parent: str, phase: Phase) -> str:
        """ "conv1 · Conv2d", "∂ conv1 · Conv2d", "conv1 ← update"."""
        always = phase not in (Phase.UPDATE, Phase.ZERO_GRAD)
        return about_phase(self._title(path, parent, always), phase)

    def _title(self, path: str, frame: str, always: bool) -> str:
        """Of repeats: "layers.0…5 ×6", "… 4 more", in a frame with the class behind it."""
        chunk = self._nest.chunks.boxes.get(path)
        if chunk is not None:
            return _chunk_title(chunk)
        repeat, scope = self._nest.repeats.get(path), self._nest.scopes[path]
        if repeat is None:
            return module_title(path, frame, scope, always)
        if repeat.rest:
            return tr("… {n} more").format(n=len(repeat.members))
        title = f"{relative(path, frame).replace('×', '')} ×{len(repeat.members)}"
        return f"{title} · {scope.title}" if always and scope.title else title

    def fold_subtitle(self, slot: int) -> str:
        """The shape of what a module passes on."""
        return shape_text(self._program.slots[slot].shape) or tr("scalar")

    def update_subtitle(self, names: Sequence[str], fold: str) -> str:
        """The parameters that an update writes: their names if they are few, else how many."""
        if len(names) > 2:
            count = len(names)
            return ntr("{n} parameter", "{n} parameters", count).format(n=count)
        return ", ".join(relative(name, fold) for name in names)


def scope_name(nest: Nest, path: str) -> str:
    """What a scope is called in a sentence: "conv1", "blocks 0 to 7 of encoder", "turns 1 to 50"."""
    chunk, repeat = nest.chunks.boxes.get(path), nest.repeats.get(path)
    if chunk is not None:
        return _chunk_title(chunk)
    if repeat is None:
        return path
    parent = repeat.members[0].rpartition(".")[0]
    first, last = (relative(member, parent) for member in (repeat.members[0], repeat.members[-1]))
    if not first.isdigit():
        text = tr("{first} to {last} of {module}") if parent else tr("{first} to {last}")
    else:
        text = tr("blocks {first} to {last} of {module}") if parent else tr("blocks {first} to {last}")
    return text.format(first=first, last=last, module=parent)


def _chunk_title(chunk: Chunk) -> str:
    """ "mul ×5,000", "line 12 ×5,000", "turns 1 to 50", "ops 101 to 200"."""
    if chunk.op:
        return f"{chunk.op} ×{chunk.turns:,}"
    if chunk.turns:
        return tr("line {line} ×{n}").format(line=chunk.line, n=f"{chunk.turns:,}")
    ends = {"first": f"{chunk.first + 1:,}", "last": f"{chunk.last + 1:,}"}
    text = tr("turns {first} to {last}") if chunk.inside_loop else tr("ops {first} to {last}")
    return text.format(**ends)


def in_title(program: Program, slot: int, phase: Phase, frame: str) -> bool:
    """Whether a slot is written into the title of the op that reads it and gets no node of its own.

    Python numbers are; so is, outside of all frames, what only an optimizer reads (the learning rate), as its
    arrows would go to every parameter.
    """
    info = program.slots[slot]
    if info.shape:
        return False
    hyper = phase is Phase.UPDATE and not frame and info.kind is SlotKind.INPUT and not info.requires_grad
    return info.kind is SlotKind.CONSTANT or hyper


def module_title(path: str, frame: str, scope: Scope, always: bool) -> str:
    """The module's name inside of `frame`, with its class if asked for or if the name says nothing.

    The second call of a module is told apart ("fc1#2"); that of a function is not: they share nothing.
    """
    name = relative(path, frame)
    if scope.kind == "function":
        name = name.partition("#")[0]
    says_nothing = name.rpartition(".")[2].partition("#")[0].isdigit()
    return f"{name} · {scope.title}" if (always or says_nothing) and scope.title not in ("", name) else name


def about_phase(title: str, phase: Phase) -> str:
    """The title of what mirrors a forward node in another phase."""
    match phase:
        case Phase.BACKWARD:
            return f"∂ {title}"
        case Phase.UPDATE:
            return tr("{module} ← update").format(module=title)
        case Phase.ZERO_GRAD:
            return tr("{module} ← zero_grad").format(module=title)
    return title


def relative(name: str, frame: str) -> str:
    """`name` as it is called inside of the module `frame`: "weight" for "conv1.weight" in "conv1"."""
    if "×" in frame:  # of repeats: what they lie in
        frame = frame.rpartition(".×")[0]
    inside = frame.partition("#")[0] if "#" in frame.rpartition(".")[2] else frame
    for outer in (frame, inside):
        if outer and name.startswith(f"{outer}."):
            return name[len(outer) + 1 :]
    return name


@lru_cache(maxsize=4096)
def shape_text(shape: tuple[int, ...]) -> str:
    """ "1×6×28×28"; "" for a single number."""
    return "×".join(map(str, shape))
