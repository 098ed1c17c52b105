"""Before a lesson begins: its code runs, fails, is cancelled, or waits for the learner to agree."""

from __future__ import annotations

from pathlib import Path

import pytest
from gradviz.ui.panels.lesson import LessonPanel
from gradviz.ui.theme import ThemeManager
from pytestqt.qtbot import QtBot

from gradviz.app.lessons.library import load_lessons
from gradviz.app.lessons.model import Lesson, LessonError
from gradviz.app.lessons.reader import read_lesson
from gradviz.app.recording import Iteration, Recording, metrics_of
from gradviz.app.session import Session
from gradviz.app.settings import Settings
from tests.gradviz.app.lessons.folders import TOML, write_lesson
from tests.programs import chain
from tests.ui.panels.lesson.bench import Bench


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
