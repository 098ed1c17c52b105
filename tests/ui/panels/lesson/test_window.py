"""Lessons in the real window: the other panels follow, and folders can be dropped."""

from dataclasses import replace
from pathlib import Path

from gradviz.ui.panels.plots.catalogue import PLOTS
from pytestqt.qtbot import QtBot

from gradviz.app.lessons.library import load_lessons
from tests.gradviz.app.lessons.folders import write_lesson
from tests.ui.window import running


def test_the_window_follows_a_lesson(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as made:
        window, session = made.window, made.session
        with qtbot.waitSignal(window.lesson.lesson_opened, timeout=60_000):
            made.commands.open_lesson("lenet")
        assert window.lesson.isVisible()
        assert session.recording is not None
        assert window.windowTitle().startswith("LeNet-5: from pixels to loss and back")
        player = window.lesson.player
        assert player is not None
        player.go(next(i for i, step in enumerate(player.lesson.steps) if step.id == "kernel"))
        assert session.current_node is not None
        assert "conv1" in session.open_modules
        assert session.selection.element == (4, 0, 2, 2)
        qtbot.waitUntil(lambda: session.current_node in window.graph.canvas.scene.model.by_id, timeout=20_000)
        window.lesson.page.card.give_up.click()
        assert session.timeline is not None
        assert session.timeline.moment == player.anchors.moment("backward:conv1")


def test_a_dropped_lesson_is_shown_and_asks_before_its_code_runs(qtbot: QtBot, tmp_path: Path) -> None:
    folder = write_lesson(tmp_path / "dropped", setup="raise SystemExit('must not run')\n")
    with running(qtbot, tmp_path / "settings", load=0) as made:
        window = made.window
        window.opener.open(folder)
        assert window.lesson.waiting.isVisible()
        assert window.lesson.waiting.state == "asking"
        window.lesson.waiting.no.click()
        assert len(window.lesson.catalogue.cards) == len(load_lessons()[0]) + 1


def test_the_shortcut_puts_the_keyboard_into_the_lessons(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as made:
        window = made.window
        made.commands.show_lessons()
        assert window.lesson.catalogue.cards[0].begin.hasFocus()


def test_every_plot_that_a_lesson_shows_is_there() -> None:
    for lesson in load_lessons()[0]:
        for step in lesson.steps:
            panel, _, tab = step.show.partition(":")
            assert panel != "plots" or not tab or tab in PLOTS, (lesson.id, step.id)


def test_the_plots_make_room_in_a_low_window_and_come_back(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as made:
        window, plots = made.window, made.window.docks.plots
        assert plots.isVisible()
        with qtbot.waitSignal(window.lesson.lesson_opened, timeout=60_000):
            made.commands.open_lesson("03-one-neuron")
        assert not plots.isVisible()
        player = window.lesson.player
        assert player is not None
        step = replace(player.step, show="plots:loss")
        window.lesson.step_shown.emit(step)
        assert plots.isVisible()
        window.lesson.step_shown.emit(player.step)
        assert not plots.isVisible()
        window.lesson.page.left.emit()
        assert plots.isVisible()


def test_what_a_lesson_has_hidden_is_there_at_the_next_start(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as made:
        with qtbot.waitSignal(made.window.lesson.lesson_opened, timeout=60_000):
            made.commands.open_lesson("03-one-neuron")
        assert not made.window.docks.plots.isVisible()
    with running(qtbot, tmp_path, load=0) as made:
        assert made.window.docks.plots.isVisible()
