"""Any iteration of training can be computed again: the same weights bit for bit, and a program to look at."""

from dataclasses import replace

import numpy as np
import pytest
from gradviz.engine.jit import jit_disabled

from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.given import GivenRuns
from gradviz.app.history import History
from gradviz.app.recording import parameter_slots

SMALL = ExperimentSpec(model="mlp", data="digits", train_batch=8)
needs_jit = pytest.mark.skipif(jit_disabled(), reason="nothing is compiled then")


def small_steps(experiment: Experiment, every: int, budget: int = 2**30) -> History:
    """A history with keyframes that are close."""
    experiment.trainer.use(History(experiment.trainer.given, budget, every))
    return experiment.history


@needs_jit
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_every_state_comes_again_bit_for_bit(optimizer: str) -> None:
    experiment = Experiment(replace(SMALL, optimizer=optimizer, learning_rate=0.05))
    history = small_steps(experiment, every=7)
    truth: dict[int, dict[int, np.ndarray]] = {}

    def look(row: object, done: int) -> bool:
        compiled = experiment.trainer.fast.compiled
        if compiled is not None:
            truth[experiment.trainer.count + 1] = {
                s: compiled.value(s).copy() for s in compiled.next.values()
            }
        return True

    rows = experiment.train(30, look)
    compared = [number for number in history.numbers if number in truth]
    assert len(compared) > 20
    for number in compared:
        state = history.state_at(number)
        assert state.keys() == truth[number].keys()
        for slot, value in state.items():
            np.testing.assert_array_equal(value, truth[number][slot])
    for number in (1, 2, 9, 30):
        iteration = experiment.at(number)
        assert iteration.number == number
        assert iteration.metrics.loss == pytest.approx(rows[number - 1].loss, rel=1e-5)
        assert iteration.metrics.gradient_norms == pytest.approx(rows[number - 1].gradient_norms, rel=1e-4)


@needs_jit
def test_each_iteration_begins_where_the_one_before_has_ended() -> None:
    experiment = Experiment(SMALL)
    history = small_steps(experiment, every=5)
    experiment.train(6)
    experiment.choose_learning_rate(0.01)
    experiment.train(6)  # another stretch, with another rate
    assert history.numbers == tuple(range(1, 13))
    for number in range(4, 12):
        one, two = (history.program_at(n) for n in (number, number + 1))
        for name, (before, after) in parameter_slots(one).items():
            assert before != after
            start = parameter_slots(two)[name][0]
            np.testing.assert_allclose(one.values[after], two.values[start], rtol=1e-5, atol=1e-7)


@needs_jit
def test_looking_back_changes_nothing() -> None:
    one, two = Experiment(SMALL), Experiment(SMALL)
    for experiment in (one, two):
        experiment.train(8)
    one.at(5)
    assert [row.loss for row in one.train(5)] == [row.loss for row in two.train(5)]


@needs_jit
def test_within_the_budget_old_iterations_stay_reachable() -> None:
    experiment = Experiment(SMALL)
    roomy = Experiment(SMALL)
    history = small_steps(experiment, every=4, budget=180_000)
    all_of_it = small_steps(roomy, every=4)
    for each in (experiment, roomy):
        each.train(160)
    assert history.nbytes <= 180_000 < all_of_it.nbytes
    stretch = history._stretches[0]
    frames = list(stretch.frames)
    assert history.numbers[-1] == 160
    assert frames[0] == stretch.first, "the first copy is needed for all others"
    gaps = np.diff(frames)
    assert gaps[0] > gaps[-1], "older copies are farther apart"
    for number in (stretch.first, 50, 99, 158):
        one, two = history.program_at(number), all_of_it.program_at(number)
        for x, y in zip(one.values, two.values, strict=True):
            assert x.tobytes() == y.tobytes()


@needs_jit
def test_what_was_seen_live_comes_again_bit_for_bit() -> None:
    experiment = Experiment(SMALL)
    small_steps(experiment, every=6)
    trainer = experiment.trainer
    seen = {}
    for row in trainer.run(20):
        trainer.fast.looking = True
        if trainer.fast.compiled is not None:
            state = trainer.fast.state()
            compiled = trainer.fast.compiled
            loss = compiled.value(compiled.program.loss).copy()  # type: ignore[arg-type]
            seen[row.iteration] = (state, loss)
    assert len(seen) > 10
    for number, (after, _) in seen.items():
        if number + 1 in seen:
            assert after is not None
            again = experiment.history.state_at(number + 1)
            assert all(again[slot].tobytes() == value.tobytes() for slot, value in after.items())


