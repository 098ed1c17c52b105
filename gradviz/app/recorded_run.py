"""A recording that can be asked for its loss with other weights, and for the path that it took.

Where there is no model any more, the recorded program is one: it is run again with other parameters.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gradviz.engine.program import Program
from gradviz.engine.rerun import rerun

from .i18n import tr
from .recording import Iteration, Recording, parameter_slots
from .train_log import TrainLog

Weights = Mapping[str, np.ndarray]


class RecordedLosses:
    """The loss of an iteration's own batch, for any weights."""

    def __init__(self, iteration: Iteration) -> None:
        program = iteration.program
        if program.loss is None:
            raise ValueError(tr("This iteration has no loss."))
        self._program, self._loss = program, program.loss
        self._slots = {name: before for name, (before, _) in _trained(program).items()}
        self._stop = program.producers[program.loss] + 1

    def weights(self) -> dict[str, np.ndarray]:
        """The parameters that the iteration began with."""
        return {name: np.asarray(self._program.values[slot]) for name, slot in self._slots.items()}

    def loss(self, inputs: object, targets: object, weights: Weights | None = None) -> float:
        """The loss with these weights; the samples are the recorded ones, whatever is given."""
        changes = {self._slots[name]: value for name, value in (weights or {}).items()}
        return float(rerun(self._program, changes, self._stop).values[self._loss])


class RecordedRun:
    """What is recorded, as plots of a run need it; it has no log of its own and no samples."""

    data = None

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.log = TrainLog()

    def evaluator_at(self, iteration: Iteration) -> RecordedLosses:
        """What tells the loss around an iteration. ValueError if there is nothing to move."""
        losses = RecordedLosses(iteration)
        if sum(value.size for value in losses.weights().values()) < 2:
            raise ValueError(
                tr("A loss surface needs two directions, and here there is one parameter at most.")
            )
        return losses

    def path(self, iteration: Iteration) -> tuple[tuple[int, Weights | None], ...]:
        """The weights before each iteration with the same parameters, and after the last.

        None stands where an iteration did not begin with what the one before had made of them.
        """
        wanted = _shapes(iteration)
        places: list[tuple[int, Weights | None]] = []
        after: Weights | None = None
        for each in self.recording.iterations:
            if _shapes(each) != wanted:
                continue
            slots, values = _trained(each.program), each.program.values
            before = {name: np.asarray(values[slot]) for name, (slot, _) in slots.items()}
            if after is not None and not _same(after, before):
                places += [(places[-1][0], after), (each.number, None)]
            places.append((each.number, before))
            after = {name: np.asarray(values[slot]) for name, (_, slot) in slots.items()}
        if after is not None:
            places.append((places[-1][0], after))
        return tuple(places)


def _trained(program: Program) -> dict[str, tuple[int, int]]:
    """The parameters that the loss depends on, as `parameter_slots` gives them."""
    if program.loss is None:
        return {}
    reached = {program.loss}
    for instr in reversed(program.instrs[: program.producers[program.loss] + 1]):
        if instr.output in reached:
            reached.update(instr.inputs)
    return {name: slots for name, slots in parameter_slots(program).items() if slots[0] in reached}


def _shapes(iteration: Iteration) -> dict[str, tuple[int, ...]]:
    program = iteration.program
    return {name: program.slots[slot].shape for name, (slot, _) in _trained(program).items()}


def _same(one: Weights, other: Weights) -> bool:
    return all(np.array_equal(one[name], other[name]) for name in one)
