"""What the commands of the window do, and which of them make sense at the moment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QMenuBar

from gradviz.app.experiment import DATASETS, MODELS, OPTIMIZERS, title
from gradviz.app.i18n import language, language_changed
from gradviz.app.lessons.library import load_lessons

from . import help as help_windows
from .diagnosing import Diagnosing
from .experiment_commands import ExperimentCommands
from .listening import listen
from .main_window import MainWindow
from .menus import Menus
from .navigation import Navigation
from .past import GoToIteration

NEEDS_RECORDING = (
    "save",
    "export",
    "export-pytorch",
    "step-forward",
    "step-back",
    "module-forward",
    "module-back",
    "phase-end",
    "phase-start",
    "phase-forward",
    "phase-back",
    "last",
    "first",
    "find-origin",
    "fork",
    "memory-peak",
    "play",
    "play-back",
    "toggle-module",
    "open-all",
    "close-all",
    "focus-node",
    "microscope",
    "fit",
    "check-gradient",
    "nudge",
    "change-value",
    "predict",
)
NEEDS_LAB = ("record", "train", "next-sample", "start-over", "go-to-iteration")


class Commands(QObject):
    """Connects a window's actions, menus and toolbar with the objects that act."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        ExperimentCommands(window)
        self.diagnosing = Diagnosing(window)
        self.going = GoToIteration(window.lab, window.graph.canvas, window.themes, self.diagnosing.marks)
        self._connect_work()
        self._connect_walk()
        self._connect_view()
        _connect_toolbar(self, window)
        self._connect_panels()
        bar = window.menuBar()
        assert isinstance(bar, QMenuBar)
        self.menus = Menus(
            bar,
            window.commands,
            window.session.settings,
            window.docks.view_actions,
            lesson_titles,
            open_recent=window.opener.open,
            open_lesson=self.open_lesson,
            choose_language=window.preferences.choose_language,
            choose_overlay=window.graph.overlaying.choose,
            choose_repeats=window.session.fold_repeats,
        )
        self._follow()

    # What they do.

    def _connect_work(self) -> None:
        w = self._window
        w.commands.connect(
            open=w.opener.ask_file,
            open_data=w.opener.ask_data,
            open_mnist=w.opener.ask_folder,
            download_mnist=w.downloading.download,
            save=w.exporter.ask_recording,
            export=w.exporter.ask_graph,
            export_pytorch=w.exporter.ask_pytorch,
            quit=w.close,
            undo=w.session.undo,
            redo=w.session.redo,
            predict=lambda: _predict(w),
            breakpoint=self.toggle_breakpoint,
            breakpoint_nonfinite=w.session.toggle_nonfinite_breakpoint,
            clear_breakpoints=w.session.clear_breakpoints,
            record=w.lab.record,
            train=lambda: w.lab.train(w.toolbar.iterations.value()),
            next_sample=w.lab.next_sample,
            start_over=w.lab.start_over,
            go_to_iteration=self.go_to_iteration,
            cancel=self.cancel,
            lessons=self.show_lessons,
            shortcuts=lambda: help_windows.show_shortcuts(w),
            about=lambda: help_windows.show_about(w),
        )

    def _connect_walk(self) -> None:
        player, moves = self._window.player, Navigation(self._window.session)
        self._window.commands.connect(
            step_forward=moves.step_forward,
            step_back=moves.step_back,
            module_forward=moves.module_forward,
            module_back=moves.module_back,
            phase_end=moves.phase_end,
            phase_start=moves.phase_start,
            phase_forward=moves.phase_forward,
            phase_back=moves.phase_back,
            last=moves.last,
            first=moves.first,
            play=player.toggle,
            play_back=lambda: player.toggle(-1),
            to_breakpoint=moves.to_breakpoint,
            back_to_breakpoint=moves.back_to_breakpoint,
        )

    def _connect_view(self) -> None:
        w, looks = self._window, self._window.preferences
        w.commands.connect(
            toggle_module=self.toggle_module,
            open_all=w.session.open_all,
            close_all=w.session.close_all,
            focus_node=w.graph.canvas.focus_current,
            fit=w.graph.canvas.fit,
            theme_system=lambda: looks.choose_theme("system"),
            theme_light=lambda: looks.choose_theme("light"),
            theme_dark=lambda: looks.choose_theme("dark"),
            switch_theme=looks.switch_theme,
            text_larger=lambda: self.scale_text(1),
            text_smaller=lambda: self.scale_text(-1),
            text_normal=lambda: self.scale_text(0),
            reduced_motion=self.reduce_motion,
            reset_layout=w.docks.reset,
        )

    def _connect_panels(self) -> None:
        w = self._window
        w.opener.data_folder_chosen.connect(w.lab.choose_folder)
        w.opener.data_file_chosen.connect(w.lab.choose_file)
        w.opener.opened.connect(lambda recording: w.docks.show_code())
        w.graph.record_wanted.connect(w.lab.record)
        w.plots.told.connect(w.messages.show_message)
        w.inspector.source_requested.connect(self.show_source)
        w.lesson.lesson_opened.connect(lambda lesson: w.welcome.hide())
        w.welcome.lesson_chosen.connect(self.open_lesson)
        w.welcome.closed.connect(self.close_welcome)
        w.lab.failed.connect(lambda: w.centre.setCurrentWidget(w.graph))

    # When they make sense.

    def _follow(self) -> None:
        w = self._window
        session = w.session
        for news in (session.recording_changed, session.edits_changed, session.breakpoints_changed):
            listen(self, news, self.refresh)
        listen(self, w.quiz.changed, self.refresh)
        w.lab.busy_changed.connect(self.refresh)
        w.lab.shown.connect(self.refresh_choices)
        w.lab.choices_changed.connect(self.refresh_choices)
        w.themes.changed.connect(self.refresh)
        listen(self, language_changed, self.retranslate)
        self.retranslate()

    def refresh(self, change: object = None) -> None:
        """Allow what makes sense now, and tick what is on."""
        w, settings = self._window, self._window.session.settings
        w.commands.enable(w.session.timeline is not None, *NEEDS_RECORDING)
        w.commands.enable(not w.lab.busy, *NEEDS_LAB)
        w.commands.enable(w.session.undo_text is not None, "undo")
        w.commands.enable(w.session.redo_text is not None, "redo")
        breakpoints = w.session.breakpoints
        w.commands.enable(bool(breakpoints), "clear-breakpoints", "to-breakpoint", "back-to-breakpoint")
        w.commands["breakpoint-nonfinite"].setChecked(breakpoints.nonfinite)
        w.commands[f"theme-{w.themes.choice}"].setChecked(True)
        w.commands["predict"].setChecked(w.quiz.on)
        w.commands["reduced-motion"].setChecked(settings.reduced_motion)
        for box in (w.toolbar.model, w.toolbar.data, w.toolbar.optimizer, w.toolbar.sample):
            box.setEnabled(not w.lab.busy)

    def refresh_choices(self) -> None:
        """Show the settings' choices in the toolbar."""
        w = self._window
        w.toolbar.offer(*({key: title(key) for key in table} for table in (MODELS, DATASETS, OPTIMIZERS)))
        w.toolbar.show_sample(w.lab.sample, w.lab.samples)
        w.toolbar.learning_rate.set_value(w.lab.learning_rate)

    def retranslate(self, code: str = "") -> None:
        self._window.welcome.offer(lesson_titles())
        self.refresh_choices()
        self.refresh()

    # Commands of more than one line.

    def toggle_module(self) -> None:
        """Open or close the selected node, or the current one."""
        session = self._window.session
        node = session.selection.node_id or session.current_node
        if node is not None:
            session.toggle_module(node)

    def toggle_breakpoint(self) -> None:
        """Set or clear a breakpoint on the selected node, or the current one."""
        session = self._window.session
        node = session.selection.node_id or session.current_node
        if node is not None:
            session.toggle_breakpoint(node)

    def go_to_iteration(self) -> None:
        """Ask over the graph which iteration to show."""
        self._window.centre.setCurrentWidget(self._window.graph)
        self.going.ask()

    def cancel(self) -> None:
        """Stop whatever runs."""
        self._window.player.pause()
        self._window.lab.cancel()
        self._window.opener.stop()
        self._window.downloading.cancel()

    def reduce_motion(self) -> None:
        """Jump instead of gliding, or glide again."""
        w = self._window
        w.preferences.reduce_motion(not w.session.settings.reduced_motion)
        w.graph.apply_settings()
        self.refresh()

    def scale_text(self, steps: int) -> None:
        """So many sizes larger or smaller; 0 for the usual size."""
        self._window.preferences.scale_text(steps)
        self._window.graph.refresh_fonts()

    def show_lessons(self) -> None:
        """Bring the lessons to the front."""
        self._window.docks.show_lesson()
        self._window.lesson.setFocus()

    def open_lesson(self, lesson: str) -> None:
        """Begin a lesson."""
        self._window.docks.show_lesson()
        self._window.lesson.start_by_id(lesson)

    def show_source(self, file: str, line: int) -> None:
        """Show a line of the user's code."""
        self._window.docks.show_code()
        self._window.code.show_line(file, line)

    def close_welcome(self) -> None:
        """The strip is not shown again."""
        self._window.welcome.hide()
        self._window.session.settings.welcome = False
        self._window.session.settings.save()

    def _iterations_chosen(self, count: int) -> None:
        self._window.session.settings.train_iterations = count


