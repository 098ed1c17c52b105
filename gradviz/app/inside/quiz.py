"""Predict, then reveal: what is looked at is hidden and asked for; what has been answered is shown."""

from __future__ import annotations

import numpy as np
from psygnal import Signal

from gradviz.engine.program import Program, SlotKind

from ..selection import inside
from ..session import Session
from ..state import StateView
from .predict import Kind, Outcome, Prediction, predict
from .veil import alike

Index = tuple[int, ...]
_Key = tuple[int, int, Index, Kind]


class Quiz:
    """Follows a session while it is on; `prediction` is what is asked, None where there is nothing to ask.

    `outcome` is that of the answer to it, None before there is one; `revealed` says that it is shown, be it
    after an answer or because the learner gave up. The score is kept as long as the program runs.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        self._session = session
        self.on = session.settings.predict
        self.kind: Kind = "number"
        self.wants_gradient = False
        self.has_gradient = False
        self.prediction: Prediction | None = None
        self.outcome: Outcome | None = None
        self.revealed = False
        self.right = self.asked = 0
        self._subject: tuple[int, int] = (0, -1)
        self._element: tuple[int, int, Index] | None = None  # chosen by `another`: program, slot, element
        self._done: dict[_Key, tuple[Program, Outcome | None]] = {}  # the program is kept for its id
        for signal in (session.recording_changed, session.moment_changed, session.selection_changed):
            signal.connect(self._follow)

    def set_on(self, on: bool) -> None:
        """Begin or end to ask."""
        self.on = self._session.settings.predict = on
        self._session.settings.save()
        self.follow()

    def choose_kind(self, kind: Kind) -> None:
        """Ask for a number, its sign, or the shape."""
        self.kind = kind
        self.follow()

    def choose_gradient(self, gradient: bool) -> None:
        """Ask for the gradient of what is looked at, or for its value."""
        self.wants_gradient = gradient
        self.follow()

    def another(self) -> None:
        """Ask about another element of the same tensor."""
        if self.prediction is not None:
            program, slot = self.prediction.program, self.prediction.slot
            value = program.values[slot]
            place = int(np.random.default_rng().integers(value.size))
            element = tuple(int(i) for i in np.unravel_index(place, value.shape))
            self._element = (id(program), slot, element)
            self.follow()

    def answer(self, text: str) -> Outcome:
        """Judge an answer and show what is right; UnreadableAnswerError leaves everything as it is."""
        assert self.prediction is not None
        outcome = self.prediction.judge(text)
        self.settle(self.prediction, outcome)
        return outcome

    def settle(self, asked: Prediction, outcome: Outcome) -> None:
        """Take a judgement that was made elsewhere, if it is still about what is asked."""
        if asked is not self.prediction or self.revealed:
            return
        self.asked += 1
        self.right += outcome.correct
        self._finish(outcome)

    def reveal(self) -> None:
        """Give up: show what is right. It counts as asked."""
        if self.prediction is not None and not self.revealed:
            self.asked += 1
            self._finish(None)

    def _finish(self, outcome: Outcome | None) -> None:
        assert self.prediction is not None
        self._done[self._key(self.prediction)] = (self.prediction.program, outcome)
        self.follow()

    def _follow(self, moment: int = 0) -> None:
        if self.on:
            self.follow()

    def follow(self) -> None:
        """Ask about what is looked at now."""
        self.prediction = self._ask() if self.on else None
        self.outcome, self.revealed = None, False
        veil = self._session.veil
        if self.prediction is None:
            veil.lift()
        else:
            key = self._key(self.prediction)
            if key in self._done:
                self.outcome, self.revealed = self._done[key][1], True
                veil.lift()
            else:
                self._cover(self.prediction)
        self.changed.emit()

    def _cover(self, asked: Prediction) -> None:
        program, slot = asked.program, asked.slot
        if asked.kind != "shape":
            self._session.veil.cover(program, alike(program, slot))
            return
        rows = program.gradients.get(slot, ())
        same = {slot, *(row.grad for row in rows), *(row.total for row in rows)}
        same |= {other for other in alike(program, slot) if program.slots[other].kind is SlotKind.VALUE}
        self._session.veil.cover(program, frozenset(same), frozenset(same))

    def _ask(self) -> Prediction | None:
        session = self._session
        program, timeline, slot = session.program, session.timeline, session.selection.slot
        if program is None or timeline is None:
            return None
        if slot is None:
            current = timeline.current
            slot = program.instrs[current[1]].output if current is not None else None
        if slot is None or slot >= len(program.slots):
            return None
        state = StateView(program, timeline.locate()[1])
        total = state.gradient_slot(slot)
        self.has_gradient = total is not None
        if (id(program), slot) != self._subject:  # a leaf's value is given, its gradient is not
            self._subject = (id(program), slot)
            self.wants_gradient = self.has_gradient and program.producers[slot] < 0
        if self.wants_gradient and total is not None:
            slot = total
        value = program.values[slot]
        constant = program.slots[slot].kind is SlotKind.CONSTANT
        if constant or not state.written(slot) or not value.size or value.dtype.kind not in "fiu":
            return None
        try:
            return predict(program, slot, self._element_of(program, slot, value), self.kind)
        except ValueError:
            return None

    def _element_of(self, program: Program, slot: int, value: np.ndarray) -> Index:
        chosen = self._session.selection.element
        if self._element is not None and self._element[:2] == (id(program), slot):
            return self._element[2]
        if chosen is not None and inside(chosen, value.shape):
            return chosen
        size = np.nan_to_num(np.abs(value), nan=-1.0) if value.dtype.kind == "f" else np.abs(value)
        return tuple(int(i) for i in np.unravel_index(int(np.argmax(size)), value.shape))

    def _key(self, asked: Prediction) -> _Key:
        return (id(asked.program), asked.slot, asked.element, asked.kind)
