"""Answering in the lesson panel: by mouse, by keyboard alone, in both languages."""

from __future__ import annotations

from pathlib import Path

from gradviz.ui.panels.lesson.inputs import ChoiceInput, SignInput
from gradviz.ui.theme import ThemeManager
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.app.i18n import set_language
from gradviz.app.lessons.reader import read_lesson
from tests.gradviz.app.lessons.folders import TOML, write_lesson
from tests.ui.panels.lesson.bench import Bench, field_of


def test_a_number_is_predicted_wrongly_then_rightly(bench: Bench, qtbot: QtBot) -> None:
    player, page = bench.open(qtbot), bench.panel.page
    page.footer.next.click()
    assert (page.card.isVisible(), page.footer.next.text()) == (True, "Skip")
    assert page.card.words.toPlainText().strip() == "What is it?"
    before = bench.session.timeline.moment
    field_of(bench.panel).setText(str(2 * float(player.anchors.value("n"))))
    page.card.check.click()
    verdict = page.card.verdict
    assert [label.text() for label in verdict.numbers] == ["1.763", "?"]
    assert verdict.title.text() == "Not yet"
    assert "Half of that: 0.8814" in verdict.text.toPlainText()
    assert bench.session.timeline.moment == before
    field_of(bench.panel).setText("0.88")
    page.card.check.click()
    assert verdict.title.text() == "Right"
    assert [label.text() for label in verdict.numbers] == ["0.88", "0.8814"]
    assert "It is 0.8814." in verdict.text.toPlainText()
    assert verdict.title.accessibleName() == "Right: the engine computed 0.8814"
    assert not page.card.check.isVisible()
    assert page.footer.next.text() == "Next"
    assert bench.session.timeline.moment == player.anchors.moment("write n")


def test_what_cannot_be_read_is_said_and_not_counted(bench: Bench, qtbot: QtBot) -> None:
    player, page = bench.open(qtbot), bench.panel.page
    page.go_on()
    for text in ("", "much"):
        field_of(bench.panel).setText(text)
        page.card.check.click()
        assert page.card.problem.isVisible()
        assert "not a number" in page.card.problem.text()
        assert field_of(bench.panel).property("invalid") is True
    assert player.given.tries == 0
    qtbot.keyClicks(field_of(bench.panel), "1")
    assert not page.card.problem.isVisible()
    assert field_of(bench.panel).property("invalid") is False


def test_the_answer_can_be_shown_without_a_prediction(bench: Bench, qtbot: QtBot) -> None:
    player, page = bench.open(qtbot), bench.panel.page
    page.go_on()
    page.card.give_up.click()
    assert page.card.verdict.title.text() == "The answer"
    assert page.card.verdict.numbers[1].text() == "0.8814"
    assert not page.card.verdict.numbers[0].isVisible()
    assert player.given.revealed


def test_the_verdict_is_scrolled_into_view(bench: Bench, qtbot: QtBot) -> None:
    bench.open(qtbot).go(1)
    page = bench.panel.page
    bench.panel.resize(380, 320)
    bar = page.area.verticalScrollBar()
    assert bar is not None
    assert bar.value() == 0
    page.card.give_up.click()

    def is_in_view() -> bool:
        top = page.card.verdict.mapTo(page.area, QPoint(0, 0)).y()
        return top >= 0 and top + page.card.verdict.height() <= page.area.height()

    qtbot.waitUntil(is_in_view)
    page.go_on()
    assert bar.value() == 0, "a step is read from its beginning"


def test_a_choice_is_made(bench: Bench, qtbot: QtBot) -> None:
    player, page = bench.open(qtbot), bench.panel.page
    player.go(2)
    choices = page.card.input
    assert isinstance(choices, ChoiceInput)
    page.card.check.click()
    assert "Choose one" in page.card.problem.text()
    wrong = "up" if player.expected == "down" else "down"
    choices.buttons[wrong].click()
    page.card.check.click()
    assert page.card.verdict.sentences[0].markdown() == wrong.capitalize()
    label = choices._labels[player.expected]
    qtbot.mouseClick(label.viewport(), Qt.MouseButton.LeftButton)  # the words work as the circle does
    page.card.check.click()
    assert page.card.verdict.title.text() == "Right"
    assert choices.isVisible()
    assert not choices.isEnabled()


def test_formulas_in_choices_are_set_and_spoken(qtbot: QtBot) -> None:
    choices = ChoiceInput(("g", "h"), ThemeManager("light"))
    qtbot.addWidget(choices)
    choices.set_words({"g": r"$A \cdot G$", "h": "leave out `x`"})
    choices.resize(260, 100)
    choices.show()
    assert "$" not in choices._labels["g"].toPlainText()
    assert choices._labels["g"].document_().begin().blockFormat().leftMargin() == 0
    assert "`" not in choices._labels["h"].toPlainText()
    assert choices.buttons["g"].accessibleName() == "Your prediction: A · G"
    assert choices.buttons["h"].accessibleName() == "Your prediction: leave out x"


