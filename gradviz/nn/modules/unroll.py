"""Unrolling a recurrent layer: one box for each time step, in both directions.

The batch may shrink from step to step, as it does when sequences of several lengths are packed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from gradviz.engine.ops.join import cat
from gradviz.engine.state import scope, state
from gradviz.engine.tensor import Tensor

State = tuple[Tensor, ...]
Cell = Callable[[Tensor, State], State]
"""Takes one step: the input and the state before to the state after, whose first part is the output."""


def unroll(
    steps: Sequence[Tensor], start: State, cell: Cell, title: str, reverse: bool = False
) -> tuple[list[Tensor], State]:
    """The output of each step and the state after the last one; `reverse` begins with the last step.

    `steps` are inputs (N, features) with N the same or falling, `start` the state of the first N.
    """
    outputs: list[Tensor] = list(steps)
    walk = _backwards if reverse else _forwards
    current = start
    finished: list[State] = []
    for number in reversed(range(len(steps))) if reverse else range(len(steps)):
        with _step(number, title):
            rows = steps[number].shape[0]
            current = walk(current, start, rows, finished)
            current = cell(steps[number], current)
            outputs[number] = current[0]
    if not finished:
        return outputs, current
    return outputs, tuple(cat(parts) for parts in zip(current, *reversed(finished), strict=True))


@contextmanager
def _step(number: int, title: str) -> Iterator[None]:
    """The box of a time step, which is that of the cell's function, too."""
    before = state.layer
    with scope(f"t{number}", "function", title):
        state.layer = True
        try:
            yield
        finally:
            state.layer = before


def _forwards(current: State, start: State, rows: int, finished: list[State]) -> State:
    """Sequences that have ended leave the batch; their states are kept."""
    before = current[0].shape[0]
    if rows < before:
        finished.append(tuple(part.narrow(0, rows, before - rows) for part in current))
        return tuple(part.narrow(0, 0, rows) for part in current)
    return current


def _backwards(current: State, start: State, rows: int, finished: list[State]) -> State:
    """Sequences join the batch at their last element, with their own first state."""
    before = current[0].shape[0] if current is not start else 0
    if current is start:
        return start if rows == start[0].shape[0] else tuple(part.narrow(0, 0, rows) for part in start)
    if rows > before:
        joining = (part.narrow(0, before, rows - before) for part in start)
        return tuple(cat(both) for both in zip(current, joining, strict=True))
    return current
