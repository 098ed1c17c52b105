"""Recording a whole iteration: every op that runs inside `with record() as recorder:` becomes an
instruction."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from .mutation import refresh
from .node import Node
from .program import Binding, Contribution, Instr, Phase, Program, Scope, Site, Slot, SlotKind
from .state import state, user_frame

if TYPE_CHECKING:
    from .op import Op
    from .tensor import Tensor

OnMark = Callable[["Recorder", str], None]


class Recorder:
    """Collects instructions, values, names and gradient contributions in the order in which they happen.

    `on_mark` is called with "zero_grad", "backward" or "step" when one of these has ended; it may call `cut`.
    """

    def __init__(self, on_mark: OnMark | None = None) -> None:
        self._on_mark = on_mark
        self._named: dict[
            int, tuple[Tensor, str, SlotKind]
        ] = {}  # by id; holds the tensor so that the id stays its own
        self._clear()

    def _clear(self) -> None:
        self._nodes: list[Node] = []
        self._slot_of: dict[int, int] = {}
        self._instr_of: dict[int, int] = {}
        self._instrs: list[Instr] = []
        self._bindings: list[Binding] = []
        self._contributions: list[Contribution] = []
        self._scopes: dict[str, Scope] = {}
        self._from_gradient: set[int] = set()  # slots computed from gradients, outside of backward
        self._loss: Node | None = None
        self._kept: list[Node] = []  # so that their ids stay their own
        self._copies: dict[int, np.ndarray] = {}  # by slot: values that lie in memory shared with numpy
        self._gradients: dict[
            int, tuple[Tensor, Tensor]
        ] = {}  # by id: a named tensor's .grad, and that tensor

    def __len__(self) -> int:
        return len(self._instrs)

    # What the engine tells it.

    def instr(self, node: Node, op: Op, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> None:
        """An op has run; `node` is its result."""
        slots = tuple(self._slot(n) for n in inputs)
        assert node.site is not None
        module, phase, file, line, origin = node.site
        output = self._slot(node)
        if (
            phase is Phase.FORWARD
            and not node.requires_grad
            and any(slot in self._from_gradient for slot in slots)
        ):
            phase = Phase.UPDATE  # arithmetic on gradients by hand: w.data.sub_(lr * w.grad)
        if phase in (Phase.BACKWARD, Phase.UPDATE) and not node.requires_grad:
            self._from_gradient.add(output)
        from_instr = self._instr_of.get(id(origin), -1) if origin is not None else -1
        self._instr_of[id(node)] = len(self._instrs)
        self._instrs.append(
            Instr(op.name, slots, dict(attrs), output, Site(module, phase, file, line, from_instr))
        )

    def contribution(self, target: Node, consumer: Node, index: int, grad: Node, total: Node) -> None:
        """Backward has sent `grad` to `target` through input `index` of `consumer`; the sum so far is
        `total`."""
        instr = self._instr_of.get(id(consumer), -1)
        if instr >= 0:
            self._contributions.append(
                Contribution(self._slot(target), instr, index, self._slot(grad), self._slot(total))
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
        slot = None if clear else self._slot(value if value is not None else tensor._node)
        if slot is not None and not suffix:
            self._from_gradient.discard(slot)  # the next forward pass starts from it
        binding = Binding(len(self._instrs), entry[1] + suffix, slot)
        if not self._bindings or self._bindings[-1] != binding:
            self._bindings.append(binding)

    def is_gradient(self, tensor: Tensor) -> bool:
        """Whether a tensor is the .grad of a named one."""
        return id(tensor) in self._gradients

    def freeze(self, node: Node) -> None:
        """A value lies in memory that numpy can change: keep a copy of it as it is now."""
        self._copies.setdefault(self._slot(node), node.array.copy(order="K"))

    def same(self, node: Node, value: Node, forward: Node) -> None:
        """`node` holds what `value` does, and stands for the forward node `forward` in backward."""
        self._slot_of[id(node)] = self._slot(value)
        self._kept.append(node)
        if id(forward) in self._instr_of:
            self._instr_of[id(node)] = self._instr_of[id(forward)]

    def backward_from(self, root: Tensor) -> None:
        """Backward starts at `root`; the first one in a recording is the loss."""
        self.meet((root,))
        if self._loss is None:
            self._loss = root._node
            self._slot(root._node)

    def enter_scope(self, scope: Scope) -> str:
        """Make a module's or function's path unique within the recording, and return it."""
        path, count = scope.path, 1
        while path in self._scopes:
            count += 1
            path = f"{scope.path}#{count}"
        self._scopes[path] = Scope(path, scope.kind, scope.title, scope.description)
        return path

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
                kept = self._copies.get(self._slot_of.get(id(tensor._node), -1))
                if kept is not None and not np.array_equal(
                    kept, tensor._node.array, equal_nan=kept.dtype.kind == "f"
                ):
                    refresh(tensor)
                self.freeze(tensor._node)
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
            if node.op is None:
                node.kind = kind
        self.bind(tensor)
        grad = tensor._grad
        if grad is not None:
            if grad._node.op is None:
                grad._node.kind = SlotKind.GRADIENT
                self._from_gradient.add(self._slot(grad._node))
            self.bind(tensor, ".grad", grad._node)

    def name_of(self, tensor: Tensor) -> str:
        """What `name` called a tensor, or ""."""
        entry = self._named.get(id(tensor))
        return "" if entry is None else entry[1]

    def name_values(self, namespace: Mapping[str, object]) -> None:
        """Name every tensor that a script's variable holds, unless it has a name; call it at the end of the
        script."""
        for variable, value in namespace.items():
            node: Node | None = getattr(value, "_node", None)
            if (
                node is not None
                and id(node) in self._slot_of
                and not node.name
                and not variable.startswith("_")
            ):
                node.name = variable

    def program(self) -> Program:
        """What has been recorded so far, frozen and checked."""
        program = Program(
            instrs=tuple(self._instrs),
            slots=tuple(self._describe(node) for node in self._nodes),
            values=tuple(_frozen(self._copies.get(n, node.array)) for n, node in enumerate(self._nodes)),
            bindings=tuple(self._bindings),
            contributions=tuple(self._contributions),
            scopes=dict(self._scopes),
            loss=self._slot_of.get(id(self._loss)) if self._loss is not None else None,
        )
        program.check()
        return program

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

    def _slot(self, node: Node) -> int:
        slot = self._slot_of.get(id(node))
        if slot is None:
            slot = self._slot_of[id(node)] = len(self._nodes)
            self._nodes.append(node)
            if node.name and node.kind is SlotKind.INPUT:
                self._bindings.append(Binding(len(self._instrs), node.name, slot))
        return slot

    def _describe(self, node: Node) -> Slot:
        written = id(node) in self._instr_of
        kind = SlotKind.VALUE if written else SlotKind.INPUT if node.kind is SlotKind.VALUE else node.kind
        return Slot(tuple(node.spec.shape), node.spec.dtype.name, kind, node.name, node.requires_grad)


def _frozen(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view


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
