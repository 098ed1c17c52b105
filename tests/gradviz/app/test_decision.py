"""Decision regions and fitted curves are the model's own outputs."""

import numpy as np
import pytest

from gradviz.app.decision import fit, reach, region, softmax


class Line:
    """Class 1 where x > y, surer the farther away; as a curve: 2x + 1."""

    def outputs(self, inputs: np.ndarray, weights: dict[str, np.ndarray] | None = None) -> np.ndarray:
        assert inputs.dtype == np.float32
        if inputs.shape[1] == 1:
            return 2 * inputs + 1
        difference = inputs[:, 0] - inputs[:, 1]
        return np.stack([-difference, difference], axis=1)


def test_a_straight_boundary() -> None:
    samples = np.array([[0.0, 0.0], [1.0, 2.0], [0.5, 1.0]], np.float32)
    found = region(Line(), samples, 9)
    assert (found.xs[0], found.xs[-1]) == pytest.approx((-0.12, 1.12))
    assert (found.ys[0], found.ys[-1]) == pytest.approx((-0.24, 2.24))
    for j, y in enumerate(found.ys):
        for i, x in enumerate(found.xs):
            assert found.probabilities[j, i, 1] == pytest.approx(1 / (1 + np.exp(-2 * (x - y))), abs=1e-6)
            assert found.classes[j, i] == (x > y)
    assert found.probabilities.sum(axis=-1) == pytest.approx(np.ones((9, 9)))


def test_a_curve() -> None:
    found = fit(Line(), np.array([[0.0], [10.0]], np.float32), 5)
    assert found.ys == pytest.approx(2 * found.xs + 1, abs=1e-5)


def test_one_score_is_that_of_the_second_class() -> None:
    assert softmax(np.array([[0.0], [100.0], [-1000.0]]))[:, 1] == pytest.approx([0.5, 1.0, 0.0])


def test_a_single_sample_has_room_around_it() -> None:
    assert reach(np.array([3.0])) == (2.0, 4.0)
