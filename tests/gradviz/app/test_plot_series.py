"""Lines and heat maps show the log's numbers; thinned out, they still reach as far as all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradviz.app.plot_data_heat import at_iterations, heat
from gradviz.app.plot_data_series import (
    accuracy_curves,
    decimated,
    loss_curves,
    norm_curves,
    ratio_curves,
    share_curves,
    smoothed,
    state_curves,
    state_kinds,
)
from gradviz.app.recording import Metrics
from gradviz.app.spread import DECADES, spread_of
from gradviz.app.train_log import EpochRow, Snapshot, TrainLog


def log_of(count: int) -> TrainLog:
    log = TrainLog()
    for n in range(1, count + 1):
        log.add_row(Metrics(n, 1 / n, {"w": 2.0 * n}, {"w": 1e-3}, 0.0, 0.1, n / count))
    log.add_epoch(EpochRow(1, count, 0.5, 0.8, 0.6, 0.7))
    return log


def test_the_loss_by_iteration_and_by_epoch() -> None:
    found = {curve.name: curve for curve in loss_curves(log_of(60))}
    assert list(found) == ["loss", "smoothed", "train", "test"]
    assert found["loss"].y.tolist() == [1 / n for n in range(1, 61)]
    assert found["smoothed"].y[30] == pytest.approx(np.mean([1 / n for n in range(29, 34)]))
    assert (found["train"].x.tolist(), found["train"].y.tolist()) == ([60.0], [0.5])
    assert found["test"].y.tolist() == [0.6]
    assert [curve.name for curve in loss_curves(log_of(10))] == ["loss", "train", "test"]


def test_accuracy_norms_and_ratios() -> None:
    log = log_of(10)
    assert {c.name: c.y[-1] for c in accuracy_curves(log)} == {"accuracy": 1.0, "train": 0.8, "test": 0.7}
    assert norm_curves(log)[0].y.tolist() == [2.0 * n for n in range(1, 11)]
    assert ratio_curves(log)[0].y.tolist() == [1e-3] * 10
    without = TrainLog()
    without.add_row(Metrics(1, 0.5))
    assert accuracy_curves(without) == ()


def test_shares_and_state_from_snapshots() -> None:
    tanh = spread_of(np.array([0.99, 0.0]), "tanh")
    rows = [
        Snapshot(1, {}, {}, {"tanh": tanh, "fc": tanh}, {"relu": 0.25}, {"w": {"exp_avg": 2.0}}),
        Snapshot(5, {}, {}, {"tanh": tanh}, {"relu": 0.5}, {"w": {"exp_avg": 3.0}, "b": {"exp_avg": 1.0}}),
    ]
    found = {curve.name: curve.y.tolist() for curve in share_curves(rows)}
    assert found["relu"] == [0.25, 0.5]
    assert found["tanh"] == [0.5, 0.5]
    assert state_kinds(rows) == ("exp_avg",)
    state = {curve.name: curve for curve in state_curves(rows, "exp_avg")}
    assert state["w"].y.tolist() == [2.0, 3.0]
    assert state["w"].x.tolist() == [1.0, 5.0]
    assert np.isnan(state["b"].y[0])


def test_smoothing_is_a_centred_mean() -> None:
    y = np.arange(20.0)
    assert smoothed(y, 5).tolist() == y.tolist()  # of a straight line nothing changes, not even at its ends
    y[7] = np.nan
    assert smoothed(y, 5)[8] == pytest.approx(np.mean([6, 8, 9, 10]))
    assert smoothed(np.array([]), 5).size == 0


@given(
    hnp.arrays(np.float64, st.integers(1, 400), elements=st.floats(-1e3, 1e3) | st.just(np.nan)),
    st.integers(1, 30),
)
def test_thinning_keeps_the_ends_and_the_extremes(y: np.ndarray, columns: int) -> None:
    x = np.arange(1.0, len(y) + 1)
    xs, ys = decimated(x, y, columns)
    assert len(xs) <= max(2 * columns + 2, len(y) if len(y) <= 2 * columns else 0)
    assert (xs[0], xs[-1]) == (x[0], x[-1])
    assert np.all(np.diff(xs) > 0)
    assert np.array_equal(ys, y[(xs - 1).astype(int)], equal_nan=True)
    if not np.isnan(y).all():
        assert (np.nanmin(ys), np.nanmax(ys)) == (np.nanmin(y), np.nanmax(y))


def test_heat_stacks_histograms_over_common_bins() -> None:
    values = np.array([1e-3, 1e-3, 1e-1, 0.0])
    rows = [Snapshot(n, {}, {"w": spread_of(values * n), "b": spread_of(values)}, {}) for n in (1, 10)]
    found = heat(rows, "gradients", ["b", "w", "missing"])
    assert found.names == ("b", "w")
    assert found.iterations.tolist() == [1.0, 10.0]
    assert found.shares.shape == (2, len(found.edges) - 1, 2)
    for time, n in enumerate((1, 10)):
        sizes = np.log10(values[values > 0] * n)
        everywhere = np.histogram(sizes, DECADES)[0] / 4
        inside = np.isin(DECADES[:-1], found.edges[:-1])
        assert found.shares[1, :, time] == pytest.approx(everywhere[inside])
        assert everywhere[~inside].sum() == 0
    assert found.zeros.tolist() == [[0.25, 0.25], [0.25, 0.25]]
    assert at_iterations(found, np.array([0, 1, 9, 10, 50])).tolist() == [-1, 0, 0, 1, 1]


def test_heat_of_nothing() -> None:
    found = heat([], "weights")
    assert found.names == ()
    assert found.shares.shape[0] == 0
