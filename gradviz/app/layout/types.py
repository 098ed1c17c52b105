"""Positions for a graph model, in canvas units (y down): what a layout gives and the canvas draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """Where everything goes.

    nodes: id -> rectangle. groups: id -> frame. edges: id -> control points of a cubic Bézier spline, from
    source to target (1 + 3k points). labels: edge id -> centre of its label, where there is room.
    `method` says what made it: "dot" (Graphviz) or "simple" (the fallback).
    """

    nodes: Mapping[str, Rect]
    edges: Mapping[str, tuple[Point, ...]]
    groups: Mapping[str, Rect] = field(default_factory=dict)
    labels: Mapping[str, Point] = field(default_factory=dict)
    bounds: Rect = Rect(0.0, 0.0, 0.0, 0.0)
    method: str = "dot"
