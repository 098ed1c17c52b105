"""Noting loss, gradient norms and update ratios of iterations that are not recorded."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.engine.program import Scope, SlotKind
from gradviz.engine.recorder import Recorder

from .recording import Metrics, norm, ratio

if TYPE_CHECKING:
    from gradviz.engine.node import Node
    from gradviz.engine.op import Op
    from gradviz.engine.tensor import Tensor

POINTS = 2000  # more are thinned out: every second one goes, again and again


class Meter(Recorder):
    """Hears of everything and keeps three numbers for each parameter and iteration.

    An iteration ends with the optimizer's step or, in scripts that have none, with the next backward.
    """

    keeps = False

    def __init__(self) -> None:
        super().__init__()
        self.metrics: list[Metrics] = []
        self._parameters: list[tuple[Tensor, str]] = []
        self.count = 0
        self._stride = 1
        self._steps = False
        self._latest = math.nan
        self._norms: dict[str, float] = {}
        self._before: dict[str, np.ndarray] = {}
        self._pending = False
        self._since = time.perf_counter()

    def follow(self, parameters: Iterable[tuple[Tensor, str]], done: int, steps: bool) -> None:
        """Begin after `done` recorded iterations; `steps` tells whether an optimizer has been seen."""
        self._parameters = list(parameters)
        self.count = done
        self._steps = steps
        self._since = time.perf_counter()

    # What the engine tells.

    def instr(self, node: Node, op: Op, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> None:
        """Ops are not kept."""

    def contribution(self, target: Node, consumer: Node, index: int, grad: Node, total: Node) -> None:
        """Contributions are not kept."""

    def bind(self, tensor: Tensor, suffix: str = "", value: Node | None = None, clear: bool = False) -> None:
        """Names are not kept."""

    def name(self, tensor: Tensor, name: str, kind: SlotKind = SlotKind.INPUT) -> None:
        """Names are not kept."""

    def meet(self, tensors: tuple[Tensor, ...]) -> None:
        """Names are not kept."""

    def freeze(self, node: Node) -> None:
        """Values are not kept."""

    def same(self, node: Node, value: Node, forward: Node) -> None:
        """Values are not kept."""

    def enter_scope(self, scope: Scope) -> str:
        """Scopes are not kept."""
        return scope.path

    def compute(self, path: str, function: str) -> None:
        """Scopes are not kept."""

    def backward_from(self, root: Tensor) -> None:
        """Backward starts: `root` is the loss, unless it is a second one before the same step."""
        if self._pending and not self._steps:
            self._end()
        if not self._pending and root._node.array.size == 1:
            self._latest = float(root._node.array.reshape(()))

    def mark(self, event: str) -> None:
        """Something has ended."""
        if event == "backward":
            self._pending = True
            self._before = {name: tensor._node.array for tensor, name in self._parameters}
            self._norms = {
                name: norm(tensor._grad._node.array)
                for tensor, name in self._parameters
                if tensor._grad is not None
            }
        elif event == "step":
            self._steps = True
            self._end()

    def finish(self, recorded: int) -> None:
        """The script has ended, and so many of its iterations were recorded."""
        self.count = max(self.count, recorded)
        if self._pending:
            self._end()

    def _end(self) -> None:
        self.count += 1
        now = time.perf_counter()
        if self.count % self._stride == 0:
            ratios = {
                name: ratio(norm(after - before), norm(before))
                for tensor, name in self._parameters
                if (before := self._before.get(name)) is not None
                and (after := tensor._node.array) is not before
            }
            self.metrics.append(Metrics(self.count, self._latest, self._norms, ratios, now - self._since))
        if len(self.metrics) > POINTS:
            self._stride *= 2
            self.metrics = [row for row in self.metrics if row.iteration % self._stride == 0]
        self._since = now
        self._pending = False
        self._latest = math.nan
        self._before = {}
