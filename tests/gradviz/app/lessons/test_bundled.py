"""The lessons that come with gradviz: recorded as the window records them, free of faults, walked to the end,
answered rightly and wrongly in both languages, and every number compared with the engine's."""

import re
import runpy
from typing import Any

import numpy as np
import pytest
from gradviz.engine.program import SlotKind
from gradviz.ui.math.typeset import outline

import gradviz
from gradviz.app.anchors import Anchors
from gradviz.app.i18n import set_language
from gradviz.app.lessons.answers import answer_text, expected_answer, mistaken_answers
from gradviz.app.lessons.checks import texts_of
from gradviz.app.lessons.course_rules import course_faults
from gradviz.app.lessons.exercise import run_exercise
from gradviz.app.lessons.expressions import evaluate, placeholders
from gradviz.app.lessons.inspection import inspect, run_setup
from gradviz.app.lessons.library import lesson_folders, load_lessons
from gradviz.app.lessons.model import LANGUAGES, PARTS, Exercise, Lesson, LessonError, Question, StepText
from gradviz.app.lessons.player import LessonPlayer
from gradviz.app.lessons.reader import read_lesson
from gradviz.app.recording import Recording
from gradviz.app.session import Session
from gradviz.app.settings import Settings
from tests.programs import chain
from tests.ui.fakes import recording

FOLDERS = {folder.name: folder for folder in lesson_folders()}
WHOLE = 25  # lessons of the course
_LAST = re.compile(r'(value|grad)\("([\w.]+)"\)')
_CODE = re.compile(r"```.*?```|`[^`\n]*`|\{\{.*?\}\}|\$[^$\n]*\$|\]\([^)\n]*\)", re.DOTALL)
_FORMULA = re.compile(r"\$([^$\n]+)\$")
_NO_FORMULA = re.compile(r"```.*?```|`[^`\n]*`|\{\{.*?\}\}", re.DOTALL)
_CHINESE = "[\u4e00-\u9fff]"


def test_all_are_found_in_their_order() -> None:
    lessons, problems = load_lessons()
    assert problems == []
    assert [lesson.id for lesson in lessons] == sorted(FOLDERS)
    places = [PARTS.index(lesson.part) for lesson in lessons]
    assert places == sorted(places)
    for lesson in lessons:
        assert lesson.id == f"{lesson.number:02}-{lesson.key}"
        assert all(name < lesson.id for name in lesson.requires)
        if len(FOLDERS) == WHOLE:
            assert set(lesson.requires) <= set(FOLDERS)


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_lesson(name: str) -> None:
    lesson = read_lesson(FOLDERS[name])
    made = run_setup(lesson)
    assert [str(fault) for fault in inspect(lesson.folder, lambda _: made)] == []
    anchors = Anchors([iteration.program for iteration in made.iterations])
    assert [str(fault) for fault in course_faults(lesson, anchors)] == []
    session = Session(Settings())
    session.load(made)
    for language in LANGUAGES:
        set_language(language)
        walk(LessonPlayer(session, lesson), language)
    set_language("en")
    give_up(LessonPlayer(session, lesson))
    compare_with_a_run_of_its_own(lesson, LessonPlayer(session, lesson))
    chinese_is_set_as_chinese_is(lesson)
    formulas_can_be_set(lesson)
    weights_stay_parameters(made)
    other = Session(Settings())
    other.load(recording(program=chain(3)))
    with pytest.raises(LessonError, match=r"lesson\.(toml|en\.md):\d+: step"):
        LessonPlayer(other, lesson)


def walk(player: LessonPlayer, language: str) -> None:
    """From the first step to the last; every question is answered in every way, every experiment done."""
    lesson = player.lesson
    for index, step in enumerate(lesson.steps):
        assert (player.index, player.step) == (index, step)
        words = player.words(language)
        for text in texts_of(words):
            shown = player.text(text)
            assert "{{" not in shown
            assert "nan" not in shown.lower().split() or "NaN" in text
        if step.question is None:
            assert not player.waiting
        else:
            not_on_the_screen_yet(player)
            answer_every_way(player, step.question, words, language)
        if step.do:
            player.note_used("something else")
            assert not player.given.done
            player.note_used(step.do)
            assert player.given.done
        assert not player.wandered
        player.next()
    assert player.finished
    assert player.score() == (0, sum(step.question is not None for step in lesson.steps))


def answer_every_way(player: LessonPlayer, question: Question, words: StepText, language: str) -> None:
    """Wrong in every known way, wrong in another way, then right."""
    assert player.waiting
    if question.exercise is not None:
        program_every_way(player, question, question.exercise, words, language)
    else:
        expected = expected_answer(question, player.anchors)
        mistaken = mistaken_answers(question, player.anchors)
        for name, answer in mistaken.items():
            verdict = player.answer(typed(question, answer))
            assert not verdict.correct, f"{player.step.id}: the mistake {name} is the right answer"
            assert verdict.mistake == name, f"{player.step.id}: {name} cannot be told from {verdict.mistake}"
            assert player.hint(language) == player.text(words.hints[name])
        other = a_wrong_answer(question, expected, list(mistaken.values()))
        if other is not None:
            assert not player.answer(typed(question, other)).correct
            assert player.hint(language) == player.text(words.hints[""]) != ""
        assert player.waiting
        if not mistaken and other is None:
            player.reveal()
        assert player.answer(player.expected).correct, f"{player.step.id}: what is shown is not right enough"
        assert player.answer(typed(question, expected)).correct
    assert not player.waiting


