"""Which rule comes next: FSRS says when what was learnt, or missed, is to come back. Kept locally as JSON.

Source: J. Ye et al., "A Stochastic Shortest Path Algorithm for Optimizing Spaced Repetition Scheduling",
2022; the library `fsrs` is its authors' own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from fsrs import Card, Rating, Scheduler

from ...atomic import replaced
from ...i18n import tr
from ...paths import config_dir
from .exercise import LEVELS
from .rules import RULES, Rule

FILE_NAME = "practice.json"
RAISE = 2  # right answers in a row that lead to the next level
MASTERED = timedelta(days=7)  # after which it would still be known


@dataclass(frozen=True)
class Standing:
    """How one rule stands: its card, the level of the next exercise, and what was answered so far."""

    card: Card
    level: int = 1
    right: int = 0
    asked: int = 0
    streak: int = 0

    @property
    def due(self) -> datetime:
        """When it should be practised again (UTC)."""
        return self.card.due

    @property
    def mastered(self) -> bool:
        """Whether it was right at the highest level and is remembered for a week."""
        stability = self.card.stability or 0.0
        return self.level == LEVELS[-1] and self.streak > 0 and stability >= MASTERED.days


@dataclass
class Plan:
    """All rules with their standing; `problem` tells that the file could not be read or written."""

    folder: Path | None = None
    scheduler: Scheduler = field(default_factory=Scheduler)
    standings: dict[str, Standing] = field(default_factory=dict)
    problem: str | None = None

    @classmethod
    def load(cls, folder: Path | None = None, scheduler: Scheduler | None = None) -> Plan:
        """Read what was practised; never raises. A broken file is put aside."""
        plan = cls(folder, scheduler or Scheduler())
        try:
            stored = json.loads(plan.path.read_text(encoding="utf-8"))
            plan.standings = {name: _standing(row) for name, row in stored["rules"].items()}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            plan.problem = tr("What was practised cannot be read from {path}: {error}").format(
                path=plan.path, error=error
            )
            plan._put_aside()
        return plan

    @property
    def path(self) -> Path:
        return (self.folder or config_dir()) / FILE_NAME

    def level(self, rule: str) -> int:
        """The level of the next exercise."""
        standing = self.standings.get(rule)
        return standing.level if standing is not None else 1

    def due(self, now: datetime) -> list[Rule]:
        """The rules that are due, the longest overdue first."""
        found = [rule for rule in RULES if rule.id in self.standings and self.standings[rule.id].due <= now]
        return sorted(found, key=lambda rule: self.standings[rule.id].due)

    def following(self, now: datetime, topic: str = "") -> Rule:
        """What to practise now: what is due, else something new, else what comes due next."""
        rules = [rule for rule in RULES if not topic or rule.topic == topic]
        due = [rule for rule in self.due(now) if rule in rules]
        fresh = [rule for rule in rules if rule.id not in self.standings]
        if due or fresh:
            return (due or fresh)[0]
        return min(rules, key=lambda rule: self.standings[rule.id].due)

    def note(self, rule: str, right: bool, now: datetime) -> Standing:
        """A question of a rule was answered, rightly at the first try or not; the plan is kept."""
        before = self.standings.get(rule) or Standing(Card(due=now))
        card, _ = self.scheduler.review_card(before.card, Rating.Good if right else Rating.Again, now)
        streak = before.streak + 1 if right else 0
        level = before.level
        if right and streak % RAISE == 0:
            level = min(level + 1, LEVELS[-1])
        elif not right:
            level = max(level - 1, LEVELS[0])
        after = replace(
            before,
            card=card,
            level=level,
            right=before.right + right,
            asked=before.asked + 1,
            streak=streak,
        )
        self.standings[rule] = after
        self.save()
        return after

    def mastery(self) -> dict[str, tuple[int, int, int]]:
        """For each topic: how many of its rules are mastered, were practised, and there are."""
        found: dict[str, tuple[int, int, int]] = {}
        for rule in RULES:
            mastered, practised, count = found.get(rule.topic, (0, 0, 0))
            standing = self.standings.get(rule.id)
            found[rule.topic] = (
                mastered + (standing is not None and standing.mastered),
                practised + (standing is not None),
                count + 1,
            )
        return found

    def save(self) -> None:
        """Write the plan, whole or not at all; a failure is told in `problem`."""
        rows = {name: _row(standing) for name, standing in self.standings.items()}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with replaced(self.path) as stream:
                stream.write(json.dumps({"version": 1, "rules": rows}, indent=1, sort_keys=True).encode())
        except OSError as error:
            self.problem = tr("What was practised cannot be saved in {path}: {error}").format(
                path=self.path, error=error
            )

    def _put_aside(self) -> None:
        try:
            self.path.replace(self.path.with_suffix(".broken.json"))
        except OSError:
            return


def now() -> datetime:
    """This moment (UTC)."""
    return datetime.now(timezone.utc)  # noqa: UP017  (fsrs asks for timezone.utc)


def _row(standing: Standing) -> dict[str, Any]:
    return {
        "card": standing.card.to_dict(),
        "level": standing.level,
        "right": standing.right,
        "asked": standing.asked,
        "streak": standing.streak,
    }


def _standing(row: Mapping[str, Any]) -> Standing:
    numbers = {name: int(row[name]) for name in ("right", "asked", "streak")}
    level = min(max(int(row["level"]), LEVELS[0]), LEVELS[-1])
    return Standing(Card.from_dict(row["card"]), level, **numbers)
