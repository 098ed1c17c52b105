"""The lesson panel, driven as a learner drives it: by mouse, by keyboard alone, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gradviz.ui.panels.lesson import LessonPanel
from gradviz.ui.panels.lesson.inputs import ChoiceInput, FieldInput, SignInput
from gradviz.ui.theme import ThemeManager
from PyQt6.QtCore import QObject, QPoint, Qt, pyqtSignal
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from gradviz.app.i18n import set_language
from gradviz.app.lessons.library import load_lessons
from gradviz.app.lessons.model import Lesson, LessonError
from gradviz.app.lessons.player import LessonPlayer
from gradviz.app.lessons.reader import read_lesson
from gradviz.app.recording import Iteration, Recording, metrics_of
from gradviz.app.session import Session
from gradviz.app.settings import Settings
from tests.gradviz.app.lessons.folders import TOML, write_lesson
from tests.programs import chain, neuron


class FakeRun(QObject):
    """A script run whose end the test decides."""

    finished = pyqtSignal(object)
    failed = pyqtSignal(str, str)
    cancelled = pyqtSignal()

    def __init__(self, script: Path, parent: QObject) -> None:
        super().__init__(parent)
        self.script = script
        self.started = self.stopped = False

    def start(self) -> None:
        self.started = True

    def cancel(self) -> None:
        self.cancelled.emit()

    def shut_down(self) -> None:
        self.stopped = True

    def succeed(self, **more: object) -> None:
        program = neuron()
        rows = (Iteration(1, program, metrics_of(program, 1)),)
        self.finished.emit(Recording("setup.py", rows, **more))  # type: ignore[arg-type]


class Bench:
    """A panel with one lesson, and the runs that it has begun."""

    def __init__(self, lessons: list[Lesson], problems: list[LessonError] | None = None) -> None:
        self.runs: list[FakeRun] = []
        self.session = Session(Settings())
        self.themes = ThemeManager("light")
        self.panel = LessonPanel(
            self.session, self.themes, load=lambda: (lessons, problems or []), run=self._run
        )

    def _run(self, script: Path, parent: QObject) -> FakeRun:
        self.runs.append(FakeRun(script, parent))
        return self.runs[-1]

    def open(self, qtbot: QtBot) -> LessonPlayer:
        self.panel.catalogue.cards[0].begin.click()
        self.runs[-1].succeed()
        qtbot.waitUntil(lambda: self.panel.player is not None)
        player = self.panel.player
        assert player is not None
        return player


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    return read_lesson(write_lesson(tmp_path / "sums"))


@pytest.fixture
def bench(lesson: Lesson, qtbot: QtBot, fresh_home: Path) -> Iterator[Bench]:
    bench = Bench([lesson])
    qtbot.addWidget(bench.panel, before_close_func=lambda panel: panel.shut_down())
    bench.panel.resize(380, 700)
    bench.panel.show()
    yield bench
    set_language("en")


def field_of(panel: LessonPanel) -> QLineEdit:
    assert isinstance(panel.page.card.input, FieldInput)
    return panel.page.card.input.field


def test_the_list_says_what_each_lesson_is_about(bench: Bench) -> None:
    card = bench.panel.catalogue.cards[0]
    assert (card.title.text(), card.aim.text()) == ("A test", "Only a test.")
    assert card.facts.text() == "7 minutes · 4 steps"
    assert card.begin.text() == "Start"
    assert card.begin.accessibleName() == "Start: A test"
    assert not card.bar.isVisible()


def test_starting_runs_the_code_and_shows_its_recording(bench: Bench, qtbot: QtBot, lesson: Lesson) -> None:
    with qtbot.waitSignal(bench.panel.lesson_opened) as caught:
        bench.panel.catalogue.cards[0].begin.click()
        run = bench.runs[-1]
        assert (run.script, run.started) == (lesson.setup, True)
        assert bench.panel.waiting.isVisible()
        assert bench.panel.waiting.bar.isVisible()
        assert bench.session.recording is None
        run.succeed()
    assert caught.args == ["sums"]
    assert bench.session.recording is not None
    assert bench.session.recording.title == "A test"
    assert bench.panel.page.isVisible()
    assert bench.panel.page.heading.text() == "Start"
    assert "Nothing yet." in bench.panel.page.body.toPlainText()
    assert bench.panel.page.header.number.text() == "1 of 4"


def test_cancelling_leads_back_to_the_list(bench: Bench, qtbot: QtBot) -> None:
    bench.panel.catalogue.cards[0].begin.click()
    bench.panel.waiting.no.click()
    assert bench.panel.catalogue.isVisible()
    bench.runs[-1].succeed()  # too late
    qtbot.waitUntil(lambda: not bench.panel.findChildren(QObject, "nothing"))
    assert bench.session.recording is None
    assert bench.panel.player is None


def test_code_that_fails_is_told_with_its_line_and_can_be_tried_again(bench: Bench, qtbot: QtBot) -> None:
    bench.panel.catalogue.cards[0].begin.click()
    bench.runs[-1].succeed(problem="NameError: name 'x'", problem_file="/somewhere/setup.py", problem_line=4)
    waiting = bench.panel.waiting
    qtbot.waitUntil(lambda: waiting.state == "failed")
    assert waiting.words.text() == "The lesson's code has failed"
    assert waiting.details.toPlainText() == "setup.py:4: NameError: name 'x'"
    waiting.yes.click()
    assert len(bench.runs) == 2
    assert bench.runs[0].stopped
    bench.runs[-1].failed.emit("setup.py crashed", "Segmentation fault")
    assert (waiting.words.text(), waiting.details.toPlainText()) == ("setup.py crashed", "Segmentation fault")
    waiting.no.click()
    assert bench.panel.catalogue.isVisible()


def test_a_recording_that_does_not_fit_is_refused_and_what_was_shown_stays(
    bench: Bench, qtbot: QtBot
) -> None:
    program = chain(3)
    before = Recording("before", (Iteration(1, program, metrics_of(program, 1)),))
    bench.session.load(before)
    bench.panel.catalogue.cards[0].begin.click()
    bench.runs[-1].finished.emit(Recording("setup.py", before.iterations))
    qtbot.waitUntil(lambda: bench.panel.waiting.state == "failed")
    assert "lesson.toml:10" in bench.panel.waiting.details.toPlainText()
    assert bench.session.recording is before


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
    assert page.card.verdict.numbers[0].text() == wrong.capitalize()
    label = choices._labels[player.expected]
    qtbot.mouseClick(label, Qt.MouseButton.LeftButton)  # the words work as the circle does
    page.card.check.click()
    assert page.card.verdict.title.text() == "Right"
    assert choices.isVisible()
    assert not choices.isEnabled()


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
    assert page.card.input._labels["up"].text() == "上"
    set_language("en")
    assert page.card.input._labels["up"].text() == "Up"
    assert page.card.input.text() == "up"


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


def test_the_code_can_be_taken_away(bench: Bench, qtbot: QtBot, qapp: QApplication) -> None:
    bench.open(qtbot).go(3)
    bench.panel.page.closing.copy.click()
    clipboard = qapp.clipboard()
    assert clipboard is not None
    assert clipboard.text() == "import gradviz as torch\n"


def test_a_broken_lesson_does_not_stop_the_others(lesson: Lesson, tmp_path: Path, qtbot: QtBot) -> None:
    folder = write_lesson(tmp_path / "broken", toml=TOML.replace('kind = "choice"', 'kind = "guess"'))
    with pytest.raises(LessonError) as caught:
        read_lesson(folder)
    bench = Bench([lesson], [caught.value])
    qtbot.addWidget(bench.panel, before_close_func=lambda panel: panel.shut_down())
    bench.panel.show()
    words = bench.panel.catalogue.broken[0].words
    assert words.text().startswith("The lesson “broken” cannot be read. lesson.toml:22: a question's kind")
    assert words.accessibleName() == words.text()
    bench.open(qtbot)
    assert bench.panel.page.isVisible()


def test_code_from_elsewhere_runs_only_when_the_learner_agrees(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    panel, waiting = bench.panel, bench.panel.waiting
    folder = write_lesson(tmp_path / "elsewhere", setup="print('anything')\n")
    panel.open_folder(folder)
    assert (waiting.state, waiting.isVisible(), bench.runs) == ("asking", True, [])
    assert str(folder) in waiting.words.text()
    assert waiting.details.toPlainText() == "print('anything')\n"
    waiting.no.click()
    assert bench.runs == []
    assert [card.lesson.folder for card in panel.catalogue.cards] == [tmp_path / "sums", folder]
    panel.catalogue.cards[1].begin.click()
    assert (waiting.state, bench.runs) == ("asking", [])
    waiting.yes.click()
    assert bench.runs[0].script == folder / "setup.py"
    bench.runs[0].succeed()
    qtbot.waitUntil(lambda: panel.player is not None)
    assert panel.player is not None
    assert panel.player.lesson.folder == folder
    assert "sums" not in bench.session.settings.lesson_progress
    assert str(folder) in bench.session.settings.lesson_progress


def test_a_folder_that_is_no_lesson_is_listed_with_its_fault(bench: Bench, tmp_path: Path) -> None:
    for _ in range(2):
        bench.panel.open_folder(tmp_path)
        assert bench.panel.catalogue.isVisible()
        assert [card.words.text() for card in bench.panel.catalogue.broken] == [
            f"The lesson “{tmp_path.name}” cannot be read. lesson.toml: there is no such file"
        ]
    write_lesson(tmp_path)
    bench.panel.open_folder(tmp_path)
    assert bench.panel.catalogue.broken == []


def test_another_lesson_stops_the_one_that_is_being_prepared(
    bench: Bench, tmp_path: Path, qtbot: QtBot
) -> None:
    bench.panel.catalogue.cards[0].begin.click()
    bench.panel.open_folder(write_lesson(tmp_path / "other"))
    bench.panel.waiting.yes.click()
    assert bench.runs[0].stopped
    bench.runs[1].succeed()
    qtbot.waitUntil(lambda: bench.panel.player is not None)
    assert bench.panel.player is not None
    assert bench.panel.player.lesson.folder.name == "other"


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


def test_a_real_lesson_runs_in_its_process_and_can_be_walked(qtbot: QtBot, fresh_home: Path) -> None:
    session = Session(Settings())
    panel = LessonPanel(session, ThemeManager("light"))
    qtbot.addWidget(panel, before_close_func=lambda it: it.shut_down())
    panel.show()
    assert [card.lesson.id for card in panel.catalogue.cards] == [it.id for it in load_lessons()[0]]
    with qtbot.waitSignal(panel.lesson_opened, timeout=60_000):
        panel.start_by_id("one-neuron")
    player = panel.player
    assert player is not None
    while not player.at_end:
        if player.waiting:
            question = player.step.question
            assert question is not None
            widget = panel.page.card.input
            assert widget is not None
            answer = player.expected
            widget.set_text(answer)
            panel.page.card.check.click()
            assert panel.page.card.verdict.title.text() == "Right", player.step.id
        panel.page.footer.next.click()
    assert panel.page.closing.result.text() == "10 of 10 predictions right at the first try"
    assert session.timeline.moment == session.timeline.length


def test_a_real_run_can_be_cancelled(qtbot: QtBot, tmp_path: Path, fresh_home: Path) -> None:
    panel = LessonPanel(Session(Settings()), ThemeManager("light"), load=lambda: ([], []))
    qtbot.addWidget(panel, before_close_func=lambda it: it.shut_down())
    panel.show()
    panel.open_folder(write_lesson(tmp_path / "endless", setup="while True: pass\n"))
    panel.waiting.yes.click()
    panel.waiting.no.click()
    qtbot.waitUntil(lambda: panel.catalogue.isVisible(), timeout=20_000)
    assert panel.runner.lesson is None


def test_closing_while_the_code_runs_leaves_nothing_behind(
    qtbot: QtBot, tmp_path: Path, fresh_home: Path
) -> None:
    panel = LessonPanel(Session(Settings()), ThemeManager("light"), load=lambda: ([], []))
    qtbot.addWidget(panel)
    panel.open_folder(write_lesson(tmp_path / "endless", setup="while True: pass\n"))
    panel.waiting.yes.click()
    panel.shut_down()


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
