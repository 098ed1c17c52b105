"""The loop over shuffled batches: it computes, notes in a log, and now and then looks more closely."""

from __future__ import annotations

import math
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace

import numpy as np

from gradviz.engine.node import leaf
from gradviz.engine.program import Program
from gradviz.engine.tensor import Tensor

from .batches import Batches
from .copies import State
from .eager_past import EagerCopy
from .evaluator import Evaluator, accuracy_of, confusion_of
from .experiment_parts import Parts
from .fast_training import FastTraining
from .given import Chosen
from .history import History
from .judged import Judged
from .recording import Metrics, norm, ratio
from .train_log import EpochRow, Snapshot, TrainLog

SNAPSHOT_SECONDS, SNAPSHOT_ITERATIONS = 0.3, 50
SNAPSHOT_SHARE = 0.03
"""A closer look after so much time or so many iterations, if looking takes at most this share of the time."""

Look = Callable[[Program, int], Snapshot]


class Trainer:
    """Runs iterations on the training samples; `count` numbers all of them, also those that others recorded.

    One thread trains; `values` and `evaluator` may be used by another one meanwhile.
    """

    def __init__(self, parts: Parts, size: int, seed: int, look: Look | None = None) -> None:
        self.parts, self._closer = parts, look
        self.samples, self.test = parts.train, parts.test
        self.batches = Batches(len(self.samples), size, seed)
        self.log = TrainLog()
        self.count = 0
        self.batch = 0  # of the next iteration
        self._aside: list[int] = []  # iterations that took none of the batches
        self.diverged: int | None = None  # the first iteration whose loss was not finite
        self.parameters = list(parts.model.named_parameters())
        self._buffers = list(parts.model.named_buffers())
        self._lock = threading.Lock()  # held while numbers change
        self.use(History(self.given))
        self._judge: Evaluator | None = None
        self.judged: Judged | None = None  # the test samples, one by one, after the last complete epoch
        self._epoch: list[tuple[float, float]] = []  # loss and accuracy of the epoch's batches
        self.look_every, self.look_share = SNAPSHOT_ITERATIONS, SNAPSHOT_SHARE
        self._spent = self._looked = self._since = 0.0
        self._unseen = 0

    def use(self, history: History) -> None:
        """Note iterations in this history from now on."""
        self.history = history
        self.fast = FastTraining(self.step, history, lambda: EagerCopy(self.parts))

    def step(self, x: Tensor, target: Tensor) -> Tensor:
        """One iteration as the user's code writes it."""
        parts = self.parts
        return parts.step(parts.model, parts.criterion, parts.optimizer, x, target)

    def given(self, chosen: Chosen) -> dict[str, np.ndarray]:
        """The batch of these training samples, or that of this number."""
        places = self.batches.at(chosen) if isinstance(chosen, int) else chosen
        batch = self.samples.select(places)
        return {"x": self.parts.prepare(batch.inputs), "target": batch.targets}

    @property
    def rates(self) -> dict[str, float]:
        """The learning rates, as a recording names them."""
        groups = self.parts.optimizer.param_groups
        return {f"lr{number}" if number else "lr": group["lr"] for number, group in enumerate(groups)}

    @property
    def epochs(self) -> int:
        """How many epochs are complete."""
        return self.batches.epoch(self.batch)

    @property
    def left_of_epoch(self) -> int:
        """How many iterations the present epoch still takes."""
        return self.batches.end_of(self.epochs + 1) - self.batch

    def run(self, n: int | None) -> Generator[Metrics]:
        """`n` iterations (None: for ever), as long as the caller asks for more."""
        done = 0
        self._since = time.perf_counter()
        try:
            while n is None or done < n:
                yield self._iterate()
                done += 1
        finally:
            with self._lock:
                self.fast.end()

    def count_aside(self) -> int:
        """The number of an iteration that others run, on none of the batches."""
        self.count += 1
        self._aside.append(self.count)
        return self.count

    def batch_at(self, number: int) -> int:
        """The batch that iteration `number` takes; for one on none of the batches, the next that is taken."""
        return number - 1 - bisect_left(self._aside, number)

    def go_on_from(self, other: Trainer, number: int) -> None:
        """Remember what another trainer has done before iteration `number`, and go on with that one."""
        self.count, self.batch = number - 1, other.batch_at(number)
        self._aside = other._aside[: bisect_left(other._aside, number)]
        self.log = other.log.until(number)
        aside = set(self._aside)
        trained = [row for row in reversed(self.log.rows) if row.iteration not in aside]
        begun = self.batch - self.batches.end_of(self.epochs)  # of this epoch
        self._epoch = [(row.loss, row.accuracy) for row in reversed(trained[:begun])]
        if other.diverged is not None and other.diverged < number:
            self.diverged = other.diverged
        self.use(History(self.given, other.history.budget, past=(other.history, number)))

    def note(self, row: Metrics) -> None:
        """An iteration has run, here or elsewhere."""
        self.log.add_row(row)
        if self.diverged is None and not math.isfinite(row.loss):
            self.diverged = row.iteration

    def values(self) -> dict[str, np.ndarray]:
        """Copies of the parameters and buffers of now, by name."""
        with self._lock:
            return {name: array.copy() for name, array in self._now(True).items()}

    def evaluator(self) -> Evaluator:
        """A new one, for one thread."""
        parts = self.parts
        return Evaluator(parts.model, parts.criterion, self.values, parts.prepare)

    # How.

    def _iterate(self) -> Metrics:
        start = time.perf_counter()
        number, rates = self.count + 1, self.rates
        chosen = self.batch  # its number says which samples those are
        given = self.given(chosen)
        self.fast.looking = self._wants_look()
        with self._lock:
            state = self.fast.state() if self.fast.looking else None
            before = {name: array.copy() for name, array in self._now(False).items()}
            loss = self.fast.step(given["x"], given["target"], rates, number, chosen)
            self.count, self.batch = number, self.batch + 1
            norms = self._norms(before)
        output = self.fast.output
        right = float("nan") if output is None else accuracy_of(output, given["target"])
        now = time.perf_counter()
        row = Metrics(number, loss, *norms, now - start, next(iter(rates.values()), float("nan")), right)
        self.note(row)
        self._epoch.append((loss, right))
        if self.fast.looking:
            self._look(number, state)
        if self.batches.epoch(self.batch) > self.batches.epoch(self.batch - 1):
            self._end_epoch(number)
        return row

    def _wants_look(self) -> bool:
        """Whether it is time to look at an iteration more closely."""
        now = time.perf_counter()
        self._spent += now - self._since
        self._since = now
        self._unseen += 1
        wanted = self._unseen >= self.look_every or self._spent >= SNAPSHOT_SECONDS
        affordable = self._looked <= self.look_share * self._spent
        return self._closer is not None and (not self.log.snapshots or (wanted and affordable))

    def _look(self, number: int, state: State | None) -> None:
        start = time.perf_counter()
        program = self.fast.program
        if program is None and number in self.history:
            program = self.history.program_at(number, state)
        if program is not None and self._closer is not None:
            self.log.add_snapshot(self._closer(program, number))
        self._since = time.perf_counter()
        self._unseen, self._spent, self._looked = 0, 0.0, self._since - start

    def _end_epoch(self, number: int) -> None:
        loss, right = np.mean(self._epoch, axis=0)
        self._epoch = []
        row = EpochRow(self.epochs, number, float(loss), float(right), math.nan, math.nan)
        if len(self.test):
            self._judge = self._judge or self.evaluator()
            outputs, targets = self._judge.outputs(self.test.inputs), self.test.targets
            if confusion := confusion_of(outputs, targets, len(self.test.classes)):
                self.judged = Judged(self.epochs, outputs, targets, self.parts.places[1])
            row = replace(
                row,
                test_loss=self._judge.loss_of(outputs, targets),
                test_accuracy=accuracy_of(outputs, targets),
                confusion=confusion,
            )
        self.log.add_epoch(row)
        self._since = time.perf_counter()

    def _now(self, buffers: bool) -> dict[str, np.ndarray]:
        """Each parameter as it is now; no copies."""
        rows = [*self.parameters, *self._buffers] if buffers else self.parameters
        compiled = self.fast.compiled
        if compiled is None:
            return {name: tensor._node.array for name, tensor in rows}
        found = {name: (compiled.current(name), tensor) for name, tensor in rows}
        return {n: tensor._node.array if array is None else array for n, (array, tensor) in found.items()}

    def _gradients(self) -> dict[str, np.ndarray]:
        compiled = self.fast.compiled
        if compiled is None:
            eager = {name: parameter._grad for name, parameter in self.parameters}
            return {name: grad._node.array for name, grad in eager.items() if grad is not None}
        found = {name: compiled.current(f"{name}.grad") for name, _ in self.parameters}
        return {name: array for name, array in found.items() if array is not None}

    def _norms(self, before: Mapping[str, np.ndarray]) -> tuple[dict[str, float], dict[str, float]]:
        gradients = {name: norm(array) for name, array in self._gradients().items()}
        updates = {
            name: ratio(norm(array - before[name]), norm(before[name]))
            for name, array in self._now(False).items()
        }
        return gradients, updates


def tensors(parts: Parts, inputs: np.ndarray, targets: np.ndarray) -> tuple[Tensor, Tensor]:
    """A batch as the model and its loss read it."""
    arrays = (parts.prepare(inputs), targets)
    x, target = (Tensor._from_node(leaf(array)) for array in arrays)
    return x, target
