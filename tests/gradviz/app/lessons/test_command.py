"""`gradviz lesson new` makes a lesson without faults; `gradviz lesson check` finds each kind of fault."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gradviz.app.cli import main
from gradviz.app.lessons.inspection import inspect, run_setup
from gradviz.app.lessons.model import LessonError
from gradviz.app.lessons.reader import read_lesson
from gradviz.app.recording import Recording

_made: dict[str, Recording] = {}


@pytest.fixture
def fresh(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A lesson that has just been made."""
    assert main(["lesson", "new", "09-my-lesson", "--in", str(tmp_path)]) == 0
    folder = tmp_path / "09-my-lesson"
    assert str(folder) in capsys.readouterr().out
    if not _made:
        _made["it"] = run_setup(read_lesson(folder))
    return folder


def faults(folder: Path) -> list[tuple[str, int | None, str]]:
    return [(each.path.name, each.line, each.message) for each in inspect(folder, lambda _: _made["it"])]


def test_a_new_lesson_has_no_faults_and_its_name(fresh: Path) -> None:
    assert faults(fresh) == []
    lesson = read_lesson(fresh)
    assert (lesson.number, lesson.text("en").title) == (9, "My lesson")
    assert main(["lesson", "new", fresh.name, "--in", str(fresh.parent)]) == 2
    assert main(["lesson", "new", "no/name", "--in", str(fresh.parent)]) == 2


def test_check_prints_file_and_line(fresh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(fresh, "lesson.toml", 'select = "total"', 'select = "nothing"')
    assert main(["lesson", "check", str(fresh)]) == 1
    out = capsys.readouterr().out
    assert f"{fresh / 'lesson.toml'}:10: step 'product': " in out
    assert out.endswith("1 fault found\n")
    assert main(["lesson", "check", str(fresh / "nowhere")]) == 2


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "told"),
    [
        ("lesson.toml", 'at = "start"', 'at = "backward:conv9"', "lesson.toml:5", "conv9"),
        (
            "lesson.toml",
            '\'value("price") + value("count")\'',
            "'15'",
            "lesson.toml:10",
            "is the right answer",
        ),
        ("lesson.en.md", "### ~\nMultiply", "Multiply", "lesson.en.md", "no hint for any other wrong answer"),
        ("lesson.en.md", "### ~ added", "### ~ addded", "lesson.en.md:8", "has a hint for 'addded'"),
        ("lesson.en.md", '{{ value("count") }}.', '{{ value("cnt") }}.', "lesson.en.md:5", "cnt"),
        ("lesson.zh_CN.md", '{{ value("count") }}', "5", "lesson.zh_CN.md:5", "lacks numbers"),
        ("lesson.en.md", "The first operation", "The [first](x.png) one", "lesson.en.md:9", "leads nowhere"),
        ("lesson.en.md", "### >\nNudge", "Nudge", "lesson.en.md:23", "belong together"),
        ("lesson.toml", 'at = "before write total"', 'at = "write total"', "lesson.toml:10", "on the screen"),
    ],
    ids=[
        "anchor",
        "right mistake",
        "no hint",
        "unused hint",
        "number",
        "translation",
        "link",
        "experiment",
        "given away",
    ],
)
def test_every_kind_of_fault_is_found(
    fresh: Path, file: str, old: str, new: str, where: str, told: str
) -> None:
    edit(fresh, file, old, new)
    found = [(f"{name}:{line}", message) for name, line, message in faults(fresh)]
    assert any(place.startswith(where) and told in message for place, message in found), found


def test_a_missing_language_and_failing_code_are_found(fresh: Path) -> None:
    (fresh / "lesson.zh_CN.md").unlink()
    assert [(name, message) for name, _, message in faults(fresh)] == [
        ("lesson.zh_CN.md", "this language is missing")
    ]
    edit(fresh, "setup.py", "price * count", "price * cnt")
    lesson = read_lesson(fresh)
    with pytest.raises(LessonError, match=r"setup\.py:7: NameError"):
        run_setup(lesson)


def test_course_rules_are_told_when_asked_for(
    fresh: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import gradviz.app.lessons.command as command

    record: Callable[[object], Recording] = lambda _: _made["it"]  # noqa: E731
    monkeypatch.setattr(command, "run_setup", record)
    assert main(["lesson", "check", "--course", str(fresh)]) == 1
    out = capsys.readouterr().out
    assert "fewer than 8 steps" in out
    assert "only 0 questions have 2 mistakes or more" in out


def test_the_folder_may_be_named_from_where_one_is(
    fresh: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(fresh.parent)
    assert main(["lesson", "check", fresh.name]) == 0
    assert capsys.readouterr().out == "No faults found\n"
