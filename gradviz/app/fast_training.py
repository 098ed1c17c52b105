"""Training through the compiled executor: a few iterations are recorded, the others run without Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from gradviz.engine.compiled import Compiled, difference
from gradviz.engine.jit import jit_disabled
from gradviz.engine.node import leaf
from gradviz.engine.program import Program
from gradviz.engine.recorder import record
from gradviz.engine.state import no_grad
from gradviz.engine.tensor import Tensor

from .eager_past import EagerCopy
from .given import Chosen
from .history import History
from .training_program import compile_training, output_of

TRIES = 4
"""Iterations that are recorded in the hope that two are alike; the first ones make the optimizer's state."""

Run = Callable[[Tensor, Tensor], Tensor]


class FastTraining:
    """Iterations `run(x, target)`, eagerly until two are alike, then compiled; `problem` says why never.

    Between `begin` and `end` the numbers live in the executor; `end` brings them back to the tensors. A
    `history` gets to know what iterations are given that have a number; `copied` are model and optimizer, to
    run again what is not compiled.
    """

    def __init__(
        self, run: Run, history: History | None = None, copied: Callable[[], EagerCopy] | None = None
    ) -> None:
        self._run = run
        self._history, self._copied = history, copied
        self._last: Program | None = None
        self._tries = 0
        self._compiled: Compiled | None = None
        self._tensors: Mapping[str, Tensor] = {}
        self._inside = False
        self._output: int | None = None
        self.looking = False  # whether the next iteration's values are wanted, in `program` or by `state`
        self.program: Program | None = None
        self.output: np.ndarray | None = None  # what the model made of the last batch, if that is known
        self.problem: str | None = "NUMBA_DISABLE_JIT" if jit_disabled() else None

    @property
    def compiled(self) -> Compiled | None:
        """The executor, while the numbers live in it."""
        return self._compiled if self._inside else None

    def step(
        self,
        x: np.ndarray,
        target: np.ndarray,
        rates: Mapping[str, float],
        number: int = 0,
        chosen: Chosen | None = None,
    ) -> float:
        """One iteration on a batch; `rates` are the learning rates by name. Returns the loss.

        `number` and the `chosen` samples are for the history.
        """
        if self._compiled is not None and not self._fits(x, target):
            self.end()
            self._compiled, self._last, self._tries = None, None, 0
        if self._compiled is None:
            if self.problem is None or chosen is None or self._history is None or self._copied is None:
                return self._eager(x, target, number)
            noted_eagerly = self._history.note_eager(number, chosen, rates, self._copied)
            loss = self._eager(x, target, number)
            noted_eagerly.losses.append(loss)
            return loss
        noted = self._history if chosen is not None else None
        if not self._inside:
            self._begin(self._compiled)
            if noted is not None:
                noted.begin(self._compiled, number)
        seeds = None if noted is None or chosen is None else noted.note(number, chosen, rates)
        given = {"x": x, "target": target, **{n: np.array(r) for n, r in rates.items()}}
        self._compiled.step(given, seeds)
        assert self._compiled.program.loss is not None
        self.output = None if self._output is None else self._compiled.value(self._output)
        return float(self._compiled.value(self._compiled.program.loss))

    def state(self) -> dict[int, np.ndarray] | None:
        """Copies of what the executor holds for the next iteration, by slot; None if it does not run."""
        if self._compiled is None or not self._inside:
            return None
        return {slot: self._compiled.value(slot).copy() for slot in self._compiled.next.values()}

    def end(self) -> None:
        """Bring the numbers back to the tensors, from where eager iterations go on."""
        if not self._inside or self._compiled is None:
            return
        self._inside = False
        self._compiled.close()
        with no_grad():
            for name, slot in self._compiled.ends.items():
                value = Tensor._from_node(leaf(self._compiled.value(slot).copy()))
                if name in self._tensors:
                    self._tensors[name].copy_(value)
                elif name.endswith(".grad"):
                    self._tensors[name.removesuffix(".grad")].grad = value

    def _begin(self, compiled: Compiled) -> None:
        self._inside = True
        for name, tensor in self._tensors.items():
            compiled.restore(name, tensor._node.array)
            if tensor._grad is not None:
                compiled.restore(f"{name}.grad", tensor._grad._node.array)

    def _fits(self, x: np.ndarray, target: np.ndarray) -> bool:
        assert self._compiled is not None
        slots = self._compiled.program.slots
        return all(
            slots[self._compiled.slot(name)].shape == value.shape
            for name, value in (("x", x), ("target", target))
        )

    def _eager(self, x: np.ndarray, target: np.ndarray, number: int) -> float:
        given, wanted = (Tensor._from_node(leaf(array)) for array in (x, target))
        self.output = self.program = None
        if self.problem is not None and not self.looking:
            return float(self._run(given, wanted))
        with record() as recorder:
            recorder.name(given, "x")
            recorder.name(wanted, "target")
            loss = float(self._run(given, wanted))
        program = recorder.program()
        output = output_of(program)
        self.output = None if output is None else program.values[output]
        self.program = program
        if self.problem is not None:
            return loss
        if self._history is not None:
            self._history.keep(number, program)
        self._tries += 1
        found = "" if self._last is None else difference(self._last, program, _Given())
        self._last = program
        if found is None:
            self._compiled, self._last = compile_training(program), None
            self._output = output
            self._tensors = recorder.named()
        elif self._tries >= TRIES:
            self.problem, self._last = found, None
        return loss


class _Given:
    """The names of the inputs that are set for each iteration."""

    def __contains__(self, name: object) -> bool:
        return name in ("x", "target") or str(name).removeprefix("lr").isdigit() or name == "lr"
