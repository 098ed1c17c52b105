"""Going to an iteration by a field over the graph, and training on from there in a second branch."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.jit import jit_disabled
from gradviz.ui.panels.training.past import PastCard
from gradviz.ui.past import GoToIteration
from gradviz.ui.theme import ThemeManager
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gradviz.app.iteration_query import Mark
from tests.ui.test_lab import Bench

KEY = Qt.Key
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    made.session.settings.model, made.session.settings.data = "mlp", "moons"
    made.lab.start_over()
    made.wait()
    made.lab.train(25)
    made.wait()
    yield made
    made.lab.shut_down()


def shown(bench: Bench) -> int:
    assert bench.lab.branches.shown is not None
    return bench.lab.branches.shown.number


def test_the_field_takes_many_words_and_waits_for_nothing(bench: Bench, qtbot: QtBot) -> None:
    over = QWidget()
    qtbot.addWidget(over)
    over.resize(900, 300)
    over.show()
    marks = [Mark("Dead units", 6)]
    field = GoToIteration(bench.lab, over, ThemeManager("light"), lambda: marks)  # type: ignore[arg-type]
    for text, number in (("4", 4), ("+3", 7), ("last", 26), ("50%", 14), ("epoch 2", 21), ("dead units", 6)):
        field.ask()
        assert field.isVisible()
        assert field.field.text() == str(shown(bench)), "it begins with what is shown"
        assert field.range.text() == "1 to 26"
        qtbot.keyClicks(field.field, text)
        assert ("= " in field.problem.text()) == (text != "4")
        qtbot.keyClick(field.field, KEY.Key_Return)
        assert not field.isVisible()
        bench.wait()
        assert shown(bench) == number
    field.ask()
    qtbot.keyClicks(field.field, "99")
    assert "Only 1 to 26" in field.problem.text()
    qtbot.keyClick(field.field, KEY.Key_Return)
    assert field.isVisible(), "what makes no sense stays to be mended"
    qtbot.keyClick(field.field, KEY.Key_Down)
    popup = field.completer.popup()
    assert popup is not None
    model = popup.model()
    assert model is not None
    offered = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert offered == ["epoch 1", "epoch 2", "Dead units"]
    popup.hide()
    qtbot.keyClick(field.field, KEY.Key_Escape)
    assert not field.isVisible()
    assert shown(bench) == 6
    assert not bench.lab.busy


def test_a_branch_from_a_past_iteration(bench: Bench, qtbot: QtBot) -> None:
    lab, first = bench.lab, bench.lab.experiment
    assert first is not None
    card = PastCard(lab)
    qtbot.addWidget(card)
    card.retranslate()
    card.show()
    assert not card.fork.isVisible(), "the last iteration is shown: training goes on from there anyway"
    last = {name: value.tobytes() for name, value in first.trainer.values().items()}
    assert bench.session.timeline is not None
    bench.session.timeline.go(0)
    card.follow()
    assert "Iteration 1 of 26" in card.where.text(), "the cursor went back into the first one"
    lab.go_to(9)
    bench.wait()
    card.refresh()
    assert "Iteration 9 of 26" in card.where.text()
    lab.choose_learning_rate(0.25)
    card.optimizer.setCurrentIndex(card.optimizer.findData("adam"))
    qtbot.mouseClick(card.fork, LEFT)
    bench.wait()
    second = lab.experiment
    assert second is not None
    assert second is not first
    assert (shown(bench), second.trainer.count) == (9, 9)
    assert (bench.session.settings.optimizer, lab.learning_rate) == ("adam", 0.25)
    one, two = first.at(9).program, second.at(9).program
    begin = one.bound("layers.0.weight", 0)
    assert begin is not None
    assert one.values[begin].tobytes() == two.values[two.bound("layers.0.weight", 0) or 0].tobytes()
    assert "26" in bench.messages.messages[-1].text
    lab.train(5)
    bench.wait()
    assert [row.iteration for row in bench.session.metrics] == list(range(1, 15))
    assert [row.lr for row in second.log.rows] == [0.01] * 8 + [0.25] * 6
    card.refresh()
    assert "26" in card.back.text()
    qtbot.mouseClick(card.back, LEFT)
    assert lab.experiment is first
    assert (bench.session.settings.optimizer, lab.learning_rate) == ("sgd", 0.01)
    assert {name: value.tobytes() for name, value in first.trainer.values().items()} == last
    assert [row.iteration for row in bench.session.metrics] == list(range(1, 27))
    lab.train(2)
    bench.wait()
    assert first.trainer.count == 28
    assert "14" in card.back.text()
    lab.go_to(20)
    bench.wait()
    lab.branches.fork()
    bench.wait()
    assert "The branch up to iteration 14 that was not shown is let go." in bench.messages.messages[-1].text
    assert lab.branches.other is not None
    assert lab.branches.other.experiment is first
    lab.start_over()
    bench.wait()
    assert lab.branches.other is None


def test_a_branch_with_weights_that_were_changed(bench: Bench) -> None:
    bench.lab.go_to(5)
    bench.wait()
    iteration = bench.session.iteration
    assert iteration is not None
    slot = iteration.program.bound("layers.0.bias", 0)
    assert slot is not None
    values = list(iteration.program.values)
    values[slot] = np.full_like(values[slot], 0.5)
    bench.session.replace_program(0, replace(iteration.program, values=tuple(values)))
    bench.lab.branches.fork()
    bench.wait()
    again = bench.session.program
    assert again is not None
    np.testing.assert_array_equal(again.values[again.bound("layers.0.bias", 0) or 0], values[slot])


def test_the_memory_is_shown(bench: Bench, qtbot: QtBot) -> None:
    card = PastCard(bench.lab)
    qtbot.addWidget(card)
    assert card.memory.text().startswith("Iterations 1 to 26 can be opened")
    history = bench.lab.experiment.history  # type: ignore[union-attr]
    assert f"{history.used / 1e6:.0f} of 500 MB" in card.memory.text()
    if not jit_disabled():
        assert 0 < history.used <= history.nbytes
