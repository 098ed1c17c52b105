"""The race in the real window: started, paused, stopped; its curves, map and table are the race's numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.ui.app import Gradviz
from gradviz.ui.panels.race.runner import RaceState
from gradviz.ui.panels.race.window import RaceWindow
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.app.experiment_table import ExperimentSpec
from gradviz.app.i18n import set_language
from gradviz.app.race import PRESETS, Contender, Race
from gradviz.app.race_table import reached, smoothed
from gradviz.app.race_tracks import TRACKS, network, valley
from tests.ui.window import running


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path) -> Iterator[Gradviz]:
    with running(qtbot, tmp_path, load=0) as made:
        yield made


@pytest.fixture
def window(g: Gradviz) -> RaceWindow:
    g.window.commands["race"].trigger()
    found = g.tools.racing
    assert found is not None
    assert found.isVisible()
    return found


def choose(window: RaceWindow, track: str, preset: str, iterations: int) -> None:
    form = window.form
    for box, names, name in ((form.track, TRACKS, track), (form.preset, list(PRESETS), preset)):
        box.setCurrentIndex(list(names).index(name))
        box.activated.emit(box.currentIndex())
    form.iterations.setValue(iterations)


def finished(qtbot: QtBot, window: RaceWindow) -> None:
    qtbot.waitUntil(lambda: window.outcome is not None and window.runner.state is RaceState.IDLE)


def column(window: RaceWindow, number: int) -> list[str]:
    table = window.form.table
    items = [table.item(row, number) for row in range(table.rowCount())]
    return [item.text() for item in items if item is not None]


def test_a_race_from_start_to_table(window: RaceWindow, qtbot: QtBot) -> None:
    choose(window, "valley", "momentum", 40)
    form = window.form
    form.choice.rows[1][1].setChecked(False)
    rate = form.choice.rows[2][2]
    rate.setFocus()
    rate.selectAll()
    qtbot.keyClicks(rate, "0.02")
    qtbot.keyClick(rate, Qt.Key.Key_Return)
    contenders = (Contender("sgd", 0.02), Contender("nesterov", 0.02))
    assert form.choice.contenders() == contenders
    form.start.click()
    assert not form.track.isEnabled()
    finished(qtbot, window)
    race = Race(valley(), contenders)
    race.run(40)
    for curve, lane in zip(form.curves.curves, race.lanes, strict=True):
        assert curve.label == lane.contender.label
        np.testing.assert_array_equal(curve.losses, lane.losses)
    assert window.outcome is not None
    assert form.map.map is window.outcome.map is not None
    assert form.map.caption() == ("x", "y")
    losses = [row.loss for row in window.outcome.rows]
    best = window.outcome.rows[int(np.argmin(losses))].label
    assert column(window, 0)[0] == best  # sorted by the loss
    assert best in form.note.text()
    form.table.sortItems(0, Qt.SortOrder.DescendingOrder)
    assert column(window, 0) == ["SGD 0.02", "Nesterov 0.02"]
    form.goal.set_value(0.5)
    form.goal.value_changed.emit(0.5)
    wanted = ["–" if n is None else str(n) for n in reached(race, 0.5)]
    assert sorted(column(window, 3)) == sorted(wanted)
    form.copy.click()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    lines = clipboard.text().splitlines()
    assert lines[0] == (
        "optimizer,train_loss,test_accuracy,iterations_to_0.5,ms_per_iteration,iterations,diverged_at"
    )
    assert [float(line.split(",")[1]) for line in lines[1:]] == losses
    form.log.setChecked(False)
    assert not form.curves.log
    window.grab()


def test_one_that_diverges_is_marked(window: RaceWindow, qtbot: QtBot) -> None:
    choose(window, "valley", "momentum", 25)
    window.form.choice.rows[0][2].set_value(5.0)
    window.form.start.click()
    finished(qtbot, window)
    assert window.outcome is not None
    lost = window.outcome.rows[0]
    assert lost.diverged is not None
    assert [curve.lost for curve in window.form.curves.curves] == [True, False, False]
    assert any(str(lost.diverged) in text and "✗" in text for text in column(window, 1))
    assert column(window, 0)[-1] == "SGD 5"
    assert "SGD 5" in window.form.note.text()
    assert all(math.isfinite(x) for x in window.form.curves.limits())
    window.grab()
    window.form.log.setChecked(False)
    window.grab()


def test_the_windows_network_paused_and_stopped(g: Gradviz, window: RaceWindow, qtbot: QtBot) -> None:
    spec = ExperimentSpec(model="mlp", data="moons")
    window.follow(spec)
    assert window.form.track.itemText(0) == network(spec).title
    choose(window, "network", "momentum", 20_000)
    form, runner = window.form, window.runner
    form.start.click()
    qtbot.waitUntil(lambda: runner.race is not None and runner.race.count >= 3)
    assert runner.state is RaceState.RUNNING
    form.start.click()
    qtbot.waitUntil(lambda: runner.state is RaceState.PAUSED)
    race = runner.race
    assert race is not None
    count = race.count
    assert [len(lane.losses) for lane in race.lanes] == [count] * 3
    form.start.click()
    qtbot.waitUntil(lambda: race.count > count)
    form.stop.click()
    finished(qtbot, window)
    assert window.outcome is not None
    assert [row.iterations for row in window.outcome.rows] == [race.count] * 3
    for curve, lane in zip(form.curves.curves, race.lanes, strict=True):
        np.testing.assert_array_equal(curve.losses, smoothed(lane.losses, 8))
    assert all(0 <= row.accuracy <= 1 for row in window.outcome.rows)
    assert "%" in form.map.caption()[0]
    window.grab()


def test_the_map_can_be_cancelled(window: RaceWindow, qtbot: QtBot) -> None:
    choose(window, "valley", "momentum", 5)
    form, runner = window.form, window.runner
    waiting = form.map.empty_text()
    runner.state_changed.connect(lambda: runner.stop() if runner.state is RaceState.JUDGING else None)
    form.start.click()
    finished(qtbot, window)
    assert window.outcome is not None
    assert len(window.outcome.rows) == 3
    assert window.outcome.map is None
    assert form.map.empty_text() != waiting
    window.grab()


def test_closing_while_it_runs_and_both_languages(g: Gradviz, window: RaceWindow, qtbot: QtBot) -> None:
    title = window.windowTitle()
    set_language("zh_CN")
    assert window.windowTitle() != title
    set_language("en")
    g.window.commands["theme-dark"].trigger()
    choose(window, "line", "all", 20_000)
    assert len(window.form.choice.contenders()) == 7
    for _, box, _ in window.form.choice.rows:
        box.setChecked(False)
    assert not window.form.start.isEnabled()
    window.form.choice.rows[0][1].setChecked(True)
    window.form.start.click()
    qtbot.waitUntil(lambda: window.runner.race is not None and window.runner.race.count > 2)
    window.grab()
