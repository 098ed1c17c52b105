"""Unrolling a recurrent layer: one box for each time step, in both directions.

The batch may shrink from step to step, as it does when sequences of several lengths are packed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gradviz.engine.ops.join import cat
from gradviz.engine.state import scope
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
    state = start
    finished: list[State] = []
    for number in reversed(range(len(steps))) if reverse else range(len(steps)):
        with scope(f"t{number}", "function", title):
            rows = steps[number].shape[0]
            state = walk(state, start, rows, finished)
            state = cell(steps[number], state)
            outputs[number] = state[0]
    if not finished:
        return outputs, state
    return outputs, tuple(cat(parts) for parts in zip(state, *reversed(finished), strict=True))


def _forwards(state: State, start: State, rows: int, finished: list[State]) -> State:
    """Sequences that have ended leave the batch; their states are kept."""
    before = state[0].shape[0]
    if rows < before:
        finished.append(tuple(part.narrow(0, rows, before - rows) for part in state))
        return tuple(part.narrow(0, 0, rows) for part in state)
    return state


def _backwards(state: State, start: State, rows: int, finished: list[State]) -> State:
    """Sequences join the batch at their last element, with their own first state."""
    before = state[0].shape[0] if state is not start else 0
    if state is start:
        return start if rows == start[0].shape[0] else tuple(part.narrow(0, 0, rows) for part in start)
    if rows > before:
        joining = (part.narrow(0, before, rows - before) for part in start)
        return tuple(cat(both) for both in zip(state, joining, strict=True))
    return state
