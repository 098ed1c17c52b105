"""The numbers behind the plots: loss and updates by iteration, gradient histograms, kernels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradviz.engine.program import Program

from .csv_text import csv_text
from .plot_data_series import Curve, ratio_curves
from .recording import Metrics, last_gradients, parameter_slots
from .snapshots import activation_slots
from .state import StateView
from .train_log import TrainLog

__all__ = [
    "Curve",
    "GradientHistogram",
    "Histograms",
    "Kernels",
    "PlotData",
    "csv_text",
    "gradient_histograms",
    "known_gradients",
]

BINS_PER_DECADE = 6
LINEAR_BINS = 61
HEALTHY_RATIO = 1e-3  # a usual size of an update relative to its weight
_TAIL = 0.005  # share of the smallest numbers that are counted in the first bin, however small
_SAMPLE = 200_000  # a histogram looks at no more elements than this


@dataclass(frozen=True, eq=False)
class GradientHistogram:
    """The share of a gradient's elements in each bin, in per cent; zeros are apart on a logarithmic axis."""

    name: str
    shares: np.ndarray
    zeros: float  # per cent


@dataclass(frozen=True, eq=False)
class Histograms:
    """Histograms over common bins; `log`: the bins are powers of ten of the magnitude."""

    edges: np.ndarray
    rows: tuple[GradientHistogram, ...]
    log: bool


@dataclass(frozen=True, eq=False)
class Kernels:
    """A convolution's weight (out × in × height × width) before the update, and after it if it has run."""

    name: str
    before: np.ndarray
    gradient: np.ndarray | None
    after: np.ndarray | None

    @property
    def change(self) -> np.ndarray | None:
        """after − before."""
        return None if self.after is None else self.after - self.before


@dataclass(frozen=True, eq=False)
class PlotData:
    """All that the plots show at one moment; each part is computed when a plot asks for it.

    `log`: the training log, or None to make one of `metrics`; `shown`: the iteration that `state` belongs to.
    """

    metrics: tuple[Metrics, ...]
    state: StateView | None
    log: TrainLog | None = None
    shown: int | None = None

    @cached_property
    def rows(self) -> TrainLog:
        """The numbers of every iteration; training may go on while they are read."""
        if self.log is not None:
            return self.log.so_far()
        made = TrainLog()
        for row in self.metrics:
            made.add_row(row)
        return made

    @cached_property
    def newest(self) -> int | None:
        """The last iteration that has run."""
        rows = self.rows.rows
        return rows[-1].iteration if len(rows) else None

    @cached_property
    def loss(self) -> Curve:
        """The loss by iteration."""
        return Curve("loss", self.rows.column("iteration"), self.rows.column("loss"))

    @cached_property
    def ratios(self) -> tuple[Curve, ...]:
        """‖Δw‖ / ‖w‖ by iteration, for each parameter that was ever updated."""
        return ratio_curves(self.rows)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters, in the order of the model; the trained ones if nothing is recorded."""
        if self.state is not None:
            return tuple(parameter_slots(self.state.program))
        return tuple(curve.name for curve in self.ratios)

    @cached_property
    def matrices(self) -> frozenset[str]:
        """The parameters of two dimensions or more; those called weight, if nothing is recorded."""
        if self.state is None:
            return frozenset(name for name in self.parameters if name.endswith("weight"))
        slots = self.state.program.slots
        known = parameter_slots(self.state.program)
        return frozenset(name for name, (slot, _) in known.items() if len(slots[slot].shape) > 1)

    def histograms(self, log: bool) -> Histograms:
        """Of the gradients that are computed at this moment."""
        if self.state is None:
            return gradient_histograms([], log)
        return gradient_histograms(known_gradients(self.state), log)

    @cached_property
    def convolutions(self) -> tuple[str, ...]:
        """The names of the parameters of four dimensions."""
        if self.state is None:
            return ()
        slots = self.state.program.slots
        known = parameter_slots(self.state.program)
        return tuple(name for name, (slot, _) in known.items() if len(slots[slot].shape) == 4)

    @cached_property
    def maps(self) -> tuple[str, ...]:
        """The names of the activations that are images: (N, channels, height, width)."""
        if self.state is None:
            return ()
        slots = self.state.program.slots
        return tuple(
            name for name, slot in activation_slots(self.state.program).items() if len(slots[slot].shape) == 4
        )

    def feature_map(self, name: str) -> np.ndarray | None:
        """An activation of the first sample, (channels, height, width), if it is computed at this moment."""
        if self.state is None or name not in self.maps:
            return None
        value = self.state.value(activation_slots(self.state.program)[name])
        return None if value is None or not value.shape[0] else value[0]

    def kernels(self, name: str) -> Kernels | None:
        """One convolution's weight at this moment."""
        if self.state is None or name not in self.convolutions:
            return None
        program = self.state.program
        before, after = parameter_slots(program)[name]
        gradient = last_gradients(program).get(name)
        return Kernels(
            name,
            program.values[before],
            self.state.value(gradient) if gradient is not None else None,
            self.state.value(after) if after != before else None,
        )


def known_gradients(state: StateView) -> list[tuple[str, np.ndarray]]:
    """For each parameter its gradient, if it is computed at this moment."""
    program: Program = state.program
    found = []
    gradients = last_gradients(program)
    for name in parameter_slots(program):
        slot = gradients.get(name)
        value = state.value(slot) if slot is not None else None
        if value is not None:
            found.append((name, value))
    return found


def gradient_histograms(gradients: Iterable[tuple[str, np.ndarray]], log: bool) -> Histograms:
    """Histograms over common bins: whole decades of |g|, or equal bins symmetric about zero."""
    samples: list[tuple[str, np.ndarray, float]] = []
    for name, value in gradients:
        flat = value.reshape(-1)[:: max(1, -(-value.size // _SAMPLE))].astype(np.float64)
        flat = flat[np.isfinite(flat)]
        zeros = 100.0 * float(np.count_nonzero(flat == 0)) / flat.size if flat.size else 0.0
        samples.append((name, flat, zeros))
    edges = _decades(samples) if log else _symmetric(samples)
    rows = []
    for name, flat, zeros in samples:
        shown = np.log10(np.abs(flat[flat != 0])) if log else flat
        bins = np.log10(edges) if log else edges
        counts, _ = np.histogram(np.clip(shown, bins[0], bins[-1]), bins)
        rows.append(GradientHistogram(name, 100.0 * counts / max(flat.size, 1), zeros))
    return Histograms(edges, tuple(rows), log)


def _decades(samples: Sequence[tuple[str, np.ndarray, float]]) -> np.ndarray:
    sizes = [np.abs(flat[flat != 0]) for _, flat, _ in samples]
    low = min((float(np.quantile(size, _TAIL)) for size in sizes if size.size), default=1e-6)
    high = max((float(size.max()) for size in sizes if size.size), default=1.0)
    top = min(max(math.ceil(math.log10(high) + 1e-9), -298), 308)
    bottom = max(math.floor(math.log10(low)), top - 10)
    return np.logspace(bottom, top, (top - bottom) * BINS_PER_DECADE + 1)


def _symmetric(samples: Sequence[tuple[str, np.ndarray, float]]) -> np.ndarray:
    reach = max((float(np.abs(flat).max()) for _, flat, _ in samples if flat.size), default=0.0) or 1.0
    reach = min(max(reach, 1e-300), 1e300)  # bins of the smallest and largest numbers would not be told apart
    return np.linspace(-reach, reach, LINEAR_BINS + 1)
