"""A column put together from parts: an open module that has nothing beside it is laid out by itself.

Its frame is then a single box in the layout of what is around it, with a socket for each arrow that crosses
its border. So opening or closing a module asks Graphviz for this module's inside and for those of the modules
around it, and for nothing else: all other parts are remembered. Modules with something beside them share rows
with it, and are laid out together with it (0007-layout-by-parts.md).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from .column import NO_HINTS, Column, Hints, downward, frames_around
from .dot import Draw, lay_out_column
from .frames import find_passages
from .job import BACKWARD, Job
from .joints import Joints
from .parts import Laid, Local, Part

REMEMBERED = 400  # parts

Key = tuple[Job, int, Hints, Joints]


class Memory:
    """The last few parts that were laid out."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._known: OrderedDict[Key, Laid] = OrderedDict()

    def get(self, job: Job, column: int, hints: Hints, joints: Joints) -> Laid:
        """The layout of a part; not to be changed."""
        key = (job, column, hints, joints)
        found = self._known.get(key)
        if found is None:
            spine = find_passages(job, column, downward(job, column)).spine
            made = lay_out_column(job, column, hints, self._draw, joints)
            found = self._known[key] = Laid(made, frozenset(spine))
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return found


def compose(job: Job, column: int, hints: Hints, memory: Memory) -> Column:
    """One column, from parts where that is possible; as a whole if there are hints, as they reach across."""
    if not any(node.column == column for node in job.nodes):
        return Column()
    composer = _Composer(job, column, memory)
    made = (composer.part(-1) if hints == NO_HINTS else composer.whole(hints)).column
    if column == BACKWARD:
        made.edges = {edge: points[::-1] for edge, points in made.edges.items()}
    return made


class _Composer:
    def __init__(self, job: Job, column: int, memory: Memory) -> None:
        self._job = job
        self._column = column
        self._memory = memory
        self._arrows = downward(job, column)
        self._around = {
            node: (-1, *frames_around(job, node))
            for node, row in enumerate(job.nodes)
            if row.column == column
        }
        self._inside: dict[int, list[int]] = {}
        for node, frames in self._around.items():
            for frame in frames:
                self._inside.setdefault(frame, []).append(node)

    def part(self, frame: int) -> Part:
        """A frame (-1: the whole column) with what is in it."""
        depth = self._around[self._inside[frame][0]].index(frame) + 1
        items = {node: self._item(depth, node) for node in self._inside[frame]}
        alone, beside = _alone(self._arrows, items, {n for n in items if self._job.nodes[n].leaf})
        parts = {child: self.part(child) for child in alone}
        while True:
            local = Local(self._job, self._column, frame, items, self._arrows, parts)
            hints = Hints(
                tuple(
                    (local.boxes[child], local.nodes[leaf])
                    for child in parts
                    for leaf in beside[child]
                    if leaf in local.nodes
                )
            )
            found = self._memory.get(local.job, self._column, hints, local.joints)
            shared = [child for child in parts if not local.by_itself(found.column, child)]
            if not shared:
                return local.assembled(found, self._column)
            for child in shared:  # something stands beside it all the same
                del parts[child]

    def whole(self, hints: Hints) -> Part:
        """The column without parts."""
        items = dict.fromkeys(self._inside[-1], -1)
        local = Local(self._job, self._column, -1, items, self._arrows, {})
        before = tuple((local.nodes[upper], local.nodes[lower]) for upper, lower in hints.before)
        order = tuple(local.nodes[node] for node in hints.order)
        found = self._memory.get(local.job, self._column, Hints(before, order), local.joints)
        return local.assembled(found, self._column)

    def _item(self, depth: int, node: int) -> int:
        """The frame at so deep a level that a node lies in, as -2 - its number; or the node itself."""
        around = self._around[node]
        return node if depth == len(around) else -2 - around[depth]


def _alone(
    arrows: Iterable[tuple[int, int, int]], items: Mapping[int, int], leaves: set[int]
) -> tuple[list[int], dict[int, list[int]]]:
    """The frames that all else stands above or below of, and for each the leaves that have to be told so."""
    below: dict[int, set[int]] = {}
    above: dict[int, set[int]] = {}
    for _, upper, lower in arrows:
        one, other = items.get(upper), items.get(lower)
        if one is not None and other is not None and one != other:
            below.setdefault(one, set()).add(other)
            above.setdefault(other, set()).add(one)
    everything = dict.fromkeys(items.values())
    found: list[int] = []
    told: dict[int, list[int]] = {}
    for item in everything:
        if item >= 0:
            continue
        under, over = _reached(item, below), _reached(item, above)
        free = [other for other in everything if other != item and other not in under and other not in over]
        if item not in under and all(other in leaves for other in free):
            found.append(-2 - item)
            told[-2 - item] = free
    return found, told


def _reached(start: int, steps: Mapping[int, set[int]]) -> set[int]:
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        for item in steps.get(waiting.pop(), ()):
            if item not in seen:
                seen.add(item)
                waiting.append(item)
    return seen
