"""What a screen reader hears of each step of a lesson: every control has a name, every formula has words."""

import re

import pytest
from gradviz.ui.math.browser import MathTextBrowser
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from gradviz.app.i18n import set_language
from gradviz.app.lessons.inspection import run_setup
from gradviz.app.lessons.library import lesson_folders
from gradviz.app.lessons.model import LANGUAGES
from gradviz.app.lessons.reader import read_lesson

from .bench import Bench

FOLDERS = {folder.name: folder for folder in lesson_folders()}
FEW = ("16-learning-rate", "18-dead-relus")  # choices, numbers, formulas, an experiment
LESSONS = [pytest.param(name, marks=() if name in FEW else pytest.mark.slow) for name in FOLDERS]
SOURCE = re.compile(r"[\\$]|\{\{")


def heard(widget: QWidget) -> tuple[str, str]:
    """Name and description; without a name of its own, a control is called as it is labelled."""
    label = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
    return widget.accessibleName() or label, widget.accessibleDescription()


@pytest.mark.parametrize("name", LESSONS)
def test_each_step_can_be_heard(qtbot: QtBot, name: str) -> None:
    lesson = read_lesson(FOLDERS[name])
    bench = Bench([lesson])
    qtbot.addWidget(bench.panel)
    bench.panel.show()
    bench.panel.catalogue.cards[0].begin.click()
    if bench.panel.waiting.isVisible() and bench.panel.waiting.yes.isVisible():
        bench.panel.waiting.yes.click()
    bench.runs[-1].finished.emit(run_setup(lesson))
    qtbot.waitUntil(lambda: bench.panel.player is not None)
    player = bench.panel.player
    assert player is not None
    for language in LANGUAGES:
        set_language(language)
        player.start_over()
        for index, step in enumerate(lesson.steps):
            player.go(index)
            every_control_has_a_name(bench, step.id)
            formulas_have_words(bench)
            player.reveal()
            every_control_has_a_name(bench, step.id)
            formulas_have_words(bench)
    set_language("en")


def every_control_has_a_name(bench: Bench, step: str) -> None:
    controls = [
        widget
        for widget in bench.panel.page.findChildren(QWidget)
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus
    ]
    assert len(controls) >= 3
    for widget in controls:
        name, _ = heard(widget)
        assert name.strip(), f"{step}: {type(widget).__name__} {widget.objectName()}"
        assert not SOURCE.search(name), f"{step}: {name}"


def formulas_have_words(bench: Bench) -> None:
    for browser in bench.panel.page.findChildren(MathTextBrowser):
        if browser.isVisible() and browser.markdown().strip():
            name, words = heard(browser)
            assert name.strip()
            assert words.strip()
            assert not re.search(r"\\[a-z]|\$", re.sub(r"`[^`]*`", "", words)), words
