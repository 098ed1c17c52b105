"""Which values from outside of the program get a node of their own, and where."""

from __future__ import annotations

from gradviz.app.i18n import tr
from gradviz.engine.program import Phase, Program, Slot, SlotKind

from .folding import Folding, Owners, Place
from .model import GraphNode, NodeKind
from .texts import in_title, relative, shape_text

_KINDS: dict[SlotKind, NodeKind] = {
    SlotKind.INPUT: "input",
    SlotKind.PARAMETER: "parameter",
    SlotKind.BUFFER: "buffer",
    SlotKind.GRADIENT: "gradient",
    SlotKind.CONSTANT: "constant",
}


class Leaves:
    """Hands out the nodes of leaf slots.

    A leaf of a module is shown while that module is open, a named one outside of all modules always. Python
    numbers never are: they stand in the title of the op. What only an optimizer reads (the learning rate) is
    shown once in each frame with ops that read it, as its arrows would cross the whole picture otherwise.
    """

    def __init__(self, program: Program, owners: Owners, folding: Folding) -> None:
        self._program = program
        self._owners = owners
        self._folding = folding
        self._nodes: dict[
            tuple[int, str], tuple[GraphNode, str]
        ] = {}  # (slot, frame of a copy) -> (node, frame)

    def find(self, slot: int, phase: Phase, reader: Place) -> tuple[GraphNode, str] | None:
        """The node that shows leaf `slot` to an instruction at `reader`, and its frame; None if hidden."""
        known = self._nodes.get((slot, ""))
        if known is not None:
            return known
        if in_title(self._program, slot, phase, reader.frame):
            return None
        info = self._program.slots[slot]
        name = info.name or self._owners.bound.get(slot, "")
        home = self._owners.home(name)
        at_home = self._folding.place(home)
        if reader.fold and not (self._is_global(info, name, home, phase) or (home and not at_home.fold)):
            return None
        copy = ""
        if home and not at_home.fold:
            frame = at_home.frame
        elif phase is Phase.UPDATE and not info.requires_grad:
            frame = copy = reader.frame
        elif name and not home and info.kind is not SlotKind.CONSTANT:
            frame = ""
        else:
            frame = reader.frame
        if (slot, copy) not in self._nodes:
            self._nodes[slot, copy] = self._node(slot, info, name, phase, frame, copy), frame
        return self._nodes[slot, copy]

    def drawn(self, name: str) -> str:
        """The id of the node that shows the leaf of that name, or ""."""
        known = self._nodes.get((self._owners.leaves.get(name, -1), ""))
        return known[0].id if known is not None else ""

    def _is_global(self, info: Slot, name: str, home: str, phase: Phase) -> bool:
        """Whether it is worth an arrow into a closed module: the user named it outside of modules, as x."""
        return bool(name) and not home and phase not in (Phase.UPDATE, Phase.ZERO_GRAD)

    def _node(self, slot: int, info: Slot, name: str, phase: Phase, frame: str, copy: str) -> GraphNode:
        title = relative(name, frame) if name else tr("tensor") if info.shape else tr("number")
        id = f"s{slot}@{copy}" if copy else f"s{slot}"
        module = self._owners.home(name) or frame
        return GraphNode(id, _KINDS[info.kind], title, shape_text(info.shape), phase, module, (), slot)
