"""What a rule is and what it finds; which numbers of a run it may look at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar, Literal

import numpy as np

from gradviz.engine.program import Program

from ..numerals import number
from ..train_log import TrainLog

DIGITS = 3

Shows = Literal["gradient", "weight", "update", "activation", "input", "loss"]
"""What of a finding's place one has to look at."""


class Severity(IntEnum):
    """How bad it is: it learns, but not as well as it could; it learns badly or nothing; it is lost."""

    HINT = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True, eq=False)
class InputFacts:
    """The training inputs x, a row for each sample: mean and standard deviation, in all and by feature."""

    mean: float
    std: float
    feature_std: np.ndarray


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What the model said after an iteration about samples that it does not train on.

    probabilities: (N, classes), rows sum to 1; targets: (N,), the labels as they are in the data.
    """

    iteration: int
    probabilities: np.ndarray
    targets: np.ndarray


@dataclass(frozen=True, eq=False)
class RunFacts:
    """All that rules look at.

    baseline: the loss of a model that knows nothing, NaN if that is unknown; batch: samples per iteration;
    programs: some iterations as they were recorded, by their numbers.
    """

    log: TrainLog
    batch: int = 0
    baseline: float = float("nan")
    inputs: InputFacts | None = None
    programs: Mapping[int, Program] = field(default_factory=dict)
    held_out: Sequence[HeldOut] = ()


@dataclass(frozen=True)
class Finding:
    """A rule holds from `iteration` on, and `place` shows it best: a parameter, an output, or ""."""

    rule: str
    iteration: int
    place: str
    evidence: Mapping[str, float] = field(hash=False)
    severity: Severity


class Rule(ABC):
    """Something that may be wrong with a training run.

    formula and unit are plain Unicode; source: who said so first, or best, and when. The texts are in the
    interface's language.
    """

    id: ClassVar[str]
    formula: ClassVar[str]
    threshold: ClassVar[float]
    unit: ClassVar[str] = ""
    source: ClassVar[str]
    severity: ClassVar[Severity] = Severity.WARNING
    causes: ClassVar[tuple[str, ...]] = ()  # other rules whose finding may be the reason for this one
    shows: ClassVar[Shows]

    @abstractmethod
    def title(self) -> str:
        """Its name."""

    @abstractmethod
    def explanation(self) -> str:
        """What happens, and why that keeps a network from learning, in plain words."""

    @abstractmethod
    def advice(self) -> str:
        """What to try."""

    @abstractmethod
    def condition(self) -> str:
        """When it holds, with its threshold and for how long."""

    @abstractmethod
    def limits(self) -> str:
        """What it cannot see."""

    @abstractmethod
    def find(self, run: RunFacts) -> Finding | None:
        """Where it holds first, if it does."""

    @abstractmethod
    def numbers(self, finding: Finding) -> str:
        """The formula with the finding's numbers in it."""

    def found(self, iteration: float, place: str, **evidence: float) -> Finding:
        """A finding of this rule."""
        plain = {name: float(value) for name, value in evidence.items()}
        return Finding(self.id, int(iteration), place, plain, self.severity)


def figures(finding: Finding) -> dict[str, str]:
    """The evidence as it is written in texts."""
    return {name: number(value, DIGITS) for name, value in finding.evidence.items()}


def bound(threshold: float) -> str:
    """A threshold as it is written in texts."""
    return number(threshold, DIGITS)
