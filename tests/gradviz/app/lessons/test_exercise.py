"""What a learner programs is run, checked, and told about with its line; lessons with code are inspected."""

import json
from pathlib import Path

import pytest

from gradviz.app.anchors import Anchors
from gradviz.app.lessons.answers import judge_code
from gradviz.app.lessons.exercise import ExerciseResult, main, run_exercise
from gradviz.app.lessons.exercise_faults import exercise_faults
from gradviz.app.lessons.links import link_faults
from gradviz.app.lessons.model import Lesson, LessonError
from gradviz.app.lessons.proofs import agree, formula_faults, run_claim
from gradviz.app.lessons.reader import read_lesson
from tests.gradviz.app.lessons.folders import CHINESE, ENGLISH, TOML, write_lesson
from tests.programs import neuron

CHECK = """
def check(functions):
    yield "sum", functions.add(2, 3) == 5, f"add(2, 3) = {functions.add(2, 3)}"
    yield "sign", functions.add(2, -3) == -1, f"add(2, -3) = {functions.add(2, -3)}"
"""
RIGHT = "def add(a, b):\n    return a + b\n"
CODE_TOML = """
[[steps]]
id = "code"
[steps.question]
kind = "code"
[[steps.question.mistakes]]
id = "sign"
"""
CODE_WORDS = "# T\n\n## Code {#code}\nx\n\n### ?\nAdd.\n\n### !\ny\n\n### ~ sign\nh\n\n### ~\nany\n"


@pytest.fixture
def check(tmp_path: Path) -> Path:
    file = tmp_path / "check.py"
    file.write_text(CHECK, encoding="utf-8")
    return file


def test_right_code_passes_every_check(check: Path) -> None:
    result = run_exercise(RIGHT, check)
    assert result.passed
    assert ExerciseResult.from_json(result.to_json()) == result
    assert judge_code(result).correct


def test_the_first_failed_check_is_the_mistake(check: Path) -> None:
    verdict = judge_code(run_exercise("def add(a, b):\n    return a + abs(b)\n", check))
    assert (verdict.correct, verdict.mistake, verdict.detail) == (False, "sign", "add(2, -3) = 5")


@pytest.mark.parametrize(
    ("code", "problem", "line"),
    [
        ("def add(a, b)\n    return a", "SyntaxError", 1),
        ("x = 1\nadd = lambda a, b: a / 0\n", "ZeroDivisionError", 2),
        ("def plus(a, b):\n    return a + b\n", "NameError: the code defines no 'add'", 0),
        ("\nraise SystemExit(3)\n", "SystemExit", 2),
    ],
)
def test_errors_are_told_with_their_line(check: Path, code: str, problem: str, line: int) -> None:
    result = run_exercise(code, check)
    assert result.problem.startswith(problem)
    assert result.line == line
    assert not result.passed
    assert not judge_code(result).correct


def test_the_child_writes_what_came_out(tmp_path: Path, check: Path) -> None:
    code, out = tmp_path / "code.py", tmp_path / "out.json"
    code.write_text(RIGHT, encoding="utf-8")
    assert main([str(code), str(check), "check", str(out)]) == 0
    assert [row["passed"] for row in json.loads(out.read_text())["checks"]] == [True, True]


def code_lesson(folder: Path, **files: str) -> Lesson:
    folder.mkdir(exist_ok=True)
    standard = {"exercise": "def add(a, b):\n    return 0\n", "check": CHECK, "solution": RIGHT}
    for name, text in (standard | files).items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    (folder / "mistakes").mkdir(exist_ok=True)
    (folder / "mistakes" / "sign.py").write_text("def add(a, b):\n    return a + abs(b)\n", encoding="utf-8")
    return read_lesson(write_lesson(folder, toml=CODE_TOML, english=CODE_WORDS, chinese=None))


def test_a_lesson_with_code_is_found_right(tmp_path: Path) -> None:
    assert list(exercise_faults(code_lesson(tmp_path))) == []


def test_what_is_wrong_with_an_exercise_is_found(tmp_path: Path) -> None:
    lesson = code_lesson(tmp_path, exercise=RIGHT, solution="def add(a, b):\n    return a - b\n")
    (tmp_path / "mistakes" / "sign.py").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "mistakes" / "unused.py").write_text("", encoding="utf-8")
    found = [(fault.path.name, fault.message) for fault in exercise_faults(lesson)]
    assert [file for file, _ in found] == ["solution.py", "exercise.py", "sign.py", "unused.py"]
    assert "sum: add(2, 3) = -1" in found[0][1]


def test_files_of_an_exercise_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(LessonError, match=r"lesson\.toml:2: there is no file 'mistakes/sign\.py'"):
        read_lesson(write_lesson(tmp_path, toml=CODE_TOML, english=CODE_WORDS, chinese=None))
    (tmp_path / "mistakes").mkdir()
    (tmp_path / "mistakes" / "sign.py").write_text("", encoding="utf-8")
    elsewhere = CODE_TOML.replace('kind = "code"', 'kind = "code"\ngiven = "../exercise.py"')
    (tmp_path.parent / "exercise.py").write_text("", encoding="utf-8")
    with pytest.raises(LessonError, match="there is no file"):
        read_lesson(write_lesson(tmp_path, toml=elsewhere, english=CODE_WORDS, chinese=None))


FORMULA = """
[[formulas]]
id = "square"
text = "n = n"
left = "m ** 2"
right = 'value("n") * m'
[formulas.let]
m = 'value("n")'
"""


def test_formulas_are_proved_and_must_stand_in_the_text(tmp_path: Path) -> None:
    words, chinese = (text.replace("$n$", "$n = n$") for text in (ENGLISH, CHINESE))
    lesson = read_lesson(write_lesson(tmp_path, TOML + FORMULA, words, chinese))
    anchors = Anchors([neuron()])
    assert list(formula_faults(lesson, anchors)) == []
    wrong = FORMULA.replace("* m", "+ m")
    lesson = read_lesson(write_lesson(tmp_path, TOML + wrong, words, CHINESE))
    false, absent = formula_faults(lesson, anchors)
    assert "is not true" in false.message
    assert false.line == (TOML + wrong).splitlines().index("[[formulas]]") + 1
    assert "does not stand in lesson.zh_CN.md" in absent.message


def test_a_claim_is_run_with_what_it_is_given(tmp_path: Path) -> None:
    import gradviz

    (tmp_path / "claims.py").write_text(
        "def f(torch):\n    return {'a': torch.tensor([1.0, 2.0]), 'b': 'x'}\n"
    )
    toml = TOML + '[[claims]]\nid = "c"\nscript = "claims.py:f"\n'
    (claim,) = read_lesson(write_lesson(tmp_path, toml)).claims
    result = run_claim(claim, gradviz)
    assert agree(result, {"a": [1.0, 2.0], "b": "x"} | {"a": result["a"]}, 1e-6)
    assert not agree(result, {"a": result["a"] + 1, "b": "x"}, 1e-6)


def test_links_that_lead_nowhere_are_told_with_their_line(tmp_path: Path) -> None:
    english = ENGLISH.replace(
        "That was all.",
        "See [one](lesson:03-one-neuron), [two](lesson:99-none), `[three](x)` and [four](a.png).",
    )
    lesson = read_lesson(write_lesson(tmp_path, english=english))
    found = [(fault.line, fault.message) for fault in link_faults(lesson)]
    line = english[: english.index("See [one]")].count("\n") + 1
    assert found == [(line, "the link lesson:99-none leads nowhere"), (line, "the link a.png leads nowhere")]
