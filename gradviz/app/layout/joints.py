"""Where arrows cross the border of a part: sockets of boxes, and stubs of what is outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_THICK = 2  # of a socket, in units of the canvas


class Socket(NamedTuple):
    """Where arrow `edge` enters (`top`) or leaves a box: `x` from its left side."""

    box: int
    edge: int
    x: float
    top: bool


class Joints(NamedTuple):
    """Sockets of boxes that are parts laid out before, and `stubs`: nodes that stand for the outside."""

    sockets: tuple[Socket, ...] = ()
    stubs: frozenset[int] = frozenset()


NO_JOINTS = Joints()


class Tables:
    """Boxes with sockets in the words of Graphviz: tables of fixed size with a narrow cell for each."""

    def __init__(self, joints: Joints) -> None:
        self._stubs = joints.stubs
        self._cells: dict[tuple[int, bool], list[int]] = {}  # box and side -> where cells begin
        self._ports: dict[tuple[int, int, bool], str] = {}  # box, arrow and side -> the name of its cell
        for socket in sorted(joints.sockets, key=lambda socket: socket.x):
            cells = self._cells.setdefault((socket.box, socket.top), [])
            self._cells.setdefault((socket.box, not socket.top), [])
            start = max(round(socket.x) - _THICK // 2, 0)
            if not cells or start >= cells[-1] + _THICK:
                cells.append(start)
            name = f"{'t' if socket.top else 'b'}{cells[-1]}"
            self._ports[socket.box, socket.edge, socket.top] = f"{name}:{'n' if socket.top else 's'}"

    def ports(self, edge: int, upper: int, lower: int) -> tuple[str, str]:
        """Where an arrow leaves its upper end and meets its lower one; "" for anywhere."""
        tail = self._ports.get((upper, edge, False), "s" if upper in self._stubs else "")
        head = self._ports.get((lower, edge, True), "n" if lower in self._stubs else "")
        return tail, head

    def table(self, box: int, width: float, height: float) -> str:
        """The label of a box; "" if it has no sockets."""
        if (box, True) not in self._cells:
            return ""
        middle = f"<TR>{_cell(round(width), round(height) - 2 * _THICK)}</TR>"
        rows = (_row(self._cells[box, top], "t" if top else "b", round(width)) for top in (True, False))
        return f"<{_TABLE}{middle.join(rows)}</TABLE>>"


_TABLE = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'


def _row(starts: Sequence[int], side: str, width: int) -> str:
    """A table of its own, as the cells of one table have to stand below one another."""
    cells, end = [], 0
    for start in starts:
        if start > end:
            cells.append(_cell(start - end, _THICK))
        cells.append(_cell(_THICK, _THICK, f"{side}{start}"))
        end = start + _THICK
    if width > end:
        cells.append(_cell(width - end, _THICK))
    inner = f"{_TABLE}<TR>{''.join(cells)}</TR></TABLE>"
    return f'<TR><TD WIDTH="{width}" HEIGHT="{_THICK}" FIXEDSIZE="TRUE">{inner}</TD></TR>'


def _cell(width: int, height: int, port: str = "") -> str:
    name = f' PORT="{port}"' if port else ""
    return f'<TD{name} WIDTH="{width}" HEIGHT="{height}" FIXEDSIZE="TRUE"></TD>'
