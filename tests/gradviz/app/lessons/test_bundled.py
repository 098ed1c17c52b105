"""The lessons that come with gradviz: run as the window runs them, walked to the end, answered rightly and
wrongly, in both languages."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from gradviz.engine.program import SlotKind

from gradviz.app.lessons.answers import answer_text, expected_answer, mistaken_answers, read_answer
from gradviz.app.lessons.checks import texts_of
from gradviz.app.lessons.expressions import placeholders
from gradviz.app.lessons.library import lesson_folders, load_lessons
from gradviz.app.lessons.model import LANGUAGES, Lesson, LessonError, Question, StepText
from gradviz.app.lessons.player import LessonPlayer
from gradviz.app.lessons.reader import read_lesson
from gradviz.app.recording import Recording
from gradviz.app.session import Session
from gradviz.app.settings import Settings
from gradviz.app.storage import load_recording
from tests.programs import chain
from tests.ui.fakes import recording

NAMES = ("one-neuron", "lenet", "zero-grad")
_CODE = re.compile(r"```.*?```|`[^`\n]*`|\{\{.*?\}\}|\$[^$\n]*\$", re.DOTALL)
_FORMULA = re.compile(r"\$[^$\n]+\$")
_CHINESE = "[\u4e00-\u9fff]"

_recordings: dict[str, Recording] = {}


@pytest.fixture(params=NAMES)
def lesson(request: pytest.FixtureRequest) -> Lesson:
    folders = {folder.name: folder for folder in lesson_folders()}
    return read_lesson(folders[request.param])


@pytest.fixture
def session(lesson: Lesson, tmp_path: Path) -> Session:
    """A session that shows what the lesson's code has recorded in a process of its own."""
    if lesson.id not in _recordings:
        file = tmp_path / "lesson.gradviz"
        command = [sys.executable, "-m", "gradviz.app.script_child", "--keep", "12", str(lesson.setup)]
        run = subprocess.run(
            [*command, "--out", str(file)],
            cwd=Path(__file__).parents[4],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        _recordings[lesson.id] = load_recording(file)
    assert _recordings[lesson.id].problem is None
    session = Session(Settings())
    session.load(_recordings[lesson.id])
    return session


def typed(question: Question, answer: object) -> str:
    """An answer as a learner would type it."""
    return repr(answer) if question.kind == "number" else answer_text(question, answer)


def a_wrong_answer(question: Question, expected: object, mistaken: list[object]) -> object:
    """One that is neither right nor a known mistake."""
    match question.kind:
        case "number":
            assert isinstance(expected, float)
            return 1000.0 + 3 * abs(expected)
        case "sign":
            return next(sign for sign in (0, 1, -1) if sign != expected and sign not in mistaken)
        case "shape":
            return (9, 9, 9)
    return next((c for c in question.choices if c != expected and c not in mistaken), None)


def test_all_three_are_found_in_their_order() -> None:
    lessons, problems = load_lessons()
    assert problems == []
    assert [lesson.id for lesson in lessons] == list(NAMES)
    for lesson in lessons:
        assert set(lesson.requires) <= set(NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lesson_can_be_walked_to_its_end(lesson: Lesson, session: Session, language: str) -> None:
    player = LessonPlayer(session, lesson)
    for index, step in enumerate(lesson.steps):
        assert (player.index, player.step) == (index, step)
        words = player.words(language)
        for text in texts_of(words):
            shown = player.text(text)
            assert "{{" not in shown
            assert "nan" not in shown.lower().split()
        if step.question is None:
            assert not player.waiting
        else:
            answer_every_way(player, step.question, words, language)
        assert not player.wandered
        player.next()
    assert player.finished
    assert player.score() == (0, sum(step.question is not None for step in lesson.steps))


def answer_every_way(player: LessonPlayer, question: Question, words: StepText, language: str) -> None:
    """Wrong in every known way, wrong in another way, then right."""
    expected = expected_answer(question, player.anchors)
    mistaken = mistaken_answers(question, player.anchors)
    assert player.waiting
    for name, answer in mistaken.items():
        verdict = player.answer(typed(question, answer))
        assert not verdict.correct, f"{player.step.id}: the mistake {name} is the right answer"
        assert verdict.mistake == name, f"{player.step.id}: {name} cannot be told from {verdict.mistake}"
        assert player.hint(language) == player.text(words.hints[name])
    other = a_wrong_answer(question, expected, list(mistaken.values()))
    if other is not None:
        assert not player.answer(typed(question, other)).correct
        assert player.hint(language) == player.text(words.hints[""])
    assert player.waiting
    assert player.answer(typed(question, expected)).correct
    assert not player.waiting


def test_the_shown_answer_is_good_enough_to_be_typed(lesson: Lesson, session: Session) -> None:
    player = LessonPlayer(session, lesson)
    for index, step in enumerate(lesson.steps):
        player.go(index)
        if step.question is not None:
            assert player.answer(player.expected).correct, step.id


def test_every_question_can_be_given_up(lesson: Lesson, session: Session) -> None:
    player = LessonPlayer(session, lesson)
    for index, step in enumerate(lesson.steps):
        player.go(index)
        player.reveal()
        assert not player.waiting
        assert player.given.revealed == (step.question is not None)


def test_there_are_enough_predictions_of_several_kinds_and_general_hints(lesson: Lesson) -> None:
    questions = {step.id: step.question for step in lesson.steps if step.question is not None}
    assert len(questions) >= 4
    assert len({question.kind for question in questions.values()}) >= 3
    assert all(question.mistakes or question.kind == "choice" for question in questions.values())
    for text in lesson.texts.values():
        assert text.aim
        assert all("" in text.steps[name].hints for name in questions)


def test_the_cursor_never_jumps_back_within_a_lesson(lesson: Lesson, session: Session) -> None:
    player = LessonPlayer(session, lesson)
    seen = [session.timeline.moment]
    for index in range(len(lesson.steps)):
        player.go(index)
        seen.append(session.timeline.moment)
        player.reveal()
        seen.append(session.timeline.moment)
    assert seen == sorted(seen)
    assert session.timeline.locate()[0] == len(session.timeline.programs) - 1


def test_an_answer_is_not_on_the_screen_before_it_is_asked(lesson: Lesson, session: Session) -> None:
    """Where an answer is the value of a named slot, that slot is not written yet."""
    player = LessonPlayer(session, lesson)
    for index, step in enumerate(lesson.steps):
        player.go(index)
        question = step.question
        plain = re.fullmatch(r'value\("(\w+)"\)', question.answer) if question is not None else None
        if plain is not None:
            slot = player.anchors.slot(plain[1], step.iteration)
            assert session.state is not None
            assert not session.state.written(slot), step.id


def test_both_languages_have_the_same_parts(lesson: Lesson) -> None:
    english, chinese = (lesson.texts[code] for code in LANGUAGES)
    assert list(english.steps) == list(chinese.steps) == [step.id for step in lesson.steps]
    for name, words in english.steps.items():
        other = chinese.steps[name]
        assert list(words.choices) == list(other.choices), name
        assert list(words.hints) == list(other.hints), name
        parts = ("body", "question", "explanation")
        pairs = [(getattr(words, part), getattr(other, part)) for part in parts]
        pairs += [(words.hints[hint], other.hints[hint]) for hint in words.hints]
        pairs += [(words.choices[choice], other.choices[choice]) for choice in words.choices]
        for one, two in pairs:
            assert Counter(placeholders(one)) == Counter(placeholders(two)), name
            assert Counter(_FORMULA.findall(one)) == Counter(_FORMULA.findall(two)), name


def test_chinese_is_set_as_chinese_is(lesson: Lesson) -> None:
    text = lesson.texts["zh_CN"]
    parts = [text.title, text.aim]
    parts += [part for words in text.steps.values() for part in (words.heading, *texts_of(words))]
    for part in parts:
        plain = _CODE.sub("Q", part)
        assert not re.search(f"{_CHINESE}[,.;:?!()]", plain), part
        assert not re.search(f"[,;?!]{_CHINESE}", plain), part
        assert not re.search(f"{_CHINESE}[A-Za-z0-9]|[A-Za-z0-9]{_CHINESE}", plain), f"no space: {part}"
        assert not re.search(" [，。；：？！、）]|[，。；：？！、（] ", plain.replace("** ", "**")), part
        assert plain.count("（") == plain.count("）")
        assert plain.count("“") == plain.count("”")
        assert plain.count("**") % 2 == 0


def test_numbers_stand_in_the_text_only_where_the_code_or_the_rule_says_them(lesson: Lesson) -> None:
    """Long decimals can only come from a run, so they must be expressions."""
    for text in lesson.texts.values():
        for words in text.steps.values():
            for part in texts_of(words):
                plain = re.sub(r"\{\{.*?\}\}", "", part)
                assert not re.search(r"\d\.\d{3,}", plain.replace("0.001", "")), part


def test_every_choice_is_a_known_mistake_or_has_the_general_hint(lesson: Lesson) -> None:
    for step in lesson.steps:
        if step.question is not None and step.question.kind == "choice":
            assert len(step.question.choices) >= 2
            assert read_answer(step.question, step.question.choices[0])


def test_a_recording_of_another_network_is_refused(lesson: Lesson, session: Session) -> None:
    session.load(recording(program=chain(3)))
    with pytest.raises(LessonError, match=r"lesson\.toml:\d+: step"):
        LessonPlayer(session, lesson)


def test_weights_stay_parameters_in_every_iteration(lesson: Lesson, session: Session) -> None:
    recording = session.recording
    assert recording is not None
    for iteration in recording.iterations:
        first = {slot.name: slot.kind for slot in reversed(iteration.program.slots) if slot.name}
        trained = {name.removesuffix(".grad") for name in iteration.program.names() if name.endswith(".grad")}
        assert trained
        assert {first[name] for name in trained} == {SlotKind.PARAMETER}
