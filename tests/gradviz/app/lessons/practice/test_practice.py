"""Exercises are fresh, right and diagnosed; what was missed comes back sooner than what was known."""

import random
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from fsrs import Scheduler

from gradviz.app.inside.check import Verdict, checks
from gradviz.app.lessons.answers import answer_text
from gradviz.app.lessons.practice.exercise import LEVELS, make_exercise
from gradviz.app.lessons.practice.plan import Plan
from gradviz.app.lessons.practice.rules import BY_ID, RULES, TOPICS
from gradviz.app.state import StateView

START = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)  # noqa: UP017


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", BY_ID)
def test_every_rule_has_exercises_at_every_level(name: str, level: int) -> None:
    exercise = make_exercise(BY_ID[name], level, random.Random(f"{name}{level}"))
    asked, program = exercise.prediction, exercise.recording.iterations[0].program
    right = exercise.judge(answer_text(asked.question, asked.answer))
    assert right.correct
    assert asked.wrong, "no mistake is known"
    for mistake, answers in asked.wrong:
        given = answers[0]
        text = repr(given) if isinstance(given, float) else answer_text(asked.question, given)
        outcome = exercise.judge(text)
        assert not outcome.correct
        assert outcome.hint
        assert outcome.mistake in dict(asked.wrong), mistake
    assert not StateView(program, exercise.moment).written(asked.slot)
    assert StateView(program, exercise.after).written(asked.slot)
    compile(exercise.code, "x", "exec")


@pytest.mark.parametrize("name", [rule.id for rule in RULES if rule.topic != "update"])
def test_asked_gradients_agree_with_finite_differences(name: str) -> None:
    exercise = make_exercise(BY_ID[name], 2, random.Random(7))
    if not exercise.draft.gradient:
        return
    program = exercise.recording.iterations[0].program
    slot = next(number for number, slot in enumerate(program.slots) if slot.name == exercise.draft.name)
    found = next(checks(program, slot, exercise.prediction.element, steps=()))
    assert found.verdict in (Verdict.AGREES, Verdict.KINK)
    assert found.gradient == pytest.approx(exercise.prediction.answer)


def test_exercises_are_fresh_and_can_be_repeated() -> None:
    rule = BY_ID["mul"]
    codes = {make_exercise(rule, 2, random.Random(seed)).code for seed in range(12)}
    assert len(codes) > 6
    one, two = (make_exercise(rule, 2, random.Random(5)) for _ in range(2))
    assert (one.code, one.prediction.answer) == (two.code, two.prediction.answer)


def plan_in(folder: Path) -> Plan:
    return Plan.load(folder, Scheduler(enable_fuzzing=False))


def test_what_was_missed_comes_back_before_what_was_known(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    assert plan.following(START).id == RULES[0].id
    known, missed = plan.note("mul", True, START), plan.note("add", False, START)
    assert START < missed.due < known.due
    soon = START + timedelta(minutes=5)
    assert [rule.id for rule in plan.due(soon)] == ["add"]
    assert plan.following(soon).id == "add"
    plan.note("add", True, soon)
    assert plan.following(soon).id == RULES[2].id, "nothing is due: something new"


def test_levels_rise_and_fall(tmp_path: Path) -> None:
    plan, when = plan_in(tmp_path), START
    seen = []
    for right in (True, True, True, True, False, False, False):
        seen.append(plan.note("mul", right, when).level)
        when += timedelta(days=1)
    assert seen == [1, 2, 2, 3, 2, 1, 1]


def test_mastery_takes_time_and_is_kept(tmp_path: Path) -> None:
    plan, when = plan_in(tmp_path), START
    for _ in range(8):
        standing = plan.note("relu", True, when)
        when = standing.due
    assert standing.mastered
    assert when - START > timedelta(days=20)
    again = plan_in(tmp_path)
    assert again.standings["relu"] == standing
    assert again.mastery()["relu"] == (1, 1, 1)
    assert again.mastery()["mul"][:2] == (0, 0)
    assert set(again.mastery()) == set(TOPICS)


def test_a_topic_can_be_chosen(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    for rule in RULES:
        plan.note(rule.id, True, START)
    assert plan.following(START, "pooling").topic == "pooling"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"rules": {"add": {}}}', '{"rules": {"add": 3}}', "null"])
def test_a_broken_file_is_put_aside(tmp_path: Path, text: str) -> None:
    plan_in(tmp_path).path.write_text(text, encoding="utf-8")
    plan = plan_in(tmp_path)
    assert plan.standings == {}
    assert plan.problem
    assert (tmp_path / "practice.broken.json").exists()
    plan.note("add", True, START)
    assert plan_in(tmp_path).standings["add"].right == 1
