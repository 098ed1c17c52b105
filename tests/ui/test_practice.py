"""Practice in the window: exercises are shown before their answer is computed, and their results kept."""

import random
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from gradviz.app.i18n import set_language
from gradviz.app.lessons.answers import answer_text
from gradviz.app.lessons.practice.plan import Plan
from tests.ui.window import running


def test_exercises_are_asked_judged_and_kept(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as made:
        practice, window = made.practice, made.window
        practice._rng = random.Random(3)
        window.lesson.catalogue.practice.click()
        page = practice.page
        assert page.isVisible()
        assert page.due.text().startswith("Nothing is due now")
        page.start.click()
        exercise = practice.exercise
        assert exercise is not None
        session = made.session
        assert session.recording is exercise.recording
        assert session.state is not None
        assert not session.state.written(exercise.prediction.slot)
        field = page.findChild(QLineEdit)
        assert field is not None
        qtbot.keyClicks(field, "nonsense")
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert page.problem.isVisible()
        assert exercise.rule.id not in practice.plan.standings
        mistake, answers = exercise.prediction.wrong[0]
        field.setText(repr(answers[0]))
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert page.verdict.title.text() == "Not yet"
        assert page.verdict.text.markdown() == exercise.judge(repr(answers[0])).hint, mistake
        assert practice.plan.standings[exercise.rule.id].right == 0
        field.setText(answer_text(exercise.prediction.question, exercise.prediction.answer))
        page.check.click()
        assert page.verdict.title.text() == "Right"
        assert page.next.hasFocus()
        assert session.state.written(exercise.prediction.slot)
        assert practice.plan.standings[exercise.rule.id].asked == 1, "only the first answer counts"
        assert Plan.load(tmp_path).standings[exercise.rule.id].asked == 1
        set_language("zh_CN")
        assert page.check.text() == "检验"
        page.next.click()
        assert practice.exercise is not exercise
        page.give_up.click()
        assert page.verdict.title.text() == "答案"
        page.stop.click()
        assert page.topics.isVisible()
        page.topics.buttons["pooling"].click()
        assert practice.exercise is not None
        assert practice.exercise.rule.topic == "pooling"
        page.head.home.click()
        assert window.lesson.catalogue.isVisible()
