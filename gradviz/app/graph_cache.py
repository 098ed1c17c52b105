"""Graph models, kept by structure and folding: undo and the next iteration need not build them anew."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from gradviz.engine.program import Program

from .graph.model import GraphModel

KEPT = 32

Build = Callable[[Program, frozenset[str], int], GraphModel]


class GraphCache:
    """The last few graphs that `build` made."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._graphs: OrderedDict[tuple[str, frozenset[str], int], GraphModel] = OrderedDict()

    def get(
        self, program: Program, fingerprint: str, open_modules: frozenset[str], repeats: int = 0
    ) -> GraphModel:
        """The graph of a program with these modules open; the same object for the same question."""
        key = (fingerprint, open_modules, repeats)
        graph = self._graphs.pop(key, None)
        if graph is None:
            graph = self._build(program, open_modules, repeats)
        self._graphs[key] = graph
        while len(self._graphs) > KEPT:
            self._graphs.popitem(last=False)
        return graph
