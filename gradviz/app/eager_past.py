"""The past of training that is not compiled: copies of model and optimizer now and then, run again from
there."""

from __future__ import annotations

import copy
import math
from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradviz.engine.node import leaf
from gradviz.engine.program import Program
from gradviz.engine.random import default_generator
from gradviz.engine.recorder import record
from gradviz.engine.tensor import Tensor
from gradviz.optim.optimizer import Optimizer

from .copies import Copies
from .experiment_parts import Parts
from .given import Given, GivenRuns
from .i18n import tr

EVERY = 20
"""Iterations from one copy to the next: they are run by Python, one operation at a time."""

Inputs = Callable[[Given], Mapping[str, np.ndarray]]


class NotAgainError(ValueError):
    """An iteration that computes something else when it is run again, so that it cannot be shown."""


class EagerCopy:
    """Model, optimizer and random numbers as they are now; `run_again` leaves them so."""

    def __init__(self, parts: Parts) -> None:
        self._parts = _copied(parts)
        self._random = copy.deepcopy(default_generator.numpy.bit_generator.state)
        self.nbytes = sum(value.nbytes for value in _arrays(self._parts))

    def run_again(self, steps: Iterable[Mapping[str, np.ndarray]]) -> Program:
        """Run iterations on inputs and learning rates by name; the last one as a program with its values."""
        parts, now = _copied(self._parts), default_generator.numpy.bit_generator.state
        default_generator.numpy.bit_generator.state = self._random
        try:
            *before, last = steps
            for given in before:
                _run(parts, given)
            return _run(parts, last)
        finally:
            default_generator.numpy.bit_generator.state = now


@dataclass
class EagerStretch:
    """Iterations that were run without a break and without a compiled executor, from number `first` on."""

    first: int
    frames: Copies[EagerCopy] = field(default_factory=Copies)
    given: GivenRuns = field(default_factory=GivenRuns)
    losses: array[float] = field(default_factory=lambda: array("d"))

    def __len__(self) -> int:
        return len(self.losses)

    def __contains__(self, number: int) -> bool:
        return 0 <= number - self.first < len(self.losses)

    @property
    def nbytes(self) -> int:
        """About how many bytes it holds."""
        return self.frames.nbytes + self.given.nbytes + 8 * len(self.losses)

    def program_at(self, number: int, inputs: Inputs) -> Program:
        """The iteration with all its values. Errors: NotAgainError if its loss is another one this time."""
        start = max(frame for frame in self.frames if frame <= number)
        steps = (inputs(self.given[step - self.first]) for step in range(start, number + 1))
        program = self.frames[start].run_again(steps)
        noted, loss = self.losses[number - self.first], program.loss
        again = math.nan if loss is None else float(program.values[loss])
        if again != noted and not (math.isnan(again) and math.isnan(noted)):
            text = tr("Iteration {n} cannot be shown: its code computes something else when it is run again")
            raise NotAgainError(text.format(n=number))
        return program


def _run(parts: Parts, given: Mapping[str, np.ndarray]) -> Program:
    for place, group in enumerate(parts.optimizer.param_groups):
        group["lr"] = float(given[f"lr{place}" if place else "lr"])
    x, target = (Tensor._from_node(leaf(given[name])) for name in ("x", "target"))
    with record() as recorder:
        recorder.name(x, "x")
        recorder.name(target, "target")
        parts.step(parts.model, parts.criterion, parts.optimizer, x, target)
    return recorder.program()


def _copied(parts: Parts) -> Parts:
    """The same with a model and an optimizer of its own, gradients included."""
    model, optimizer = copy.deepcopy((parts.model, parts.optimizer))
    for own, other in zip(model.parameters(), parts.model.parameters(), strict=True):
        if other.grad is not None:
            own.grad = Tensor._from_node(leaf(other.grad._node.array.copy()))
    return replace(parts, model=model, optimizer=optimizer)


def _arrays(parts: Parts) -> list[np.ndarray]:
    tensors = [*parts.model.parameters(), *parts.model.buffers(), *_state(parts.optimizer)]
    grads = [tensor.grad for tensor in parts.model.parameters() if tensor.grad is not None]
    return [tensor._node.array for tensor in (*tensors, *grads)]


def _state(optimizer: Optimizer) -> list[Tensor]:
    entries: list[dict[str, Any]] = list(optimizer.state.values())
    return [value for entry in entries for value in entry.values() if isinstance(value, Tensor)]
