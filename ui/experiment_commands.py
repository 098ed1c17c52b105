"""The commands that try something out on the number that the inspector shows."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt, QTimer
from PyQt6.QtGui import QKeySequence, QShortcut

from gradviz.app.i18n import tr

from .jobs import Job
from .main_window import MainWindow
from .panels.inside.nudge_notes import notes_of_changes, notes_of_nudge

PATIENCE = 300  # ms that a change may take before one is told that it takes time


class ExperimentCommands(QObject):
    """Connects the inspector's cards with the window: commands, graph, messages, jobs."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        inspector = window.inspector
        self._experiments, self._changing = inspector.experiments, inspector.changing
        self._job: Job | None = None
        self._wait = QTimer(self, singleShot=True, interval=PATIENCE)
        self._wait.timeout.connect(self._tell)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), window)
        self._escape.setEnabled(False)
        self._connect()

    def _connect(self) -> None:
        window, experiments, changing = self._window, self._experiments, self._changing
        window.inspector.told.connect(window.messages.show_message)
        window.commands.connect(
            check_gradient=lambda: self._do(experiments.open_check),
            nudge=lambda: self._do(experiments.open_nudge),
            change_value=lambda: self._do(changing.editing.edit),
            microscope=self._open_microscope,
        )
        window.inspector.microscope_wanted.connect(self._open_microscope)
        noticing = window.graph.noticing
        changing.marked.connect(lambda counts: noticing.show("changed", notes_of_changes(counts)))
        changing.editor.busy_changed.connect(self._busy_changed)
        experiments.nudge.nudged.connect(lambda found: noticing.show("nudge", notes_of_nudge(found)))
        experiments.nudge.nudged.connect(lambda found: self._escape.setEnabled(found is not None))
        self._escape.activated.connect(experiments.nudge.leave)

    def _do(self, act: Callable[[], None]) -> None:
        self._window.docks.show_inspector()
        act()

    def _open_microscope(self) -> None:
        """Look closely at the element that the inspector shows."""
        window = self._window
        chosen = window.inspector.chosen()
        window.centre.setCurrentWidget(window.graph)
        if chosen is None or not window.microscope.look_at(*chosen):
            window.messages.show_message(
                tr("Nothing is computed here yet: step forward, then choose an element.")
            )

    def _busy_changed(self, busy: bool) -> None:
        if busy:
            self._wait.start()
            return
        self._wait.stop()
        if self._job is not None:
            self._job.end()
            self._job = None

    def _tell(self) -> None:
        """A change takes its time: say so, with a button that gives it up."""
        editor = self._changing.editor
        if self._job is None and editor.busy:
            self._job = self._window.status.jobs.begin(tr("Computing the iteration again"), editor.cancel)
