"""Places for the labels of arrows, where they cover nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from .column import Box
from .job import Job
from .types import Point

_HEIGHT = 12.0
_TITLE_HEIGHT = 22.0  # of a frame
_CELL = 48.0
_SAMPLED = 8.0  # units between points of a curve
_NOBODY = -1  # owns what no label may cover


class _Taken:
    """Which rectangles are in use, and by which arrow; a grid of cells makes the question cheap."""

    def __init__(self) -> None:
        self._cells: defaultdict[tuple[int, int], list[tuple[int, Box]]] = defaultdict(list)

    def add(self, owner: int, box: Box) -> None:
        left, top, right, bottom = box
        x0, x1 = int(left // _CELL), int(right // _CELL)
        y0, y1 = int(top // _CELL), int(bottom // _CELL)
        entry = owner, box
        for x in range(x0, x1 + 1):
            for y in range(y0, y1 + 1):
                self._cells[x, y].append(entry)

    def add_line(self, owner: int, points: Sequence[Point]) -> None:
        """A spline: its straight upright or level pieces as they are, of all others points close together."""
        for start in range(0, len(points) - 3, 3):
            (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points[start : start + 4]
            left, right = min(x0, x1, x2, x3), max(x0, x1, x2, x3)
            top, bottom = min(y0, y1, y2, y3), max(y0, y1, y2, y3)
            if right - left < 2 or bottom - top < 2:
                self.add(owner, (left - 1, top - 1, right + 1, bottom + 1))
                continue
            count = min(int((abs(x3 - x0) + abs(y3 - y0)) / _SAMPLED) + 1, 64)
            for step in range(count):
                t = step / count
                r = 1 - t
                a, b, c, d = r * r * r, 3 * t * r * r, 3 * t * t * r, t * t * t
                x, y = a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3
                self._cells[int(x // _CELL), int(y // _CELL)].append((owner, (x - 1, y - 1, x + 1, y + 1)))

    def free(self, owner: int, box: Box) -> bool:
        """Whether a box of `owner` covers nothing of others."""
        left, top, right, bottom = box
        # A cell further: a point next to a border is known to one cell only.
        for x in range(int((left - 1) // _CELL), int((right + 1) // _CELL) + 1):
            for y in range(int((top - 1) // _CELL), int((bottom + 1) // _CELL) + 1):
                for other, b in self._cells.get((x, y), ()):
                    if other != owner and left < b[2] and b[0] < right and top < b[3] and b[1] < bottom:
                        return False
        return True


def place_labels(
    job: Job, boxes: Sequence[Box], frames: Mapping[int, Box], splines: Mapping[int, Sequence[Point]]
) -> dict[int, Point]:
    """Centres for labels beside or above the middle of their arrows, where they cover nothing else."""
    taken = _Taken()
    for box in boxes:
        taken.add(_NOBODY, box)
    for index, (left, top, right, bottom) in frames.items():
        taken.add(_NOBODY, (left, top, left + job.groups[index].title + 8, top + _TITLE_HEIGHT))
        for y in (top, bottom):
            taken.add(_NOBODY, (left, y - 1, right, y + 1))
        for x in (left, right):
            taken.add(_NOBODY, (x - 1, top, x + 1, bottom))
    labelled = [i for i, edge in enumerate(job.edges) if not edge.saved]
    for index in labelled:
        taken.add_line(index, splines[index])
    found: dict[int, Point] = {}
    for index in labelled:
        width = job.edges[index].label
        for centre in _candidates(splines[index], width) if width > 0 else ():
            box = (
                centre[0] - width / 2,
                centre[1] - _HEIGHT / 2,
                centre[0] + width / 2,
                centre[1] + _HEIGHT / 2,
            )
            if taken.free(index, box):
                taken.add(_NOBODY, box)
                found[index] = centre
                break
    return found


def _candidates(points: Sequence[Point], width: float) -> Iterator[Point]:
    """Right and left of the middle of an upright arrow, above and below that of a level one."""
    start = _longest_piece(points)
    x, y = _at(points[start : start + 4], 0.5)
    dx, dy = points[start + 3][0] - points[start][0], points[start + 3][1] - points[start][1]
    if abs(dx) > 2 * abs(dy):
        yield from ((x, y - _HEIGHT / 2 - 2), (x, y + _HEIGHT / 2 + 2))
    else:
        yield from ((x + width / 2 + 5, y), (x - width / 2 - 5, y))


def _longest_piece(points: Sequence[Point]) -> int:
    """Where the longest of a spline's pieces starts."""
    starts = range(0, len(points) - 3, 3)
    return max(
        starts, key=lambda i: abs(points[i + 3][0] - points[i][0]) + abs(points[i + 3][1] - points[i][1])
    )


def _at(piece: Sequence[Point], t: float) -> Point:
    """The point of a cubic Bézier curve at parameter t."""
    weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
    return (
        sum(w * p[0] for w, p in zip(weights, piece, strict=True)),
        sum(w * p[1] for w, p in zip(weights, piece, strict=True)),
    )
