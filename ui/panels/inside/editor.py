"""Changing numbers by hand: the iteration is computed again in the background, and shown at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradviz.engine.program import Program
from PyQt6.QtCore import QObject, pyqtSignal

from gradviz.app.i18n import ntr, tr
from gradviz.app.inside.alterations import Alterations, Altered, Index, Values, alter, with_change
from gradviz.app.inside.subject import title_of, why_no_change
from gradviz.app.session import Session

from ...workers.task import Report
from .latest import Latest


@dataclass(frozen=True, eq=False)
class _Wish:
    """What shall be shown of an iteration: `shown` is what was shown when the first of its changes came."""

    iteration: int
    shown: Program
    recorded: Program
    changes: Values
    text: str


class Editor(QObject):
    """Takes changes as they come; those that come while one is computed are computed together after it."""

    told = pyqtSignal(str, str)  # text and level, for the message bar
    busy_changed = pyqtSignal(bool)

    def __init__(self, session: Session, alterations: Alterations, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._alterations = session, alterations
        self._wish: _Wish | None = None  # what is not yet shown
        self._computed: _Wish | None = None  # what is being computed
        self._worker = Latest(self)
        self._worker.finished.connect(self._finished)
        self._worker.failed.connect(self._failed)
        self._worker.busy_changed.connect(self.busy_changed)

    @property
    def busy(self) -> bool:
        return self._worker.busy

    def problem(self, slot: int) -> str | None:
        """Why a value cannot be changed, or None."""
        state = self._session.state
        if state is None or slot >= len(state.program.slots):
            return tr("Nothing is recorded yet.")
        return why_no_change(state, slot)

    def change(self, slot: int, elements: Mapping[Index, float]) -> bool:
        """Give elements of a leaf other values; False, with a message, where that cannot be."""
        problem = self.problem(slot)
        if problem is not None:
            self.told.emit(problem, "warning")
            return False
        now = self._alterations.now
        assert now is not None
        base = self._base(now)
        changes = with_change(base, now.recorded, slot, elements)
        if changes == {slot: {}, **base}:
            return True
        place = next(iter(elements)) if len(elements) == 1 else None
        text = tr("Change {value}").format(value=title_of(now.recorded, slot, place))
        self._ask(now, changes, text)
        return True

    def reset(self) -> None:
        """Back to the iteration as it was recorded."""
        now = self._alterations.now
        if now is not None and (now.changes or self._wish is not None):
            self._ask(now, {}, tr("Back to what was recorded"))

    def cancel(self) -> None:
        """Give up what is being computed; what is shown stays."""
        self._wish = self._computed = None
        self._worker.cancel()

    def shut_down(self) -> None:
        """Wait for what runs, before the window goes."""
        self._worker.shut_down()

    def _base(self, now: Altered) -> Values:
        """The newest wish, if it is about what is shown now; else what is shown."""
        wish = self._wish
        return wish.changes if wish is not None and wish.shown is now.program else now.changes

    def _ask(self, now: Altered, changes: Values, text: str) -> None:
        timeline = self._session.timeline
        assert timeline is not None
        self._wish = _Wish(timeline.locate()[0], now.program, now.recorded, changes, text)
        if not self._worker.busy:
            self._start()

    def _start(self) -> None:
        self._computed = wish = self._wish
        if wish is not None:
            self._worker.run(lambda report: _compute(wish, report))

    def _finished(self, altered: Altered) -> None:
        wish, self._computed = self._computed, None
        if wish is None:
            return
        newer = self._wish if self._wish is not wish else None
        self._wish = None
        now = self._alterations.at(wish.iteration)
        if now is None or now.program is not wish.shown or now.recorded is not wish.recorded:
            return  # something else is shown by now: another recording, or undo was quicker
        self._alterations.show(wish.text, wish.iteration, altered)
        if newer is not None:  # on top of what is shown now
            shown = self._alterations.at(newer.iteration)
            if shown is not None:
                changes, text = newer.changes, newer.text
                self._wish = _Wish(newer.iteration, shown.program, newer.recorded, changes, text)
                self._start()

    def _failed(self, message: str, details: str) -> None:
        self._wish = self._computed = None
        self.told.emit(
            tr("The changed iteration cannot be computed: {reason}").format(reason=message), "error"
        )


def altered_text(changes: Values, program: Program) -> str:
    """ "x (3), conv1.weight (1)": what is changed, and how many numbers of it."""
    parts = [f"{title_of(program, slot)} ({len(elements)})" for slot, elements in changes.items() if elements]
    count = sum(map(len, changes.values()))
    head = ntr("{n} number changed by hand: {what}", "{n} numbers changed by hand: {what}", count)
    return head.format(n=count, what=tr(", ").join(parts))


def _compute(wish: _Wish, report: Report) -> Altered:
    return alter(wish.recorded, wish.changes, lambda done, of: report((done, of)))
