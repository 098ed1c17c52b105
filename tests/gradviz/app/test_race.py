"""Races: nobody notices the others, one that diverges ends alone; maps and tables are the engine's."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gradviz as torch
from gradviz.app.experiment_table import ExperimentSpec
from gradviz.app.race import BUDGET, ENTRANTS, PRESETS, Contender, Lane, Race, preset
from gradviz.app.race_map import race_map
from gradviz.app.race_table import reached, smoothed, standings, table_csv, usual_goal
from gradviz.app.race_tracks import STEEPNESS, VALLEY_START, Track, line, network, valley

MOONS = ExperimentSpec(model="mlp", data="moons", seed=3)


def raced(track: Track, contenders: list[Contender], count: int) -> Race:
    race = Race(track, contenders)
    assert race.run(count)
    assert race.count == count
    return race


def everybody(track: Track) -> list[Contender]:
    return list(preset("all", track.flat))


@pytest.mark.parametrize("make", [valley, line], ids=["valley", "line"])
def test_alone_or_in_a_race_is_the_same_bit_for_bit(make: object) -> None:
    assert callable(make)
    track = make()
    contenders = everybody(track)
    race, again = raced(track, contenders, 12), raced(make(), contenders, 12)
    for contender, lane, other in zip(contenders, race.lanes, again.lanes, strict=True):
        alone = raced(make(), [contender], 12).lanes[0]
        for each in (alone, other):
            assert lane.losses == each.losses
            assert lane.path.keys() == each.path.keys()
            for number, weights in lane.path.items():
                for name, value in weights.items():
                    np.testing.assert_array_equal(value, each.path[number][name])


def test_a_network_too_also_after_a_pause() -> None:
    contenders = [Contender("sgd", 0.1), Contender("adam", 0.01)]
    race = Race(network(MOONS), contenders)
    turns = iter([True] * 9 + [False])
    assert not race.run(16, lambda: next(turns))
    assert race.count == 9
    assert race.run(16)
    for contender, lane in zip(contenders, race.lanes, strict=True):
        assert lane.slow_because is None
        alone = raced(network(MOONS), [contender], 16).lanes[0]
        assert lane.losses == alone.losses
        for name, value in lane.weights().items():
            np.testing.assert_array_equal(value, alone.weights()[name])


def test_the_valley_by_hand() -> None:
    """Two steps of SGD as PyTorch's learners write them."""
    x, y = (torch.tensor(start, requires_grad=True) for start in VALLEY_START)
    optimizer = torch.optim.SGD([x, y], lr=0.02)
    losses = []
    for _ in range(2):
        optimizer.zero_grad()
        loss = (1.0 - x) * (1.0 - x) + (y - x * x) * (y - x * x) * STEEPNESS
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    lane = raced(valley(), [Contender("sgd", 0.02)], 2).lanes[0]
    assert lane.losses == losses
    assert (float(lane.path[2]["x"]), float(lane.path[2]["y"])) == (x.item(), y.item())


def test_one_that_diverges_ends_alone() -> None:
    good = Contender("sgd", 0.02)
    race = raced(valley(), [Contender("sgd", 5.0), good], 30)
    lost, kept = race.lanes
    assert lost.diverged is not None
    assert len(lost.losses) == lost.diverged < 30
    assert not math.isfinite(lost.losses[-1])
    assert kept.diverged is None
    assert kept.losses == raced(valley(), [good], 30).lanes[0].losses
    assert all(np.isfinite(v).all() for weights in lost.path.values() for v in weights.values())
    first, second = standings(race)
    assert math.isnan(first.loss)
    assert first.diverged == lost.diverged
    assert math.isfinite(second.loss)
    made = race_map(race)
    assert made is not None
    assert np.abs(made.paths[1]).max() <= 1.0 + 1e-6  # the map is of the one that stayed
    all_lost = Race(valley(), [Contender("sgd", 5.0)])
    assert all_lost.run(100)
    assert all_lost.count < 100
    assert math.isnan(standings(all_lost)[0].loss)


