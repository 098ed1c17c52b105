"""The page of the documentation that lists every rule, made from the rules (a developer's tool).

python -m gradviz.app.diagnosis.document > assets/docs/diagnosis.md
"""

from __future__ import annotations

import math
import sys

from .model import Severity, bound
from .rules import RULES

_HEAD = """\
# Diagnosis: the rules

Made from the rules in `gradviz/app/diagnosis` by `python -m gradviz.app.diagnosis.document`; do not edit it.

Each rule looks at the numbers of a training run: every iteration's loss, gradient norms and update ratios, a
closer look now and then at weights, gradients and activations, a row for each epoch, and some recorded
iterations. It finds something only where that lasts; the gallery of broken runs (Lessons › Gallery of broken
runs…) shows each one at work. The thresholds are chosen so that no healthy run of the tests is accused.
"""


def document() -> str:
    """The page, in the language of the interface."""
    names = {Severity.HINT: "hint", Severity.WARNING: "warning", Severity.ERROR: "error"}
    parts = [_HEAD]
    for rule in RULES.values():
        threshold = bound(rule.threshold) if math.isfinite(rule.threshold) else "none"
        causes = ", ".join(RULES[cause].title() for cause in rule.causes)
        unit = f" ({rule.unit})" if rule.unit else ""
        parts += [
            f"## {rule.title()}\n",
            f"`{rule.id}`, {names[rule.severity]}\n",
            f"    {rule.formula}\n",
            f"{rule.explanation()}\n",
            f"- **Threshold:** {threshold}{unit}. {rule.condition()}",
            f"- **What to try:** {rule.advice()}",
            *([f"- **Possible reasons among the rules:** {causes}."] if causes else []),
            f"- **What it cannot see:** {rule.limits()}",
            f"- **Source:** {rule.source}.\n",
        ]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(document())
