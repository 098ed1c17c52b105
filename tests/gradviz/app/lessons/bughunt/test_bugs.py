"""Every bug can be found: the checks that a learner has accuse the one suspect, and nothing else."""

import sys

import pytest
from gradviz.engine.op import REGISTRY

from gradviz.app.lessons.bughunt.bugs import BUGS, RULES
from gradviz.app.lessons.bughunt.child import record
from gradviz.app.lessons.bughunt.evidence import accused
from gradviz.app.lessons.bughunt.loops import LOOPS
from gradviz.app.lessons.bughunt.planting import planted, scene_path

SCENES = sorted({bug.scene for bug in BUGS.values()})


@pytest.fixture(autouse=True)
def _arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scene runs as a script does, with arguments and a folder of its own."""
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))


def test_there_are_enough_of_every_kind() -> None:
    assert len(BUGS) >= 20
    assert len(BUGS) == len(set(BUGS))
    assert {bug.level for bug in BUGS.values()} == {1, 2, 3}
    assert len(RULES) >= 12


@pytest.mark.parametrize("scene", SCENES)
def test_nobody_is_accused_where_nothing_is_wrong(scene: str) -> None:
    made = record(scene, None)
    assert made.problem is None
    assert accused(made, scene) == set()


@pytest.mark.parametrize("name", sorted(BUGS))
def test_the_checks_accuse_the_bug_and_nothing_else(name: str) -> None:
    bug = BUGS[name]
    made = record(bug.scene, bug)
    assert made.problem is None
    assert accused(made, bug.scene) == {bug.suspect}


@pytest.mark.parametrize("name", sorted(bug.id for bug in BUGS.values() if bug.line))
def test_the_learner_is_shown_the_line_as_it_should_be(name: str) -> None:
    bug = BUGS[name]
    made = record(bug.scene, bug)
    (shown,) = (text for file, text in made.sources.items() if file == str(scene_path(bug.scene)))
    assert bug.line in shown
    assert bug.wrong not in shown or bug.wrong == "pass"
    assert bug.line in LOOPS[bug.scene]


def test_a_planted_rule_is_gone_afterwards() -> None:
    before = vars(REGISTRY["mul"]).copy()
    with planted(BUGS["mul-swapped"]):
        assert "vjp" in vars(REGISTRY["mul"])
    assert vars(REGISTRY["mul"]) == before
