"""Gradients that vanish, explode, stop being numbers, or are never cleared."""

from __future__ import annotations

import math

import numpy as np

from gradviz.engine.program import Program, SlotKind

from ..i18n import tr
from ..recording import norm
from ..spread import Spread
from .lasting import ITERATIONS, SHARE, SNAPSHOTS, gradient_norm, onset, weights_of
from .model import Finding, Rule, RunFacts, Severity, bound, figures


def rms(spread: Spread) -> float:
    """√mean(x²)."""
    return math.hypot(spread.mean, spread.std)


class Vanishing(Rule):
    """The first layers hardly get a gradient."""

    id = "vanishing"
    causes = ("saturated",)
    formula = "rms(∂L/∂W₁) / rms(∂L/∂W_L),   rms(x) = √mean(x²)"
    threshold = 1e-3
    unit = "ratio"
    source = (
        "X. Glorot, Y. Bengio, “Understanding the difficulty of training deep feedforward neural networks”, "
        "AISTATS 2010; S. Hochreiter, Diploma thesis, TU München, 1991"
    )
    shows = "gradient"

    def title(self) -> str:
        return tr("Vanishing gradients")

    def explanation(self) -> str:
        return tr(
            "On its way back the gradient is multiplied by a factor in every layer. Here these factors are "
            "small, so that hardly anything arrives at the first layer: it stays as it was at the start, and "
            "the later layers have to make do with its random features."
        )

    def advice(self) -> str:
        return tr(
            "Use ReLU instead of sigmoid or tanh, He's initialization, normalization layers, shortcuts round "
            "layers (ResNet), or fewer layers."
        )

    def condition(self) -> str:
        return tr(
            "The gradient of the first weight is less than {bound} times that of the last, but not 0, in "
            "{n} closer looks in a row."
        ).format(bound=bound(self.threshold), n=SNAPSHOTS)

    def limits(self) -> str:
        return tr(
            "It compares the first with the last weight only. Gradients that are exactly 0 are left to the "
            "rule about dead ReLUs."
        )

    def find(self, run: RunFacts) -> Finding | None:
        pairs = []
        for snapshot in run.log.snapshots:
            names = weights_of(snapshot.gradients)
            if len(names) < 2:
                return None
            ends = rms(snapshot.gradients[names[0]]), rms(snapshot.gradients[names[-1]])
            pairs.append((snapshot.iteration, names[0], *ends))
        first = onset(
            [last > 0 and 0 < head / last < self.threshold for _, _, head, last in pairs], SNAPSHOTS
        )
        if first is None:
            return None
        iteration, name, head, last = pairs[first]
        return self.found(iteration, name, first=head, last=last, ratio=head / last)

    def numbers(self, finding: Finding) -> str:
        return "{first} / {last} = {ratio} < {bound}".format(**figures(finding), bound=bound(self.threshold))


class Exploding(Rule):
    """The gradient of all parameters together is huge."""

    id = "exploding"
    causes = (
        "not_normalised",
        "loss_scale",
    )
    formula = "‖g‖₂ = √Σ (∂L/∂w)²"
    threshold = 100.0
    unit = "loss / weight"
    source = (
        "R. Pascanu, T. Mikolov, Y. Bengio, “On the difficulty of training recurrent neural networks”, "
        "ICML 2013"
    )
    shows = "gradient"

    def title(self) -> str:
        return tr("Exploding gradients")

    def explanation(self) -> str:
        return tr(
            "The gradient is huge, so one step carries the weights far beyond the region in which the "
            "gradient tells the truth. Mostly the factors by which each layer, or each step of a recurrent "
            "network, multiplies the gradient are larger than 1."
        )

    def advice(self) -> str:
        return tr(
            "Clip the gradient's norm (torch.nn.utils.clip_grad_norm_), begin with smaller weights (He's or "
            "Glorot's initialization), use normalization layers, or a smaller learning rate."
        )

    def condition(self) -> str:
        return tr(
            "The norm of the whole gradient is above {bound} in {share:.0%} of {n} iterations in a row."
        ).format(bound=bound(self.threshold), share=SHARE, n=ITERATIONS)

    def limits(self) -> str:
        return tr(
            "The norm grows with the loss: a loss that is added up over the batch instead of averaged is "
            "found here too. Less than {n} iterations before NaN are not enough for it."
        ).format(n=ITERATIONS)

    def find(self, run: RunFacts) -> Finding | None:
        log = run.log
        norms = gradient_norm(log)
        first = onset(norms > self.threshold, ITERATIONS, SHARE)
        if first is None:
            return None
        each = {name: log.gradient_norms(name)[first] for name in log.parameters}
        largest = max(each, key=lambda name: np.nan_to_num(each[name], nan=-1.0))
        return self.found(log.rows[first].iteration, largest, norm=norms[first], own=each[largest])

    def numbers(self, finding: Finding) -> str:
        return "‖g‖₂ = {norm} > {bound}".format(**figures(finding), bound=bound(self.threshold))


