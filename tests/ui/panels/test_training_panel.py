"""The training panel starts, pauses and stops, and shows the numbers of the log."""

import re
from pathlib import Path

import pytest
from gradviz.ui.panels.training.panel import TrainingPanel
from gradviz.ui.theme import ThemeManager
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from gradviz.app.i18n import set_language
from tests.ui.test_lab import Bench

LEFT = Qt.MouseButton.LeftButton


@pytest.mark.parametrize("data", ["moons", "sine"])
def test_it_trains_and_shows_the_log(qtbot: QtBot, tmp_path: Path, data: str) -> None:
    bench = Bench(qtbot, tmp_path)
    bench.session.settings.model, bench.session.settings.data = "mlp", data
    bench.lab.start_over()
    bench.wait()
    panel = TrainingPanel(bench.lab, ThemeManager("dark"))
    qtbot.addWidget(panel)
    panel.show()
    panel.count.setValue(2)
    qtbot.mouseClick(panel.start, LEFT)
    assert panel.start.text() == "Pause"
    assert not panel.epoch.isEnabled()
    bench.wait()
    log = bench.lab.log
    assert log is not None
    assert len(log.epochs) == 2
    assert f"{log.epochs[-1].test_loss:.4f}" in panel.judged.text()
    assert f"{log.rows[-1].loss:.4f}" in panel.numbers.text()
    if data == "sine":
        assert "Accuracy" not in panel.judged.text()
        assert not panel.confusion.isVisible()
    else:
        shown = [[panel.confusion.item(i, j).text().replace("·", "0") for j in range(2)] for i in range(2)]
        assert [[int(x) for x in row] for row in shown] == [list(row) for row in log.epochs[-1].confusion]
    qtbot.mouseClick(panel.epoch, LEFT)
    bench.wait()
    assert len(log.epochs) == 3
    qtbot.mouseClick(panel.endless, LEFT)
    bench.qtbot.waitUntil(lambda: len(log.epochs) > 4, timeout=60_000)
    qtbot.mouseClick(panel.start, LEFT)
    bench.wait()
    assert panel.start.text() == "Go on"
    qtbot.mouseClick(panel.stop, LEFT)
    assert panel.start.text() == "Train"
    set_language("zh_CN")
    try:
        assert panel.start.text() == "训练"
    finally:
        set_language("en")
    bench.lab.shut_down()


def trained(qtbot: QtBot, tmp_path: Path, model: str, data: str, epochs: int) -> tuple[Bench, TrainingPanel]:
    bench = Bench(qtbot, tmp_path)
    bench.session.settings.model, bench.session.settings.data = model, data
    bench.lab.start_over()
    bench.wait()
    panel = TrainingPanel(bench.lab, ThemeManager("light"))
    qtbot.addWidget(panel)
    panel.show()
    bench.lab.training.run(epochs=epochs)
    bench.wait()
    return bench, panel


def test_behind_a_cell_are_its_samples_and_each_can_be_recorded(qtbot: QtBot, tmp_path: Path) -> None:
    bench, panel = trained(qtbot, tmp_path, "mlp", "digits", 1)
    experiment = bench.lab.experiment
    assert experiment is not None
    counts = experiment.log.epochs[-1].confusion
    wrong = sum(count for i, row in enumerate(counts) for j, count in enumerate(row) if i != j)
    assert panel.mistakes.title.text().startswith(f"{wrong} test sample")
    true, said = max(
        ((i, j) for i in range(10) for j in range(10) if i != j), key=lambda cell: counts[cell[0]][cell[1]]
    )
    panel.confusion.setCurrentCell(true, said)
    panel.confusion.setFocus()
    qtbot.keyClick(panel.confusion, Qt.Key.Key_Return)
    places = [
        panel.mistakes.list.item(row).data(Qt.ItemDataRole.UserRole)
        for row in range(panel.mistakes.list.count())
    ]
    assert len(places) == counts[true][said] > 0
    assert set(places) <= set(experiment.trainer.parts.places[1].tolist())
    assert {int(experiment.data.targets[place]) for place in places} == {true}
    assert not panel.mistakes.list.item(0).icon().isNull()
    qtbot.mouseClick(panel.copy, LEFT)
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    head, *rows = [line.split("\t") for line in clipboard.text().splitlines()]
    assert head[1:] == [row[0] for row in rows] == [str(n) for n in range(10)]
    assert [[int(count) for count in row[1:]] for row in rows] == [list(row) for row in counts]
    panel.confusion.cellClicked.emit(true, 10)  # the last column: all mistakes of the class
    assert panel.mistakes.list.count() == min(sum(counts[true]) - counts[true][true], 60)
    item = panel.mistakes.list.item(0)
    bench.qtbot.mouseClick(
        panel.mistakes.list.viewport(), LEFT, pos=panel.mistakes.list.visualItemRect(item).center()
    )
    bench.wait()
    place = item.data(Qt.ItemDataRole.UserRole)
    assert bench.session.settings.sample == place
    program = bench.session.recording.iterations[-1].program  # type: ignore[union-attr]
    x, target = (program.values[program.bound(name, 0)] for name in ("x", "target"))  # type: ignore[index]
    assert (x.ravel() == experiment.data.inputs[place].ravel()).all()
    assert target.tolist() == [true]
    bench.lab.shut_down()


def test_points_are_listed_by_their_numbers(qtbot: QtBot, tmp_path: Path) -> None:
    bench, panel = trained(qtbot, tmp_path, "mlp", "xor", 1)
    assert panel.mistakes.list.count() > 0
    item = panel.mistakes.list.item(0)
    assert item.icon().isNull()
    assert item.toolTip().count(",") >= 2
    bench.lab.shut_down()


def test_at_the_end_one_is_told_how_long_it_took(qtbot: QtBot, tmp_path: Path) -> None:
    bench, panel = trained(qtbot, tmp_path, "mlp", "moons", 2)
    count = len(bench.lab.log.rows) - 1  # type: ignore[union-attr]
    assert re.search(rf"{count} iterations in [0-9.]+ s, [1-9][0-9]* per second", panel.numbers.text())
    bench.lab.shut_down()


def test_the_recipe_is_offered_until_it_is_chosen(qtbot: QtBot, tmp_path: Path) -> None:
    bench, panel = trained(qtbot, tmp_path, "lenet", "digits", 1)
    assert panel.recipe.isVisible()
    qtbot.mouseClick(panel.recipe, LEFT)
    bench.wait()
    spec = bench.lab.experiment.spec  # type: ignore[union-attr]
    assert (spec.optimizer, spec.learning_rate) == ("adam", 0.002)
    assert not panel.recipe.isVisible()
    assert (panel.count.value(), panel.unit.currentIndex()) == (20, 0)
    bench.lab.shut_down()
