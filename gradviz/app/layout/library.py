"""Graphviz in this process, through pygraphviz, whose wheels carry its libraries.

It holds Python's global lock for as long as it works and can hang or crash: programs with a window call it in
the layout worker only.
"""

from __future__ import annotations

import pygraphviz

from .arrange import arrange
from .column import Column, Hints
from .compose import Memory, compose
from .job import Job, Placed


def draw(source: str) -> str:
    """DOT text to Graphviz's json0; a new graph for each call, as `draw` also writes into the graph."""
    answer: bytes = pygraphviz.AGraph(string=source).draw(format="json0", prog="dot")
    return answer.decode()


_memory = Memory(draw)


def dot_layout(job: Job, memory: Memory = _memory) -> Placed:
    """The whole job by Graphviz; what `memory` knows is not laid out anew."""

    def lay_out(job: Job, column: int, hints: Hints) -> Column:
        return compose(job, column, hints, memory)

    return arrange(job, lay_out, "dot")