def test_two_parameters_have_their_true_surface() -> None:
    race = raced(valley(), everybody(valley()), 40)
    made = race_map(race)
    assert made is not None
    assert made.explained == (1.0, 1.0)
    assert made.names == ("x", "y")
    surface = made.surface
    for j, i in ((0, 0), (10, 30), (44, 7)):
        place = surface.plane.at(surface.alphas[i], surface.betas[j])
        x, y = float(place["x"]), float(place["y"])
        height = (1 - x) ** 2 + STEEPNESS * (y - x * x) ** 2
        assert surface.losses[j, i] == pytest.approx(height, rel=1e-4, abs=1e-5)
    for lane, path in zip(race.lanes, made.paths, strict=True):
        for weights, (a, b) in zip(lane.walked(), path, strict=True):
            place = surface.plane.at(a, b)
            assert float(place["x"]) == pytest.approx(float(weights["x"]), abs=1e-5)
            assert float(place["y"]) == pytest.approx(float(weights["y"]), abs=1e-5)
        assert np.abs(path).max() <= 1.0 + 1e-5


def test_a_network_is_seen_on_the_plane_of_its_principal_components() -> None:
    race = raced(network(MOONS), [Contender("sgd", 0.1), Contender("adam", 0.01)], 12)
    asked = []

    def progress(done: int, total: int) -> bool:
        asked.append((done, total))
        return True

    made = race_map(race, progress)
    assert made is not None
    assert asked[-1][0] == asked[-1][1] == made.surface.losses.size
    rows = np.array(
        [np.concatenate([v.reshape(-1) for v in w.values()]) for lane in race.lanes for w in lane.walked()],
        np.float64,
    )
    sizes = np.linalg.svd(rows - rows.mean(axis=0), compute_uv=False) ** 2
    np.testing.assert_allclose(made.explained, sizes[:2] / sizes.sum(), rtol=1e-6)
    assert 0.5 < sum(made.explained) <= 1.0
    lane, middle = race.lanes[0], made.surface.alphas.size // 2
    chosen = lane.parts.train.select(slice(0, 128))
    judge = race.track.judge(lane.parts, lambda: lane.weights(True))
    wanted = judge.loss(chosen.inputs, chosen.targets, made.surface.plane.at(0.0, 0.0))
    assert made.surface.losses[middle, middle] == pytest.approx(wanted, rel=1e-6)
    assert race_map(race, lambda done, total: done < 3) is None
    assert race_map(Race(valley(), [Contender("sgd", 0.1)])) is None


def test_the_table_at_the_end() -> None:
    race = raced(network(MOONS), [Contender("sgd", 0.1), Contender("adam", 0.01)], 20)
    rows = standings(race)
    for row, lane in zip(rows, race.lanes, strict=True):
        model, test = lane.parts.model, lane.parts.test
        scores = model(torch.from_numpy(test.inputs)).detach().numpy()
        assert row.accuracy == pytest.approx(float(np.mean(scores.argmax(axis=1) == test.targets)))
        train = lane.parts.train
        loss = lane.parts.criterion(model(torch.from_numpy(train.inputs)), torch.from_numpy(train.targets))
        assert row.loss == pytest.approx(loss.item(), rel=1e-5)
        assert row.iterations == 20
        assert row.seconds > 0
    goal = usual_goal(race)
    after = reached(race, goal)
    for lane, count in zip(race.lanes, after, strict=True):
        means = [np.mean(lane.losses[max(i - 7, 0) : i + 1]) for i in range(20)]
        wanted = next((i + 1 for i, mean in enumerate(means) if mean <= goal), None)
        assert count == wanted
    assert any(after)
    text = table_csv(rows, after, goal).splitlines()
    assert text[0].startswith("optimizer,train_loss,test_accuracy,iterations_to_")
    assert len(text) == 3
    assert text[1].split(",")[0] == "SGD 0.1"
    assert float(text[1].split(",")[1]) == rows[0].loss


def test_smoothing_leaves_what_is_not_finite_visible() -> None:
    np.testing.assert_allclose(smoothed([4, 2, 0], 2), [4, 3, 1])
    assert not np.isfinite(smoothed([1, math.inf, 1], 2)[1:]).all()
    assert smoothed([], 3).size == 0


def test_long_paths_are_thinned_and_large_ones_short() -> None:
    lane = Lane(valley(), Contender("sgd", 0.01), most=8)
    for _ in range(100):
        lane.run_one()
    numbers = sorted(lane.path)
    assert 4 < len(numbers) <= 10
    assert len(set(np.diff(numbers))) == 1
    assert BUDGET >= 2**20
    with pytest.raises(ValueError, match="somebody"):
        Race(valley(), [])


def test_presets_name_optimizers_that_there_are() -> None:
    for name in PRESETS:
        for flat in (False, True):
            for contender in preset(name, flat):
                assert contender.optimizer in ENTRANTS
                assert contender.label.startswith(ENTRANTS[contender.optimizer].title)
