"""The plots by iteration: loss, accuracy, learning rate, norms and updates of parameters, dead units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gradviz.app.i18n import tr
from gradviz.app.plot_data import HEALTHY_RATIO, Curve, PlotData
from gradviz.app.plot_data_series import (
    accuracy_curves,
    loss_curves,
    norm_curves,
    rate_curve,
    share_curves,
    state_curves,
    state_kinds,
)
from gradviz.app.train_log import Snapshot

from .curves import CurvePlot
from .style import Entry, Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class RunPlot(CurvePlot):
    """One number of the run: raw and smoothed by iteration, on training and test data by epoch."""

    def look(self, name: str, data: PlotData) -> Look:
        theme = self.style.theme
        many = self._names is not None and "smoothed" in self._names
        return {
            "smoothed": Look(theme.loss.name(), "-", width=1.8),
            "train": Look(theme.loss.name(), (0, (1, 1.5)), "s"),
            "test": Look(theme.accent.name(), "-", "D", width=1.8),
        }.get(name, Look(theme.loss.name(), "-", alpha=0.4 if many else 1.0, width=0.9 if many else 1.5))

    def entries(self, names: Sequence[str], data: PlotData) -> list[Entry]:
        return [Entry(f"{self.name}.{name}", self.label(name), self.look(name, data)) for name in names]

    def hidden(self, name: str) -> bool:
        return f"{self.name}.{name}" in self.options.hidden

    def label(self, name: str) -> str:
        return {
            "smoothed": tr("smoothed"),
            "train": tr("training, by epoch"),
            "test": tr("test, by epoch"),
        }.get(name, self.raw_label())

    def raw_label(self) -> str:
        raise NotImplementedError


class LossPlot(RunPlot):
    """The loss by iteration and by epoch."""

    name = "loss"

    def title(self) -> str:
        return tr("Loss")

    def raw_label(self) -> str:
        return tr("loss")

    def empty_text(self) -> str:
        return tr("No iteration with a loss yet.\nRecord one, or train.")

    def curves(self, data: PlotData) -> Sequence[Curve]:
        return loss_curves(data.rows)


class AccuracyPlot(RunPlot):
    """The accuracy of the batches, and of all training and test data after each epoch."""

    name = "accuracy"

    def title(self) -> str:
        return tr("Accuracy")

    def raw_label(self) -> str:
        return tr("accuracy")

    def empty_text(self) -> str:
        return tr("No accuracy yet.\nTrain a model that tells classes apart.")

    def curves(self, data: PlotData) -> Sequence[Curve]:
        return accuracy_curves(data.rows)

    def tick_text(self, value: float) -> str:
        return f"{100 * value:g} %"

    def value_text(self, value: float) -> str:
        return f"{100 * value:.4g} %"


class RatePlot(CurvePlot):
    """The learning rate by iteration."""

    name = "rate"

    def title(self) -> str:
        return tr("Learning rate")

    def empty_text(self) -> str:
        return tr("No learning rate is known yet.\nTrain to see it.")

    def curves(self, data: PlotData) -> Sequence[Curve]:
        curve = rate_curve(data.rows)
        return (curve,) if np.isfinite(curve.y).any() else ()

    def look(self, name: str, data: PlotData) -> Look:
        return Look(self.style.theme.update.name(), "-")

    def entries(self, names: Sequence[str], data: PlotData) -> list[Entry]:
        return []

    def hidden(self, name: str) -> bool:
        return False

    def label(self, name: str) -> str:
        return tr("learning rate")


class NormPlot(CurvePlot):
    """‖g‖ of each parameter by iteration."""

    name = "norms"

    def title(self) -> str:
        return tr("Gradient norm,  |g|")

    def empty_text(self) -> str:
        return tr("No gradient yet.\nRecord an iteration, or train.")

    def curves(self, data: PlotData) -> Sequence[Curve]:
        return norm_curves(data.rows)


class RatioPlot(CurvePlot):
    """‖Δw‖ / ‖w‖ by iteration, and where it usually lies."""

    name = "updates"

    def title(self) -> str:
        return tr("Update / weight,  |Δw| / |w|")

    def empty_text(self) -> str:
        return tr("No update of the weights yet.\nRecord an iteration, or train.")

    def curves(self, data: PlotData) -> Sequence[Curve]:
        return data.ratios

    def dress(self, axes: Axes) -> None:
        super().dress(axes)
        look = self._mark()
        axes.axhline(HEALTHY_RATIO, color=look.colour, linewidth=1.5, linestyle=look.dash)

    def _mark(self) -> Look:
        return Look(self.style.theme.text.name(), (0, (1, 2)))

    def entries(self, names: Sequence[str], data: PlotData) -> list[Entry]:
        return [*super().entries(names, data), Entry("", tr("usual"), self._mark())]

    def with_marks(self, values: np.ndarray) -> np.ndarray:
        return np.append(values, (HEALTHY_RATIO * 0.5, HEALTHY_RATIO * 2)) if values.size else values


class SnapshotPlot(CurvePlot):
    """Curves that are read from snapshots: again only when there is a new one."""

    _read: tuple[object, Sequence[Curve]] = (None, ())

    def once(self, snapshots: Sequence[Snapshot], read: Callable[[], Sequence[Curve]]) -> Sequence[Curve]:
        if self._read[0] is not snapshots:
            self._read = snapshots, read()
        return self._read[1]


class StatePlot(SnapshotPlot):
    """Norms of what the optimizer keeps for each parameter; `kind` is which of it, "" for the first."""

    name = "state"
    kind = ""

    def title(self) -> str:
        return tr("Optimizer state,  ‖·‖")

    def empty_text(self) -> str:
        return tr("No optimizer state yet.\nTrain with momentum or Adam: plain SGD keeps none.")

    def curves(self, data: PlotData) -> Sequence[Curve]:
        snapshots = data.rows.snapshots
        kinds = state_kinds(snapshots)
        kind = self.kind if self.kind in kinds else next(iter(kinds), "")
        return self.once(snapshots, lambda: state_curves(snapshots, kind))


class SharePlot(SnapshotPlot):
    """Dead units of each ReLU, saturated ones of each tanh or sigmoid, as a share."""

    name = "dead"

    def title(self) -> str:
        return tr("Dead or saturated units")

    def empty_text(self) -> str:
        return tr("No activations are known yet.\nTrain a model with ReLU, tanh or sigmoid.")

    def curves(self, data: PlotData) -> Sequence[Curve]:
        snapshots = data.rows.snapshots
        return self.once(snapshots, lambda: share_curves(snapshots))

    def look(self, name: str, data: PlotData) -> Look:
        snapshots = data.rows.snapshots
        order = list(snapshots[-1].activations) if snapshots else []
        return self.style.activation_looks([*order, name], data.parameters)[name]

    def entries(self, names: Sequence[str], data: PlotData) -> list[Entry]:
        return [Entry(f"activation.{name}", name, self.look(name, data)) for name in names]

    def hidden(self, name: str) -> bool:
        return f"activation.{name}" in self.options.hidden

    def with_marks(self, values: np.ndarray) -> np.ndarray:
        return np.append(values, (0.0, 0.05)) if values.size else values

    def tick_text(self, value: float) -> str:
        return f"{100 * value:g} %"

    def value_text(self, value: float) -> str:
        return f"{100 * value:.3g} %"
