"""The tables of a recording in the making, from which a program is frozen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .node import Node
from .program import Binding, Contribution, Instr, Program, Scope, Slot, SlotKind


class Tables:
    """Instructions, and beside them slots, bindings, contributions and scopes; nodes become slot numbers."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.slot_of: dict[int, int] = {}  # by id of a node
        self.instr_of: dict[int, int] = {}  # by id of a node
        self.instrs: list[Instr] = []
        self.bindings: list[Binding] = []
        self.contributions: list[Contribution] = []
        self.scopes: dict[str, Scope] = {}
        self.loss: Node | None = None
        self.copies: dict[int, np.ndarray] = {}  # by slot: values that lie in memory shared with numpy
        self._kept: list[Node] = []  # so that their ids stay their own

    def slot(self, node: Node) -> int:
        """The number of a node's slot, which it gets when it is first seen."""
        slot = self.slot_of.get(id(node))
        if slot is None:
            slot = self.slot_of[id(node)] = len(self.nodes)
            self.nodes.append(node)
            if node.name and node.kind is SlotKind.INPUT:
                self.bindings.append(Binding(len(self.instrs), node.name, slot))
        return slot

    def contribution(self, target: Node, consumer: Node, index: int, grad: Node, total: Node) -> None:
        """Backward has sent `grad` to `target` through input `index` of `consumer`; the sum so far is
        `total`."""
        instr = self.instr_of.get(id(consumer), -1)
        if instr >= 0:
            self.contributions.append(
                Contribution(self.slot(target), instr, index, self.slot(grad), self.slot(total))
            )

    def freeze(self, node: Node) -> None:
        """A value lies in memory that numpy can change: keep a copy of it as it is now."""
        self.copies.setdefault(self.slot(node), node.array.copy(order="K"))

    def same(self, node: Node, value: Node, forward: Node) -> None:
        """`node` holds what `value` does, and stands for the forward node `forward` in backward."""
        self.slot_of[id(node)] = self.slot(value)
        self._kept.append(node)
        if id(forward) in self.instr_of:
            self.instr_of[id(node)] = self.instr_of[id(forward)]

    def enter_scope(self, scope: Scope) -> str:
        """Make a module's or function's path unique within the recording, and return it."""
        path, count = scope.path, 1
        while path in self.scopes:
            count += 1
            path = f"{scope.path}#{count}"
        self.scopes[path] = replace(scope, path=path)
        return path

    def compute(self, path: str, function: str) -> None:
        """Note which composed function the module at `path` computes, unless it is known."""
        scope = self.scopes.get(path)
        if scope is not None and not scope.function:
            self.scopes[path] = replace(scope, function=function)

    def program(self) -> Program:
        """What has been recorded so far, frozen and checked."""
        program = Program(
            instrs=tuple(self.instrs),
            slots=tuple(self._describe(node) for node in self.nodes),
            values=tuple(_frozen(self.copies.get(n, node.array)) for n, node in enumerate(self.nodes)),
            bindings=tuple(self.bindings),
            contributions=tuple(self.contributions),
            scopes=dict(self.scopes),
            loss=self.slot_of.get(id(self.loss)) if self.loss is not None else None,
        )
        program.check()
        return program

    def _describe(self, node: Node) -> Slot:
        written = id(node) in self.instr_of
        kind = SlotKind.VALUE if written else SlotKind.INPUT if node.kind is SlotKind.VALUE else node.kind
        return Slot(tuple(node.spec.shape), node.spec.dtype.name, kind, node.name, node.requires_grad)


def _frozen(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view
