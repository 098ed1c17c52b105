"""Where the cards of a scalar graph lie: the result at the right, what it is made from to its left.

A tree is laid out in one walk: ends go below one another, each other card beside the middle of its operands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..layout.types import Rect
from .microscope import ElementGraph

ACROSS = 44.0  # between two columns
DOWN = 5.0  # between two ends
APART = 13.0  # between the operands of different cards

Size = tuple[float, float]


@dataclass(frozen=True)
class Places:
    """The rectangle of each node, by number, and its column (0: the result)."""

    rects: tuple[Rect, ...]
    columns: tuple[int, ...]

    @property
    def bounds(self) -> Rect:
        """The rectangle around everything."""
        left = min(rect.x for rect in self.rects)
        top = min(rect.y for rect in self.rects)
        right = max(rect.x + rect.width for rect in self.rects)
        bottom = max(rect.y + rect.height for rect in self.rects)
        return Rect(left, top, right - left, bottom - top)


def arrange(graph: ElementGraph, sizes: Sequence[Size]) -> Places:
    """Lay out a graph whose cards have these sizes; a column's cards all become as wide as its widest."""
    operands: list[list[int]] = [[] for _ in graph.nodes]
    columns = [0] * len(graph.nodes)
    for edge in graph.edges:  # from the result on, level by level
        operands[edge.target].append(edge.source)
        columns[edge.source] = columns[edge.target] + 1
    widths = [0.0] * (max(columns) + 1)
    for column, (width, _) in zip(columns, sizes, strict=True):
        widths[column] = max(widths[column], width)
    lefts = [0.0]
    for width in widths[1:]:
        lefts.append(lefts[-1] - ACROSS - width)
    tops = _tops(operands, [height for _, height in sizes])
    return Places(
        tuple(
            Rect(lefts[column], top, widths[column], size[1])
            for column, top, size in zip(columns, tops, sizes, strict=True)
        ),
        tuple(columns),
    )


def _tops(operands: Sequence[Sequence[int]], heights: Sequence[float]) -> list[float]:
    """The upper border of each card."""
    tops = [0.0] * len(heights)
    below = 0.0  # where the next end may begin
    waiting = [(0, False)]
    while waiting:
        number, ready = waiting.pop()
        mine = operands[number]
        if not mine:
            tops[number] = below
            below += heights[number] + DOWN
        elif ready:
            first, last = tops[mine[0]], tops[mine[-1]] + heights[mine[-1]]
            tops[number] = (first + last - heights[number]) / 2
            below = max(below, tops[number] + heights[number] + DOWN) + APART - DOWN
        else:
            waiting.append((number, True))
            waiting += [(each, False) for each in reversed(mine)]
    return tops
