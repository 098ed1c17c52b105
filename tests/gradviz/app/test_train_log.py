"""The training log keeps what it was given, in bounded room, and gives it back from files."""

import csv
import io
import json
import math
import threading

import numpy as np
import pytest

from gradviz.app.recording import Metrics
from gradviz.app.storage_json import FormatError
from gradviz.app.train_log import DECADES, SNAPSHOTS, EpochRow, Snapshot, Spread, TrainLog, spread_of


def metrics(n: int) -> Metrics:
    return Metrics(n, 1 / n, {"w": 0.1 * n, "b": math.nan}, {"w": 1e-3}, 0.01, 0.5, 0.25)


def snapshot(n: int) -> Snapshot:
    spread = spread_of(np.arange(n + 1.0))
    return Snapshot(n, {"w": spread}, {"w": spread}, {"relu": spread}, {"relu": 0.5}, {"w": {"exp_avg": 2.0}})


def test_rows_come_back_as_they_were_given() -> None:
    log = TrainLog()
    given = [metrics(n) for n in range(1, 3000)]
    given[7] = Metrics(8, math.nan)
    for row in given:
        log.add_row(row)
    assert list(log.rows) == given
    assert log.rows[-1] == given[-1]
    assert log.rows[5:9] == tuple(given[5:9])
    assert len(log.rows) == log.version == 2999
    with pytest.raises(IndexError):
        log.rows[2999]


def test_columns_have_gaps_where_nothing_was_told() -> None:
    log = TrainLog()
    log.add_row(Metrics(1, 0.5))
    log.add_row(metrics(2))
    assert log.parameters == ("w", "b")
    assert log.column("iteration").tolist() == [1, 2]
    assert log.column("lr").tolist()[1] == 0.5
    assert np.isnan(log.gradient_norms("w")[0])
    assert log.gradient_norms("w")[1] == 0.2
    assert log.update_ratios("b").shape == (2,)
    assert log.tells("gradient", "b").tolist() == [False, True]


def test_a_column_that_was_read_stays_as_it_is() -> None:
    log = TrainLog()
    log.add_row(metrics(1))
    before = log.column("loss")
    for n in range(2, 2100):
        log.add_row(metrics(n))
    assert before.tolist() == [1.0]
    assert not before.flags.writeable
    log.add_row(metrics(2100))  # reading did not lock what is written


def test_one_writes_and_others_read() -> None:
    log = TrainLog()
    wrong: list[str] = []

    def read() -> None:
        while len(log.rows) < 3000:
            count = len(log.rows)
            loss = log.column("loss")
            if len(loss) < count or not np.array_equal(loss, 1 / np.arange(1, len(loss) + 1)):
                wrong.append("a half-written row")
            if count and log.rows[count - 1].iteration != count:
                wrong.append("another row")

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(1, 3001):
        log.add_row(metrics(n))
    reader.join()
    assert wrong == []


def test_snapshots_are_thinned_evenly_and_the_last_is_kept() -> None:
    log = TrainLog()
    for n in range(2 * SNAPSHOTS + 1):
        log.add_snapshot(snapshot(n % 5 if n else 0))
        assert len(log.snapshots) <= SNAPSHOTS
        assert log.snapshots[-1].iteration == n % 5
    log = TrainLog()
    for n in range(SNAPSHOTS + 1):
        log.add_snapshot(Snapshot(n, {}, {}, {}))
    assert [s.iteration for s in log.snapshots] == [*range(0, SNAPSHOTS, 2), SNAPSHOTS]


