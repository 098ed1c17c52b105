"""The lesson panel: the list, the dots, the way back, names, sizes and looks."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from gradviz.app.lessons.model import Lesson
from gradviz.app.recording import Iteration, Recording, metrics_of
from gradviz.app.settings import Settings
from tests.gradviz.app.lessons.folders import write_lesson
from tests.programs import chain
from tests.ui.panels.lesson.bench import Bench


def test_the_list_says_what_each_lesson_is_about(bench: Bench) -> None:
    card = bench.panel.catalogue.cards[0]
    assert (card.title.text(), card.aim.text()) == ("3 · A test", "Only a test.")
    assert card.facts.text() == "7 minutes · 4 steps"
    assert card.begin.text() == "Start"
    assert card.begin.accessibleName() == "Start: A test"
    assert not card.bar.isVisible()


def test_the_dots_lead_to_steps(bench: Bench, qtbot: QtBot) -> None:
    player, dots = bench.open(qtbot), bench.panel.page.header.dots
    assert dots.accessibleName() == "Step 1 of 4: Start"
    qtbot.mouseClick(dots, Qt.MouseButton.LeftButton, pos=dots._rect(2).center().toPoint())
    assert player.index == 2
    qtbot.keyClick(dots, Qt.Key.Key_Left)
    assert player.index == 1
    qtbot.keyClick(dots, Qt.Key.Key_End)
    qtbot.keyClick(dots, Qt.Key.Key_Right)
    assert player.index == 3
    dots.resize(44, dots.height())
    assert dots._rect(3).right() <= 44
    dots.grab()


def test_wandering_offers_the_way_back(bench: Bench, qtbot: QtBot) -> None:
    player, page = bench.open(qtbot), bench.panel.page
    page.go_on()
    assert not page.astray.isVisible()
    bench.session.timeline.end()
    assert page.astray.isVisible()
    page.astray.back.click()
    assert not page.astray.isVisible()
    program = chain(3)
    bench.session.load(Recording("other", (Iteration(1, program, metrics_of(program, 1)),)))
    assert page.astray.isVisible()
    page.astray.back.click()
    assert player.present
    assert not page.astray.isVisible()


def test_leaving_and_coming_back_keeps_answers_and_runs_nothing_again(bench: Bench, qtbot: QtBot) -> None:
    player, panel = bench.open(qtbot), bench.panel
    panel.page.go_on()
    player.answer(player.expected)
    panel.page.header.home.click()
    assert panel.catalogue.isVisible()
    assert panel.player is None
    card = panel.catalogue.cards[0]
    assert card.begin.text() == "Continue"
    assert "step 2 reached" in card.facts.text()
    card.begin.click()
    assert panel.player is player
    assert player.given.revealed
    assert len(bench.runs) == 1


def test_a_lesson_goes_on_where_it_was_left_the_last_time(lesson: Lesson, qtbot: QtBot) -> None:
    settings = Settings(lesson_progress={"sums": {"step": 2, "furthest": 2, "steps": 4}})
    bench = Bench([lesson])
    bench.session.settings.lesson_progress.update(settings.lesson_progress)
    qtbot.addWidget(bench.panel, before_close_func=lambda panel: panel.shut_down())
    assert bench.open(qtbot).index == 2


def test_the_code_can_be_taken_away(bench: Bench, qtbot: QtBot, qapp: QApplication) -> None:
    bench.open(qtbot).go(3)
    bench.panel.page.closing.copy.click()
    clipboard = qapp.clipboard()
    assert clipboard is not None
    assert clipboard.text() == "import gradviz as torch\n"


def test_text_grows_with_the_window_and_the_zoom(bench: Bench, qtbot: QtBot) -> None:
    bench.open(qtbot).go(1)
    page = bench.panel.page
    page.card.give_up.click()
    before = page.card.words.height()
    page.body.set_zoom(2.0)
    assert page.card.words.zoom() == page.card.verdict.text.zoom() == 2.0
    assert page.card.words.height() > before
    for text in (page.body, page.card.words, page.card.verdict.text):
        bar = text.verticalScrollBar()
        assert bar is not None
        assert bar.maximum() == 0, "nothing is cut off"


def test_every_control_has_a_name_and_a_tip(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    panel = bench.panel

    def look() -> None:
        controls = [*panel.findChildren(QAbstractButton), *panel.findChildren(QLineEdit)]
        shown = [control for control in controls if control.isVisible()]
        assert shown
        for control in shown:
            named = control.accessibleName() or (isinstance(control, QAbstractButton) and control.text())
            assert named, control
            assert control.toolTip(), named
        for text in panel.findChildren(QTextBrowser):
            assert text.accessibleName() or not text.isVisible()

    look()
    panel.open_folder(write_lesson(tmp_path / "elsewhere"))
    look()
    panel.waiting.yes.click()
    look()
    bench.runs[-1].failed.emit("no", "details")
    look()
    panel.show_list()
    player = bench.open(qtbot)
    for index in range(4):
        player.go(index)
        look()
        panel.page.card.give_up.click()
        look()
    bench.session.timeline.start()
    look()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_painted_in_both_themes(bench: Bench, qtbot: QtBot, theme: str) -> None:
    bench.open(qtbot).go(1)
    bench.themes.set_choice(theme)
    bench.panel.page.card.give_up.click()
    picture = bench.panel.grab().toImage()
    colours = {picture.pixelColor(x, y).name() for x in range(0, 380, 7) for y in range(0, 700, 11)}
    assert len(colours) > 3


@pytest.mark.parametrize("width", [300, 420])
def test_nothing_is_wider_than_the_panel(bench: Bench, qtbot: QtBot, width: int) -> None:
    player, page = bench.open(qtbot), bench.panel.page
    bench.panel.resize(width, 600)
    player.go(2)
    assert bench.panel.width() == width
    bar = page.area.horizontalScrollBar()
    assert bar is not None
    assert bar.maximum() == 0
    for label in page.findChildren(QLabel):
        if label.isVisible():
            right = label.mapTo(bench.panel, label.rect().topRight()).x()
            assert right <= width


def test_focus_stays_where_the_learner_is(bench: Bench, qtbot: QtBot) -> None:
    """A step that moves because of something outside of the panel takes no focus from there."""
    player = bench.open(qtbot)
    outside = QWidget()
    qtbot.addWidget(outside)
    outside.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    outside.show()
    with qtbot.waitActive(outside):
        outside.activateWindow()
    outside.setFocus()
    player.next()
    assert outside.hasFocus()
