"""Claims about PyTorch: what a text says must be tried out, and a claim must belong to a text."""

from pathlib import Path

import pytest

from gradviz.app.anchors import Anchors
from gradviz.app.lessons.course_rules import course_faults
from gradviz.app.lessons.inspection import claim_faults
from gradviz.app.lessons.model import Lesson
from gradviz.app.lessons.reader import read_lesson
from tests.programs import neuron

from .folders import CHINESE, ENGLISH, TOML, write_lesson

CLAIM = '[[claims]]\nid = "c"\nscript = "claims.py:f"\nsteps = ["start"]\n'


def lesson_with(folder: Path, says: str, claim: str, code: str = "return 1") -> Lesson:
    (folder / "claims.py").write_text(f"def f(torch):\n    {code}\n")
    return read_lesson(write_lesson(folder, TOML + claim, ENGLISH.replace("Nothing yet.", says), CHINESE))


def untried(lesson: Lesson) -> list[tuple[str, int | None]]:
    faults = course_faults(lesson, Anchors([neuron()]))
    return [(fault.path.name, fault.line) for fault in faults if "PyTorch" in fault.message]


@pytest.mark.parametrize(
    "says",
    [
        "As in PyTorch.",
        "Try `torch.relu(x)`.",
        "`a`, and `y = nn.Linear(2, 3)(x)`.",
        "`F.relu` passes it on.",
    ],
)
def test_a_step_that_speaks_of_pytorch_needs_a_claim(tmp_path: Path, says: str) -> None:
    line = ENGLISH.splitlines().index("## Start {#start}") + 1
    assert untried(lesson_with(tmp_path, says, "")) == [("lesson.en.md", line)]
    elsewhere = CLAIM.replace('"start"', '"end"')
    assert untried(lesson_with(tmp_path, says, elsewhere)) == [("lesson.en.md", line)]
    assert untried(lesson_with(tmp_path, says, CLAIM)) == []


def test_other_code_needs_none(tmp_path: Path) -> None:
    assert untried(lesson_with(tmp_path, "`x.grad`, `f.data` and a torch.", "")) == []


@pytest.mark.parametrize(
    ("claim", "code", "message"),
    [
        (CLAIM.replace("start", "strat"), "return 1", "claim 'c': there is no step 'strat'"),
        (CLAIM, "assert torch.ones(2).sum() == 3", "claim 'c': AssertionError: "),
        (CLAIM, "pass", "claim 'c' returns nothing to compare"),
    ],
)
def test_claims_that_hold_water(tmp_path: Path, claim: str, code: str, message: str) -> None:
    assert [
        fault.message for fault in claim_faults(lesson_with(tmp_path, "As in PyTorch.", claim, code))
    ] == [message]
