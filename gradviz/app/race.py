"""A race of optimizers: the same model, data, start and order of batches for each of them.

They take turns, one iteration each, in one thread; none of them can notice the others.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from gradviz.engine.node import leaf
from gradviz.engine.tensor import Tensor
from gradviz.optim import SGD, Adagrad, Adam, AdamW, RMSprop
from gradviz.optim.optimizer import Optimizer

from .batches import Batches
from .fast_training import FastTraining
from .race_tracks import Track

SNAPSHOTS = 60  # of a path, at most
BUDGET = 2**28  # bytes that all paths together may take

Make = Callable[[Iterable[Tensor], float], Optimizer]


@dataclass(frozen=True)
class Entrant:
    """An optimizer that can take part, with a rate to begin with: for a network, and for two parameters."""

    title: str
    rate: float
    flat_rate: float
    make: Make


ENTRANTS: Mapping[str, Entrant] = MappingProxyType(
    {
        "sgd": Entrant("SGD", 0.05, 0.02, lambda p, lr: SGD(p, lr=lr)),
        "momentum": Entrant("Momentum", 0.01, 0.01, lambda p, lr: SGD(p, lr=lr, momentum=0.9)),
        "nesterov": Entrant("Nesterov", 0.01, 0.01, lambda p, lr: SGD(p, lr=lr, momentum=0.9, nesterov=True)),
        "rmsprop": Entrant("RMSprop", 0.001, 0.05, lambda p, lr: RMSprop(p, lr=lr)),
        "adam": Entrant("Adam", 0.002, 0.1, lambda p, lr: Adam(p, lr=lr)),
        "adamw": Entrant("AdamW", 0.002, 0.1, lambda p, lr: AdamW(p, lr=lr)),
        "adagrad": Entrant("Adagrad", 0.01, 0.5, lambda p, lr: Adagrad(p, lr=lr)),
    }
)


@dataclass(frozen=True)
class Contender:
    """An optimizer at a learning rate."""

    optimizer: str
    rate: float

    @property
    def label(self) -> str:
        """What it is called: "Adam 0.002"."""
        return f"{ENTRANTS[self.optimizer].title} {self.rate:g}"


PRESETS: Mapping[str, tuple[tuple[str, float], ...]] = MappingProxyType(
    {
        "all": tuple((name, 1.0) for name in ENTRANTS),
        "momentum": (("sgd", 1.0), ("momentum", 1.0), ("nesterov", 1.0)),
        "adaptive": (("sgd", 1.0), ("rmsprop", 1.0), ("adam", 1.0), ("adamw", 1.0), ("adagrad", 1.0)),
        "sgd-rates": (("sgd", 0.1), ("sgd", 1.0), ("sgd", 5.0), ("sgd", 20.0)),
        "adam-rates": (("adam", 0.1), ("adam", 1.0), ("adam", 10.0), ("adam", 100.0)),
    }
)
"""Who takes part, and at how many times the usual rate."""


def preset(name: str, flat: bool) -> tuple[Contender, ...]:
    """The contenders of a preset, at rates that suit networks or problems with two parameters."""
    found = []
    for optimizer, times in PRESETS[name]:
        entrant = ENTRANTS[optimizer]
        rate = (entrant.flat_rate if flat else entrant.rate) * times
        found.append(Contender(optimizer, float(f"{rate:.6g}")))
    return tuple(found)


class Lane:
    """One contender's training, on its own copy of everything.

    `losses` are those of its batches; `path` its weights now and then, by the number of iterations;
    `diverged` the iteration whose loss was not finite, after which it stands still.
    """

    def __init__(self, track: Track, contender: Contender, most: int = SNAPSHOTS) -> None:
        self.contender = contender
        parts = track.parts()
        optimizer = ENTRANTS[contender.optimizer].make(list(parts.model.parameters()), contender.rate)
        self.parts = replace(parts, optimizer=optimizer)
        self._train = self.parts.train
        self._batches = Batches(len(self._train), track.batch or len(self._train), track.seed)
        self._fast = FastTraining(self._step) if track.compiled else None
        self._parameters = dict(parts.model.named_parameters())
        self._buffers = dict(parts.model.named_buffers())
        self._most, self._stride = max(most, 2), 1
        self.losses: list[float] = []
        self.seconds = 0.0
        self.diverged: int | None = None
        self.path: dict[int, dict[str, np.ndarray]] = {0: self.weights()}

    def run_one(self) -> None:
        """One iteration."""
        batch = self._train.select(self._batches.at(len(self.losses)))
        x = self.parts.prepare(batch.inputs)
        start = time.perf_counter()
        with np.errstate(all="ignore"):  # one that diverges is told of by its loss
            if self._fast is not None:
                loss = self._fast.step(x, batch.targets, {"lr": self.contender.rate})
            else:
                loss = float(self._step(Tensor._from_node(leaf(x)), Tensor._from_node(leaf(batch.targets))))
        self.seconds += time.perf_counter() - start
        self.losses.append(loss)
        if not math.isfinite(loss):
            self.diverged = len(self.losses)
        elif len(self.losses) % self._stride == 0:
            self._note()

    def weights(self, buffers: bool = False) -> dict[str, np.ndarray]:
        """Copies of the parameters of now, and of the buffers if wanted."""
        compiled = self._fast.compiled if self._fast is not None else None
        rows = {**self._parameters, **self._buffers} if buffers else self._parameters
        found = {}
        for name, tensor in rows.items():
            value = compiled.current(name) if compiled is not None else None
            found[name] = np.array(tensor._node.array if value is None else value)
        return found

    def walked(self) -> list[dict[str, np.ndarray]]:
        """The places of its path in their order, with that of now unless it has diverged."""
        path = dict(self.path)
        if self.diverged is None:
            path[len(self.losses)] = self.weights()
        return [path[number] for number in sorted(path)]

    def rest(self) -> None:
        """Let go of the executor until the next iteration."""
        if self._fast is not None:
            self._fast.end()

    @property
    def slow_because(self) -> str | None:
        """Why this lane does not use the compiled executor, or None."""
        return self._fast.problem if self._fast is not None else None

    def _step(self, x: Tensor, target: Tensor) -> Tensor:
        parts = self.parts
        return parts.step(parts.model, parts.criterion, parts.optimizer, x, target)

    def _note(self) -> None:
        """Keep the weights; of a long path only every second, fourth, eighth … place."""
        if len(self.path) > self._most:
            self._stride *= 2
            self.path = {n: weights for n, weights in self.path.items() if n % self._stride == 0}
        if len(self.losses) % self._stride == 0:
            self.path[len(self.losses)] = self.weights()


class Race:
    """All lanes of a race; `count` iterations have been run by each that is still in it."""

    def __init__(self, track: Track, contenders: Sequence[Contender]) -> None:
        if not contenders:
            raise ValueError("a race needs somebody to run")
        self.track = track
        self.contenders = tuple(contenders)
        self.lanes: list[Lane] = []
        self.count = 0

    def run(self, until: int, go_on: Callable[[], bool] = lambda: True) -> bool:
        """Run on to `until` iterations, as long as `go_on` says True; whether it has come so far.

        May be called again, to go on after a pause. In another thread than before only when it has returned.
        """
        self._line_up()
        try:
            while self.count < until and any(lane.diverged is None for lane in self.lanes):
                if not go_on():
                    return False
                for lane in self.lanes:
                    if lane.diverged is None:
                        lane.run_one()
                self.count += 1
        finally:
            for lane in self.lanes:
                lane.rest()
        return True

    def _line_up(self) -> None:
        """Make the lanes, which takes its time."""
        if not self.lanes:
            most = SNAPSHOTS
            lanes = []
            for contender in self.contenders:
                lane = Lane(self.track, contender, most)
                size = sum(value.nbytes for value in lane.path[0].values())
                most = min(SNAPSHOTS, BUDGET // max(size * len(self.contenders), 1))
                lanes.append(lane)
            self.lanes = lanes
