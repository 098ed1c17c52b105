"""What the rules may look at, gathered from an experiment while it trains."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gradviz.data import Dataset
from gradviz.nn import BCEWithLogitsLoss, CrossEntropyLoss, Module, MSELoss

from ..experiment import Experiment
from ..trainer import Trainer
from .model import HeldOut, InputFacts, RunFacts
from .scales import input_size

SAMPLE = 2_000  # the inputs' size is measured on no more samples than this


def facts_of(experiment: Experiment, inputs: InputFacts, held_out: Sequence[HeldOut] = ()) -> RunFacts:
    """The facts of now, while training goes on; the inputs do not change: `inputs_of` measures them once."""
    trainer = experiment.trainer
    return RunFacts(
        log=trainer.log.so_far(),
        batch=trainer.batches.size,
        baseline=baseline(trainer.parts.criterion, trainer.samples),
        inputs=inputs,
        programs=trainer.history.recorded,
        held_out=tuple(held_out),
    )


def inputs_of(trainer: Trainer) -> InputFacts:
    """How large the training inputs are, as the model reads them."""
    count = len(trainer.samples)
    chosen = np.arange(0, count, max(1, -(-count // SAMPLE)))
    return InputFacts(*input_size(trainer.given(chosen)["x"]))


def baseline(criterion: Module, samples: Dataset) -> float:
    """The mean loss of a model that knows nothing: ln C for classes, mean(y²) for numbers; NaN if unknown."""
    if isinstance(criterion, CrossEntropyLoss):
        return math.log(len(samples.classes)) if len(samples.classes) > 1 else math.nan
    if isinstance(criterion, BCEWithLogitsLoss):
        return math.log(2)
    if isinstance(criterion, MSELoss):
        return float(np.mean(np.square(samples.targets, dtype=np.float64)))
    return math.nan


def probabilities(outputs: np.ndarray) -> np.ndarray:
    """softmax over classes, (N, C): e^(z − max z) / Σ e^(z − max z)."""
    z = outputs.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        powers = np.exp(z - z.max(axis=1, keepdims=True))
        result: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return result
