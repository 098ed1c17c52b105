"""The moves through the timeline that keys, buttons and menus share; without a recording they do nothing."""

from __future__ import annotations

from collections.abc import Callable

from gradviz.app.session import Session
from gradviz.app.timeline import Timeline


class Navigation:
    """Moves of the session's cursor, by name."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def _move(self, move: Callable[[Timeline], object]) -> None:
        if self._session.timeline is not None:
            move(self._session.timeline)

    def step_forward(self) -> None:
        """One instruction on."""
        self._move(lambda timeline: timeline.step(1))

    def step_back(self) -> None:
        """One instruction back."""
        self._move(lambda timeline: timeline.step(-1))

    def module_forward(self) -> None:
        """To where the next module begins."""
        self._move(lambda timeline: timeline.step_module(1))

    def module_back(self) -> None:
        """Back to where a module began."""
        self._move(lambda timeline: timeline.step_module(-1))

    def phase_start(self) -> None:
        """To the beginning of this phase, then of the one before."""
        self._move(Timeline.phase_start)

    def phase_end(self) -> None:
        """To the end of this phase, then of the next."""
        self._move(Timeline.phase_end)

    def phase_forward(self) -> None:
        """To the beginning of the next phase."""
        self._move(lambda timeline: timeline.phase_jump(1))

    def phase_back(self) -> None:
        """To the beginning of the previous phase."""
        self._move(lambda timeline: timeline.phase_jump(-1))

    def first(self) -> None:
        """Before everything."""
        self._move(Timeline.start)

    def last(self) -> None:
        """After everything."""
        self._move(Timeline.end)

    def to_breakpoint(self) -> None:
        """On to the next breakpoint, or to the end."""
        self._move(lambda timeline: timeline.run(1))

    def back_to_breakpoint(self) -> None:
        """Back to the breakpoint before, or to the start."""
        self._move(lambda timeline: timeline.run(-1))
