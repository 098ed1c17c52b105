"""Gradient norms by depth: how much of the gradient reaches each layer, now and earlier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.app.csv_text import csv_text
from gradviz.app.i18n import tr
from gradviz.app.numerals import number
from gradviz.app.plot_data import PlotData
from gradviz.app.plot_data_series import norm_curves

from ...theme.palette import mix
from .axes_plot import AxesPlot
from .options import PlotOptions
from .plot import Limits, nearest, settle
from .style import Entry, Look, hides, module_of, plain_label, power_label, shortened

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

TIMES = 6  # lines at most; the last is that of now
_LETTER = 0.62  # ems that a letter of a tick's label takes


class DepthPlot(AxesPlot):
    """‖g‖ of each module's weight in the order of the model, one line for each of some iterations; the
    parameters of one dimension (biases, scales) for the last of them."""

    name = "depth"
    by_iteration = False
    bottom = 6.4

    def __init__(self, options: PlotOptions, legend: bool = True) -> None:
        super().__init__(options, legend)
        self._lines: list[Any] = []
        self._parts: list[tuple[int, tuple[str, ...]]] = []  # of each line: its iteration and parameters
        self._modules: tuple[str, ...] = ()

    def title(self) -> str:
        return tr("Gradient norm by depth,  |g|")

    def empty_text(self) -> str:
        return tr("No gradient yet.\nRecord an iteration, or train.")

    def home(self) -> tuple[Limits, Limits]:
        return (-0.5, 1.5), (1e-4 if self.log else 0.0, 1.0)

    def dress(self, axes: Axes) -> None:
        self._lines, self._parts, self._modules = [], [], ()
        axes.set_yscale("log" if self.log else "linear")
        axes.yaxis.set_major_formatter(lambda v, _: power_label(v) if self.log else plain_label(v))
        axes.yaxis.minorticks_off()
        axes.set_xticks([])

    def table(self, data: PlotData) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
        """Names, some iterations, and the norms [iteration, name]."""
        curves = [curve for curve in norm_curves(data.rows) if not hides(self.options.hidden, curve.name)]
        order = {name: i for i, name in enumerate(data.parameters)}
        curves.sort(key=lambda curve: order.get(curve.name, len(order)))
        count = min((len(curve.y) for curve in curves), default=0)
        if not count:
            return (), np.array([]), np.zeros((0, 0))
        places = np.unique(np.linspace(0, count - 1, TIMES).round().astype(int))
        values = np.stack([curve.y[places] for curve in curves], axis=1)
        return tuple(curve.name for curve in curves), curves[0].x[places], values

    def update(self, data: PlotData) -> bool:
        """Give the lines their heights."""
        names, iterations, values = self.table(data)
        modules = tuple(dict.fromkeys(module_of(name) for name in names))
        main = [i for i, name in enumerate(names) if name in data.matrices]
        others = [i for i, name in enumerate(names) if name not in data.matrices]
        main, others = (main, others) if main else (others, [])
        parts = [(time, main) for time in range(len(values))] + [(len(values) - 1, others)] * bool(others)
        changed = modules != self._modules or len(parts) != len(self._lines)
        if changed:
            self._modules = modules
            self._remake([time for time, _ in parts], len(values))
        self._parts = []
        for line, (time, mine) in zip(self._lines, parts, strict=True):
            row = values[time, mine]
            x = np.array([modules.index(module_of(names[i])) for i in mine], float)
            line.set_data(x, np.where(row > 0, row, np.nan) if self.log else row)
            self._parts.append((int(iterations[time]), tuple(names[i] for i in mine)))
        changed = self.say_empty(not names) or changed
        if self.with_legend:
            self.frame.set_legend(self._entries())
        if self.zoomed or not names:
            return changed
        limits = settle(self.axes.get_ylim(), values, self.log)
        if limits is not None:
            self.axes.set_ylim(*limits)
        wide = (-0.5, len(modules) - 0.5)
        if self.axes.get_xlim() != wide:
            self.axes.set_xlim(*wide)
            changed = True
        return changed or limits is not None

    def _remake(self, times: list[int], count: int) -> None:
        for line in self._lines:
            line.remove()
        theme = self.style.theme
        far, near = mix(theme.card, theme.gradient, 0.35), theme.gradient
        self._lines = []
        for place, time in enumerate(times):
            last, other = time == count - 1, place > 0 and times[place - 1] == time
            self._lines += self.axes.plot(
                [], [], color=mix(far, near, time / max(count - 1, 1)).name(), markersize=4, animated=True,
                linewidth=2.2 if last and not other else 1.2, marker="o" if last else "",
                linestyle=(0, (4, 2)) if other else "-", markerfacecolor=theme.card.name() if other else None,
            )  # fmt: skip
        self._label()

    def place(self) -> None:
        super().place()
        self._label()

    def _label(self) -> None:
        """As many names as there is room for, all slanted."""
        if not self._modules:
            return
        room = self.axes.bbox.width / max(self.axes.figure.dpi / 72 * self.style.points, 1.0)
        step = max(1, int(np.ceil(len(self._modules) * 2.6 / max(room, 1.0))))
        places = range(0, len(self._modules), step)
        most = int(max((self.bottom - 1.2) / 0.5 / _LETTER, 6))
        names = [shortened(self._modules[i], most) for i in places]
        self.axes.set_xticks(list(places), names, rotation=30, ha="right", rotation_mode="anchor")

    def _entries(self) -> list[Entry]:
        """The iterations, and below them what is dashed."""
        found = []
        for (n, _), line in zip(self._parts, self._lines, strict=True):
            dash = line.get_linestyle()
            label = tr("iteration {n}").format(n=n) if dash == "-" else tr("biases and scales")
            found.append(Entry("", label, Look(line.get_color(), "-" if dash == "-" else (0, (4, 2)))))
        return found

    def moving(self) -> Sequence[Artist]:
        return list(self._lines)

    def iteration_at(self, axes: Axes, x: float, y: float) -> int | None:
        found = nearest(self.axes, self._lines, x, y) if axes is self.axes else None
        return None if found is None else self._parts[found[0]][0]

    def read(self, axes: Axes | None, x: float, y: float) -> str:
        """The point nearest to the pointer."""
        found = nearest(self.axes, self._lines, x, y) if axes is self.axes else None
        if found is None:
            return ""
        line, place = found
        iteration, names = self._parts[line]
        return tr("{name} · iteration {n}: {value}").format(
            name=names[place], n=iteration, value=number(float(self._lines[line].get_ydata()[place]))
        )

    def csv(self, data: PlotData) -> str:
        """One line for each iteration that is drawn."""
        names, iterations, values = self.table(data)
        return csv_text(["iteration", *names], [iterations, *values.T])
