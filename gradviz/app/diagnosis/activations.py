"""Units that no longer answer: ReLUs that are always 0, squashing functions at their ends."""

from __future__ import annotations

from collections.abc import Callable

from ..i18n import tr
from ..train_log import Snapshot
from .lasting import SNAPSHOTS, onset
from .model import Finding, Rule, RunFacts, bound, figures

Shares = Callable[[Snapshot], dict[str, float]]


class DeadRelu(Rule):
    """Most units of a ReLU are 0 for every sample of the batch."""

    id = "dead_relu"
    causes = (
        "not_normalised",
        "loss_scale",
        "rate_high",
    )
    formula = "dead = #{units with ReLU(z) = 0 for the whole batch} / #units"
    threshold = 0.7
    unit = "share of units, 0…1"
    source = (
        "L. Lu, Y. Shin, Y. Su, G. E. Karniadakis, “Dying ReLU and initialization: theory and numerical "
        "examples”, arXiv 1903.06733, 2019"
    )
    shows = "activation"

    def title(self) -> str:
        return tr("Dead ReLUs")

    def explanation(self) -> str:
        return tr(
            "A ReLU that gets a negative number for every sample gives 0 and passes no gradient on, so its "
            "weights never change again. A step that was too large, or a bias that is far below 0, does that "
            "to many at once."
        )

    def advice(self) -> str:
        return tr(
            "Use a smaller learning rate, He's initialization with biases of 0, or LeakyReLU, GELU or ELU, "
            "which let some gradient through below 0."
        )

    def condition(self) -> str:
        return tr(
            "At least {bound:.0%} of a ReLU's units are 0 for the whole batch, in {n} closer looks in a row."
        ).format(bound=self.threshold, n=SNAPSHOTS)

    def limits(self) -> str:
        return tr(
            "It sees one batch at a time: a unit that is 0 for these samples may answer to others, above all "
            "where batches are small."
        )

    def find(self, run: RunFacts) -> Finding | None:
        return _first(self, run, lambda snapshot: dict(snapshot.dead))

    def numbers(self, finding: Finding) -> str:
        return "dead = {share} ≥ {bound}".format(**figures(finding), bound=bound(self.threshold))


class Saturated(Rule):
    """Most outputs of a tanh or sigmoid lie at its ends."""

    id = "saturated"
    causes = (
        "not_normalised",
        "rate_high",
    )
    formula = "share of |tanh(z)| > 0.97,   or of σ(z) < 0.03 or σ(z) > 0.97"
    threshold = 0.5
    unit = "share of outputs, 0…1"
    source = (
        "X. Glorot, Y. Bengio, “Understanding the difficulty of training deep feedforward neural networks”, "
        "AISTATS 2010; Y. LeCun et al., “Efficient BackProp”, 1998"
    )
    shows = "activation"

    def title(self) -> str:
        return tr("Saturated units")

    def explanation(self) -> str:
        return tr(
            "Most outputs of this layer lie at the ends of tanh or sigmoid, where the curve is flat: its "
            "slope there is below 0.06, for tanh, or 0.03, for sigmoid. Hardly any gradient passes, so the "
            "layers before it hardly learn."
        )

    def advice(self) -> str:
        return tr(
            "Begin with smaller weights (Glorot's initialization), normalize the inputs, put a normalization "
            "layer before it, or use ReLU."
        )

    def condition(self) -> str:
        return tr(
            "At least {bound:.0%} of the outputs of a tanh or sigmoid lie at its ends, in {n} closer looks "
            "in a row."
        ).format(bound=self.threshold, n=SNAPSHOTS)

    def limits(self) -> str:
        return tr("The network's last output is left out: one that is sure of its answer lies at an end.")

    def find(self, run: RunFacts) -> Finding | None:
        return _first(self, run, _saturated)

    def numbers(self, finding: Finding) -> str:
        return "{share} ≥ {bound}".format(**figures(finding), bound=bound(self.threshold))


def _saturated(snapshot: Snapshot) -> dict[str, float]:
    inner = list(snapshot.activations.items())[:-1]
    return {name: spread.saturated for name, spread in inner}


def _first(rule: Rule, run: RunFacts, shares: Shares) -> Finding | None:
    """The layer that shows it first; of several the one nearest to the input."""
    rows = [(snapshot.iteration, shares(snapshot)) for snapshot in run.log.snapshots]
    found: tuple[int, str] | None = None
    for name in dict.fromkeys(name for _, row in rows for name in row):
        place = onset([row.get(name, 0.0) >= rule.threshold for _, row in rows], SNAPSHOTS)
        if place is not None and (found is None or place < found[0]):
            found = place, name
    if found is None:
        return None
    iteration, row = rows[found[0]]
    layers = sum(share >= rule.threshold for share in row.values())
    return rule.found(iteration, found[1], share=row[found[1]], layers=layers)
