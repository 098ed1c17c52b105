"""What a lesson's steps ask of the window: tools open, panels show, and an experiment done by hand counts."""

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gradviz.app.lessons.command import new
from gradviz.app.recording import parameter_slots
from tests.ui.window import running

STEPS = """
[[steps]]
id = "plot"
at = "end"
select = "price"
show = "plots:loss"

[[steps]]
id = "nudge"
at = "end"
select = "price"
tool = "nudge"
do = "nudge"

[[steps]]
id = "update"
at = "end"
select = "price"
tool = "update"
do = "update"

[[steps]]
id = "free"
at = "end"
do = "free"
"""
WORDS = (
    "# T\n\n## A {#plot}\na\n\n## B {#nudge}\nb\n\n### >\nNudge it.\n\n"
    "## U {#update}\nu\n\n### >\nClick.\n\n## C {#free}\nc\n\n### >\nThink.\n"
)


def test_steps_open_tools_and_experiments_count_once_they_are_done_by_hand(
    qtbot: QtBot, tmp_path: Path
) -> None:
    assert new("tools", tmp_path) == 0
    folder = tmp_path / "tools"
    (folder / "lesson.toml").write_text(STEPS, encoding="utf-8")
    (folder / "lesson.en.md").write_text(WORDS, encoding="utf-8")
    (folder / "lesson.zh_CN.md").unlink()
    with running(qtbot, tmp_path / "settings", load=0) as made:
        window = made.window
        window.opener.open(folder)
        with qtbot.waitSignal(window.lesson.lesson_opened, timeout=60_000):
            window.lesson.waiting.yes.click()
        page, player = window.lesson.page, window.lesson.player
        assert player is not None
        assert window.plots.tab == "loss"
        assert window.docks.plots.isVisible()
        assert not page.task.isVisible()
        nudge = window.inspector.experiments.nudge
        with qtbot.waitSignal(nudge.nudged, check_params_cb=lambda found: found is not None):
            page.go_on()
        assert nudge.isVisible()
        assert page.task.words.markdown() == "Nudge it."
        assert not player.given.done, "the step itself has opened it"
        with qtbot.waitSignal(nudge.nudged, check_params_cb=lambda found: found is not None):
            nudge.set_epsilon(0.5)
        assert player.given.done
        assert page.task.caption.text() == "Tried out"
        page.go_on()
        assert not player.given.done, "the step has shown the ledger, nobody has touched it"
        assert page.task.open.isVisible(), "a way back to the ledger"
        window.inspector.update_ledger.element_chosen.emit(0, ())
        assert player.given.done, "the first click counts: showing the ledger was no use of it"
        page.go_on()
        assert not page.task.open.isVisible()
        page.task.done.click()
        assert player.given.done
        page.go_back()
        assert player.given.done, "it stays done"


def test_the_loss_surface_of_a_recording_is_its_own_loss(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as made:
        window = made.window
        with qtbot.waitSignal(window.lesson.lesson_opened, timeout=60_000):
            window.lesson.start_by_id("16-learning-rate")
        player = window.lesson.player
        assert player is not None
        player.go([step.id for step in player.lesson.steps].index("surface"))
        plots = window.plots
        assert plots.tab == "surface"
        assert not player.given.done
        plots.header.item.setCurrentIndex(plots.header.item.findData("gradient"))
        plots.header.item.activated.emit(plots.header.item.currentIndex())
        with qtbot.waitSignal(plots.maps.computed, timeout=60_000):
            plots.header.compute.click()
        assert player.given.done
        found = plots.maps.surface
        assert found is not None
        assert (found.iteration, found.kind) == (11, "step")
        middle = len(found.surface.alphas) // 2
        programs = [iteration.program for iteration in player.recording.iterations]
        losses = [float(program.values[program.loss]) for program in programs if program.loss is not None]
        assert found.surface.losses[middle, middle] == losses[10]
        weights = [
            {name: program.values[slots[0]] for name, slots in parameter_slots(program).items()}
            for program in programs
        ]
        surface = found.surface
        assert [number for number, _ in found.path] == [9, 10, 10, 11, 11, 12, 12]
        first = surface.project(weights[11])  # where the step of 0.8 led
        assert first[0] < 0
        assert abs(first[1]) < 1e-9 * abs(first[0])
        nearest = int(np.abs(surface.alphas - first[0]).argmin())
        assert surface.losses[middle, nearest] > losses[10], "on the other side, and higher"
        assert surface.losses[middle].min() < losses[10], "there is a valley between"


LAB = """
[[steps]]
id = "train"
at = "end"
do = "train"

[[steps]]
id = "record"
at = "end"
do = "record"
"""


def test_training_counts_when_it_has_trained(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert new("lab", tmp_path) == 0
    folder = tmp_path / "lab"
    (folder / "lesson.toml").write_text(LAB, encoding="utf-8")
    words = "# T\n\n## A {#train}\na\n\n### >\nTrain.\n\n## B {#record}\nb\n\n### >\nRecord.\n"
    (folder / "lesson.en.md").write_text(words, encoding="utf-8")
    (folder / "lesson.zh_CN.md").unlink()
    with running(qtbot, tmp_path / "settings", load=0) as made:
        window, lab = made.window, made.window.lab
        window.opener.open(folder)
        with qtbot.waitSignal(window.lesson.lesson_opened, timeout=60_000):
            window.lesson.waiting.yes.click()
        player = window.lesson.player
        assert player is not None
        used: list[str] = []
        made.lesson_tools.used.connect(used.append)
        with monkeypatch.context() as broken, qtbot.waitSignal(lab.failed):
            broken.setattr(lab, "_make", _no_model)
            window.commands["record"].trigger()
        assert used == []
        with qtbot.waitSignal(lab.shown, timeout=60_000):
            window.commands["record"].trigger()
            assert used == [], "it has only begun"
        assert used == ["record"]
        with qtbot.waitSignal(lab.shown, timeout=60_000):
            window.commands["train"].trigger()
            assert used == ["record"]
        qtbot.waitUntil(lambda: used == ["record", "train"])


def _no_model(spec: object) -> object:
    raise ValueError("no such model")
