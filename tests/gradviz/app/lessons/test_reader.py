"""Lessons are read whole, or refused with the file and the line of the fault; nothing of them is run."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.app.lessons import library
from gradviz.app.lessons.model import LessonError
from gradviz.app.lessons.reader import read_lesson
from gradviz.app.paths import asset_path
from tests.gradviz.app.lessons.folders import CHINESE, ENGLISH, TOML, write_lesson


def test_a_right_lesson_is_read(tmp_path: Path) -> None:
    lesson = read_lesson(write_lesson(tmp_path / "sums"))
    assert (lesson.id, lesson.number, lesson.minutes) == ("sums", 3, 7)
    assert lesson.requires == ("one-neuron",)
    assert [step.id for step in lesson.steps] == ["start", "product", "slope", "end"]
    question = lesson.steps[1].question
    assert question is not None
    assert (question.kind, question.answer, question.reveal_at) == ("number", 'value("n")', "write n")
    assert [mistake.id for mistake in question.mistakes] == ["double"]
    words = lesson.text("en").steps["product"]
    assert (words.heading, words.body, words.question) == ("The sum", "Look at $n$.", "What is it?")
    assert words.explanation == 'It is {{ value("n") }}.'
    assert set(words.hints) == {"double", ""}
    assert lesson.text("zh_CN").steps["slope"].choices == {"up": "上", "down": "下"}
    assert lesson.text("zh_CN").aim == "只是测试。"


def test_the_setup_code_is_not_run(tmp_path: Path) -> None:
    read_lesson(write_lesson(tmp_path, setup="raise SystemExit('run')"))


def test_one_language_is_enough(tmp_path: Path) -> None:
    assert read_lesson(write_lesson(tmp_path / "a", chinese=None)).text("zh_CN").title == "A test"
    assert read_lesson(write_lesson(tmp_path / "b", english=None)).text("en").title == "测试"


def test_headings_in_code_blocks_are_code(tmp_path: Path) -> None:
    text = ENGLISH.replace("Nothing yet.", "```python\n## not {a} step\n### !\n# nor this\n```")
    lesson = read_lesson(write_lesson(tmp_path, english=text))
    assert "## not {a} step" in lesson.text("en").steps["start"].body


FAULTS_OF_STEPS = {
    "bad TOML": ("minutes = 7", "minutes = = 7", 3, "line 3"),
    "a misspelt key": ("minutes = 7", "minute = 7", None, "minute"),
    "a key of another place": ('at = "write o"', 'att = "write o"', 22, "att"),
    "a number as text": ("minutes = 7", 'minutes = "7"', None, "minutes"),
    "a negative number": ("number = 3", "order = -3", None, "order"),
    "requires that is no list": ('requires = ["one-neuron"]', "requires = 3", None, "requires"),
    "no id": ('id = "slope"\n', "", 22, "id"),
    "an id with spaces": ('id = "slope"', 'id = "the slope"', 22, "id"),
    "an id twice": ('id = "slope"', 'id = "start"', 22, "second time"),
    "an unknown kind": ('kind = "choice"', 'kind = "guess"', 22, "kind"),
    "no answer": ("answer = 'value(\"n\")'\n", "", 10, "answer"),
    "an empty answer": ("answer = 'value(\"n\")'", 'answer = ""', 10, "answer"),
    "an answer that is a number": ("answer = 'value(\"n\")'", "answer = 3", 10, "answer"),
    "a bad expression": ("answer = 'value(\"n\")'", "answer = 'value(n)'", 10, "quoted"),
    "a bad mistake": ("answer = '2 * value(\"n\")'", "answer = '2 *'", 10, "not an expression"),
    "a mistake without id": ('id = "double"\n', "", 10, "id"),
    "choices of a number": ('kind = "number"', 'kind = "number"\nchoices = ["a"]', 10, "choices"),
    "no choices": ('choices = ["up", "down"]\n', "", 22, "choices"),
    "choices twice": ('choices = ["up", "down"]', 'choices = ["up", "up"]', 22, "choices"),
    "a negative tolerance": ('kind = "number"', 'kind = "number"\ntolerance = -1', 10, "tolerance"),
    "an element that is no index": ('select = "n"', 'select = "n"\nelement = [0.5]', 10, "element"),
    "open that is no list": ('select = "n"', 'select = "n"\nopen = "conv1"', 10, "open"),
    "code elsewhere": ("minutes = 7", 'setup = "../setup.py"', None, "../setup.py"),
    "code that is missing": ("minutes = 7", 'setup = "other.py"', None, "other.py"),
    "a question that is no table": ('at = "write o"', 'at = "x"\nquestion = 3', 22, None),
}


@pytest.mark.parametrize("fault", FAULTS_OF_STEPS)
def test_a_fault_of_the_steps_is_told_with_its_line(fault: str, tmp_path: Path) -> None:
    before, after, line, word = FAULTS_OF_STEPS[fault]
    toml = TOML.replace(before, after, 1)
    assert toml != TOML
    if fault == "a question that is no table":
        toml = toml[: toml.index("[steps.question]", toml.index("question = 3"))] + "[[steps]]\nid = 'end'\n"
        word = "question"
    with pytest.raises(LessonError) as caught:
        read_lesson(write_lesson(tmp_path, toml=toml))
    assert caught.value.path == tmp_path / "lesson.toml"
    assert caught.value.line == line
    assert word is not None
    assert word in caught.value.message
    assert str(tmp_path / "lesson.toml") in str(caught.value)


FAULTS_OF_WORDS = {
    "no title": ("# A test\n", "A test\n", 1, "title"),
    "a step without words": ("## End {#end}\nThat was all.\n", "", None, "'end'"),
    "a step that is unknown": ("{#end}", "{#ende}", 34, "'ende'"),
    "a step twice": ("{#end}", "{#start}", 34, "second time"),
    "a step without id": (" {#end}", "", 34, "{#step-id}"),
    "a step without text": ("Nothing yet.\n", "", 5, "no text"),
    "a question before any step": ("Only a test.", "### ?", 3, "before the first step"),
    "no words for the question": ("### ?\nWhat is it?\n", "", 8, "no words"),
    "no words for the answer": ('### !\nIt is {{ value("n") }}.\n', "", 8, "### !"),
    "a question that is not asked": ("That was all.", "That was all.\n### ?\nWas it?", 34, "no question"),
    "a part that is unknown": ("### ?\nWhat", "### ??\nWhat", 11, "###"),
    "a part twice": ("### ~\nLook again.", "### ~ double\nLook again.", 20, "second time"),
    "an id where none belongs": ("### !\nIt is", "### ! it\nIt is", 14, "no id"),
    "a hint that is missing": ("### ~ double", "### ~ triple", 8, "'double'"),
    "a hint too many": ("### ~\n", "### ~ triple\nNo.\n\n### ~\n", 8, "'triple'"),
    "a choice too few": ("- [down] Down\n", "", 23, "choices"),
    "a choice too many": ("- [down] Down\n", "- [down] Down\n- [left] Left\n", 23, "choices"),
    "a choice twice": ("- [down] Down\n", "- [up] Down\n", 29, "second time"),
    "choices that nobody asks for": ("What is it?", "What is it?\n- [a] A", 8, "choices"),
    "a bad expression": ('It is {{ value("n") }}', "It is {{ open('x') }}", 8, "function"),
    "braces that stay open": ('It is {{ value("n") }}', 'It is {{ value("n") ', 8, "{{"),
    "numbers in the aim": ("Only a test.", 'Only {{ value("n") }}.', 1, "aim"),
    "numbers in a heading": ("## End", '## {{ value("n") }}', 34, "heading"),
}


@pytest.mark.parametrize("fault", FAULTS_OF_WORDS)
def test_a_fault_of_the_words_is_told_with_its_line(fault: str, tmp_path: Path) -> None:
    before, after, line, word = FAULTS_OF_WORDS[fault]
    text = ENGLISH.replace(before, after, 1)
    assert text != ENGLISH
    with pytest.raises(LessonError) as caught:
        read_lesson(write_lesson(tmp_path, english=text))
    assert caught.value.path == tmp_path / "lesson.en.md"
    assert caught.value.line == line
    assert word in caught.value.message


def test_the_other_language_is_checked_too(tmp_path: Path) -> None:
    text = CHINESE.replace("## 结束 {#end}\n完了。\n", "")
    with pytest.raises(LessonError, match=r"lesson\.zh_CN\.md.*'end'"):
        read_lesson(write_lesson(tmp_path, chinese=text))


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(LessonError, match=r"lesson\.toml.*no such file"):
        read_lesson(tmp_path / "nowhere")
    with pytest.raises(LessonError, match="no text"):
        read_lesson(write_lesson(tmp_path / "a", english=None, chinese=None))
    with pytest.raises(LessonError, match=r"setup\.py"):
        read_lesson(write_lesson(tmp_path / "b", setup=None))
    with pytest.raises(LessonError, match=r"\[\[steps\]\]"):
        read_lesson(write_lesson(tmp_path / "c", toml="number = 1"))


def test_files_that_are_no_text(tmp_path: Path) -> None:
    for name in ("lesson.toml", "lesson.en.md"):
        folder = write_lesson(tmp_path / name)
        (folder / name).write_bytes(b"\xff\xfe\x00broken")
        with pytest.raises(LessonError, match="cannot be read") as caught:
            read_lesson(folder)
        assert caught.value.path == folder / name


@given(st.integers(0, len(TOML)), st.text("[]={}'\"\n# azé\0", max_size=5), st.integers(0, 40))
def test_any_damage_to_the_steps_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, place: int, noise: str, cut: int
) -> None:
    folder = write_lesson(
        tmp_path_factory.getbasetemp() / "damaged", toml=TOML[:place] + noise + TOML[place + cut :]
    )
    try:
        read_lesson(folder)
    except LessonError as error:
        assert str(folder) in str(error)


@given(st.integers(0, len(ENGLISH)), st.text("#?!~{}[]-\n `a", max_size=5), st.integers(0, 40))
def test_any_damage_to_the_words_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, place: int, noise: str, cut: int
) -> None:
    text = ENGLISH[:place] + noise + ENGLISH[place + cut :]
    folder = write_lesson(tmp_path_factory.getbasetemp() / "garbled", english=text)
    try:
        read_lesson(folder)
    except LessonError as error:
        assert str(folder) in str(error)


def test_the_instructions_for_authors_are_right(tmp_path: Path) -> None:
    text = asset_path("docs", "lessons.md").read_text("utf-8")
    toml, words = (re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)[0] for kind in ("toml", "markdown"))
    lesson = read_lesson(write_lesson(tmp_path, toml=toml, english=words, chinese=None))
    step = lesson.steps[0]
    assert (step.show, step.tool, step.do) == ("plots:loss", "nudge", "nudge")
    assert [formula.id for formula in lesson.formulas] == ["descent"]
    assert step.question is not None
    assert [mistake.id for mistake in step.question.mistakes] == ["forgot-upstream"]
    assert set(lesson.text("en").steps["weight"].hints) == {"forgot-upstream", ""}


def test_lessons_are_read_again_only_when_they_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_lesson(tmp_path / "sums")
    monkeypatch.setattr(library, "lesson_folders", lambda: [folder])
    (first,), _ = library.load_lessons()
    (again,), _ = library.load_lessons()
    assert again is first
    text = folder / "lesson.en.md"
    text.write_text(text.read_text("utf-8").replace("# A test", "# Another title"), "utf-8")
    (changed,), _ = library.load_lessons()
    assert changed.text("en").title == "Another title"
