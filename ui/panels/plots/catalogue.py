"""Which plots there are, in their groups, and how each is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from gradviz.app.i18n import tr
from gradviz.app.plot_data import PlotData
from gradviz.app.plot_data_series import state_kinds

from .boundary_plot import BoundaryPlot
from .depth import DepthPlot
from .features import FeaturePlot
from .heat import ActivationHeatPlot, GradientHeatPlot, WeightHeatPlot
from .histograms import GradientPlot
from .kernels import KernelPlot
from .maps import Maps
from .options import PlotOptions
from .plot import Plot
from .series import AccuracyPlot, LossPlot, NormPlot, RatePlot, RatioPlot, SharePlot, StatePlot
from .surface_plot import SurfacePlot

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "overview": ("overview",),
        "training": ("loss", "accuracy", "rate"),
        "gradients": ("gradients", "gradient_heat", "norms", "depth"),
        "weights": ("updates", "weight_heat", "state"),
        "activations": ("activation_heat", "dead"),
        "images": ("kernels", "features"),
        "maps": ("surface", "boundary"),
    }
)
"""The plots of each group, its usual one first."""

PLOTS = tuple(plot for plots in GROUPS.values() for plot in plots)
OVERVIEW = ("loss", "gradients", "updates")  # the last one has the legend
CLOSER = frozenset({"gradient_heat", "weight_heat", "state", "activation_heat", "dead"})
"""The plots that need closer looks at iterations."""

LOG = frozenset({"loss", "gradients", "norms", "depth", "updates", "state", "rate", "surface"})
"""The plots whose scale can be switched."""


def group_of(plot: str) -> str:
    """The group of a plot."""
    return next(group for group, plots in GROUPS.items() if plot in plots)


def group_title(group: str) -> str:
    """The group's name in the interface's language."""
    return {
        "overview": tr("Overview"),
        "training": tr("Progress"),
        "gradients": tr("Gradients"),
        "weights": tr("Weights"),
        "activations": tr("Activations"),
        "images": tr("Images"),
        "maps": tr("Maps"),
    }[group]


def plot_title(plot: str) -> str:
    """The plot's name in the interface's language, short enough for a list."""
    return {
        "overview": tr("Overview"),
        "loss": tr("Loss"),
        "accuracy": tr("Accuracy"),
        "rate": tr("Learning rate"),
        "gradients": tr("At this moment"),
        "gradient_heat": tr("Over time"),
        "norms": tr("Norms"),
        "depth": tr("Norms by depth"),
        "updates": tr("Updates"),
        "weight_heat": tr("Over time"),
        "state": tr("Optimizer state"),
        "activation_heat": tr("Over time"),
        "dead": tr("Dead or saturated"),
        "kernels": tr("Kernels"),
        "features": tr("Feature maps"),
        "surface": tr("Loss surface"),
        "boundary": tr("Decision boundary"),
    }[plot]


def items_of(plot: str, data: PlotData) -> tuple[dict[str, str], str]:
    """What can be chosen about a plot, with its texts, and the option that remembers it."""
    if plot == "surface":
        return {"random": tr("random directions"), "gradient": tr("gradient and momentum")}, "plane"
    names: dict[str, tuple[tuple[str, ...], str]] = {
        "kernels": (data.convolutions, "kernel"),
        "features": (data.maps, "layer"),
        "state": (state_kinds(data.rows.snapshots) if plot == "state" else (), "state"),
    }
    items, option = names.get(plot, ((), ""))
    return {name: name for name in items}, option


def make(name: str, options: PlotOptions, maps: Maps) -> list[Plot]:
    """The plots to show side by side."""
    makers: dict[str, Callable[[], Plot]] = {
        "loss": lambda: LossPlot(options),
        "accuracy": lambda: AccuracyPlot(options),
        "rate": lambda: RatePlot(options),
        "gradients": lambda: GradientPlot(options),
        "gradient_heat": lambda: GradientHeatPlot(options),
        "norms": lambda: NormPlot(options),
        "depth": lambda: DepthPlot(options),
        "updates": lambda: RatioPlot(options),
        "weight_heat": lambda: WeightHeatPlot(options),
        "state": lambda: StatePlot(options),
        "activation_heat": lambda: ActivationHeatPlot(options),
        "dead": lambda: SharePlot(options),
        "kernels": lambda: KernelPlot(options.choice("kernel")),
        "features": lambda: FeaturePlot(options.choice("layer")),
        "surface": lambda: SurfacePlot(options, maps),
        "boundary": lambda: BoundaryPlot(options, maps),
    }
    if name != "overview":
        return [makers[name]()]
    return [LossPlot(options, False), GradientPlot(options, False), RatioPlot(options)]
