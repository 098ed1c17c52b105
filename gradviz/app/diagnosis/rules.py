"""All rules, and what they find in a run."""

from __future__ import annotations

from collections.abc import Mapping
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
    """What the rules find, the worst first, then by iteration."""
    found = [finding for rule in RULES.values() if (finding := rule.find(run)) is not None]
    return tuple(sorted(found, key=lambda finding: (-finding.severity, finding.iteration)))
