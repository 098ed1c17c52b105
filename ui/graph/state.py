"""What changes on a node while one steps: nothing of it moves a box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["pending", "done", "current"]
STATUSES: tuple[Status, ...] = ("pending", "done", "current")


@dataclass(frozen=True, slots=True)
class NodeState:
    """A node at one moment.

    `value_text` is the short text of its last line ("mean 0.12"), "" while there is no value; `heat` the size
    of its gradient from 0 (vanishing) to 1 (the largest), None while it has none; `shape` is shown instead of
    the node's own while that is hidden.
    """

    status: Status = "pending"
    value_text: str = ""
    heat: float | None = None
    shape: str | None = None
