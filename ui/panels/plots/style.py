"""How plots look: the theme as matplotlib's settings, and a colour and a dash for each parameter."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PyQt6.QtGui import QColor

from gradviz.app.numerals import MINUS

from ...theme import Theme
from ...theme.palette import mix

FAMILIES = ["Inter", "Noto Sans CJK SC", "Noto Sans Math"]
POINTS = 8.5
# Distinct for colour-blind people too (after Okabe and Ito), darker and lighter for the two grounds.
_LIGHT = ("#0064b0", "#c2571a", "#00806a", "#a83279", "#8a6d00", "#5a52c7", "#2b8fb8", "#9a2f2f")
_DARK = ("#5db2ff", "#ff9d5e", "#3fd0a8", "#f08cc8", "#e5c33a", "#a99cff", "#7fd6f2", "#ff8a80")
_DASHES: dict[str, Any] = {"weight": "-", "": "-", "bias": (0, (4, 2))}
_OTHER_DASH = (0, (1, 1.5))


@dataclass(frozen=True)
class Look:
    """Colour and dash of one line."""

    colour: str
    dash: Any
    marker: str = ""
    alpha: float = 1.0
    width: float = 1.5  # 1.7 and more stays as it is, however many points there are


@dataclass(frozen=True)
class Entry:
    """One line of a legend; `key` is what a click on it hides and shows."""

    key: str
    label: str
    look: Look


class PlotStyle:
    """A theme, as plots need it."""

    def __init__(self, theme: Theme, scale: float = 1.0) -> None:
        self.theme = theme
        self.points = POINTS * scale

    @property
    def settings(self) -> Any:
        """For `matplotlib.rc_context`."""
        theme = self.theme
        return {
            "font.family": FAMILIES,
            "font.size": self.points,
            "axes.titlesize": self.points + 0.5,
            "axes.labelsize": self.points,
            "xtick.labelsize": self.points - 0.5,
            "ytick.labelsize": self.points - 0.5,
            "legend.fontsize": self.points - 0.5,
            "figure.facecolor": theme.panel.name(),
            "savefig.facecolor": theme.panel.name(),
            "axes.facecolor": theme.card.name(),
            "axes.edgecolor": theme.border.name(),
            "axes.labelcolor": theme.muted.name(),
            "axes.titlecolor": theme.text.name(),
            "text.color": theme.text.name(),
            "xtick.color": theme.border.name(),
            "ytick.color": theme.border.name(),
            "xtick.labelcolor": theme.muted.name(),
            "ytick.labelcolor": theme.muted.name(),
            "grid.color": theme.grid.name(),
            "grid.linewidth": 0.8,
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.linewidth": 1.0,
            "lines.linewidth": 1.5,
            "lines.solid_capstyle": "round",
            "legend.frameon": False,
            "svg.fonttype": "path",
            "path.simplify": True,
        }

    def looks(self, names: Iterable[str]) -> dict[str, Look]:
        """A colour for each module and a dash for each kind of parameter, the same in every plot."""
        palette = _DARK if self.theme.dark else _LIGHT
        names = list(names)
        modules = list(dict.fromkeys(module_of(name) for name in names))
        many = len(modules) > len(palette)
        colours = {
            module: self._gradual(i / max(len(modules) - 1, 1)) if many else palette[i]
            for i, module in enumerate(modules)
        }
        return {
            name: Look(colours[module_of(name)], _DASHES.get(kind_of(name), _OTHER_DASH)) for name in names
        }

    def activation_looks(self, names: Iterable[str], parameters: Iterable[str]) -> dict[str, Look]:
        """Activations in the order of forward: a module's colour, also for the functions that follow it."""
        modules = {module_of(name): look for name, look in self.looks(parameters).items()}
        now = next(iter(modules.values()), Look((_DARK if self.theme.dark else _LIGHT)[0], "-"))
        found: dict[str, Look] = {}
        for name in names:
            now = modules.get(name, now)
            found.setdefault(name, Look(now.colour, "-"))
        return found

    def legend(self, names: Iterable[str], all_names: Iterable[str] = ()) -> list[Entry]:
        """What explains the looks of these parameters: their modules' colours, then the kinds' dashes.

        Colours depend on `all_names`, the model's, so that they are the same in every plot.
        """
        names = list(names)
        looks = self.looks([*all_names, *names])
        entries = {module_of(name): Look(looks[name].colour, "-") for name in names}
        kinds = list(dict.fromkeys(kind_of(name) for name in names if kind_of(name)))
        grey = self.theme.muted.name()
        dashes = {kind: Look(grey, _DASHES.get(kind, _OTHER_DASH)) for kind in kinds}
        return [
            Entry(name, name, look)
            for name, look in [*entries.items(), *(dashes.items() if len(kinds) > 1 else ())]
        ]

    def _gradual(self, share: float) -> str:
        """Many layers: from the first colour by way of the third to the second, by depth."""
        palette = _DARK if self.theme.dark else _LIGHT
        first, middle, last = (QColor(palette[i]) for i in (0, 4, 1))
        if share < 0.5:
            return mix(first, middle, share * 2).name()
        return mix(middle, last, share * 2 - 1).name()


def shortened(name: str, most: int) -> str:
    """The end of a long name."""
    return name if len(name) <= most else f"…{name[1 - most :]}"


def hides(hidden: frozenset[str], name: str) -> bool:
    """Whether a parameter is switched off: itself, its module or its kind."""
    return not hidden.isdisjoint((name, module_of(name), kind_of(name)))


def power_label(value: float) -> str:
    """A power of ten for a logarithmic axis: 0.001, 1, 10, or 10⁻⁶."""
    exponent = round(math.log10(value))
    if -3 <= exponent <= 3:
        return f"{value:g}"
    digits = str(abs(exponent)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{'⁻' if exponent < 0 else ''}{digits}"


def plain_label(value: float) -> str:
    """A number for a linear axis."""
    return f"{value:g}".replace("-", MINUS)


def module_of(name: str) -> str:
    """ "conv1" of "conv1.weight"; the name itself if it is in no module."""
    return name.rpartition(".")[0] or name


def kind_of(name: str) -> str:
    """ "weight" of "conv1.weight"; "" if it is in no module."""
    return name.rpartition(".")[2] if "." in name else ""
