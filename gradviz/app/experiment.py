"""A model on a data set: record whole iterations, or train fast between them."""

from __future__ import annotations

import inspect
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from gradviz.assets.examples.training_step import training_step
from gradviz.data import Dataset
from gradviz.engine.node import leaf
from gradviz.engine.recorder import record
from gradviz.engine.tensor import Tensor

from .experiment_parts import Parts, build
from .experiment_table import (
    DATASETS,
    FITS,
    LEARNING_RATES,
    MODELS,
    OPTIMIZERS,
    TRAIN_BATCHES,
    ExperimentError,
    ExperimentSpec,
    check,
    title,
)
from .fast_training import FastTraining
from .history import History
from .i18n import tr
from .recording import Iteration, Metrics, Recording, metrics_of, norm, ratio
from .script_sources import gather

__all__ = [
    "DATASETS",
    "FITS",
    "LEARNING_RATES",
    "MODELS",
    "OPTIMIZERS",
    "Experiment",
    "ExperimentError",
    "ExperimentSpec",
    "check",
    "title",
]


class Experiment:
    """A model with its optimizer and data; equal specs and equal calls give equal numbers.

    Iterations count on through `record` and `train`, which may run in any thread, but not in two at once.
    Errors: ExperimentError if the choices do not go together, DataError if the data cannot be read.
    """

    def __init__(self, spec: ExperimentSpec, make: Callable[[ExperimentSpec], Parts] = build) -> None:
        check(spec)
        self._parts = make(spec)
        self._spec = spec
        self.choose_sample(spec.sample)
        self._count = 0
        size = spec.train_batch or TRAIN_BATCHES[spec.model]
        self._train = self.data.split()[0]
        self._batches = _batches(len(self._train), size, spec.seed)
        self._parameters = list(self._parts.model.named_parameters())
        self.history = History(self._given)
        self._fast = FastTraining(self._step, self.history)

    @property
    def spec(self) -> ExperimentSpec:
        """What was chosen, with the sample and learning rate of now."""
        return self._spec

    @property
    def data(self) -> Dataset:
        """All samples that can be chosen."""
        return self._parts.data

    @property
    def description(self) -> str:
        """The model as it prints itself."""
        return repr(self._parts.model)

    def choose_sample(self, sample: int) -> None:
        """Record another sample from now on, with the weights as they are."""
        if not 0 <= sample < len(self.data):
            last = len(self.data) - 1
            raise ExperimentError(
                tr("There is no sample {n}; the last is {last}").format(n=sample, last=last)
            )
        self._spec = replace(self._spec, sample=sample)

    def choose_learning_rate(self, rate: float) -> None:
        """Go on with another learning rate."""
        spec = replace(self._spec, learning_rate=rate)
        check(spec)
        self._spec = spec
        for group in self._parts.optimizer.param_groups:
            group["lr"] = rate

    def record(self) -> Iteration:
        """One whole iteration on the chosen sample: zero_grad, forward, loss, backward, update."""
        count = min(self._spec.batch, len(self.data))
        chosen = np.arange(self._spec.sample, self._spec.sample + count) % len(self.data)
        start = time.perf_counter()
        x, target = self._tensors(self.data.select(chosen))
        with record() as recorder:
            recorder.name(x, "x")
            recorder.name(target, "target")
            self._step(x, target)
        program = recorder.program()
        self._count += 1
        self.history.keep(self._count, program)
        seconds = time.perf_counter() - start
        return Iteration(self._count, program, metrics_of(program, self._count, seconds))

    def recording(self, *iterations: Iteration) -> Recording:
        """A recording of these iterations, or of a new one if none is given, with its texts."""
        shown = iterations or (self.record(),)
        model = inspect.getsourcefile(type(self._parts.model))
        return Recording(
            title=tr("{model} · {data}").format(model=title(self._spec.model), data=title(self._spec.data)),
            iterations=shown,
            sources=gather((iteration.program for iteration in shown), model),
            description=self.description,
            classes=self.data.classes,
        )

    def train(
        self, n: int, progress: Callable[[Metrics, int], bool] = lambda metrics, done: True
    ) -> list[Metrics]:
        """Run `n` iterations on shuffled batches, most of them compiled; stops early when `progress` returns
        False.

        `progress` gets the numbers of each iteration and how many are done.
        """
        rows: list[Metrics] = []
        groups = self._parts.optimizer.param_groups
        rates = {f"lr{number}" if number else "lr": group["lr"] for number, group in enumerate(groups)}
        try:
            for done in range(1, n + 1):
                start = time.perf_counter()
                chosen = next(self._batches)
                given = self._given(chosen)
                before = {name: array.copy() for name, array in self._weights().items()}
                loss = self._fast.step(given["x"], given["target"], rates, self._count + 1, chosen)
                self._count += 1
                seconds = time.perf_counter() - start
                rows.append(Metrics(self._count, loss, *self._norms(before), seconds))
                if not progress(rows[-1], done):
                    break
        finally:
            self._fast.end()
        return rows

    def at(self, number: int) -> Iteration:
        """A past iteration, with all its values. Errors: ExperimentError if it is not remembered."""
        if number not in self.history:
            raise ExperimentError(tr("Iteration {n} is not remembered any more").format(n=number))
        program = self.history.program_at(number)
        return Iteration(number, program, metrics_of(program, number))

    @property
    def slow_because(self) -> str | None:
        """Why training does not use the compiled executor, or None."""
        return self._fast.problem

    def _given(self, chosen: np.ndarray) -> dict[str, np.ndarray]:
        """The batch of these training samples."""
        batch = self._train.select(chosen)
        return {"x": self._parts.prepare(batch.inputs), "target": batch.targets}

    def _tensors(self, batch: Dataset) -> tuple[Tensor, Tensor]:
        arrays = (self._parts.prepare(batch.inputs), batch.targets)
        x, target = (Tensor._from_node(leaf(array)) for array in arrays)
        return x, target

    def _step(self, x: Tensor, target: Tensor) -> Tensor:
        parts = self._parts
        step: Callable[..., Tensor] = training_step
        return step(parts.model, parts.criterion, parts.optimizer, x, target)

    def _weights(self) -> dict[str, np.ndarray]:
        """Each parameter as it is now."""
        compiled = self._fast.compiled
        if compiled is None:
            return {name: parameter._node.array for name, parameter in self._parameters}
        return _present({name: compiled.current(name) for name, _ in self._parameters})

    def _gradients(self) -> dict[str, np.ndarray]:
        compiled = self._fast.compiled
        if compiled is None:
            found = {name: parameter._grad for name, parameter in self._parameters}
            return {name: grad._node.array for name, grad in found.items() if grad is not None}
        return _present({name: compiled.current(f"{name}.grad") for name, _ in self._parameters})

    def _norms(self, before: dict[str, np.ndarray]) -> tuple[dict[str, float], dict[str, float]]:
        gradients = {name: norm(array) for name, array in self._gradients().items()}
        updates = {
            name: ratio(norm(array - before[name]), norm(before[name]))
            for name, array in self._weights().items()
        }
        return gradients, updates


def _present(arrays: dict[str, np.ndarray | None]) -> dict[str, np.ndarray]:
    return {name: array for name, array in arrays.items() if array is not None}


def _batches(count: int, size: int, seed: int) -> Iterator[np.ndarray]:
    """Batches of `count` samples by their numbers, shuffled, for ever; each comes once in an epoch."""
    rng = np.random.RandomState(seed)
    order = itertools.chain.from_iterable(rng.permutation(count) for _ in itertools.count())
    while True:
        yield np.fromiter(itertools.islice(order, size), np.int64)
