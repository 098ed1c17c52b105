"""The rules one by one, on logs that are made by hand: what lasts is found, what does not is not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import gradviz.assets
import numpy as np
import pytest

from gradviz.app.diagnosis.document import document
from gradviz.app.diagnosis.facts import baseline, probabilities
from gradviz.app.diagnosis.lasting import onset, weights_of
from gradviz.app.diagnosis.learning import contradicted
from gradviz.app.diagnosis.model import Finding, HeldOut, InputFacts, RunFacts
from gradviz.app.diagnosis.rules import RULES, diagnose
from gradviz.app.gallery.parts import sine
from gradviz.app.recording import Metrics
from gradviz.app.train_log import EpochRow, Snapshot, TrainLog, spread_of
from gradviz.data import digits
from gradviz.nn import BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, MSELoss


def log_of(rows: list[Metrics]) -> TrainLog:
    log = TrainLog()
    for row in rows:
        log.add_row(row)
    return log


def rows(
    losses: list[float], gradient: Mapping[int, float] | float = 1.0, update: float = 1e-3
) -> list[Metrics]:
    """Iterations of a model with one weight."""
    found = []
    for number, loss in enumerate(losses, 1):
        size = gradient if isinstance(gradient, float) else gradient.get(number, 1.0)
        found.append(Metrics(number, loss, {"fc.weight": size}, {"fc.weight": update}, lr=0.1))
    return found


def find(rule: str, run: RunFacts) -> Finding | None:
    return RULES[rule].find(run)


def test_onset() -> None:
    assert onset([], 3) is None
    assert onset([True, True, False, True, True, True], 3) == 3
    assert onset([False] + [True] * 8 + [False, True], 10, 0.8) == 1
    assert onset([True, False] * 10, 10, 0.8) is None


def test_biases_are_left_out() -> None:
    assert weights_of(["a.weight", "a.bias", "rnn.bias_ih_l0", "w"]) == ("a.weight", "w")


def test_an_empty_run_has_no_findings() -> None:
    assert diagnose(RunFacts(TrainLog())) == ()


def test_one_large_gradient_is_no_explosion() -> None:
    losses = [1.0] * 30
    assert find("exploding", RunFacts(log_of(rows(losses, {7: 1e6, 20: 1e6})))) is None
    found = find("exploding", RunFacts(log_of(rows(losses, dict.fromkeys(range(7, 20), 250.0)))))
    assert found is not None
    assert (found.iteration, found.place, found.evidence["norm"]) == (7, "fc.weight", 250.0)


@pytest.mark.parametrize(
    ("bad", "iteration"),
    [
        ([Metrics(1, 1.0), Metrics(2, math.nan), Metrics(3, math.nan)], 2),
        ([Metrics(1, 1.0), Metrics(2, 1.0, {"w": math.inf})], 2),
        ([Metrics(1, 1.0), Metrics(2, 1.0, {"w": 1.0}, {"w": math.nan})], 2),
    ],
)
def test_a_number_that_is_none_is_found_at_once(bad: list[Metrics], iteration: int) -> None:
    found = find("diverged", RunFacts(log_of(bad)))
    assert found is not None
    assert found.iteration == iteration
    assert found.evidence["before"] == 1.0


def test_a_weight_that_was_0_is_not_a_lost_number() -> None:
    log = log_of([Metrics(1, 1.0, {"b": 1.0}, {"b": math.inf}), Metrics(2, 0.9, {"b": 1.0}, {"b": 1.0})])
    assert find("diverged", RunFacts(log)) is None


def test_a_run_without_a_loss_has_not_lost_it() -> None:
    assert find("diverged", RunFacts(log_of(rows([math.nan] * 3)))) is None


def test_large_steps_that_help_are_not_too_large() -> None:
    falling = [2.0 * 0.8**n for n in range(30)]
    assert find("rate_high", RunFacts(log_of(rows(falling, update=0.3)))) is None
    found = find("rate_high", RunFacts(log_of(rows([2.0] * 30, update=0.3))))
    assert found is not None
    assert (found.iteration, found.evidence["ratio"], found.evidence["rate"]) == (1, 0.3, 0.1)


def test_small_steps_at_the_end_of_training_are_not_too_small() -> None:
    trained = [2.0] + [0.01] * 80
    assert find("rate_low", RunFacts(log_of(rows(trained, update=1e-7)))) is None
    found = find("rate_low", RunFacts(log_of(rows([2.0] * 80, update=1e-7))))
    assert found is not None
    assert found.place == "fc.weight"
    assert (
        find("rate_low", RunFacts(log_of(rows([2.0] * 80, gradient=0.0, update=0.0)))) is None
    )  # it is dead


def snapshot(iteration: int, ratio: float, dead: float = 0.0, last: float = 1.0) -> Snapshot:
    gradients = {
        "a.weight": spread_of(np.full(8, last * ratio)),
        "a.bias": spread_of(np.full(8, 1e-9)),
        "b.weight": spread_of(np.full(8, last)),
    }
    return Snapshot(iteration, gradients, gradients, {}, {"relu": dead})


def test_what_only_one_look_shows_is_not_found() -> None:
    log = TrainLog()
    for iteration, bad in ((1, True), (2, True), (3, False), (4, True), (5, True), (6, True)):
        log.add_snapshot(snapshot(iteration, 1e-4 if bad else 1.0, 0.9 if bad else 0.1))
    for rule, place in (("vanishing", "a.weight"), ("dead_relu", "relu")):
        found = find(rule, RunFacts(log))
        assert found is not None
        assert (found.iteration, found.place) == (4, place)


def test_gradients_of_0_do_not_vanish() -> None:
    log = TrainLog()
    for iteration in range(5):
        log.add_snapshot(snapshot(iteration, 0.0))
    assert find("vanishing", RunFacts(log)) is None


def test_a_sure_output_is_not_saturated() -> None:
    log = TrainLog()
    for iteration in range(5):
        ends, middle = spread_of(np.ones(10), "sigmoid"), spread_of(np.full(10, 0.5), "sigmoid")
        log.add_snapshot(Snapshot(iteration, {}, {}, {"hidden": middle, "out": ends}))
    assert find("saturated", RunFacts(log)) is None
    log = TrainLog()
    for iteration in range(5):
        log.add_snapshot(Snapshot(iteration, {}, {}, {"hidden": ends, "out": middle}))
    found = find("saturated", RunFacts(log))
    assert found is not None
    assert (found.place, found.evidence["share"]) == ("hidden", 1.0)


def test_the_scale_of_the_first_losses() -> None:
    def run(losses: list[float]) -> RunFacts:
        return RunFacts(log_of(rows(losses)), batch=32, baseline=math.log(10))

    assert find("loss_scale", run([2.3, 70.0, 90.0])) is None  # what it has become is another matter
    assert find("loss_scale", run([70.0, 2.3, 2.2])) is None
    assert find("loss_scale", run([70.0, 68.0])) is None  # too early to say
    found = find("loss_scale", run([32 * math.log(10), 68.0, 60.0]))
    assert found is not None
    assert found.evidence["ratio"] == pytest.approx(32)
    assert "32 samples" in RULES["loss_scale"].numbers(found)


def test_what_guessing_costs() -> None:
    ten, curve = digits(8), sine(0)
    assert baseline(CrossEntropyLoss(), ten) == pytest.approx(math.log(10))
    assert baseline(BCEWithLogitsLoss(), ten) == pytest.approx(math.log(2))
    assert baseline(MSELoss(), curve) == pytest.approx(float(np.mean(curve.targets.astype(float) ** 2)))
    assert math.isnan(baseline(L1Loss(), curve))


def test_unequal_features() -> None:
    log = log_of(rows([1.0]))
    unequal = find("not_normalised", RunFacts(log, inputs=InputFacts(0.0, 1.0, np.array([1.0, 0.01]))))
    assert unequal is not None
    assert unequal.evidence["unequal"] == pytest.approx(100)
    assert find("not_normalised", RunFacts(log, inputs=InputFacts(0.0, 1.0, np.array([1.0, 0.5])))) is None
    pixels = np.concatenate([np.full(100, 0.4), [1e-3]])  # one is hardly ever inked
    assert find("not_normalised", RunFacts(log, inputs=InputFacts(0.3, 0.4, pixels))) is None


def epochs(test: list[float], gap: float = 0.1, train: float = 0.1) -> RunFacts:
    log = TrainLog()
    for number, loss in enumerate(test, 1):
        log.add_epoch(EpochRow(number, 10 * number, train / number, 0.95, loss, 0.95 - gap))
    return RunFacts(log)


def test_overfitting() -> None:
    found = find("overfitting", epochs([1.0, 0.5, 0.7, 0.8, 0.9]))
    assert found is not None
    assert (found.iteration, found.evidence["best"]) == (30, 0.5)
    assert found.evidence["rise"] == pytest.approx(0.4)
    assert find("overfitting", epochs([1.0, 0.5, 0.7, 0.55, 0.9])) is None  # up and down
    assert find("overfitting", epochs([1.0, 0.5, 0.7, 0.8, 0.9], gap=0.01)) is None
    assert find("overfitting", epochs([math.nan] * 5)) is None  # no test set


def held_out(wrong: int, skill: float = 0.9) -> HeldOut:
    """100 samples of two classes, of which the first `wrong` have the other label."""
    truth = np.arange(100) % 2
    p = np.full((100, 2), 1 - skill)
    p[np.arange(100), truth] = skill
    targets = truth.copy()
    targets[:wrong] = 1 - targets[:wrong]
    return HeldOut(1, p, targets)


def test_contradicted_labels() -> None:
    assert contradicted(held_out(20))[:2] == (0.2, 20)
    assert contradicted(held_out(0))[:2] == (0.0, 0)
    assert contradicted(held_out(0))[2] == pytest.approx(0.8)
    guessing = [held_out(20, 0.55)] * 5
    assert find("label_noise", RunFacts(TrainLog(), held_out=guessing)) is None
    found = find("label_noise", RunFacts(TrainLog(), held_out=[held_out(0), *[held_out(20)] * 5]))
    assert found is not None
    assert found.evidence["samples"] == 20


def test_a_class_without_samples_is_left_out() -> None:
    row = held_out(0)
    alone = HeldOut(1, row.probabilities, np.zeros(100, np.int64))
    share, count, skill = contradicted(alone)
    assert (share, count) == (0.0, 0)
    assert math.isfinite(skill)


def test_probabilities() -> None:
    p = probabilities(np.array([[0.0, math.log(3)], [1000.0, 0.0]], np.float32))
    np.testing.assert_allclose(p, [[0.25, 0.75], [1, 0]], rtol=1e-6)


def test_without_a_recording_the_growth_of_gradients_tells() -> None:
    growing = {n: 0.5 * n for n in range(1, 20)}
    found = find("zero_grad", RunFacts(log_of(rows([1.0] * 20, growing))))
    assert found is not None
    assert found.iteration == 2
    assert find("zero_grad", RunFacts(log_of(rows([1.0] * 20)))) is None


def test_the_page_in_the_documentation_is_current() -> None:
    page = Path(gradviz.assets.__file__).parent / "docs" / "diagnosis.md"
    assert page.read_text("utf-8") == document()
    for rule in RULES.values():
        assert rule.formula in page.read_text("utf-8")
        assert any(year in rule.source for year in ("19", "20")) or "PyTorch" in rule.source
