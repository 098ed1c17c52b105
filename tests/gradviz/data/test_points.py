"""Points that one can draw: the right classes, the same with the same seed."""

from collections.abc import Callable

import numpy as np
import pytest

from gradviz.data import Dataset, circles, sine, spirals, xor

MAKERS = (circles, spirals, xor, sine)


@pytest.mark.parametrize("make", MAKERS)
def test_seeds_and_errors(make: Callable[..., Dataset]) -> None:
    one, two, other = make(50, seed=3), make(50, seed=3), make(50, seed=4)
    np.testing.assert_array_equal(one.inputs, two.inputs)
    assert not np.array_equal(one.inputs, other.inputs)
    assert one.inputs.dtype == np.float32
    for wrong in ({"n": 1}, {"noise": -1.0}, {"noise": float("nan")}):
        with pytest.raises(ValueError, match="must be"):
            make(**wrong)
    train, test = one.split()
    assert len(train) + len(test) == 50
    assert 8 <= len(test) <= 10


def test_what_they_say_without_noise() -> None:
    ring = circles(40, noise=0.0)
    np.testing.assert_allclose(np.linalg.norm(ring.inputs, axis=1), np.where(ring.targets, 0.5, 1), rtol=1e-5)
    signs = xor(40)
    np.testing.assert_array_equal(signs.targets, signs.inputs.prod(axis=1) < 0)
    wave = sine(40, noise=0.0)
    np.testing.assert_allclose(wave.targets, np.sin(wave.inputs), atol=1e-6)
    assert wave.regression
    assert wave.classes == ()
    turn = spirals(40, noise=0.0)
    radius = np.linalg.norm(turn.inputs, axis=1)
    angle = 3 * np.pi * radius + np.pi * turn.targets
    np.testing.assert_allclose(turn.inputs[:, 0], radius * np.cos(angle), atol=1e-4)
