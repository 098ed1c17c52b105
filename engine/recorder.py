"""Recording an iteration: every op that runs inside `with record() as recorder:` becomes an instruction."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from .mutation import refresh
from .node import Node
from .program import Binding, Instr, Phase, Program, Scope, Site, SlotKind
from .state import listening, state
from .tables import Tables
from .user_code import user_frame

if TYPE_CHECKING:
    from .op import Op
    from .tensor import Tensor

OnMark = Callable[["Recorder", str], None]


class Recorder:
    """Collects instructions, values, names and gradient contributions in the order in which they happen.

    `on_mark` is called with "zero_grad", "backward" or "step" when one of these has ended; it may call `cut`.
    """

    keeps = True  # instructions; a kind that only listens does not

    def __init__(self, on_mark: OnMark | None = None) -> None:
        listening.ever = True
        self._on_mark = on_mark
        # By id; the tensors are held so that their ids stay their own.
        self._named: dict[int, tuple[Tensor, str, SlotKind]] = {}
        self._clear()

    def _clear(self) -> None:
        self.tables = Tables()
        self._from_gradient: set[int] = set()  # slots computed from gradients, outside of backward
        # By id: a named tensor's .grad, and that tensor.
        self._gradients: dict[int, tuple[Tensor, Tensor]] = {}

    def __len__(self) -> int:
        return len(self.tables.instrs)

    # What the engine tells it.

    def instr(self, node: Node, op: Op, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> None:
        """An op has run; `node` is its result."""
        slots = tuple(self.tables.slot(n) for n in inputs)
        assert node.site is not None
        module, phase, file, line = node.site
        origin = state.origin
        output = self.tables.slot(node)
        if (
            phase is Phase.FORWARD
            and not node.requires_grad
            and any(slot in self._from_gradient for slot in slots)
        ):
            phase = Phase.UPDATE  # arithmetic on gradients by hand: w.data.sub_(lr * w.grad)
        if phase in (Phase.BACKWARD, Phase.UPDATE) and not node.requires_grad:
            self._from_gradient.add(output)
        from_instr = self.tables.instr_of.get(id(origin), -1) if origin is not None else -1
        self.tables.instr_of[id(node)] = len(self.tables.instrs)
        self.tables.instrs.append(
            Instr(op.name, slots, dict(attrs), output, Site(module, phase, file, line, from_instr))
        )

    def bind(self, tensor: Tensor, suffix: str = "", value: Node | None = None, clear: bool = False) -> None:
        """A named tensor (or its .grad, with `suffix`) now means another value, or none."""
        if not suffix and id(tensor) in self._gradients:  # w.grad.zero_()
            held, owner = self._gradients[id(tensor)]
            if owner._grad is held:
                tensor, suffix, value = owner, ".grad", held._node
        entry = self._named.get(id(tensor))
        if entry is None:
            return
        if suffix and tensor._grad is not None:
            self._gradients[id(tensor._grad)] = (tensor._grad, tensor)
        slot = None if clear else self.tables.slot(value if value is not None else tensor._node)
        if slot is not None and not suffix:
            self._from_gradient.discard(slot)  # the next forward pass starts from it
        binding = Binding(len(self.tables.instrs), entry[1] + suffix, slot)
        if not self.tables.bindings or self.tables.bindings[-1] != binding:
            self.tables.bindings.append(binding)

    def is_gradient(self, tensor: Tensor) -> bool:
        """Whether a tensor is the .grad of a named one."""
        return id(tensor) in self._gradients

    def backward_from(self, root: Tensor) -> None:
        """Backward starts at `root`; the first one in a recording is the loss."""
        self.meet((root,))
        if self.tables.loss is None:
            self.tables.loss = root._node
            self.tables.slot(root._node)

    def contribution(self, target: Node, consumer: Node, index: int, grad: Node, total: Node) -> None:
        """Backward has sent `grad` to `target` through input `index` of `consumer`; the sum is `total`."""
        self.tables.contribution(target, consumer, index, grad, total)

    def freeze(self, node: Node) -> None:
        """A value lies in memory that numpy can change: keep a copy of it as it is now."""
        self.tables.freeze(node)

    def same(self, node: Node, value: Node, forward: Node) -> None:
        """`node` holds what `value` does, and stands for the forward node `forward` in backward."""
        self.tables.same(node, value, forward)

    def enter_scope(self, scope: Scope) -> str:
        """A module or composed function begins; returns its path, unique within the recording."""
        return self.tables.enter_scope(scope)

    def compute(self, path: str, function: str) -> None:
        """The module at `path` is a layer that computes a composed function; the first one counts."""
        self.tables.compute(path, function)

    def mark(self, event: str) -> None:
        """Something has ended: "zero_grad", "backward" or "step"."""
        if self._on_mark is not None:
            self._on_mark(self, event)

    def meet(self, tensors: tuple[Tensor, ...]) -> None:
        """Tensors are about to be used: call those that the user's code holds in a variable by its name.

        Only outside of modules, whose parameters have names already and whose `x` means something else in
        every line.
        """
        for tensor in tensors:
            if tensor._storage is not None and tensor._storage.array is not None:
                kept = self.tables.copies.get(self.tables.slot_of.get(id(tensor._node), -1))
                if kept is not None and not np.array_equal(
                    kept, tensor._node.array, equal_nan=kept.dtype.kind == "f"
                ):
                    refresh(tensor)
                self.tables.freeze(tensor._node)
        if state.depth or state.origin is not None:
            return
        strangers = [t for t in tensors if not t._node.name and t._node.kind is not SlotKind.CONSTANT]
        if not strangers or (frame := user_frame()) is None:
            return
        for tensor in strangers:
            for variable, value in (*frame.f_locals.items(), *frame.f_globals.items()):
                if value is tensor and not variable.startswith("_"):
                    self._call(tensor, variable)
                    break

    def _call(self, tensor: Tensor, variable: str) -> None:
        if tensor._node.op is None and id(tensor) not in self._named:
            self.name(tensor, variable, SlotKind.PARAMETER if tensor._requires_grad else SlotKind.INPUT)
        elif not tensor._node.name:
            tensor._node.name = variable

    # What the user tells it.

    def name(self, tensor: Tensor, name: str, kind: SlotKind = SlotKind.INPUT) -> None:
        """Call a tensor `name` from now on; the first name stays."""
        if id(tensor) in self._named:
            return
        self._named[id(tensor)] = (tensor, name, kind)
        node = tensor._node
        if not node.name:
            node.name = name
        if node.op is None and node.name == name:  # it may have been met before it was named
            node.kind = kind
        self.bind(tensor)
        grad = tensor._grad
        if grad is not None:
            if grad._node.op is None:
                grad._node.kind = SlotKind.GRADIENT
                self._from_gradient.add(self.tables.slot(grad._node))
            self.bind(tensor, ".grad", grad._node)

    def name_of(self, tensor: Tensor) -> str:
        """What `name` called a tensor, or ""."""
        entry = self._named.get(id(tensor))
        return "" if entry is None else entry[1]

    def named(self) -> dict[str, Tensor]:
        """The tensors that `name` has called something, by name."""
        return {name: tensor for tensor, name, _ in self._named.values()}

    def name_values(self, namespace: Mapping[str, object]) -> None:
        """Name every tensor that a script's variable holds, unless it has a name; call it at the end of the
        script."""
        for variable, value in namespace.items():
            node: Node | None = getattr(value, "_node", None)
            if (
                node is not None
                and id(node) in self.tables.slot_of
                and not node.name
                and not variable.startswith("_")
            ):
                node.name = variable

    def program(self) -> Program:
        """What has been recorded so far, frozen and checked."""
        return self.tables.program()

    def cut(self) -> Program:
        """Freeze what has been recorded so far and go on with an empty program.

        Named tensors keep their names, inputs from when they are used again; tensors that only the recorder
        holds on to, such as the batch of an iteration that is over, are let go.
        """
        program = self.program()
        named = [(weakref.ref(tensor), name, kind) for tensor, name, kind in self._named.values()]
        self._named.clear()
        self._clear()
        for held, name, kind in named:
            tensor = held()
            if tensor is not None and kind is SlotKind.INPUT:
                self._named[id(tensor)] = (tensor, name, kind)
            elif tensor is not None:
                self.name(tensor, name, kind)
        return program


@contextmanager
def record(on_mark: OnMark | None = None) -> Iterator[Recorder]:
    """Record every op that runs inside the `with` block, in this thread.

    with gradviz.record() as recorder:
        loss = criterion(net(x), y)
        loss.backward()
    program = recorder.program()
    """
    before = state.recorder
    recorder = Recorder(on_mark)
    state.recorder = recorder
    try:
        yield recorder
    finally:
        state.recorder = before
