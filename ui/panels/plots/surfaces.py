"""Computing a loss surface: of a run, with the model as it is, or of a recording, by running it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from gradviz.app.landscape import Plane, Surface, gradient_plane, length, random_plane, surface
from gradviz.app.recorded_run import RecordedRun
from gradviz.app.recording import Iteration, last_gradients, parameter_slots
from gradviz.app.train_log import TrainLog
from gradviz.data import Dataset

from ...workers.task import Report

_SAMPLES, _FEW, _LARGE = 256, 64, 10**6  # samples of the surface; fewer for models of so many parameters
_SIDE, _SMALL_SIDE = 31, 21  # places along a side of it
_NEAR = 0.1  # of the weights' length: how far the plane of the gradient reaches
_MARGIN = 1.15  # a recorded path stays that far from the border

Weights = Mapping[str, np.ndarray]


class Runs(Protocol):
    """What a model of a run can be asked; from one thread at a time."""

    def weights(self) -> dict[str, np.ndarray]: ...

    def outputs(self, inputs: np.ndarray, weights: Weights | None = None) -> np.ndarray: ...

    def loss(self, inputs: np.ndarray, targets: np.ndarray, weights: Weights | None = None) -> float: ...


class Run(Protocol):
    """A training run, as plots need it."""

    @property
    def log(self) -> TrainLog: ...

    @property
    def data(self) -> Dataset: ...

    def evaluator(self) -> Runs: ...


@dataclass(frozen=True, eq=False)
class SurfaceOf:
    """A surface around the weights of an iteration; kind: "random", "gradient" (with momentum) or "step"
    (the gradient without momentum, and a random direction). `path` are the places that a recording went
    through, None where it began anew; a run that trains has its path in `Maps`."""

    surface: Surface
    iteration: int
    kind: str
    path: tuple[tuple[int, Weights | None], ...] = ()


def surface_of_run(run: Run, at: Iteration | None, kind: str, report: Report) -> SurfaceOf | None:
    """The surface around the weights of an iteration, or of now; None if it was cancelled."""
    evaluator = run.evaluator()
    number, origin = origin_of(run, at, evaluator)
    d1, d2, found = _plane(kind, origin, at)
    size = sum(w.size for w in origin.values())
    inputs, targets = _some(run.data, _FEW if size > _LARGE else _SAMPLES)
    made = surface(
        evaluator,
        origin,
        d1,
        d2,
        _span(found, origin),
        _side(size),
        inputs,
        targets,
        lambda *news: report(news),
    )
    return None if made is None else SurfaceOf(made, number, found)


def surface_of_recording(recorded: RecordedRun, at: Iteration, kind: str, report: Report) -> SurfaceOf | None:
    """The surface of an iteration's own batch, as wide as the recorded path; None if it was cancelled.

    Errors: ValueError if there are not two parameters, or no loss.
    """
    losses = recorded.evaluator_at(at)
    origin = losses.weights()
    d1, d2, found = _plane(kind, origin, at)
    path = recorded.path(at)
    plane = Plane(origin, d1, d2)
    away = [abs(c) for _, weights in path if weights is not None for c in plane.project(weights)]
    span = max(_span(found, origin), _MARGIN * max(away, default=0.0))
    side, none = _side(sum(w.size for w in origin.values())), np.zeros(0)
    made = surface(losses, origin, d1, d2, span, side, none, none, lambda *news: report(news))
    return None if made is None else SurfaceOf(made, at.number, found, path)


def _span(kind: str, origin: Weights) -> float:
    return 1.0 if kind == "random" else _NEAR * max(length(origin), 1e-6)


def _side(size: int) -> int:
    return _SMALL_SIDE if size > 20_000 else _SIDE


def origin_of(run: Run, at: Iteration | None, evaluator: Runs) -> tuple[int, dict[str, np.ndarray]]:
    """An iteration and the weights that it began with; those of now, after the last one, if none is given."""
    if at is not None:
        values = at.program.values
        return at.number, {
            name: np.asarray(values[before]) for name, (before, _) in parameter_slots(at.program).items()
        }
    number = run.log.rows[-1].iteration if len(run.log.rows) else 0  # first, so that it claims no more
    return number, evaluator.weights()


def _plane(kind: str, origin: Weights, at: Iteration | None) -> tuple[Weights, Weights, str]:
    """Two directions, and which they are: without a recorded gradient random ones."""
    random = random_plane(origin)
    if kind != "gradient" or at is None:
        return *random, "random"
    program = at.program
    slots = last_gradients(program)
    zero = {name: np.zeros(w.shape) for name, w in origin.items()}
    gradient = {n: np.asarray(program.values[slots[n]]) if n in slots else z for n, z in zero.items()}
    names = {row.name: row.slot for row in program.bindings if row.slot is not None}
    momentum: dict[str, Any] = dict(zero)
    for name in zero:
        for state in ("momentum", "momentum_buffer", "exp_avg"):
            if f"{name}.{state}" in names:
                momentum[name] = np.asarray(program.values[names[f"{name}.{state}"]])
    try:
        return *gradient_plane(gradient, momentum), "gradient"
    except ValueError:
        pass
    try:
        return *gradient_plane(gradient, random[1]), "step"
    except ValueError:
        return *random, "random"


def _some(data: Dataset, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Evenly chosen training samples, the same each time."""
    train = data.split()[0]
    chosen = np.unique(np.linspace(0, len(train) - 1, min(count, len(train))).astype(int))
    return train.inputs[chosen], train.targets[chosen]
