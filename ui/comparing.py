"""Two runs side by side: forks the recorded one where the cursor is, and shows how far both are apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import groupby

import numpy as np
from gradviz.engine.program import Program
from gradviz.engine.rerun import AbandonedError
from PyQt6.QtCore import QObject, QPoint, Qt, pyqtSignal
from PyQt6.QtWidgets import QMenu

from gradviz.app.i18n import language_changed, tr
from gradviz.app.inside.compare import Comparison, fork
from gradviz.app.numerals import index_text, number

from . import icons
from .fork_choices import Choice, Wanted, choices
from .graph.corners import Note
from .graph.differences import Difference
from .graph.fork_entry import ForkEntry
from .listening import listen
from .main_window import MainWindow
from .workers.task import Report, Task


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
        self.entry = ForkEntry(window.graph.canvas)
        self.card = window.inspector.pair
        self.card.closed.connect(self.stop)
        listen(self, self._session.recording_changed, self._recording_changed)
        listen(self, self._session.moment_changed, self._show)
        listen(self, self._session.graph_changed, self._show)
        listen(self, self._session.selection_changed, self._show)
        listen(self, self._session.veil.changed, self._show)
        listen(self, language_changed, self._retranslate)
        window.themes.changed.connect(self._retranslate)
        window.closing.connect(self.shut_down)
        self._retranslate()

    # What can be changed.

    def choices(self) -> list[Choice]:
        """What makes sense here and now."""
        lab = self._window.lab
        own = lab.shows_own(self._session.recording)
        return list(choices(self._session, lab.experiment if own else None))

    def ask(self) -> None:
        """Offer the choices in a menu over the graph."""
        menu = self.menu()
        canvas = self._window.graph.canvas
        menu.popup(canvas.mapToGlobal(QPoint(canvas.width() // 2, canvas.height() // 3)))

    def menu(self) -> QMenu:
        """The choices, one submenu for each kind, and what ends the comparison."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addSection(tr("A second run from this moment on, with"))
        for group, rows in groupby(self.choices(), key=lambda each: each.group):
            inner = menu.addMenu(group)
            assert inner is not None
            for choice in rows:
                action = inner.addAction(choice.text)
                assert action is not None
                action.triggered.connect(partial(self._chosen, choice))
        if self.comparison is not None:
            menu.addSeparator()
            end = menu.addAction(tr("Stop comparing"))
            assert end is not None
            end.triggered.connect(lambda checked: self.stop())
        return menu

    def _chosen(self, choice: Choice, checked: bool = False) -> None:
        entered = choice.entered
        if entered is None or choice.now is None:
            self.start(choice.text, choice.make)
        else:
            self.entry.ask(choice.text, choice.now, lambda value: self.start(*entered(value)))

    # The second run.

    def start(self, title: str, make: Callable[[Program, int], Wanted]) -> None:
        """Fork the current iteration at the cursor, in the background."""
        program, timeline = self._session.program, self._session.timeline
        if program is None or timeline is None or self._task is not None:
            return
        moment = timeline.locate()[1]

        def work(report: Report) -> Comparison | None:
            wanted = make(program, moment)
            try:
                second = fork(
                    program, moment, wanted.changes, lambda done, of: report((done, of)), wanted.rules
                )
            except AbandonedError:
                return None
            made = Comparison(program, second, title, moment, wanted.without)
            made.differences(range(len(program.slots)))  # here, and not while the window waits
            return made

        def done(made: Comparison | None) -> None:
            if made is not None and self._session.program is program:
                self.comparison = made
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
            if node.slot >= 0 and state.written(node.slot) and node.slot not in state.hidden:
                pair = comparison.pair(node.slot)
                if pair is not None:
                    found[node.id] = Difference(percent(pair.difference), min(pair.difference, 1.0))
        return found

    @property
    def _slot(self) -> int | None:
        """What is looked at: the selection, else what has just been computed."""
        slot, state = self._session.selection.slot, self._session.state
        if slot is None and state is not None and state.moment:
            slot = state.program.instrs[state.moment - 1].output
        return slot

    def sentence(self) -> str:
        """What the second run is, and the selected value in both."""
        comparison, state = self.comparison, self._session.state
        if comparison is None or state is None:
            return ""
        title = tr("Second run from moment {n}: {title}").format(n=comparison.moment, title=comparison.title)
        if state.program is not comparison.first:
            return title
        slot = self._slot
        known = slot is not None and state.written(slot) and slot not in state.hidden
        pair = comparison.pair(slot) if slot is not None and known else None
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
        self._show_pair()
        if self.comparison is None:
            self.note.hide()
        else:
            self.note.say(self.sentence())

    def _show_pair(self) -> None:
        selection = self._session.selection
        self.card.show_pair(self.comparison, self._session.state, self._slot, selection.element, percent)

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
        self.entry.retranslate(theme)
        self._show()


def percent(difference: float) -> str:
    """A relative difference: "0", "3 %", "< 0.1 %", "∞"."""
    if difference == 0:
        return "0"
    if not np.isfinite(difference):
        return "∞"
    return tr("< 0.1 %") if difference < 1e-3 else tr("{n} %").format(n=number(100 * difference, 2))
