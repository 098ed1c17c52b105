"""The player walks the session through a lesson: answers are kept, reveals move the cursor."""

from dataclasses import replace
from pathlib import Path

import pytest

from gradviz.app.lessons.answers import UnreadableAnswerError
from gradviz.app.lessons.library import Progress
from gradviz.app.lessons.model import Lesson, LessonError, LessonText
from gradviz.app.lessons.player import LessonPlayer
from gradviz.app.lessons.reader import read_lesson
from gradviz.app.recording import Iteration, Recording, metrics_of
from gradviz.app.session import Session
from gradviz.app.settings import Settings
from tests.gradviz.app.lessons.folders import ENGLISH, TOML, write_lesson
from tests.programs import lenet_like, neuron


def recorded(*programs_: object) -> Recording:
    programs = [neuron()] if not programs_ else list(programs_)
    return Recording("a test", tuple(Iteration(n, p, metrics_of(p, n)) for n, p in enumerate(programs, 1)))


@pytest.fixture
def session() -> Session:
    session = Session(Settings())
    session.load(recorded())
    return session


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    return read_lesson(write_lesson(tmp_path / "sums"))


def name_of(session: Session) -> str:
    assert session.program is not None
    assert session.selection.slot is not None
    return session.program.slots[session.selection.slot].name


def test_it_begins_at_the_first_step(session: Session, lesson: Lesson) -> None:
    session.timeline.end()
    player = LessonPlayer(session, lesson)
    assert (player.index, player.step.id, session.timeline.moment) == (0, "start", 0)
    assert not player.waiting
    assert not player.at_end


def test_a_step_moves_the_cursor_and_selects(session: Session, lesson: Lesson) -> None:
    player = LessonPlayer(session, lesson)
    player.next()
    assert session.timeline.moment == player.anchors.moment("before write n")
    assert name_of(session) == "n"
    assert player.waiting
    player.previous()
    player.previous()
    assert (player.index, session.timeline.moment) == (0, 0)
    player.go(99)
    assert player.at_end
    assert player.finished
    assert session.timeline.moment == session.timeline.length


def test_a_right_answer_reveals_and_moves_past_what_was_asked(session: Session, lesson: Lesson) -> None:
    player = LessonPlayer(session, lesson, start=1)
    verdict = player.answer(player.expected)
    assert verdict.correct
    assert (player.given.revealed, player.given.tries, player.waiting) == (True, 1, False)
    assert session.timeline.moment == player.anchors.moment("write n")
    assert player.hint("en") == ""


def test_a_wrong_answer_gives_its_hint_and_stays(session: Session, lesson: Lesson) -> None:
    player = LessonPlayer(session, lesson, start=1)
    value = float(player.anchors.value("n"))
    before = session.timeline.moment
    assert player.answer(str(2 * value)).mistake == "double"
    assert player.hint("en").startswith("Half of that: 0.88")
    assert player.hint("zh_CN").startswith("只有一半：0.88")
    player.answer("1000")
    assert player.hint("en") == "Look again."
    assert (player.given.tries, player.waiting, session.timeline.moment) == (2, True, before)
    with pytest.raises(UnreadableAnswerError):
        player.answer("much")
    assert player.given.tries == 2


def test_asking_for_the_answer_reveals_it(session: Session, lesson: Lesson) -> None:
    player = LessonPlayer(session, lesson, start=1)
    player.answer("1000")
    player.reveal()
    assert player.given.revealed
    assert player.given.verdict is not None
    assert not player.given.verdict.correct
    assert session.timeline.moment == player.anchors.moment("write n")
    player.reveal()
    assert player.given.tries == 1


def test_answers_are_kept_when_one_goes_away_and_comes_back(session: Session, lesson: Lesson) -> None:
    player = LessonPlayer(session, lesson, start=1)
    player.answer(player.expected)
    player.next()
    assert player.waiting
    player.previous()
    assert player.given.revealed
    assert session.timeline.moment == player.anchors.moment("write n")


def test_a_step_without_a_question_takes_no_answer(session: Session, lesson: Lesson) -> None:
    player = LessonPlayer(session, lesson)
    player.reveal()
    assert not player.given.revealed
    with pytest.raises(ValueError, match="asks nothing"):
        player.answer("1")


def test_wandering_is_seen_and_undone(session: Session, lesson: Lesson) -> None:
    player = LessonPlayer(session, lesson, start=1)
    assert not player.wandered
    session.timeline.end()
    session.select_slot(None)
    assert player.wandered
    player.show()
    assert not player.wandered
    assert name_of(session) == "n"