def test_a_sign_and_a_shape(tmp_path: Path, qtbot: QtBot, fresh_home: Path) -> None:
    toml = TOML.replace('kind = "number"\nanswer = \'value("n")\'', 'kind = "sign"\nanswer = \'value("n")\'')
    toml = toml.replace("answer = '2 * value(\"n\")'", "answer = '-value(\"n\")'")
    toml = toml.replace('kind = "choice"\nanswer = \'"up" if grad("x1") > 0 else "down"\'', SHAPE)
    toml = toml.replace('choices = ["up", "down"]\n', "")
    folder = write_lesson(tmp_path / "signs", toml=toml, chinese=None)
    text = folder / "lesson.en.md"
    text.write_text(text.read_text("utf-8").replace("- [up] Up\n- [down] Down\n", ""), "utf-8")
    bench = Bench([read_lesson(folder)])
    qtbot.addWidget(bench.panel, before_close_func=lambda panel: panel.shut_down())
    bench.panel.show()
    player, page = bench.open(qtbot), bench.panel.page
    player.go(1)
    signs = page.card.input
    assert isinstance(signs, SignInput)
    assert [button.text() for button in signs.buttons.values()] == ["+ positive", "− negative", "0 zero"]
    signs.buttons["−"].click()
    page.card.check.click()
    assert [label.text() for label in page.card.verdict.numbers] == ["− negative", "?"]
    signs.buttons["+"].click()
    page.card.check.click()
    assert [label.text() for label in page.card.verdict.numbers] == ["+ positive", "+ positive"]
    player.go(2)
    field_of(bench.panel).setText("3×4")
    page.card.check.click()
    assert page.card.verdict.numbers[0].text() == "3×4"
    field_of(bench.panel).setText("()")
    page.card.check.click()
    assert page.card.verdict.title.text() == "Right"


SHAPE = 'kind = "shape"\nanswer = \'shape("n")\''


def test_the_whole_lesson_by_keyboard_alone(bench: Bench, qtbot: QtBot) -> None:
    panel, page = bench.panel, bench.panel.page
    with qtbot.waitActive(panel):
        panel.activateWindow()
    panel.catalogue.cards[0].begin.setFocus()

    def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        qtbot.keyClick(focus, key, modifier)

    press(Qt.Key.Key_Return)
    bench.runs[-1].succeed()
    qtbot.waitUntil(lambda: panel.player is not None)
    player = panel.player
    assert player is not None
    press(Qt.Key.Key_Return)  # Next
    assert player.index == 1
    assert field_of(panel).hasFocus()
    qtbot.keyClicks(field_of(panel), player.expected)
    press(Qt.Key.Key_Return)  # check
    assert player.given.revealed
    press(Qt.Key.Key_Return)  # next
    assert player.index == 2
    choices = page.card.input
    assert isinstance(choices, ChoiceInput)
    assert choices.buttons["up"].hasFocus()
    if player.expected == "down":
        press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return)
    assert player.given.revealed
    alt = Qt.KeyboardModifier.AltModifier
    press(Qt.Key.Key_Left, alt)
    press(Qt.Key.Key_Left, alt)
    assert player.index == 0
    for _ in range(3):
        press(Qt.Key.Key_Right, alt)
    assert player.finished
    assert page.closing.result.text() == "2 of 2 predictions right at the first try"
    press(Qt.Key.Key_Return)  # Done
    assert panel.catalogue.isVisible()
    card = panel.catalogue.cards[0]
    assert (card.begin.text(), card.facts.text()) == ("Again", "7 minutes · 4 steps · finished")


def test_the_language_changes_in_mid_lesson(bench: Bench, qtbot: QtBot) -> None:
    player, page = bench.open(qtbot), bench.panel.page
    player.go(2)
    assert isinstance(page.card.input, ChoiceInput)
    page.card.input.buttons["up"].click()
    player.go(1)
    field_of(bench.panel).setText("1000")
    page.card.check.click()
    field_of(bench.panel).setText("0.8")
    set_language("zh_CN")
    assert (page.heading.text(), page.header.title.text()) == ("和", "测试")
    assert page.card.words.toPlainText().strip() == "它是多少？"
    assert field_of(bench.panel).text() == "0.8"
    assert "再看一看" in page.card.verdict.text.toPlainText()
    assert player.index == 1
    page.card.give_up.click()
    assert "它是 0.8814。" in page.card.verdict.text.toPlainText()
    page.go_on()
    assert isinstance(page.card.input, ChoiceInput)
    assert page.card.input.text() == "up", "what was chosen before is still chosen"
    assert page.card.input._labels["up"].markdown() == "上"
    set_language("en")
    assert page.card.input._labels["up"].markdown() == "Up"
    assert page.card.input.text() == "up"


def test_starting_over_forgets_the_answers(bench: Bench, qtbot: QtBot) -> None:
    player, page = bench.open(qtbot), bench.panel.page
    player.go(1)
    field_of(bench.panel).setText("1000")
    page.card.check.click()
    player.go(3)
    page.closing.restart.click()
    assert player.index == 0
    page.go_on()
    assert player.waiting
    assert field_of(bench.panel).text() == ""
    assert not page.card.verdict.isVisible()
