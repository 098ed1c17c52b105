"""The edges' curves as arrays."""

import numpy as np
import pytest
from gradviz.ui.graph.splines import curves_of, sample
from hypothesis import given
from hypothesis import strategies as st

points = st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
splines = st.integers(1, 4).flatmap(lambda k: st.lists(points, min_size=1 + 3 * k, max_size=1 + 3 * k))


def bezier(p: np.ndarray, t: float) -> np.ndarray:
    """By de Casteljau's construction, which shares nothing with the code under test."""
    while len(p) > 1:
        p = p[:-1] + t * (p[1:] - p[:-1])
    return p[0]


@given(st.lists(points, min_size=4, max_size=4), st.integers(1, 9))
def test_samples_lie_on_the_curve(control: list[tuple[float, float]], steps: int) -> None:
    piece = np.array([control])
    for number, point in enumerate(sample(piece, steps)[0]):
        np.testing.assert_allclose(point, bezier(piece[0], number / steps), atol=1e-9)


@given(st.lists(splines, min_size=1, max_size=5), st.integers(1, 6))
def test_segments_run_from_each_curve_s_start_to_its_end(
    edges: list[list[tuple[float, float]]], steps: int
) -> None:
    curves = curves_of(edges)
    lines, owner = curves.segments(steps)
    for number, control in enumerate(edges):
        mine = lines[owner == number]
        assert len(mine) == steps * (len(control) - 1) // 3
        np.testing.assert_allclose(mine[0, :2], control[0], atol=1e-9)
        np.testing.assert_allclose(mine[-1, 2:], control[-1], atol=1e-9)
        np.testing.assert_allclose(mine[1:, :2], mine[:-1, 2:], atol=1e-6)
        x0, y0, x1, y1 = curves.boxes[number]
        assert (mine[:, 0::2] >= x0 - 1e-6).all()
        assert (mine[:, 0::2] <= x1 + 1e-6).all()
        assert (mine[:, 1::2] >= y0 - 1e-6).all()
        assert (mine[:, 1::2] <= y1 + 1e-6).all()
    assert np.diff(curves.starts).tolist() == [(len(control) - 1) // 3 for control in edges]


def test_headings_are_unit_vectors_along_the_end() -> None:
    straight = [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)]
    last_two_coincide = [(0.0, 0.0), (0.0, 1.0), (0.0, 5.0), (0.0, 5.0)]
    a_point = [(2.0, 2.0)] * 4
    curves = curves_of([straight, last_two_coincide, a_point])
    np.testing.assert_allclose(curves.headings, [(1, 0), (0, 1), (0, 1)])
    np.testing.assert_allclose(curves.tips, [(3, 0), (0, 5), (2, 2)])


def test_middles_lie_on_the_curve() -> None:
    one = [(0.0, 0.0), (0.0, 4.0), (8.0, 4.0), (8.0, 0.0)]
    two = [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0), (4.0, 0.0), (5.0, 0.0), (6.0, 0.0)]
    np.testing.assert_allclose(curves_of([one, two]).middles(), [(4, 3), (3, 0)])


def test_no_edges_are_no_curves() -> None:
    curves = curves_of([])
    assert curves.segments(4)[0].shape == (0, 4)
    assert curves.middles().shape == (0, 2)


@pytest.mark.parametrize("count", [1, 3, 5, 6])
def test_a_wrong_number_of_control_points_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="control points"):
        curves_of([[(0.0, 0.0)] * count])