def test_another_recording_is_replaced_only_when_the_learner_comes_back(
    session: Session, lesson: Lesson
) -> None:
    player = LessonPlayer(session, lesson, start=1)
    session.load(recorded(lenet_like()))
    assert not player.present
    assert player.wandered
    player.show()
    assert player.present
    assert session.program is player.anchors.program()
    session.add_iteration(session.recording.iterations[0])
    assert player.present, "one more iteration is still the lesson's recording"


def test_changes_are_told_and_progress_is_kept(session: Session, lesson: Lesson, fresh_home: Path) -> None:
    settings = Settings.load()
    progress = Progress(settings)
    player = LessonPlayer(session, lesson, on_progress=progress.note)
    told: list[int] = []
    player.changed.connect(lambda: told.append(player.index))
    player.next()
    player.answer(player.expected)
    player.previous()
    assert told == [1, 1, 0]
    again = Progress(Settings.load())
    assert (again.resume_at("sums"), again.furthest("sums"), again.done("sums")) == (0, 1, False)
    player.go(3)
    assert Progress(Settings.load()).done("sums")
    assert (again.resume_at("other"), again.furthest("other"), again.done("other")) == (0, -1, False)


@pytest.mark.parametrize("row", [3, None, {"step": "x"}, {"step": -4, "furthest": [1]}])
def test_damaged_progress_is_none(row: object) -> None:
    progress = Progress(Settings(lesson_progress={"sums": row}))
    assert (progress.resume_at("sums"), progress.furthest("sums"), progress.done("sums")) == (0, -1, False)


FAULTS = {
    "an anchor": ('at = "before write n"', 'at = "before write m"', 10),
    "an anchor of the answer": ('reveal_at = "write n"', 'reveal_at = "write x1"', 10),
    "a selection": ('select = "n"', 'select = "nobody"', 10),
    "an element": ('select = "n"', 'select = "n"\nelement = [0]', 10),
    "a module to open": ('select = "n"', 'open = ["conv1"]', 10),
    "an iteration": ('select = "n"', "iteration = 1", 10),
    "an answer": ("answer = 'value(\"n\")'", "answer = 'value(\"nobody\")'", 10),
    "an answer of another kind": ("answer = 'value(\"n\")'", "answer = 'shape(\"n\")'", 10),
    "a mistake": ("answer = '2 * value(\"n\")'", "answer = '1 / 0'", 10),
    "a choice": ('"up" if grad("x1") > 0 else "down"', '"left"', 22),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_the_recording_does_not_have_is_told_at_once(
    fault: str, session: Session, tmp_path: Path
) -> None:
    before, after, line = FAULTS[fault]
    assert before in TOML
    lesson = read_lesson(write_lesson(tmp_path, toml=TOML.replace(before, after, 1)))
    with pytest.raises(LessonError) as caught:
        LessonPlayer(session, lesson)
    assert (caught.value.path, caught.value.line) == (tmp_path / "lesson.toml", line)


def test_a_number_in_the_words_that_is_not_there_is_told_at_once(session: Session, tmp_path: Path) -> None:
    text = ENGLISH.replace('It is {{ value("n") }}', 'It is {{ value("m") }}')
    with pytest.raises(LessonError, match=r"lesson\.en\.md:8: .*'m'"):
        LessonPlayer(session, read_lesson(write_lesson(tmp_path, english=text)))


def test_a_later_iteration_starts_at_the_end_of_the_one_before(session: Session, lesson: Lesson) -> None:
    session.load(recorded(lenet_like(), lenet_like(seed=1)))
    steps = (replace(lesson.steps[0], iteration=1, select="conv1.weight"), lesson.steps[3])
    text = lesson.text("en")
    words = {name: text.steps[name] for name in ("start", "end")}
    short = replace(lesson, steps=steps, texts={"en": replace(text, steps=words)})
    player = LessonPlayer(session, short)
    assert session.program is not None
    assert session.timeline.locate() == (0, len(session.program))
    assert session.selection.slot == player.anchors.slot("conv1.weight", 0, "end")
    assert not player.wandered


def test_nothing_recorded(lesson: Lesson) -> None:
    session = Session(Settings())
    for recording in (None, Recording("empty")):
        if recording is not None:
            session.load(recording)
        with pytest.raises(LessonError, match="recorded nothing"):
            LessonPlayer(session, lesson)


def test_words_in_both_languages_with_numbers(session: Session, lesson: Lesson) -> None:
    player = LessonPlayer(session, lesson, start=1)
    assert player.text(player.words("en").explanation) == "It is 0.8814."
    assert player.text(player.words("zh_CN").explanation) == "它是 0.8814。"
    only: dict[str, LessonText] = {"en": lesson.text("en")}
    assert replace(lesson, texts=only).text("zh_CN").title == "A test"