def _connect_toolbar(commands: Commands, w: MainWindow) -> None:
    bar = w.toolbar
    bar.model_chosen.connect(w.lab.choose_model)
    bar.data_chosen.connect(w.downloading.choose)
    bar.sample_chosen.connect(w.lab.choose_sample)
    bar.optimizer_chosen.connect(w.lab.choose_optimizer)
    bar.learning_rate_chosen.connect(w.lab.choose_learning_rate)
    bar.iterations_chosen.connect(commands._iterations_chosen)
    bar.language_switched.connect(w.preferences.switch_language)
    bar.refused.connect(lambda text: w.messages.show_message(text, "warning"))


def _predict(w: MainWindow) -> None:
    """Begin or end to ask before numbers are shown."""
    w.quiz.set_on(not w.quiz.on)
    if w.quiz.on:
        w.docks.show_inspector()
        w.inspector.predict.take_focus()


def lesson_titles() -> Sequence[tuple[str, str]]:
    """Id and title, in the interface's language, of every lesson that can be read."""
    lessons = load_lessons()[0]
    return [(lesson.id, lesson.text(language()).title.replace("`", "")) for lesson in lessons]


def open_at_start(window: MainWindow, path: Path, arguments: Sequence[str]) -> None:
    """Open what was named on the command line; a script runs at once, as the user has said so there."""
    if path.suffix == ".py":
        window.opener.run(path, arguments)
    else:
        window.opener.open(path)
