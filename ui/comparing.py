"""Two runs side by side: forks the recorded one where the cursor is, and shows how far both are apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from gradviz.engine.program import Program, SlotKind
from gradviz.engine.rerun import AbandonedError
from PyQt6.QtCore import QObject, QPoint, pyqtSignal
from PyQt6.QtWidgets import QMenu

from gradviz.app.i18n import language_changed, tr
from gradviz.app.inside.compare import (
    Changes,
    Comparison,
    fork,
    fresh_weights,
    learning_rate,
    one_number,
    other_inputs,
)
from gradviz.app.names import name_of
from gradviz.app.numerals import index_text, number

from . import icons
from .graph.corners import Note
from .graph.differences import Difference
from .listening import listen
from .main_window import MainWindow
from .workers.task import Report, Task

Choice = tuple[str, Callable[[Program, int], Changes]]
FACTORS = (10.0, 2.0, 0.5, 0.1)


class Comparing(QObject):
    """The second run, while there is one; both are scrubbed in step, as they have the same moments."""

    changed = pyqtSignal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self.comparison: Comparison | None = None
        self._task: Task | None = None
        self.note = Note(window.graph.canvas)
        self.note.close_button.clicked.connect(self.stop)
        listen(self, self._session.recording_changed, self._recording_changed)
        listen(self, self._session.moment_changed, self._show)
        listen(self, self._session.graph_changed, self._show)
        listen(self, self._session.selection_changed, self._show)
        listen(self, language_changed, self._retranslate)
        window.themes.changed.connect(self._retranslate)
        window.closing.connect(self.shut_down)
        self._retranslate()

    # What can be changed.

    def choices(self) -> list[Choice]:
        """What makes sense here and now, with its title."""
        return list(self._choices())

    def _choices(self) -> Iterator[Choice]:
        program, timeline = self._session.program, self._session.timeline
        if program is None or timeline is None:
            return
        if learning_rate(program, 1.0):
            for factor in FACTORS:
                text = tr("Learning rate × {factor}").format(factor=number(factor))
                yield text, partial(_rate, factor=factor)
        slot, element = self._session.selection.slot, self._session.selection.element
        if (
            slot is not None
            and program.values[slot].dtype.kind == "f"
            and self._can_be_changed(program, slot)
        ):
            value = program.values[slot]
            place = element if element is not None else tuple(0 for _ in value.shape)
            name = (name_of(program, slot) or tr("this value")) + index_text(place)
            now = float(value[place])
            for other in (now + 1.0, 2 * now, 0.0):
                text = tr("{name}: {value} instead of {now}").format(
                    name=name, value=number(other), now=number(now)
                )
                yield text, partial(_number, slot=slot, place=place, value=other)
        yield tr("Other random weights"), _fresh
        here = timeline.locate()[0]
        for n, other_program in enumerate(timeline.programs):
            inputs = _inputs(other_program)
            if n != here and any(_differs(program, name, value) for name, value in inputs.items()):
                yield tr("The data of iteration {n}").format(n=n + 1), partial(_data, inputs=inputs)

    def _can_be_changed(self, program: Program, slot: int) -> bool:
        return slot < len(program.slots) and program.slots[slot].kind in (
            SlotKind.PARAMETER,
            SlotKind.BUFFER,
            SlotKind.INPUT,
        )

    def ask(self) -> None:
        """Offer the choices in a menu over the graph."""
        menu = self.menu()
        canvas = self._window.graph.canvas
        menu.popup(canvas.mapToGlobal(QPoint(canvas.width() // 2, canvas.height() // 3)))

    def menu(self) -> QMenu:
        """The choices, and what ends the comparison."""
        menu = QMenu(self._window)
        menu.addSection(tr("A second run from this moment on, with"))
        for text, changes in self.choices():
            action = menu.addAction(text)
            assert action is not None
            action.triggered.connect(partial(self._chosen, text, changes))
        if self.comparison is not None:
            menu.addSeparator()
            end = menu.addAction(tr("Stop comparing"))
            assert end is not None
            end.triggered.connect(lambda checked: self.stop())
        return menu

    def _chosen(self, text: str, changes: Callable[[Program, int], Changes], checked: bool = False) -> None:
        self.start(text, changes)

    # The second run.

    def start(self, title: str, changes: Callable[[Program, int], Changes]) -> None:
        """Fork the current iteration at the cursor, in the background."""
        program, timeline = self._session.program, self._session.timeline
        if program is None or timeline is None or self._task is not None:
            return
        moment = timeline.locate()[1]

        def work(report: Report) -> Program | None:
            wanted = changes(program, moment)
            try:
                return fork(program, moment, wanted, lambda done, of: report((done, of)))
            except AbandonedError:
                return None

        def done(second: Program | None) -> None:
            if second is not None and self._session.program is program:
                self.comparison = Comparison(program, second, title, moment)
                self._show()
                self.changed.emit()

        self._task = Task(work, self)
        self._task.finished.connect(done)
        self._task.failed.connect(
            lambda message, details: self._window.messages.show_message(message, "error", details)
        )
        self._task.ended.connect(self._ended)
        self._task.start()

    def _ended(self) -> None:
        if self._task is not None:
            self._task.deleteLater()
            self._task = None

    def stop(self) -> None:
        """Show the one run again."""
        self.comparison = None
        self._show()
        self.changed.emit()

    def shut_down(self) -> bool:
        """Stop what runs."""
        return self._task is None or self._task.shut_down()

    # How it is shown.

    def differences(self) -> dict[str, Difference]:
        """For each node that has run by now how far its value is apart."""
        comparison, graph, state = self.comparison, self._session.graph, self._session.state
        if comparison is None or graph is None or state is None or state.program is not comparison.first:
            return {}
        found = {}
        for node in graph.nodes:
            if node.slot >= 0 and state.written(node.slot):
                pair = comparison.pair(node.slot)
                if pair is not None:
                    found[node.id] = Difference(percent(pair.difference), min(pair.difference, 1.0))
        return found

    def sentence(self) -> str:
        """What the second run is, and the selected value in both."""
        comparison, state = self.comparison, self._session.state
        if comparison is None or state is None:
            return ""
        title = tr("Second run from moment {n}: {title}").format(n=comparison.moment, title=comparison.title)
        if state.program is not comparison.first:
            return title
        slot = self._session.selection.slot
        if slot is None and state.moment:
            slot = state.program.instrs[state.moment - 1].output
        pair = comparison.pair(slot) if slot is not None and state.written(slot) else None
        if pair is None:
            return title
        element = self._session.selection.element
        one, two = (
            float(value[element]) if element is not None else float(np.mean(value, dtype=np.float64))
            for value in (pair.first, pair.second)
        )
        words = {"one": number(one), "two": number(two), "apart": percent(pair.difference), "title": title}
        if element is not None:
            return tr("{title} · element {element}: {one} | {two} · value apart by {apart}").format(
                **words, element=index_text(element)
            )
        return tr("{title} · mean {one} | {two} · apart by {apart}").format(**words)

    def _show(self, moment: int = 0) -> None:
        canvas = self._window.graph.canvas
        canvas.focus.differences = self.differences()
        canvas.update()
        if self.comparison is None:
            self.note.hide()
        else:
            self.note.say(self.sentence())

    def _recording_changed(self) -> None:
        timeline = self._session.timeline
        if self.comparison is None:
            return
        programs = timeline.programs if timeline is not None else ()
        if not any(program is self.comparison.first for program in programs):
            self.stop()

    def _retranslate(self, change: object = None) -> None:
        theme = self._window.themes.theme
        self.note.close_button.setIcon(icons.icon("close", theme, theme.muted))
        self.note.close_button.setToolTip(tr("Stop comparing"))
        self.note.close_button.setAccessibleName(tr("Stop comparing"))
        self._show()


def percent(difference: float) -> str:
    """A relative difference: "0", "3 %", "< 0.1 %", "∞"."""
    if difference == 0:
        return "0"
    if not np.isfinite(difference):
        return "∞"
    return tr("< 0.1 %") if difference < 1e-3 else tr("{n} %").format(n=number(100 * difference, 2))


def _rate(program: Program, moment: int, factor: float) -> Changes:
    return learning_rate(program, factor)


def _number(program: Program, moment: int, slot: int, place: tuple[int, ...], value: float) -> Changes:
    return one_number(program, slot, place, value)


def _fresh(program: Program, moment: int) -> Changes:
    return fresh_weights(program)


def _data(program: Program, moment: int, inputs: dict[str, np.ndarray]) -> Changes:
    return other_inputs(program, inputs)


def _inputs(program: Program) -> dict[str, np.ndarray]:
    """The named inputs of a program, but its learning rates."""
    rates = learning_rate(program, 1.0)
    found: dict[str, np.ndarray] = {}
    for row in program.bindings:
        slot = row.slot
        if slot is not None and slot not in rates and program.slots[slot].kind is SlotKind.INPUT:
            found.setdefault(row.name, program.values[slot])
    return found


def _differs(program: Program, name: str, value: np.ndarray) -> bool:
    slot = program.bound(name, 0)
    if slot is None or program.slots[slot].shape != value.shape:
        return False
    return not np.array_equal(program.values[slot], value)
