"""Recording a user's script: where an iteration of its training loop ends, and how many are kept.

An iteration ends with the optimizer's step. Updates by hand (`w.data -= lr * w.grad`) have no such mark:
there the next forward pass or zero_grad begins a new one. What runs without gradients before the first
zero_grad, or between a step and the next zero_grad (preparing data, measuring accuracy), is no part of any
iteration.

The first `keep` iterations are recorded, the rest of the script runs unrecorded; only its losses and norms
are noted (`Meter`).
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gradviz.engine.program import Phase, Program, Scope, SlotKind
from gradviz.engine.recorder import Recorder
from gradviz.engine.state import state
from gradviz.engine.user_code import user_frame
from gradviz.nn.module import Module

from .meter import Meter
from .recording import Iteration, metrics_of

if TYPE_CHECKING:
    from types import FrameType

    from gradviz.engine.node import Node
    from gradviz.engine.op import Op
    from gradviz.engine.tensor import Tensor

KEEP = 5  # iterations
BUDGET = 2**30  # bytes of recorded values
INSTR_COST = 4096  # bytes of memory and of JSON, roughly, that an instruction takes besides its value

_FORWARD = (Phase.FORWARD, Phase.LOSS)
_TRAINED = (SlotKind.PARAMETER, SlotKind.BUFFER)


class ScriptRecorder(Recorder):
    """Splits what a script does into iterations; `limit` says why it stopped early: "memory" or "count"."""

    def __init__(self, keep: int = KEEP, budget: int = BUDGET) -> None:
        super().__init__()
        self.iterations: list[Iteration] = []
        self.limit: str | None = None
        self.description = ""  # the model as it prints itself
        self.when_full: Callable[[], object] | None = (
            None  # called when recording stops before the script does
        )
        self.meter = Meter()
        self._keep = keep
        self._budget = budget
        self._optimizer = False
        self._rest: Program | None = None  # a part without a backward pass, shown if there is nothing else
        self._begin()

    def _begin(self) -> None:
        self._stepped = False
        self._went_back = False
        self._grad_seen = False
        self._cleared = False
        self._by_hand = False
        self._since = time.perf_counter()

    def _clear(self) -> None:
        super()._clear()
        self._bound: set[int] = set()  # ids of the named tensors that have a value in this iteration

    # What the engine tells.

    def instr(self, node: Node, op: Op, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> None:
        """An op has run."""
        if state.phase in _FORWARD and state.origin is None:
            self._forward_comes(node.requires_grad)
        elif state.phase is Phase.ZERO_GRAD:
            self._zero_grad_comes()
            self._cleared = True
        if state.recorder is not self:  # that was one iteration too many
            return
        self._grad_seen = self._grad_seen or node.requires_grad
        super().instr(node, op, inputs, attrs)
        self._budget -= node.array.nbytes + INSTR_COST
        if self._budget < 0:
            self._stop("memory")

    def enter_scope(self, scope: Scope) -> str:
        """A module's forward or a composed function begins."""
        if state.phase in _FORWARD and state.origin is None:
            self._forward_comes(state.grad_enabled)
        return super().enter_scope(scope)

    def bind(self, tensor: Tensor, suffix: str = "", value: Node | None = None, clear: bool = False) -> None:
        """A name means another value; `clear` is how zero_grad sets .grad to None."""
        if clear and state.phase is Phase.ZERO_GRAD:
            self._zero_grad_comes()
        if not suffix:
            self._by_hand = self._by_hand or (self._went_back and id(tensor) in self._bound)
            self._bound.add(id(tensor))
        super().bind(tensor, suffix, value, clear)

    def mark(self, event: str) -> None:
        """Something has ended."""
        if event == "zero_grad":
            self._zero_grad_comes()
            self._cleared = True
        elif event == "backward":
            self._went_back = True
            self.description = self.description or describe_model(user_frame())
        elif event == "step":
            self._stepped = self._optimizer = True

    # Where iterations end.

    def _forward_comes(self, with_gradients: bool) -> None:
        if self._stepped or (with_gradients and self._updated_by_hand()):
            self._next()

    def _zero_grad_comes(self) -> None:
        prologue = not self._cleared and not self._grad_seen and not self._went_back
        if self._stepped or prologue or self._updated_by_hand():
            self._next()

    def _updated_by_hand(self) -> bool:
        """Whether an iteration is over that no optimizer ends."""
        return self._went_back and (self._by_hand or not self._has_optimizer())

    def _has_optimizer(self) -> bool:
        """Whether a step is to be expected, although none has come yet."""
        if not self._optimizer:
            self._optimizer = any(map(_is_optimizer, {type(thing) for thing in gc.get_objects()}))
        return self._optimizer

    def _next(self) -> None:
        self._finish_iteration()
        if len(self.iterations) == self._keep:
            self._stop("count")

    def _finish_iteration(self) -> None:
        if len(self):
            if (frame := user_frame()) is not None:
                self._name_results(frame.f_locals)
            self._unbind_newcomers()
            seconds = time.perf_counter() - self._since
            complete = self._went_back
            program = self.cut()
            if complete:
                number = len(self.iterations) + 1
                self.iterations.append(Iteration(number, program, metrics_of(program, number, seconds)))
            elif self._rest is None:
                self._rest = program
        self._begin()

    def _unbind_newcomers(self) -> None:
        """Forget names for what only the next iteration uses: its first op has told of its inputs already."""
        tables = self.tables
        known = {slot for instr in tables.instrs for slot in (*instr.inputs, instr.output)}
        end = len(tables.instrs)
        while tables.bindings and tables.bindings[-1].moment == end:
            slot = tables.bindings[-1].slot
            if slot is None or slot in known:
                break
            tables.bindings.pop()

    def _name_results(self, variables: Mapping[str, object]) -> None:
        """Name what the script computed; what it trains has names that are bound anew at each update."""
        self.name_values({name: value for name, value in variables.items() if id(value) not in self._named})

    def _stop(self, limit: str) -> None:
        self.limit = limit
        parameters = [(t, name) for t, name, kind in self._named.values() if kind is SlotKind.PARAMETER]
        self.meter.follow(parameters, len(self.iterations), self._optimizer)
        state.recorder = self.meter
        if self.when_full is not None:
            self.when_full()

    def finish(self, namespace: Mapping[str, object]) -> None:
        """The script has ended; `namespace` holds its variables."""
        self._name_results(namespace)
        if self.limit != "count":
            self._finish_iteration()
        if not self.iterations and self._rest is not None:
            self.iterations.append(Iteration(1, self._rest, metrics_of(self._rest, 1)))
        self.meter.finish(len(self.iterations))


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Let `recorder` hear of all that happens in this thread inside the block."""
    before = state.recorder
    state.recorder = recorder
    try:
        yield
    finally:
        state.recorder = before


def describe_model(frame: FrameType | None) -> str:
    """The largest model among the variables of the functions that are running, as it prints itself."""
    found: list[Module] = []
    while frame is not None:
        found += [value for value in frame.f_locals.values() if isinstance(value, Module)]
        frame = frame.f_back
    if not found:
        return ""
    return repr(max(found, key=lambda module: sum(1 for _ in module.modules())))


def _is_optimizer(kind: type) -> bool:
    return any(str(base.__module__).startswith("gradviz.optim") for base in kind.__mro__)
