"""The gallery trains in the window, its fault is found, and a click leads to the iteration and the node."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.ui.app import Gradviz
from gradviz.ui.diagnosing import Diagnosing
from gradviz.ui.gallery import GalleryWindow
from gradviz.ui.panels.diagnosis.note import Note
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gradviz.app.diagnosis.gradients import carried_gradients
from gradviz.app.diagnosis.model import Finding
from gradviz.app.diagnosis.rules import RULES
from gradviz.app.gallery.items import ITEMS
from gradviz.app.gallery.run import GalleryRun
from gradviz.app.i18n import set_language
from gradviz.app.recording import norm
from tests.ui.window import running


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path) -> Iterator[Gradviz]:
    with running(qtbot, tmp_path, load=0) as made:
        made.session.settings.model, made.session.settings.data = "mlp", "moons"
        yield made


def diagnosing(g: Gradviz) -> Diagnosing:
    return g.commands.diagnosing


def gallery(g: Gradviz) -> GalleryWindow:
    g.window.commands["gallery"].trigger()
    window = diagnosing(g).gallery
    assert window is not None
    return window


def calm(qtbot: QtBot, g: Gradviz) -> None:
    """Wait until all is trained and looked at."""
    watching = diagnosing(g).watching

    def still() -> bool:
        experiment = g.window.lab.experiment
        busy = g.window.lab.busy or watching.looking
        return not busy and experiment is not None and len(experiment.log.rows) > 1

    qtbot.waitUntil(still)
    watching.look()
    qtbot.waitUntil(still)


def train(qtbot: QtBot, g: Gradviz, rule: str, repaired: bool = False) -> dict[str, Note]:
    """Train a run of the gallery as its user does; the notes by their rules."""
    window = gallery(g)
    window.select(rule)
    window.repaired.setChecked(repaired)
    qtbot.mouseClick(window.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: isinstance(g.window.lab.experiment, GalleryRun))
    calm(qtbot, g)
    return {note.finding.rule: note for note in g.window.diagnosis.notes}


def go(qtbot: QtBot, g: Gradviz, note: Note) -> tuple[Finding, np.ndarray]:
    """Click on a note; its finding and the value that is selected then."""
    finding = note.finding
    qtbot.mouseClick(note.go, Qt.MouseButton.LeftButton)
    session = g.session

    def arrived() -> bool:
        iteration = session.iteration
        return not g.window.lab.busy and iteration is not None and iteration.number == finding.iteration

    qtbot.waitUntil(arrived)
    program, slot = session.program, session.selection.slot
    assert program is not None
    assert slot is not None
    assert session.timeline is not None
    assert session.timeline.locate()[1] == program.producers[slot] + 1  # it has just been computed
    return finding, program.values[slot]


def test_dead_units_are_found_and_shown(g: Gradviz, qtbot: QtBot) -> None:
    notes = train(qtbot, g, "dead_relu")
    assert set(notes) == {"dead_relu"}
    note = notes["dead_relu"]
    assert note.title.text() == "Dead ReLUs"
    assert g.window.docks.tabs.tabText(2) == "Diagnosis (1)"
    assert g.window.docks.tabs.currentWidget() is g.window.diagnosis
    finding, values = go(qtbot, g, note)
    assert finding.place == "layers.1"
    dead = np.mean(~values.any(axis=0))  # of the units of this batch
    assert finding.evidence["share"] == pytest.approx(dead)
    session = g.session
    assert session.graph is not None
    assert session.selection.node_id is not None
    node = session.graph.by_id[session.selection.node_id]
    assert node.module == "layers.1"
    assert session.current_node == node.id
    canvas, placing = g.window.graph.canvas, g.window.graph.placing
    qtbot.waitUntil(lambda: placing.pending is None and canvas.scene.model is session.graph)
    assert "layers.1" in [n.module for n in canvas.scene.model.nodes]


def test_forgotten_zero_grad_is_found_repaired_and_compared(g: Gradviz, qtbot: QtBot) -> None:
    note = train(qtbot, g, "zero_grad")["zero_grad"]
    finding, gradient = go(qtbot, g, note)
    program, slot = g.session.program, g.session.selection.slot
    assert program is not None
    old, new = carried_gradients(program)[finding.place]
    np.testing.assert_array_equal(gradient, program.values[old] + program.values[new])
    assert program.instrs[program.producers[slot or 0]].op == "accumulate_grad"
    assert finding.evidence["old"] == pytest.approx(norm(program.values[old]))
    assert finding.evidence["new"] == pytest.approx(norm(program.values[new]))
    warnings = [m for m in g.window.messages.messages if m.level == "warning"]
    assert [m.text for m in warnings] == ["Forgotten zero_grad, from iteration 2 on"]

    assert train(qtbot, g, "zero_grad", repaired=True) == {}
    assert g.window.messages.messages == []  # it was about the run before
    assert g.window.docks.tabs.tabText(2) == "Diagnosis"
    lines = gallery(g).compared.text().split("\n")
    assert lines[0].startswith("Broken: loss ")
    assert "Found: Forgotten zero_grad" in lines[0]
    assert lines[1].startswith("Repaired: loss ")
    assert lines[1].endswith("Found: nothing")


def test_a_run_that_goes_to_infinity_is_paused_and_found(g: Gradviz, qtbot: QtBot) -> None:
    notes = train(qtbot, g, "diverged")
    finding = notes["diverged"].finding
    log = g.window.lab.log
    assert log is not None
    losses = log.column("loss")
    assert len(losses) < ITEMS["diverged"].iterations
    assert finding.iteration == 1 + int(np.argmax(~np.isfinite(losses)))
    assert finding.evidence["before"] == losses[finding.iteration - 2]
    _, loss = go(qtbot, g, notes["diverged"])
    assert not np.isfinite(loss).any()


def test_the_users_own_choices_stay_as_they_are(g: Gradviz, qtbot: QtBot) -> None:
    settings, lab = g.session.settings, g.window.lab
    settings.learning_rate, settings.sample = 0.02, 7
    train(qtbot, g, "rate_low")
    assert (settings.learning_rate, settings.sample) == (0.02, 7)
    assert lab.learning_rate == ITEMS["rate_low"].rate
    assert g.window.toolbar.learning_rate.value == ITEMS["rate_low"].rate
    lab.choose_learning_rate(0.5)
    assert (lab.learning_rate, settings.learning_rate) == (0.5, 0.02)
    lab.start_over()
    qtbot.waitUntil(lambda: not lab.busy)
    assert not isinstance(lab.experiment, GalleryRun)
    assert (lab.learning_rate, lab.sample) == (0.02, 7)
    assert g.window.diagnosis.notes == []  # they were about another run


def test_notes_open_and_speak_both_languages(g: Gradviz, qtbot: QtBot) -> None:
    panel = g.window.diagnosis
    findings = [
        RULES[rule].found(12, "fc.weight", first=1e-6, last=0.1, ratio=1e-5, norm=200.0, own=1.0)
        for rule in ("vanishing", "exploding")
    ]
    assert "Nothing found" in panel.summary.text()
    panel.show_findings(findings)
    first, second = panel.notes
    assert first.numbers.text() == "1e−6 / 0.1 = 1e−5 < 0.001"
    assert not first.expanded
    first.more.setFocus()
    qtbot.keyClick(first.more, Qt.Key.Key_Space)
    assert first.expanded
    assert RULES["vanishing"].advice().split(",")[0] in first.details.text()
    assert "Glorot" in first.details.text()
    assert first.reason.isHidden()
    scale = RULES["loss_scale"].found(1, "", loss=70.0, baseline=2.3, ratio=30.0, batch=32.0)
    panel.show_findings([scale, *findings])
    assert second.reason.text() == "Perhaps because of: Loss on the wrong scale"
    assert first.reason.isHidden()
    panel.show_findings(findings[:1])
    assert panel.notes == [first]
    assert first.expanded  # it is the same one
    set_language("zh_CN")
    assert first.title.text() == "梯度消失"
    assert "12" in first.go.text()
    with qtbot.waitSignal(panel.wanted) as wanted:
        qtbot.keyClick(first.go, Qt.Key.Key_Return)
    assert wanted.args == [findings[0]]
    with qtbot.waitSignal(panel.wanted):
        qtbot.mouseClick(first.title, Qt.MouseButton.LeftButton)
    assert second is not first
