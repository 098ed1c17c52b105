"""A traced round as a program: it is run once more, on copies of all that it reads, under a recorder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from .autograd import backward
from .compiled import routine, table
from .compiled.compile import Compiled
from .compiled.values import Fallback, Loop, Row
from .echo_trace import Trace, UnfitError
from .node import Node, leaf
from .program import Phase, Program, SlotKind
from .recorder import Recorder
from .state import GradMode, listening, state
from .tensor import Tensor, apply

Update = Callable[[list[Tensor]], None]
"""The optimizer's step on copies of the parameters that have their gradients."""


class Rehearsed(NamedTuple):
    """The program, and the slots and the instructions of the results."""

    program: Program
    slots: dict[int, int]
    instrs: dict[int, int]


@contextmanager
def _apart(recorder: Recorder) -> Iterator[None]:
    """Run something that has nothing to do with what the thread is doing."""
    now = state.__dict__
    plain = {
        "grad_enabled": True,
        "recorder": recorder,
        "phase": Phase.FORWARD,
        "module": "",
        "depth": 1,  # so that nothing is called after the variables of whoever called
        "caller": None,
        "layer": False,
        "origin": None,
        "calling": False,
        "inference": False,
        "echo": None,
    }
    before = {key: now[key] for key in plain}
    now.update(plain)
    try:
        yield
    finally:
        now.update(before)


def rehearse(trace: Trace, params: Sequence[Tensor], update: Update) -> Rehearsed:
    """Run a round on copies.

    Parameters are called p0, p1, …, leaves x0, x1, …, and what the optimizer keeps as it says itself.
    """
    heard = listening.ever
    recorder = Recorder()
    listening.ever = heard  # nobody else is listened to
    with _apart(recorder):
        copies = [_copy(param) for param in params]
        for number, copy in enumerate(copies):
            recorder.name(copy, f"p{number}", SlotKind.PARAMETER)
        tensors = list(copies)
        for number, each in enumerate(trace.leaves):
            if each.constant:
                node = Node(each.array, each.spec)
                node.kind = SlotKind.CONSTANT
                tensors.append(Tensor._from_node(node))
            else:
                tensors.append(Tensor._from_node(leaf(each.array.copy(order="K"))))
                recorder.name(tensors[-1], f"x{number}")
        slots, instrs = {}, {}
        for number, entry in enumerate(trace.entries):
            inputs = tuple(Tensor._from_node(tensors[i.place]._node, i.wants) for i in entry.inputs)
            with GradMode(entry.grad_enabled):
                result = apply(entry.name, inputs, entry.attrs)
            tensors.append(result)
            slots[number] = recorder.tables.slot(result._node)
            instrs[number] = recorder.tables.instr_of[id(result._node)]
        backward(tensors[trace.loss])
        update(copies)
    return Rehearsed(recorder.program(), slots, instrs)


def _copy(param: Tensor) -> Tensor:
    return Tensor._from_node(leaf(param._node.array.copy())).requires_grad_()


class ReadyMade(Compiled):
    """A program all of whose kernels are there; UnfitError if one would have to be compiled first."""

    def _build(self, steps: list[Row | Fallback], loops: list[Loop]) -> None:
        needed = table.kernels(steps, loops, self.shares)
        missing = frozenset(key for key in needed if not routine.is_made(*key))
        if missing or not routine.CODE.has("walk"):
            names = [" ".join(key) for key in sorted(missing)]
            raise UnfitError(f"machine code is not there yet: {', '.join(names) or 'walk'}", missing)
        super()._build(steps, loops)


def check(compiled: Compiled, close: float) -> None:
    """UnfitError unless the executor comes to what was recorded; afterwards it has run once."""
    compiled.run()
    for slot in (*compiled.next, *compiled.ends.values()):
        found, wanted = compiled.value(slot), compiled.program.values[slot]
        scale = float(np.abs(wanted).max(initial=0))
        if not np.allclose(found, wanted, rtol=close, atol=close * scale, equal_nan=True):
            raise UnfitError(f"the executor computes other numbers for slot {slot}")
