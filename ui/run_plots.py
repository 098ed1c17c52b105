"""The plots of a run as pictures, without a window: what `gradviz train` leaves beside its numbers."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gradviz.app.plot_data import PlotData
from gradviz.app.settings import Settings
from gradviz.app.train_log import TrainLog

from .panels.plots.axes_plot import AxesPlot
from .panels.plots.depth import DepthPlot
from .panels.plots.heat import ActivationHeatPlot, GradientHeatPlot, WeightHeatPlot
from .panels.plots.load import load_fonts
from .panels.plots.options import PlotOptions
from .panels.plots.series import (
    AccuracyPlot,
    LossPlot,
    NormPlot,
    RatePlot,
    RatioPlot,
    SharePlot,
    StatePlot,
)
from .panels.plots.style import PlotStyle
from .theme import LIGHT

SIZE = (8.0, 4.5)  # inches
DPI = 150
ENDINGS = ("png", "svg")
_KINDS = (
    LossPlot, AccuracyPlot, RatePlot, NormPlot, DepthPlot, RatioPlot,
    GradientHeatPlot, WeightHeatPlot, ActivationHeatPlot, SharePlot, StatePlot,
)  # fmt: skip


def write_plots(log: TrainLog, folder: Path) -> list[Path]:
    """Draw a run's plots as the window draws them; those that have nothing to show are left out.

    Errors: OSError if one cannot be written.
    """
    load_fonts()
    folder.mkdir(parents=True, exist_ok=True)
    options, style, data = PlotOptions(Settings(folder=folder)), PlotStyle(LIGHT), PlotData((), None, log)
    written: list[Path] = []
    for kind in _KINDS:
        plot: AxesPlot = kind(options)
        plot.log = options.log(plot.name)
        with mpl.rc_context(rc={**style.settings, "svg.hashsalt": plot.name}):
            figure = _drawn(plot, style, data)
            if figure is None:
                continue
            for ending in ENDINGS:
                path = folder / f"{plot.name}.{ending}"
                figure.savefig(path, dpi=DPI, metadata={"Date": None} if ending == "svg" else None)
                written.append(path)
    return written


def _drawn(plot: AxesPlot, style: PlotStyle, data: PlotData) -> Figure | None:
    """The plot in a figure of its own; None if it has nothing to show."""
    figure = Figure(figsize=SIZE)
    FigureCanvasAgg(figure)
    figure.set_facecolor(style.theme.panel.name())
    part = figure.subfigures(1, 1, squeeze=False)[0][0]
    part.set_facecolor(style.theme.panel.name())
    plot.build(part, style)
    plot.place()
    plot.update(data)
    figure.canvas.draw()
    plot.place()  # a legend may need more room than was known before
    return None if plot.empty else figure
