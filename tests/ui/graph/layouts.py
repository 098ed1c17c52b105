"""Layouts for tests, without Graphviz: nodes in rows by their longest path, edges as one Bézier piece."""

from collections.abc import Mapping

from gradviz.engine.program import Phase

from gradviz.app.graph.model import GraphEdge, GraphModel, GraphNode
from gradviz.app.layout.types import Layout, Point, Rect

GAP_X, GAP_Y, FRAME = 32.0, 56.0, 24.0
Sizes = Mapping[str, tuple[float, float]]


def rows(model: GraphModel, sizes: Sizes, columns: int = 0) -> Layout:
    """Ranks from top to bottom; with `columns`, instead a plain grid of so many columns."""
    rank: dict[str, int] = {}
    readers: dict[str, list[GraphEdge]] = {}
    for edge in model.edges:
        readers.setdefault(edge.target, []).append(edge)
    for number, node in enumerate(model.nodes):
        into = [rank[edge.source] + 1 for edge in readers.get(node.id, ()) if edge.source in rank]
        rank[node.id] = number // columns if columns else max(into, default=0)
    places: dict[str, Rect] = {}
    cursor: dict[int, float] = {}
    for node in model.nodes:
        width, height = sizes[node.id]
        x = cursor.get(rank[node.id], 0.0)
        places[node.id] = Rect(x, rank[node.id] * (height + GAP_Y), width, height)
        cursor[rank[node.id]] = x + width + GAP_X
    edges = {edge.id: _curve(places[edge.source], places[edge.target]) for edge in model.edges}
    labels = {name: _middle(points) for name, points in edges.items()}
    frames = {}
    for group in reversed(model.groups):
        inside = [places[n] for n, g in model.membership.items() if g == group.id]
        inside += [frames[g.id] for g in model.groups if g.parent == group.id and g.id in frames]
        frames[group.id] = around(inside)
    return Layout(places, edges, frames, labels, around([*places.values()]), "simple")


def _curve(source: Rect, target: Rect) -> tuple[Point, ...]:
    x0, y0 = source.x + source.width / 2, source.y + source.height
    x1, y1 = target.x + target.width / 2, target.y
    bend = max((y1 - y0) / 2, 16.0)
    return (x0, y0), (x0, y0 + bend), (x1, y1 - bend), (x1, y1)


def _middle(points: tuple[Point, ...]) -> Point:
    (x0, y0), (x1, y1) = points[0], points[-1]
    return (x0 + x1) / 2, (y0 + y1) / 2


def around(rects: list[Rect]) -> Rect:
    """The rectangle around others, with a margin."""
    if not rects:
        return Rect(0.0, 0.0, 0.0, 0.0)
    x0, y0 = min(r.x for r in rects) - FRAME, min(r.y for r in rects) - FRAME
    x1, y1 = max(r.x + r.width for r in rects) + FRAME, max(r.y + r.height for r in rects) + FRAME
    return Rect(x0, y0, x1 - x0, y1 - y0)


def many(count: int) -> GraphModel:
    """A graph of `count` ops, each reading the one before and one further up."""
    phases = list(Phase)
    nodes = tuple(
        GraphNode(f"i{n}", "op", f"op{n % 17}", f"{n % 7 + 1}×64", phases[n * 5 // count], "", (n,), n)
        for n in range(count)
    )
    edges = tuple(
        GraphEdge(f"e{n}.{p}", f"i{n - back}", f"i{n}", n - back, p, "64", nodes[n].phase)
        for n in range(count)
        for p, back in enumerate((1, 37))
        if n - back >= 0 and (n % 3 == 0 or p == 0)
    )
    return GraphModel(nodes, edges)
