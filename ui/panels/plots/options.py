"""What the user has chosen about the plots; remembered in the settings."""

from __future__ import annotations

from typing import Any

from gradviz.app.settings import Settings

LOG = frozenset({"gradients", "norms", "depth", "updates", "state", "surface"})
"""The plots that begin with a logarithmic scale."""


class PlotOptions:
    """Reads and writes the settings' table of plots; what makes no sense there counts as not there."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def log(self, plot: str) -> bool:
        """Whether a plot has a logarithmic scale."""
        known = self._table("log").get(plot)
        return known if isinstance(known, bool) else plot in LOG

    def set_log(self, plot: str, on: bool) -> None:
        self._settings.plots["log"] = {**self._table("log"), plot: on}

    @property
    def hidden(self) -> frozenset[str]:
        """The legends' entries that are switched off."""
        found = self._settings.plots.get("hidden")
        return frozenset(map(str, found)) if isinstance(found, list) else frozenset()

    def toggle(self, entry: str) -> None:
        """Hide what an entry of a legend stands for, or show it again."""
        self._settings.plots["hidden"] = sorted(self.hidden ^ {entry})

    def choice(self, what: str, usual: str = "") -> str:
        """Another choice by its name: the plot, the kernel, the plane of the surface."""
        found = self._settings.plots.get(what)
        return found if isinstance(found, str) else usual

    def choose(self, what: str, value: str) -> None:
        self._settings.plots[what] = value

    def _table(self, name: str) -> dict[str, Any]:
        found = self._settings.plots.get(name)
        return found if isinstance(found, dict) else {}
