"""A model on a data set: record whole iterations, or train fast between them."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import numpy as np

from gradviz.data import Dataset
from gradviz.engine.program import Program
from gradviz.engine.recorder import record
from gradviz.engine.tensor import Tensor

from .eager_past import NotAgainError
from .evaluator import Evaluator
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
from .history import History
from .i18n import tr
from .recording import Iteration, Metrics, Recording, metrics_of
from .restoring import restore
from .script_sources import gather
from .snapshots import snapshot_of
from .train_log import TrainLog
from .trainer import Trainer, tensors

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
        self._make = make
        self._parts = make(spec)
        self._spec = spec
        self.choose_sample(spec.sample)
        size = spec.train_batch or TRAIN_BATCHES[spec.model]
        self.trainer = Trainer(self._parts, size, spec.seed, snapshot_of)

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

    def batch(self, sample: int) -> tuple[Tensor, Tensor]:
        """What the model and its loss read when an iteration is recorded on a sample."""
        count = min(self._spec.batch, len(self.data))
        batch = self.data.select(np.arange(sample, sample + count) % len(self.data))
        return tensors(self._parts, batch.inputs, batch.targets)

    def record(self, batch: Dataset | None = None) -> Iteration:
        """One whole iteration on the chosen sample, or on another batch: zero_grad, forward, loss, backward,
        update."""
        start = time.perf_counter()
        if batch is None:
            x, target = self.batch(self._spec.sample)
        else:
            x, target = tensors(self._parts, batch.inputs, batch.targets)
        with record() as recorder:
            recorder.name(x, "x")
            recorder.name(target, "target")
            self.trainer.step(x, target)
        program = recorder.program()
        number = self.trainer.count_aside()
        self.history.keep(number, program)
        metrics = metrics_of(program, number, time.perf_counter() - start)
        metrics = replace(metrics, lr=next(iter(self.trainer.rates.values()), float("nan")))
        self.trainer.note(metrics)
        return Iteration(number, program, metrics)

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
        with closing(self.trainer.run(n)) as run:
            for done, row in enumerate(run, 1):
                rows.append(row)
                if not progress(row, done):
                    break
        return rows

    def at(self, number: int) -> Iteration:
        """A past iteration, with all its values. Errors: ExperimentError if it is not remembered."""
        if number not in self.history:
            raise ExperimentError(tr("Iteration {n} is not remembered any more").format(n=number))
        try:
            program = self.history.program_at(number)
        except NotAgainError as error:
            raise ExperimentError(str(error)) from error
        return Iteration(number, program, metrics_of(program, number))

    def fork(
        self,
        number: int,
        optimizer: str | None = None,
        rate: float | None = None,
        program: Program | None = None,
    ) -> Experiment:
        """An experiment that begins where iteration `number` began, with what was until then; this one stays.

        It begins with the same bits: weights, the optimizer's state, samples. `optimizer` is another one,
        which begins without state; `rate` another learning rate; `program` the iteration with other values in
        it, such as weights.
        Errors: ExperimentError if the iteration is not remembered.
        """
        begun = self.at(number).program if program is None else program
        spec = replace(
            self._spec,
            optimizer=optimizer or self._spec.optimizer,
            learning_rate=self._spec.learning_rate if rate is None else rate,
        )
        twin = Experiment(spec, self._make)
        restore(begun, twin._parts, self._parts.optimizer if spec.optimizer == self._spec.optimizer else None)
        twin.trainer.go_on_from(self.trainer, number)
        return twin

    @property
    def slow_because(self) -> str | None:
        """Why training does not use the compiled executor, or None."""
        return self.trainer.fast.problem

    @property
    def history(self) -> History:
        """The past iterations."""
        return self.trainer.history

    @property
    def log(self) -> TrainLog:
        """The numbers of all iterations; it may be read while another thread trains."""
        return self.trainer.log

    def evaluator(self) -> Evaluator:
        """What the model says about data, for one thread, also while another one trains."""
        return self.trainer.evaluator()