def test_what_was_recorded_is_kept_as_it_is() -> None:
    experiment = Experiment(SMALL)
    program = experiment.record().program
    history = History(experiment.trainer.given)
    history.keep(1, program)
    assert history.program_at(1) is program
    assert history.numbers == (1,)


def test_what_many_iterations_were_given_takes_no_room() -> None:
    given = GivenRuns()
    for number in range(100_000):
        given.append(number, {"lr": 0.1 if number < 70_000 else 0.05})
    assert len(given) == 100_000
    assert given.nbytes < 2000, "an hour of training would fill the budget otherwise"
    for number in (0, 1, 69_999, 70_000, 99_999):
        assert given[number] == (number, {"lr": 0.1 if number < 70_000 else 0.05}, ())
    with pytest.raises(IndexError):
        given[100_000]


def test_what_cannot_be_counted_on_is_noted_one_by_one() -> None:
    given, places = GivenRuns(), np.array([3, 1])
    rows = [(places, {"lr": 0.1}, ()), (4, {"lr": 0.1}, ()), (5, {"lr": 0.1}, (8,)), (6, {"lr": 0.1}, (9,))]
    rows += [(9, {"lr": 0.1}, ()), (10, {"lr": 0.1}, ())]  # a batch was left out
    for row in rows:
        given.append(*row)
    assert [given[place] for place in range(len(rows))] == rows


@needs_jit
@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_all_that_was_live_comes_again_bit_for_bit(optimizer: str) -> None:
    """LeNet over an epoch's end, with another rate midway and most copies of the weights thinned out."""
    experiment = Experiment(ExperimentSpec(optimizer=optimizer, learning_rate=0.004, train_batch=64))
    history, trainer = small_steps(experiment, every=1, budget=5_000_000), experiment.trainer
    began: dict[int, dict[int, np.ndarray]] = {}
    ended: dict[int, dict[str, bytes]] = {}
    looked: dict[int, tuple[np.ndarray, ...]] = {}
    for row in trainer.run(28):
        compiled, number = trainer.fast.compiled, row.iteration
        if compiled is not None:
            ended[number] = {name: compiled.value(slot).tobytes() for name, slot in compiled.ends.items()}
            if number in (6, 15, 16, 24):
                looked[number] = history.program_at(number, began[number]).values
        if (state := trainer.fast.state()) is not None:
            began[number + 1] = state
        if number == 14:
            experiment.choose_learning_rate(0.001)
    assert experiment.log.epochs, "an epoch has ended on the way"
    assert history.nbytes <= history.budget
    (stretch,) = history._stretches
    assert len(stretch.frames) < len(stretch.given) / 2, "copies were thinned out"
    for number, state in began.items():
        if number in history:
            again = history.state_at(number)
            assert again.keys() == state.keys()
            assert all(again[slot].tobytes() == value.tobytes() for slot, value in state.items())
    for number, values in looked.items():
        program = experiment.at(number).program
        assert len(program.values) == len(values)
        assert all(a.tobytes() == b.tobytes() for a, b in zip(program.values, values, strict=True))
        rates = [float(v) for s, v in zip(program.slots, program.values, strict=True) if s.name == "lr"]
        assert rates == [0.004 if number <= 14 else 0.001]
        after = history.trained_at(number)
        assert {name: value.tobytes() for name, value in after.items()} == ended[number]


@needs_jit
def test_an_hour_stays_within_the_budget() -> None:
    """LeNet's copies of the weights in a budget that holds few of them: all stays reachable, exactly."""
    experiment = Experiment(ExperimentSpec(optimizer="adam", learning_rate=0.002, train_batch=2))
    copy = 3 * 4 * 61_706
    history = small_steps(experiment, every=2, budget=50 * copy)
    sizes = [history.nbytes for _ in experiment.trainer.run(300)]
    assert max(sizes) <= history.budget < 150 * copy
    assert history.span == (1, 300)
    assert history.numbers == tuple(range(1, 301))
    losses = [row.loss for row in experiment.log.rows]
    for number in (1, 7, 150, 299):
        assert experiment.at(number).metrics.loss == pytest.approx(losses[number - 1], rel=1e-5)
