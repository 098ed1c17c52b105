"""The training panel starts, pauses and stops, and shows the numbers of the log."""

from pathlib import Path

import pytest
from gradviz.ui.panels.training.panel import TrainingPanel
from gradviz.ui.theme import ThemeManager
from PyQt6.QtCore import Qt
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
