"""A hunt without widgets: suspects, guesses, points."""

import random
import sys

import pytest

from gradviz.app.lessons.bughunt.bugs import BUGS
from gradviz.app.lessons.bughunt.child import main, record
from gradviz.app.lessons.bughunt.hunt import LEVELS, Hunt, choose
from gradviz.app.lessons.bughunt.planting import scene_path
from gradviz.app.lessons.bughunt.words import explanation, scene_words, suspect_words, task_words
from gradviz.app.storage import load_recording


@pytest.fixture(autouse=True)
def _arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))


def hunt(name: str) -> Hunt:
    bug = BUGS[name]
    return Hunt(bug, record(bug.scene, bug))


def test_checks_and_wrong_guesses_cost_points() -> None:
    it = hunt("mul-swapped")
    assert it.suspects == ("op:mul", "op:add", "op:tanh", "op:sub", "gather")
    for _ in range(3):
        it.note_check()
    assert not it.accuse("op:tanh")
    assert not it.accuse("op:tanh")  # once is enough
    assert it.accuse("op:mul")
    assert it.found
    assert it.over
    assert it.score == 100 - 3 * 4 - 20
    it.note_check()
    assert it.score == 68


def test_giving_up_ends_it_without_points() -> None:
    it = hunt("labels-shifted")
    assert it.suspects[1] == it.bug.suspect
    assert it.line_number(it.suspects[0]) == 10
    assert it.node_ops(it.suspects[2])
    it.give_up()
    assert (it.over, it.found, it.score) == (True, False, 0)


def test_many_checks_leave_some_points() -> None:
    it = hunt("gather-overwrites")
    for _ in range(50):
        it.note_check()
    assert it.accuse("gather")
    assert it.score == 10
    assert len(it.node_ops("gather")) == 2


@pytest.mark.parametrize("name", sorted(BUGS))
def test_every_suspect_is_listed_and_every_bug_explained(name: str) -> None:
    bug = BUGS[name]
    assert explanation(bug)
    assert scene_words(bug.scene)
    assert task_words(bug)
    assert suspect_words(bug.suspect)


def test_fresh_bugs_come_first() -> None:
    for level in LEVELS:
        of_level = {bug.id for bug in BUGS.values() if bug.level == level}
        left = sorted(of_level)[0]
        seen = dict.fromkeys(of_level - {left}, 50)
        assert choose(level, seen, random.Random(1)).id == left
        assert choose(level, dict.fromkeys(of_level, 50), random.Random(1)).level == level


def test_the_child_writes_what_it_recorded(tmp_path) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "hunt.gradviz"
    assert main(["labels-shifted", str(scene_path("sgd")), "--out", str(out)]) == 0
    made = load_recording(out)
    assert len(made.iterations) == 3
    assert made.problem is None