def test_it_survives_json() -> None:
    log = TrainLog()
    for n in (1, 2, 5):
        log.add_row(metrics(n))
    log.add_row(Metrics(6, math.inf))
    log.add_snapshot(snapshot(5))
    log.add_epoch(EpochRow(1, 5, 0.5, 0.9, 0.6, math.nan, ((3, 1), (0, 4))))
    again = TrainLog.from_json(json.loads(json.dumps(log.to_json(), allow_nan=False)))
    assert list(again.rows) == list(log.rows)
    assert again.epochs[0].confusion == ((3, 1), (0, 4))
    assert math.isnan(again.epochs[0].test_accuracy)
    one, other = again.snapshots[0], log.snapshots[0]
    assert one.dead == other.dead
    assert one.state == other.state
    assert_same(one.activations["relu"], other.activations["relu"])
    assert_same(one.weights["w"], other.weights["w"])


def assert_same(one: Spread, other: Spread) -> None:
    for name in ("mean", "std", "low", "high", "zeros", "saturated", "nonfinite", "reach"):
        assert getattr(one, name) == getattr(other, name)
    assert one.counts.tolist() == other.counts.tolist()
    assert one.linear.tolist() == other.linear.tolist()


@pytest.mark.parametrize("damage", ["iteration", "loss", "snapshots", "gradient_norms"])
def test_damaged_json_is_refused(damage: str) -> None:
    log = TrainLog()
    log.add_row(metrics(1))
    value = log.to_json()
    del value[damage]
    with pytest.raises(FormatError):
        TrainLog.from_json(value)
    with pytest.raises(FormatError):
        TrainLog.from_json({**log.to_json(), damage: 3})


def test_csv_has_a_line_for_each_iteration() -> None:
    log = TrainLog()
    for n in (1, 2):
        log.add_row(metrics(n))
    lines = list(csv.DictReader(io.StringIO(log.csv())))
    assert [line["iteration"] for line in lines] == ["1", "2"]
    assert float(lines[1]["loss"]) == 0.5
    assert float(lines[1]["|g| w"]) == 0.2
    assert lines[1]["|g| b"] == ""
    assert float(lines[1]["|Δw|/|w| w"]) == 1e-3


def test_spread_agrees_with_numpy() -> None:
    values = np.random.default_rng(0).normal(size=(50, 40)).astype(np.float32) * 1e-3
    values[0, :10] = 0
    found = spread_of(values)
    wide = values.astype(np.float64)
    assert found.mean == pytest.approx(wide.mean())
    assert found.std == pytest.approx(wide.std())
    assert (found.low, found.high) == (wide.min(), wide.max())
    assert found.zeros == 10 / 2000
    assert found.nonfinite == 0
    sizes = np.log10(np.abs(wide[wide != 0]))
    assert found.counts.tolist() == np.histogram(sizes, DECADES)[0].tolist()
    assert found.linear.sum() == 2000
    edges = np.linspace(-found.reach, found.reach, 42)
    assert np.abs(found.linear - np.histogram(wide, edges)[0]).sum() <= 2  # a number on an edge


def test_spread_of_what_is_odd() -> None:
    found = spread_of(np.array([1.0, np.nan, np.inf, 0.0]))
    assert (found.nonfinite, found.mean, found.zeros) == (2, 0.5, 0.5)
    assert found.counts.sum() == 1
    nothing = spread_of(np.array([np.nan]))
    assert math.isnan(nothing.mean)
    assert nothing.nonfinite == 1
    assert not nothing.linear.any()
    zeros = spread_of(np.zeros(7))
    assert zeros.zeros == 1.0
    assert zeros.reach == 0.0
    assert zeros.linear.tolist()[20] == 7
    assert not zeros.counts.any()
    outside = spread_of(np.array([1e-30, 1e30]))
    assert outside.counts[0] == outside.counts[-1] == 1
    assert spread_of(np.array([True, False])).mean == 0.5


def test_saturation_is_that_of_the_activation() -> None:
    values = np.array([-0.98, 0.5, 0.98, 0.01])
    assert spread_of(values, "tanh").saturated == 0.5
    assert spread_of(values, "sigmoid").saturated == 0.75
    assert spread_of(values, "relu").saturated == 0.0
