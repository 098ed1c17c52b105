"""Each rule finds something in its broken run, none in the same run repaired, and none in healthy ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradviz.app.diagnosis.model import Finding
from gradviz.app.diagnosis.rules import RULES
from gradviz.app.diagnosis.watch import Watch
from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.experiment_parts import Parts
from gradviz.app.gallery import parts
from gradviz.app.gallery.items import ITEMS
from gradviz.app.gallery.run import LOOK_EVERY, GalleryRun
from gradviz.app.gallery.words import fault, repair, title
from gradviz.data import Dataset


def diagnosis(experiment: Experiment, iterations: int) -> dict[str, Finding]:
    """What is found while it trains, by rule; looked at after every tenth iteration."""
    experiment.trainer.look_every, experiment.trainer.look_share = LOOK_EVERY, float("inf")
    watch = Watch(experiment)

    def go_on(row: object, done: int) -> bool:
        if done % 10 == 0:
            watch.look()
        return experiment.trainer.diverged is None

    experiment.train(iterations, go_on)
    return {finding.rule: finding for finding in watch.look()}


def broken(rule: str, seed: int = 0, repaired: bool = False) -> dict[str, Finding]:
    item = ITEMS[rule]
    return diagnosis(GalleryRun(item, repaired, seed), item.iterations)


def test_every_rule_has_its_run() -> None:
    assert set(ITEMS) == set(RULES)
    for rule in RULES:
        assert all(words(rule) for words in (title, fault, repair))


@pytest.mark.parametrize("rule", ITEMS)
def test_each_is_found_in_its_broken_run_only(rule: str) -> None:
    found = broken(rule)
    assert rule in found
    assert set(found) <= {rule} | ITEMS[rule].also
    assert broken(rule, repaired=True) == {}


@pytest.mark.slow
@pytest.mark.parametrize("rule", ITEMS)
def test_each_is_found_with_other_seeds(rule: str) -> None:
    others = set()
    for seed in range(5):
        found = set(broken(rule, seed))
        assert rule in found
        others |= found - {rule}
        assert broken(rule, seed, repaired=True) == {}
    assert others <= ITEMS[rule].also


# Healthy runs.

MOONS = ExperimentSpec("mlp", "moons")
DIGITS = ExperimentSpec("mlp", "digits")
LENET = ExperimentSpec("lenet", "digits")
RATES = (("sgd", 0.1), ("sgd", 0.5), ("momentum", 0.1), ("adam", 0.01), ("adam", 0.001), ("rmsprop", 0.001))
LENET_RATES = (("sgd", 0.01), ("sgd", 0.1), ("momentum", 0.01), ("adam", 0.001))


def spirals(spec: ExperimentSpec) -> Parts:
    """Two spirals of one and a half turns, and a network that can tell them apart."""
    random = np.random.RandomState(spec.seed)
    classes = np.arange(400) % 2
    share = np.sqrt(random.uniform(0, 1, 400))
    angle = share * 3 * np.pi + classes * np.pi
    points = 2 * np.stack([share * np.cos(angle), share * np.sin(angle)], axis=1)
    points += 0.03 * random.normal(size=points.shape)
    data = Dataset("spirals", points.astype(np.float32), classes, ("0", "1"))
    return parts.parts(spec, data, 2, 64, 64, 2)


@pytest.mark.parametrize("spec", [MOONS, DIGITS])
def test_nothing_is_found_in_healthy_runs(spec: ExperimentSpec) -> None:
    for optimizer, rate in (("sgd", 0.1), ("adam", 0.01)):
        made = Experiment(replace(spec, optimizer=optimizer, learning_rate=rate))
        assert diagnosis(made, 200) == {}


def test_nothing_is_found_in_spirals() -> None:
    spec = replace(MOONS, optimizer="adam", learning_rate=0.01)
    assert diagnosis(Experiment(spec, spirals), 200) == {}


@pytest.mark.parametrize(("optimizer", "rate"), [("momentum", 0.01), ("adam", 0.001)])
def test_nothing_is_found_in_a_healthy_lenet(optimizer: str, rate: float) -> None:
    assert diagnosis(Experiment(replace(LENET, optimizer=optimizer, learning_rate=rate)), 61) == {}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("spec", "iterations", "rates"),
    [(MOONS, 1000, RATES), (DIGITS, 1000, RATES), (LENET, 450, LENET_RATES)],
)
def test_nothing_is_found_in_long_healthy_runs(
    spec: ExperimentSpec, iterations: int, rates: tuple[tuple[str, float], ...], seed: int
) -> None:
    for optimizer, rate in rates:
        made = Experiment(replace(spec, optimizer=optimizer, learning_rate=rate, seed=seed))
        assert diagnosis(made, iterations) == {}, (optimizer, rate)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_found_in_long_runs_on_spirals(seed: int) -> None:
    for optimizer, rate in (("sgd", 0.3), ("adam", 0.01)):
        spec = replace(MOONS, optimizer=optimizer, learning_rate=rate, seed=seed)
        assert diagnosis(Experiment(spec, spirals), 2000) == {}
