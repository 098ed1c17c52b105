"""All rules, and what they find in a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from .activations import DeadRelu, Saturated
from .gradients import Diverged, Exploding, ForgottenZeroGrad, Vanishing
from .learning import LabelNoise, Overfitting
from .model import Finding, Rule, RunFacts
from .rates import RateTooHigh, RateTooLow
from .scales import LossScale, NotNormalised

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.id: rule
        for rule in (
            Diverged(),
            Vanishing(),
            Exploding(),
            DeadRelu(),
            Saturated(),
            RateTooHigh(),
            RateTooLow(),
            ForgottenZeroGrad(),
            LossScale(),
            NotNormalised(),
            LabelNoise(),
            Overfitting(),
        )
    }
)


def diagnose(run: RunFacts) -> tuple[Finding, ...]:
    """What the rules find, in the order in which it is shown."""
    return in_order(finding for rule in RULES.values() if (finding := rule.find(run)) is not None)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The worst first; among the others what may be the reason for more, then by iteration."""
    found = tuple(findings)

    def rank(finding: Finding) -> tuple[int, int, int]:
        return -finding.severity, len(causes_of(finding, found)), finding.iteration

    return tuple(sorted(found, key=rank))


def causes_of(finding: Finding, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those of the findings that may be the reason for this one, because they began no later."""
    causes = RULES[finding.rule].causes
    return tuple(other for other in findings if other.rule in causes and other.iteration <= finding.iteration)
