"""A question that is answered with code: by keyboard alone, in a process of its own, with a time limit."""

from pathlib import Path

import pytest
from gradviz.ui.panels.lesson.code_input import CodeEdit, CodeInput
from gradviz.ui.workers.exercise import ExerciseRun
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gradviz.app.i18n import set_language
from gradviz.app.lessons.model import Lesson
from tests.gradviz.app.lessons.test_exercise import RIGHT, code_lesson
from tests.ui.panels.lesson.bench import Bench

Key = Qt.Key
WAIT = 60_000  # ms: a process starts slowly on a busy machine


@pytest.fixture
def exercise_lesson(tmp_path: Path) -> Lesson:
    return code_lesson(tmp_path / "adding")


@pytest.fixture
def bench(exercise_lesson: Lesson, qtbot: QtBot, fresh_home: Path) -> Bench:
    bench = Bench([exercise_lesson])
    qtbot.addWidget(bench.panel, before_close_func=lambda panel: panel.shut_down())
    bench.panel.show()
    return bench


def editor_of(bench: Bench) -> CodeEdit:
    given = bench.panel.page.card.input
    assert isinstance(given, CodeInput)
    return given.edit


def test_code_is_run_only_when_asked_and_its_mistakes_get_their_hints(bench: Bench, qtbot: QtBot) -> None:
    player = bench.open(qtbot)
    page = bench.panel.page
    card, edit = page.card, editor_of(bench)
    assert edit.toPlainText() == "def add(a, b):\n    return 0\n"
    assert (card.check.text(), card.give_up.text()) == ("Run", "Show a solution")
    edit.setPlainText("def add(a, b):\n    return a + abs(b)\n")
    assert player.given.tries == 0
    with qtbot.waitSignal(page.exercises.finished, timeout=WAIT):
        card.check.click()
        assert not card.check.isEnabled()
    assert card.check.isEnabled()
    assert card.verdict.title.text() == "Not yet"
    assert card.verdict.text.markdown() == "h\n\n`add(2, -3) = 5`"
    assert card.verdict.title.accessibleName() == "Not yet"
    edit.setPlainText("def add(a, b):\n    return a + c\n")
    with qtbot.waitSignal(page.exercises.finished, timeout=WAIT):
        card.check.click()
    assert card.verdict.text.markdown().startswith("any\n\n`line 2: NameError")
    (mark,) = edit.extraSelections()
    assert mark.cursor.blockNumber() == 1
    set_language("zh_CN")
    assert card.check.text() == "运行"
    assert edit.toPlainText() == "def add(a, b):\n    return a + c\n", "what was typed stays"
    set_language("en")
    edit.setPlainText(RIGHT)
    assert edit.extraSelections() == []
    with qtbot.waitSignal(page.exercises.finished, timeout=WAIT):
        card.check.click()
    assert card.verdict.title.text() == "Right"
    assert not player.waiting


def test_the_solution_can_be_shown(bench: Bench, qtbot: QtBot) -> None:
    bench.open(qtbot)
    bench.panel.page.card.give_up.click()
    assert RIGHT.strip() in bench.panel.page.card.verdict.text.markdown()
    assert bench.panel.page.card.input is not None
    assert bench.panel.page.card.input.isVisible()


def test_the_editor_by_keyboard(bench: Bench, qtbot: QtBot) -> None:
    with qtbot.waitActive(bench.panel):
        bench.panel.activateWindow()
    bench.open(qtbot)
    edit = editor_of(bench)
    edit.setPlainText("")
    edit.setFocus()
    qtbot.keyClicks(edit, "def f(x):")
    qtbot.keyClick(edit, Key.Key_Return)
    qtbot.keyClicks(edit, "if x:")
    qtbot.keyClick(edit, Key.Key_Return)
    qtbot.keyClicks(edit, "return 1")
    qtbot.keyClick(edit, Key.Key_Return)
    qtbot.keyClick(edit, Key.Key_Backtab)
    qtbot.keyClicks(edit, "y = 2")
    assert edit.toPlainText() == "def f(x):\n    if x:\n        return 1\n    y = 2"
    edit.selectAll()
    qtbot.keyClick(edit, Key.Key_Tab)
    assert edit.toPlainText().splitlines() == [
        "    def f(x):",
        "        if x:",
        "            return 1",
        "        y = 2",
    ]
    qtbot.keyClick(edit, Key.Key_Backtab)
    assert edit.toPlainText().startswith("def f(x):")
    assert edit.accessibleName() == "Your code"
    assert "Escape" in edit.accessibleDescription()
    qtbot.keyClick(edit, Key.Key_Escape)
    qtbot.keyClick(edit, Key.Key_Tab)
    assert not edit.hasFocus(), "after Escape, Tab leads on"


def test_code_that_does_not_end_is_stopped(exercise_lesson: Lesson, qtbot: QtBot) -> None:
    question = exercise_lesson.steps[0].question
    assert question is not None
    assert question.exercise is not None
    run = ExerciseRun(question.exercise, "while True:\n    pass\n", limit=0.5)
    with qtbot.waitSignal(run.finished, timeout=WAIT) as caught:
        run.start()
    (result,) = caught.args
    assert (result.passed, result.problem) == (False, "The code did not end within 0.5 seconds.")
    run.shut_down()


def test_leaving_stops_what_runs(bench: Bench, qtbot: QtBot) -> None:
    bench.open(qtbot)
    page = bench.panel.page
    editor_of(bench).setPlainText("while True:\n    pass\n")
    page.card.check.click()
    bench.panel.shut_down()
    assert page.player is None
