"""The window "Optimizer race": who takes part, the losses while they run, map and table at the end."""

from __future__ import annotations

import time

import numpy as np
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QApplication, QDialog, QWidget

from gradviz.app.experiment_table import ExperimentError, ExperimentSpec, check
from gradviz.app.i18n import language_changed, tr
from gradviz.app.race import PRESETS, Race, preset
from gradviz.app.race_table import WINDOW, reached, smoothed, table_csv, usual_goal
from gradviz.app.race_tracks import TRACKS, Track, line, network, valley

from ...listening import listen
from ...theme import ThemeManager
from .curves import RaceCurve
from .form import RaceForm
from .runner import RaceRunner, RaceState, Result

RARELY = 0.06  # seconds between two looks at the losses
SHARE = 8  # and at least so many times what the last one took


class RaceWindow(QDialog):
    """Stays beside the main window; the network is the one that is chosen there."""

    told = pyqtSignal(str, str)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Dialog)
        self._spec = ExperimentSpec()
        self._drawn = self._cost = 0.0  # when the curves were brought up to date, and how long that took
        self.outcome: Result | None = None
        self.runner = RaceRunner(self)
        self.form = RaceForm(self, themes)
        self._listen()
        self.retranslate()
        self.form.track.setCurrentIndex(0)
        self._offer()
        self._follow()

    def _listen(self) -> None:
        form, runner = self.form, self.runner
        listen(self, language_changed, self.retranslate)
        form.track.activated.connect(lambda _: self._offer())
        form.preset.activated.connect(lambda _: self._offer())
        form.choice.changed.connect(self._follow)
        form.choice.refused.connect(form.note.setText)
        form.start.clicked.connect(self.start_or_pause)
        form.stop.clicked.connect(runner.stop)
        form.log.toggled.connect(form.curves.set_log)
        form.goal.value_changed.connect(lambda _: self._show_table())
        form.copy.clicked.connect(self.copy)
        runner.state_changed.connect(self._follow)
        runner.advanced.connect(self._advanced)
        runner.ended.connect(self._ended)
        runner.failed.connect(lambda message, details: form.note.setText(message))

    def follow(self, spec: ExperimentSpec) -> None:
        """Race on this model and data, from the next start on."""
        self._spec = spec
        self._name_tracks()

    # Who races on what.

    def _track(self) -> Track:
        key = TRACKS[self.form.track.currentIndex()]
        return (
            network(self._spec) if key == "network" else line(self._spec.seed) if key == "line" else valley()
        )

    def _offer(self) -> None:
        flat = TRACKS[max(self.form.track.currentIndex(), 0)] != "network"
        name = list(PRESETS)[max(self.form.preset.currentIndex(), 0)]
        self.form.choice.offer(preset(name, flat))

    # Running.

    def start_or_pause(self) -> None:
        """Start a race, or pause the one that runs, or let it go on."""
        if self.runner.state is RaceState.RUNNING:
            self.runner.pause()
        elif self.runner.state is RaceState.PAUSED:
            self.runner.go_on()
        else:
            self._start()

    def _start(self) -> None:
        form = self.form
        try:
            check(self._spec)
        except ExperimentError as error:
            form.note.setText(str(error))
            return
        self.outcome = None
        form.map.show_map(None)
        form.table.show_rows((), (), 0.0)
        form.note.setText("")
        self.runner.start(Race(self._track(), form.choice.contenders()), form.iterations.value())
        self._show_curves()

    def _advanced(self, done: int, total: int) -> None:
        self.form.bar.setRange(0, total)
        self.form.bar.setValue(done)
        now = time.perf_counter()
        if self.runner.state is RaceState.RUNNING and now - self._drawn > max(RARELY, SHARE * self._cost):
            self._show_curves()
            self._drawn = time.perf_counter()
            self._cost = self._drawn - now

    def _show_curves(self) -> None:
        race = self.runner.race
        if race is None:
            return
        window = WINDOW if race.track.batch is not None else 1
        self.form.curves.show_curves(
            [
                RaceCurve(
                    lane.contender.label, smoothed(list(lane.losses), window), lane.diverged is not None
                )
                for lane in race.lanes
            ],
            self.form.goal.value if self.outcome is not None else None,
        )

    def _ended(self, result: Result) -> None:
        race = self.runner.race
        assert race is not None
        self.outcome = result
        goal = usual_goal(race)
        if np.isfinite(goal) and goal > 0:
            self.form.goal.set_value(goal)
        self.form.map.show_map(result.map, tuple(lane.diverged is not None for lane in race.lanes), True)
        self.form.map.retranslate()
        self._show_table()
        self._follow()

    def _show_table(self) -> None:
        race, result = self.runner.race, self.outcome
        if race is None or result is None:
            return
        goal = self.form.goal.value
        self.form.table.show_rows(result.rows, reached(race, goal), goal)
        self.form.table.retranslate()
        self._show_curves()

    def copy(self) -> None:
        """Put the table on the clipboard as comma-separated values."""
        race, result, clipboard = self.runner.race, self.outcome, QApplication.clipboard()
        if race is not None and result is not None and clipboard is not None:
            goal = self.form.goal.value
            clipboard.setText(table_csv(result.rows, reached(race, goal), goal))
            self.form.note.setText(tr("The table is copied"))

    def _follow(self) -> None:
        """What can be pressed now, and what the buttons say."""
        form, state = self.form, self.runner.state
        idle = state is RaceState.IDLE
        for widget in (form.track, form.preset, form.choice, form.iterations):
            widget.setEnabled(idle)
        form.start.setEnabled(state is not RaceState.JUDGING and (not idle or bool(form.choice.contenders())))
        form.stop.setEnabled(not idle)
        form.bar.setVisible(not idle)
        finished = self.outcome is not None and idle
        form.copy.setEnabled(finished)
        form.goal.setEnabled(finished)
        form.name_buttons(state)
        if not idle:
            texts = {
                RaceState.RUNNING: tr("They take turns, one iteration each."),
                RaceState.PAUSED: tr("Paused"),
                RaceState.JUDGING: tr("Computing the table and the loss surface…"),
            }
            form.note.setText(texts[state])
        elif finished:
            form.note.setText(self._verdict())

    def _verdict(self) -> str:
        rows = self.outcome.rows if self.outcome is not None else ()
        kept = [row for row in rows if row.diverged is None]
        if not kept:
            return tr("All have diverged: every loss has become infinite. Try smaller learning rates.")
        best = min(kept, key=lambda row: row.loss)
        text = tr("{name} has the lowest loss.").format(name=best.label)
        lost = [row.label for row in rows if row.diverged is not None]
        if lost:
            text += " " + tr("Diverged: {names}.").format(names=tr(", ").join(lost))
        return text

    def shut_down(self) -> None:
        """Wait for what runs, before the window goes."""
        self.runner.shut_down()

    def _name_tracks(self) -> None:
        texts = (network(self._spec).title, line().title, valley().title)
        for place, text in enumerate(texts):
            self.form.track.setItemText(place, text)

    def retranslate(self, language: str = "") -> None:
        self.setWindowTitle(tr("Optimizer race"))
        self._name_tracks()
        self.form.retranslate()
        self._follow()
