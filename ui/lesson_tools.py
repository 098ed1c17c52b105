"""What a lesson's steps ask of the window: tools that they open, panels that they show, experiments done."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, pyqtSignal

from gradviz.app.lessons.model import Step

from .listening import listen
from .main_window import MainWindow
from .panels.plots.catalogue import PLOTS

# Opening one of these is reported as a use of it; the others only when something in them is touched.
TOLD_WHEN_OPENED = frozenset({"nudge", "check", "microscope"})


class LessonTools(QObject):
    """Connects the lesson panel with the window's commands; it tells the lesson which tools are used."""

    used = pyqtSignal(str)  # a tool, by the user's own hand

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._own = ""  # the tool that the step itself has just opened
        self._known: object = None  # the news of training when it last began
        self._record_asked = False
        commands = window.commands
        self._open: dict[str, Callable[[], object]] = {
            "nudge": commands["nudge"].trigger,
            "check": commands["check-gradient"].trigger,
            "microscope": commands["microscope"].trigger,
            "change": commands["change-value"].trigger,
            "predict": self._predict,
            "ledger": lambda: window.inspector.reveal(window.inspector.ledger),
            "lens": lambda: window.inspector.reveal(window.inspector.tensors.lens),
            "update": lambda: window.inspector.reveal(window.inspector.update_ledger),
            "train": commands["train"].trigger,
            "record": commands["record"].trigger,
            "surface": self._show_surface,
        }
        window.lesson.step_shown.connect(self.begin)
        window.lesson.tool_wanted.connect(self.open)
        self._listen()

    def _listen(self) -> None:
        window = self._window
        inspector = window.inspector
        experiments = inspector.experiments
        experiments.nudge.nudged.connect(self._nudged)
        experiments.check.worker.finished.connect(lambda made: self.note("check"))
        window.microscope.looked.connect(lambda: self.note("microscope"))
        inspector.tensors.lens.pointed.connect(lambda: self.note("lens"))
        inspector.ledger.tried.connect(lambda: self.note("ledger"))
        inspector.update_ledger.element_chosen.connect(lambda slot, index: self.note("update"))
        inspector.changing.marked.connect(lambda counts: self.note("change"))
        window.plots.maps.computed.connect(lambda: self.note("surface"))
        self._listen_to_the_lab()
        listen(self, window.quiz.changed, self._predicted)

    def _listen_to_the_lab(self) -> None:
        """Training and recording count when they have come to something, not when they were asked for."""
        lab = self._window.lab
        lab.training.running_changed.connect(self._trained)
        self._window.commands["record"].triggered.connect(lambda checked=False: self._ask_for_a_record(True))
        lab.shown.connect(self._recorded)
        lab.failed.connect(lambda: self._ask_for_a_record(False))

    def _trained(self) -> None:
        training = self._window.lab.training
        if training.running:
            self._known = training.news
        elif training.news is not None and training.news is not self._known:
            self.note("train")

    def _ask_for_a_record(self, asked: bool) -> None:
        self._record_asked = asked

    def _recorded(self) -> None:
        if self._record_asked:
            self._record_asked = False
            self.note("record")

    def _show_surface(self) -> None:
        self._window.docks.plots.show()
        self._window.plots.choose("surface")

    def begin(self, step: Step) -> None:
        """Show and open what a step asks for."""
        panel, _, tab = step.show.partition(":")
        docks = self._window.docks
        if panel == "plots":
            docks.plots.show()
            if tab in PLOTS:
                self._window.plots.choose(tab)
        elif panel == "code":
            docks.show_code()
        elif panel == "inspector":
            docks.show_inspector()
        self._own = step.tool if step.tool in TOLD_WHEN_OPENED else ""
        if step.tool:
            self.open(step.tool)

    def open(self, tool: str) -> None:
        """Open a tool on what is selected."""
        window = self._window
        window.docks.show_inspector()
        window.inspector.chosen()  # the selection has just changed: what it shows must be that
        act = self._open.get(tool)
        if act is not None:
            act()

    def note(self, tool: str) -> None:
        """A tool is used; what the step has opened by itself does not count."""
        player = self._window.lesson.player
        if tool == self._own:
            self._own = ""
            return
        self.used.emit(tool)
        if player is not None:
            player.note_used(tool)

    def _nudged(self, found: object) -> None:
        if found is not None:
            self.note("nudge")

    def _predict(self) -> None:
        window = self._window
        if not window.quiz.on:
            window.commands["predict"].trigger()

    def _predicted(self) -> None:
        if self._window.quiz.outcome is not None:
            self.note("predict")