class Diverged(Rule):
    """The loss, a gradient or a weight is no longer a finite number."""

    id = "diverged"
    causes = (
        "not_normalised",
        "zero_grad",
        "loss_scale",
        "rate_high",
        "exploding",
    )
    formula = "L, ∂L/∂w or w is NaN or ±∞"
    threshold = math.inf
    source = (
        "D. Goldberg, “What every computer scientist should know about floating-point arithmetic”, "
        "ACM Computing Surveys, 1991"
    )
    severity = Severity.ERROR
    shows = "loss"

    def title(self) -> str:
        return tr("NaN or infinity")

    def explanation(self) -> str:
        return tr(
            "A number has become too large for its format, or has come from something like 0/0 or ∞ − ∞. "
            "NaN spreads to all that is computed from it, so the weights are lost: more training does not "
            "bring them back."
        )

    def advice(self) -> str:
        return tr(
            "Go back to an iteration before this one, then look for where it started (F8). A smaller "
            "learning rate, clipped gradients and smaller initial weights help; logarithms and divisions "
            "need an argument that cannot be 0."
        )

    def condition(self) -> str:
        return tr("It happens once; NaN does not go away.")

    def limits(self) -> str:
        return tr(
            "It looks at the loss and at the norms of gradients and updates, not at every number between."
        )

    def find(self, run: RunFacts) -> Finding | None:
        log = run.log
        count = len(log.rows)
        loss = log.column("loss")[:count]
        known = np.isfinite(loss)
        bad = ~known if known.any() else np.zeros(count, bool)  # a run without a loss has none to lose
        for name in log.parameters:
            for kind, column in (("gradient", log.gradient_norms(name)), ("update", log.update_ratios(name))):
                wrong = np.isnan(column) if kind == "update" else ~np.isfinite(column)  # w = 0: ratio is ∞
                bad = bad | (wrong[:count] & log.tells(kind, name)[:count])
        if not bad.any():
            return None
        first = int(np.argmax(bad))
        before = loss[:first][known[:first]]
        last = before[-1] if len(before) else math.nan
        return self.found(log.rows[first].iteration, "", loss=loss[first], before=last)

    def numbers(self, finding: Finding) -> str:
        return tr("L = {loss}, and {before} before").format(**figures(finding))


class ForgottenZeroGrad(Rule):
    """Gradients of earlier iterations are still in .grad when backward adds to it."""

    id = "zero_grad"
    formula = ".grad ← .grad + ∂L/∂w,   with .grad ≠ 0 from the iteration before"
    threshold = 2.0
    unit = "iterations"
    source = "PyTorch documentation, “Zeroing out gradients in PyTorch” (recipe), and torch.Tensor.backward"
    shows = "gradient"

    def title(self) -> str:
        return tr("Forgotten zero_grad")

    def explanation(self) -> str:
        return tr(
            "backward() adds to .grad, and nothing clears it in between. So each step follows the sum of all "
            "gradients since the beginning, most of which are about weights of long ago: it overshoots, like "
            "momentum without friction."
        )

    def advice(self) -> str:
        return tr("Call optimizer.zero_grad() once in every iteration, before loss.backward().")

    def condition(self) -> str:
        return tr(
            "In every recorded iteration but the first, at least {n} of them, backward adds to gradients "
            "that were there before the iteration began, for most parameters."
        ).format(n=int(self.threshold))

    def limits(self) -> str:
        return tr(
            "It needs recorded iterations. Where a run has none, only a gradient whose norm grows in step "
            "with the iterations, from the first to the tenth, is taken for it. Gradients that are added up "
            "on purpose and cleared now and then are no finding, if such an iteration was recorded."
        )

    def find(self, run: RunFacts) -> Finding | None:
        later = {n: program for n, program in sorted(run.programs.items()) if n > 1}
        if not later:
            return self._by_growth(run)
        carried = {n: carried_gradients(program) for n, program in later.items()}
        if len(later) < self.threshold or not all(
            2 * len(names) > _accumulations(later[n]) for n, names in carried.items()
        ):
            return None
        n, names = next(iter(carried.items()))
        weight = next(iter(weights_of(names)), next(iter(names)))
        old, new = (norm(later[n].values[slot]) for slot in names[weight])
        return self.found(n, weight, old=old, new=new, parameters=len(names))

    def _by_growth(self, run: RunFacts) -> Finding | None:
        norms = gradient_norm(run.log)[:ITERATIONS]
        if len(norms) < ITERATIONS or not np.isfinite(norms).all() or norms[0] <= 0:
            return None
        times = norms / norms[0] / np.arange(1, ITERATIONS + 1)
        if (np.diff(norms) <= 0).any() or times.min() < 0.7 or times.max() > 1.3:
            return None
        return self.found(
            run.log.rows[1].iteration, "", old=norms[0], new=norms[1] - norms[0], parameters=math.nan
        )

    def numbers(self, finding: Finding) -> str:
        return tr(".grad held ‖g‖ = {old} already; backward added {new}").format(**figures(finding))


def carried_gradients(program: Program) -> dict[str, tuple[int, int]]:
    """The parameters whose .grad from before the iteration is added to: slots of the old and the new part."""
    found: dict[str, tuple[int, int]] = {}
    names = {row.slot: row.name.removesuffix(".grad") for row in program.bindings if row.slot is not None}
    for instr in program.instrs:
        if instr.op == "accumulate_grad" and len(instr.inputs) == 2:
            old, new = instr.inputs
            if program.slots[old].kind is SlotKind.GRADIENT and instr.output in names:
                found[names[instr.output]] = (old, new)
    return found


def _accumulations(program: Program) -> int:
    return sum(instr.op == "accumulate_grad" for instr in program.instrs)
