"""Graphs to lay out, and what may be asked of any picture."""

from collections.abc import Iterator, Sequence
from functools import cache

from gradviz.app.graph.build import all_modules, build_graph
from gradviz.app.graph.model import GraphModel
from gradviz.app.layout.job import BACKWARD, Job, Placed, make_job
from tests.programs import lenet_like, mlp_like, neuron, resnet_like, scalar_mlp

Box = tuple[float, float, float, float]  # left, top, right, bottom
Point = tuple[float, float]


def sizes(model: GraphModel) -> dict[str, tuple[float, float]]:
    """Sizes such as the canvas measures them."""
    return {n.id: (max(72.0, 8.0 * len(n.title) + 24), 40.0 if n.subtitle else 28.0) for n in model.nodes}


@cache
def graphs() -> dict[str, GraphModel]:
    """The pictures that have to look right."""
    lenet, resnet = lenet_like(), resnet_like()
    return {
        "lenet": build_graph(lenet),
        "lenet, two open": build_graph(lenet, frozenset({"conv1", "fc1"})),
        "lenet, all open": build_graph(lenet, all_modules(lenet)),
        "lenet, forward only": build_graph(lenet_like(backward=False), frozenset({"conv1"})),
        "lenet, no update": build_graph(lenet_like(update=False), frozenset({"fc3"})),
        "mlp": build_graph(mlp_like()),
        "resnet": build_graph(resnet),
        "resnet, one open": build_graph(resnet, frozenset({"layer2", "layer2.0"})),
        "resnet, all open": build_graph(resnet, all_modules(resnet)),
        "neuron": build_graph(neuron(update=True)),
        "scalar mlp": build_graph(scalar_mlp()),
    }


def job(name: str) -> Job:
    return make_job(graphs()[name], sizes(graphs()[name]))


def boxes(placed: Placed) -> list[Box]:
    return [(x, y, x + w, y + h) for x, y, w, h in placed.nodes]


def frames(placed: Placed) -> list[Box]:
    return [(x, y, x + w, y + h) for x, y, w, h in placed.groups]


def overlap(a: Box, b: Box, slack: float = 0.0) -> bool:
    return a[0] + slack < b[2] and b[0] + slack < a[2] and a[1] + slack < b[3] and b[1] + slack < a[3]


def inside(point: Point, box: Box, margin: float = 0.0) -> bool:
    left, top, right, bottom = box
    return left - margin <= point[0] <= right + margin and top - margin <= point[1] <= bottom + margin


def overlapping(rectangles: Sequence[Box]) -> Iterator[tuple[int, int]]:
    """The pairs of rectangles that cover one another."""
    order = sorted(range(len(rectangles)), key=lambda i: rectangles[i][1])
    active: list[int] = []
    for index in order:
        active = [other for other in active if rectangles[other][3] > rectangles[index][1]]
        for other in active:
            if overlap(rectangles[other], rectangles[index], 0.01):
                yield other, index
        active.append(index)


def around(job: Job, node: int) -> set[int]:
    """The frames that a node lies in."""
    found = set()
    group = job.nodes[node].group
    while group >= 0:
        found.add(group)
        group = job.groups[group].parent
    return found


def samples(points: Sequence[Point], count: int = 24) -> Iterator[Point]:
    """Points along a spline."""
    for start in range(0, len(points) - 3, 3):
        a, b, c, d = points[start : start + 4]
        for step in range(count + 1):
            t = step / count
            w = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            yield (
                w[0] * a[0] + w[1] * b[0] + w[2] * c[0] + w[3] * d[0],
                w[0] * a[1] + w[1] * b[1] + w[2] * c[1] + w[3] * d[1],
            )


def check(job: Job, placed: Placed) -> None:
    """What holds for every layout: sizes, nothing covered, arrows tied to their ends, columns, directions."""
    rectangles = boxes(placed)
    for node, (_, _, width, height) in zip(job.nodes, placed.nodes, strict=True):
        assert abs(width - node.width) < 1e-3
        assert abs(height - node.height) < 1e-3
    assert not list(overlapping(rectangles))
    for index in range(len(job.nodes)):
        for frame in around(job, index):
            left, top, right, bottom = frames(placed)[frame]
            box = rectangles[index]
            assert left < box[0]
            assert top < box[1]
            assert box[2] < right
            assert box[3] < bottom
    for edge, points in zip(job.edges, placed.edges, strict=True):
        assert len(points) % 3 == 1
        assert inside(points[0], rectangles[edge.source], 1.5)
        assert inside(points[-1], rectangles[edge.target], 1.5)
        if job.nodes[edge.source].column == job.nodes[edge.target].column:
            (_, up, _, down), (_, top, _, bottom) = rectangles[edge.source], rectangles[edge.target]
            rise = (up + down - top - bottom) / 2
            assert rise * (1 if job.nodes[edge.source].column == BACKWARD else -1) > -0.01
    for column in range(2):
        left = [rectangles[i][2] for i, node in enumerate(job.nodes) if node.column <= column]
        right = [rectangles[i][0] for i, node in enumerate(job.nodes) if node.column > column]
        assert not left or not right or max(left) < min(right)
