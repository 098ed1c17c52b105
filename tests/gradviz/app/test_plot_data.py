"""The plotted numbers are those of the recording, and nothing that is not computed yet is among them."""

import csv
import io
import math

import numpy as np
import pytest
from gradviz.engine.program import Program
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradviz.app.plot_data import PlotData, csv_text, gradient_histograms, known_gradients
from gradviz.app.recording import Metrics, last_gradients, parameter_slots
from gradviz.app.state import StateView
from tests.programs import chain
from tests.ui.fakes import lenet


@pytest.fixture(scope="module")
def program() -> Program:
    return lenet().iterations[0].program


def rows(count: int) -> tuple[Metrics, ...]:
    return tuple(Metrics(n, 1 / n, {"w": 0.1}, {"w": 1e-3 * n, "b": 1e-4}) for n in range(1, count + 1))


def test_curves_by_iteration() -> None:
    data = PlotData(rows(3), None)
    assert data.loss.x.tolist() == [1, 2, 3]
    assert data.loss.y.tolist() == [1, 1 / 2, 1 / 3]
    assert {curve.name: curve.y.tolist() for curve in data.ratios} == {
        "w": pytest.approx([1e-3, 2e-3, 3e-3]),
        "b": [1e-4] * 3,
    }
    assert data.parameters == ("w", "b")


def test_parameters_that_come_later_have_gaps() -> None:
    data = PlotData((Metrics(1, 0.5, {}, {}), Metrics(2, 0.4, {}, {"w": 0.1})), None)
    (curve,) = data.ratios
    assert math.isnan(curve.y[0])
    assert curve.y[1] == 0.1


def test_nothing_recorded() -> None:
    data = PlotData((), None)
    assert not data.loss.x.size
    assert data.ratios == ()
    assert data.histograms(True).rows == ()
    assert data.convolutions == ()
    assert data.kernels("conv1.weight") is None


def test_gradients_are_plotted_once_they_are_computed(program: Program) -> None:
    gradients = last_gradients(program)
    for moment in range(len(program) + 1):
        shown = [name for name, _ in known_gradients(StateView(program, moment))]
        known = [name for name in parameter_slots(program) if program.producers[gradients[name]] < moment]
        assert shown == known
    assert len(shown) == 10


def test_histogram_of_magnitudes(program: Program) -> None:
    data = PlotData((), StateView(program, len(program)))
    histograms = data.histograms(log=True)
    assert [row.name for row in histograms.rows] == list(data.parameters)
    for row in histograms.rows:
        assert row.shares.sum() + row.zeros == pytest.approx(100.0)
    assert np.allclose(np.diff(np.log10(histograms.edges)), 1 / 6)


def test_histogram_with_sign_is_symmetric(program: Program) -> None:
    histograms = PlotData((), StateView(program, len(program))).histograms(log=False)
    assert histograms.edges[0] == -histograms.edges[-1]
    assert all(row.shares.sum() == pytest.approx(100.0) for row in histograms.rows)


@given(hnp.arrays("float64", st.integers(0, 40)), st.booleans())
def test_any_gradient_has_a_histogram(values: np.ndarray, log: bool) -> None:
    with np.errstate(over="ignore"):
        histograms = gradient_histograms([("w", values)], log)
    (row,) = histograms.rows
    assert np.all(np.isfinite(histograms.edges))
    assert np.all(np.diff(histograms.edges) > 0)
    assert 0 <= row.shares.sum() <= 100.0 + 1e-6


def test_kernels_before_and_after(program: Program) -> None:
    start = PlotData((), StateView(program, 0))
    assert start.convolutions == ("conv1.weight", "conv2.weight")
    kernels = start.kernels("conv1.weight")
    assert kernels is not None
    assert (kernels.gradient, kernels.after, kernels.change) == (None, None, None)
    end = PlotData((), StateView(program, len(program))).kernels("conv1.weight")
    assert end is not None
    assert end.after is not None
    assert end.gradient is not None
    assert end.change is not None
    assert np.allclose(end.change, -0.01 * end.gradient, atol=1e-7)
    assert PlotData((), StateView(program, 0)).kernels("fc1.weight") is None


def test_programs_without_parameters() -> None:
    program = chain(3)
    data = PlotData((), StateView(program, len(program)))
    assert data.parameters == ()
    assert data.histograms(True).rows == ()


def test_csv_can_be_read_back() -> None:
    text = csv_text(["iteration", 'a,"b"'], [np.array([1.0, 2.0]), np.array([0.1, math.nan])])
    assert list(csv.reader(io.StringIO(text))) == [["iteration", 'a,"b"'], ["1.0", "0.1"], ["2.0", ""]]
