"""The gallery's list: for each rule a run that it finds something in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ..experiment_parts import Parts
from ..experiment_table import ExperimentSpec
from . import parts

_SCALE, _DEAD, _NOISE = (frozenset({rule}) for rule in ("loss_scale", "dead_relu", "label_noise"))

Build = Callable[[ExperimentSpec, bool], Parts]


@dataclass(frozen=True)
class Item:
    """A broken run: `rule` finds it within `iterations`; `also`: rules that may find something, too.

    rate: the learning rate of the broken run, good_rate of the repaired one.
    """

    rule: str
    build: Build
    rate: float
    good_rate: float
    iterations: int
    also: frozenset[str] = frozenset()
    optimizer: str = "sgd"
    data: str = "digits"

    def spec(self, repaired: bool = False, seed: int = 0) -> ExperimentSpec:
        """How it is trained; the recorded iterations take as many samples as the trained ones."""
        return ExperimentSpec(
            model="mlp",
            data=self.data,
            optimizer=self.optimizer,
            learning_rate=self.good_rate if repaired else self.rate,
            batch=parts.BATCH,
            train_batch=parts.BATCH,
            seed=seed,
        )


def _items() -> tuple[Item, ...]:
    plain = Item("vanishing", parts.vanishing, 0.1, 0.1, 150)
    return (
        plain,
        replace(plain, rule="exploding", build=parts.exploding, rate=1e-4, good_rate=0.05, also=_SCALE),
        replace(plain, rule="diverged", build=parts.diverged, rate=0.5, good_rate=0.05, data="moons"),
        replace(plain, rule="dead_relu", build=parts.dead_relu),
        replace(plain, rule="saturated", build=parts.saturated, rate=0.01, good_rate=0.1),
        replace(plain, rule="rate_high", build=parts.plain_digits, rate=2.0),
        replace(plain, rule="rate_low", build=parts.plain_digits, rate=1e-6),
        replace(plain, rule="zero_grad", build=parts.zero_grad, data="moons", also=_NOISE | {"overfitting"}),
        replace(plain, rule="loss_scale", build=parts.loss_scale, rate=0.01),
        replace(plain, rule="not_normalised", build=parts.not_normalised, rate=0.01, also=_SCALE | _DEAD),
        replace(plain, rule="label_noise", build=parts.label_noise, iterations=600),
        replace(
            plain, rule="overfitting", build=parts.overfitting, iterations=250, data="moons",
            optimizer="adam", rate=0.02, good_rate=0.02, also=_NOISE,
        ),
    )  # fmt: skip


ITEMS: Mapping[str, Item] = MappingProxyType({item.rule: item for item in _items()})