def program_every_way(
    player: LessonPlayer, question: Question, exercise: Exercise, words: StepText, language: str
) -> None:
    """Every typical mistake gets its hint, the skeleton is not enough, and the solution passes."""

    def run(code: str) -> Any:
        return player.answer_code(run_exercise(code, exercise.check, exercise.function))

    assert not run(exercise.given.read_text(encoding="utf-8")).correct
    for mistake in question.mistakes:
        file = player.lesson.folder / "mistakes" / f"{mistake.id}.py"
        assert run(file.read_text(encoding="utf-8")).mistake == mistake.id, file
        assert player.hint(language).startswith(player.text(words.hints[mistake.id]))
    broken = run("1 / 0\n")
    assert (broken.correct, broken.mistake) == (False, "")
    assert "ZeroDivisionError" in player.hint(language)
    assert player.waiting
    assert run(exercise.solution.read_text(encoding="utf-8")).correct


def give_up(player: LessonPlayer) -> None:
    """Every answer can be shown instead; the cursor only ever goes on."""
    timeline = player.session.timeline
    assert timeline is not None
    seen = [timeline.moment]
    for index, step in enumerate(player.lesson.steps):
        player.go(index)
        seen.append(timeline.moment)
        player.reveal()
        seen.append(timeline.moment)
        assert seen[-3:] == sorted(seen[-3:]), f"{step.id}: the cursor jumps back"
        assert not player.waiting
        assert player.given.revealed == (step.question is not None)


def typed(question: Question, answer: object) -> str:
    """An answer as a learner would type it."""
    return repr(answer) if question.kind == "number" else answer_text(question, answer)


def a_wrong_answer(question: Question, expected: object, mistaken: list[object]) -> object:
    """One that is neither right nor a known mistake."""
    match question.kind:
        case "number":
            assert isinstance(expected, float)
            return 1000.0 + 3 * abs(expected) + sum(abs(float(str(m))) for m in mistaken)
        case "sign":
            return next((sign for sign in (0, 1, -1) if sign != expected and sign not in mistaken), None)
        case "shape":
            return (9, 9, 9, 9, 9, 9)
    return next((c for c in question.choices if c != expected and c not in mistaken), None)


def not_on_the_screen_yet(player: LessonPlayer) -> None:
    """Where an answer is the value of a named slot, that slot is not written yet."""
    step = player.step
    assert step.question is not None
    plain = re.fullmatch(r'value\("(\w+)"\)', step.question.answer)
    if plain is not None and step.question.reveal_at:
        slot = player.anchors.slot(plain[1], step.iteration)
        assert player.session.state is not None
        assert not player.session.state.written(slot), step.id


def compare_with_a_run_of_its_own(lesson: Lesson, player: LessonPlayer) -> None:
    """Numbers of the text that a variable of the setup code holds at its end are those of the engine."""
    names: dict[str, Any] = runpy.run_path(str(lesson.setup), run_name="__main__")
    last = len(player.recording.iterations) - 1
    if player.recording.trained and len(player.recording.trained) > last + 1:
        return  # it trains on after what is recorded
    for step in lesson.steps:
        for text in texts_of(lesson.texts["en"].steps[step.id]):
            for expression in placeholders(text):
                plain = _LAST.fullmatch(expression)
                found = holder(names, plain[2]) if plain is not None else None
                if plain is None or found is None or last or (plain[1] == "grad" and not found.is_leaf):
                    continue
                number = found.grad if plain[1] == "grad" else found
                if isinstance(number, gradviz.Tensor):
                    ours = evaluate(expression, player.anchors)
                    np.testing.assert_allclose(ours, number.detach().numpy(), rtol=1e-5, err_msg=expression)


def holder(names: dict[str, Any], path: str) -> Any:
    """The tensor that a script calls by a name, or None."""
    found = names.get(path)
    return found if isinstance(found, gradviz.Tensor) else None


def chinese_is_set_as_chinese_is(lesson: Lesson) -> None:
    """Full-width punctuation, and spaces between Chinese and Latin."""
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


def formulas_can_be_set(lesson: Lesson) -> None:
    """Mathtext can read every formula; the window would show the source of any other."""
    for words in lesson.text("en").steps.values():  # the other languages have the same formulas
        for part in texts_of(words):
            for formula in _FORMULA.findall(_NO_FORMULA.sub("0", part)):
                assert outline(formula) is not None, formula


def weights_stay_parameters(made: Recording) -> None:
    """What is trained is a parameter in every iteration."""
    for iteration in made.iterations:
        first = {slot.name: slot.kind for slot in reversed(iteration.program.slots) if slot.name}
        trained = {name.removesuffix(".grad") for name in iteration.program.names() if name.endswith(".grad")}
        kinds = {first[name] for name in trained if name in first}
        assert kinds <= {SlotKind.PARAMETER}


def test_what_is_compared_is_compared() -> None:
    """Numbers of the text are found again in a run of its own: the comparison is not empty."""
    lesson = read_lesson(FOLDERS["03-one-neuron"])
    texts = [text for words in lesson.texts["en"].steps.values() for text in texts_of(words)]
    plain = [match for text in texts for each in placeholders(text) if (match := _LAST.fullmatch(each))]
    names = runpy.run_path(str(lesson.setup), run_name="__main__")
    assert sum(holder(names, match[2]) is not None for match in plain) > 20
