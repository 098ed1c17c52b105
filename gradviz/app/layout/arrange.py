"""The whole picture: three columns side by side, and the arrows between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .align import align
from .column import NO_HINTS, Column, Hints, node_box
from .job import BACKWARD, FORWARD, UPDATE, Job, Placed
from .labels import place_labels
from .routes import Router, direct
from .updates import Parts

LayOut = Callable[[Job, int, Hints], Column]
"""Lays out one column of a job by itself."""

_NOTHING = (0.0, 0.0, 0.0, 0.0)  # where a frame without nodes goes
_GAP = 72.0  # between columns, for the arrows


def arrange(job: Job, lay_out: LayOut, method: str) -> Placed:
    """Lay out each column, put twins side by side, and draw the arrows from column to column."""
    forward, backward = lay_out(job, FORWARD, NO_HINTS), lay_out(job, BACKWARD, NO_HINTS)
    if forward.nodes and backward.nodes:
        align(job, forward, backward)
    parts = Parts(job, {**forward.nodes, **backward.nodes})
    update = lay_out(job, UPDATE, parts.hints)
    if update.nodes:
        parts.place(update)
    columns = [forward, backward, update]
    right = 0.0
    for column in columns:
        if column.nodes:
            left, _, end, _ = column.box(job)
            column.move(right - left, 0.0)
            right += end - left + _GAP
    return _placed(job, columns, method)


def _placed(job: Job, columns: Sequence[Column], method: str) -> Placed:
    centres = {index: at for column in columns for index, at in column.nodes.items()}
    frames = {index: box for column in columns for index, box in column.groups.items()}
    splines = {index: points for column in columns for index, points in column.edges.items()}
    boxes = [node_box(job, index, centres[index]) for index in range(len(job.nodes))]
    router = Router(job, columns)
    for index, edge in enumerate(job.edges):
        if index in splines:
            continue
        if job.nodes[edge.source].column == job.nodes[edge.target].column:
            splines[index] = direct(boxes[edge.source], boxes[edge.target])
        else:
            splines[index] = router.route(index)
    return Placed(
        [(left, top, right - left, bottom - top) for left, top, right, bottom in boxes],
        [splines[index] for index in range(len(job.edges))],
        [
            (left, top, right - left, bottom - top)
            for left, top, right, bottom in (frames.get(i, _NOTHING) for i in range(len(job.groups)))
        ],
        place_labels(job, boxes, frames, splines),
        method,
    )
