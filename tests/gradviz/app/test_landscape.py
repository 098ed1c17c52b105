"""The loss surface is that of a bowl where it is one, and that of the engine for a network."""

from collections.abc import Mapping

import numpy as np
import pytest

from gradviz.app.landscape import (
    Plane,
    Weights,
    dot,
    filter_normalised,
    gradient_plane,
    length,
    random_plane,
    surface,
)

ORIGIN = {
    "conv.weight": np.random.default_rng(0).normal(size=(3, 2, 2, 2)).astype(np.float32),
    "fc.weight": np.random.default_rng(1).normal(size=(4, 5)).astype(np.float32),
    "fc.bias": np.ones(4, np.float32),
}
NOTHING = np.zeros(0)


class Bowl:
    """loss(w) = ‖w‖² / 2."""

    def loss(self, inputs: np.ndarray, targets: np.ndarray, weights: Weights | None = None) -> float:
        assert weights is not None
        assert {name: w.dtype for name, w in weights.items()} == {n: w.dtype for n, w in ORIGIN.items()}
        return 0.5 * sum(float(np.sum(w.astype(np.float64) ** 2)) for w in weights.values())


def random(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=w.shape) for name, w in ORIGIN.items()}


def flat(weights: Mapping[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([w.reshape(-1).astype(np.float64) for w in weights.values()])


def test_each_filter_is_as_long_as_the_weights() -> None:
    direction = filter_normalised(ORIGIN, 3)
    for name in ("conv.weight", "fc.weight"):
        for d, w in zip(direction[name], ORIGIN[name], strict=True):
            assert np.linalg.norm(d) == pytest.approx(np.linalg.norm(w.astype(np.float64)))
    assert not direction["fc.bias"].any()
    assert np.array_equal(filter_normalised(ORIGIN, 3)["fc.weight"], direction["fc.weight"])
    one, other = random_plane(ORIGIN, 3)
    assert not np.allclose(one["fc.weight"], other["fc.weight"])
    assert not filter_normalised({"w": np.zeros((2, 3))})["w"].any()


def test_the_plane_of_gradient_and_momentum_is_orthonormal() -> None:
    gradient, momentum = random(5), random(6)
    d1, d2 = gradient_plane(gradient, momentum)
    assert length(d1) == pytest.approx(1)
    assert length(d2) == pytest.approx(1)
    assert dot(d1, d2) == pytest.approx(0, abs=1e-14)
    assert flat(d1) == pytest.approx(flat(gradient) / np.linalg.norm(flat(gradient)))
    inside = flat(momentum) - dot(d1, momentum) * flat(d1) - dot(d2, momentum) * flat(d2)
    assert np.linalg.norm(inside) == pytest.approx(0, abs=1e-12)


def test_there_is_no_plane_of_one_direction() -> None:
    gradient = random(5)
    with pytest.raises(ValueError, match="parallel"):
        gradient_plane(gradient, {name: -2 * g for name, g in gradient.items()})
    with pytest.raises(ValueError, match="zero"):
        gradient_plane({name: 0 * g for name, g in gradient.items()}, gradient)
    with pytest.raises(ValueError, match="finite"):
        gradient_plane({name: g * np.inf for name, g in gradient.items()}, gradient)


@pytest.mark.parametrize("plane", [random_plane(ORIGIN, 1), gradient_plane(random(1), random(2))])
def test_project_inverts(plane: tuple[Weights, Weights]) -> None:
    made = Plane(ORIGIN, *plane)
    for a, b in ((0.0, 0.0), (0.5, -0.25), (-1.0, 2.0)):
        assert made.project(made.at(a, b)) == pytest.approx((a, b), abs=1e-6)


def test_the_surface_of_a_bowl() -> None:
    d1, d2 = gradient_plane(random(1), random(2))
    made = surface(Bowl(), ORIGIN, d1, d2, 0.5, 5, NOTHING, NOTHING)
    assert made is not None
    assert made.alphas.tolist() == made.betas.tolist() == [-0.5, -0.25, 0.0, 0.25, 0.5]
    w = flat(ORIGIN)
    for i, a in enumerate(made.alphas):
        for j, b in enumerate(made.betas):
            there = w + a * flat(d1) + b * flat(d2)
            assert made.losses[j, i] == pytest.approx(0.5 * there @ there, rel=1e-5)
    assert made.losses[2, 2] == Bowl().loss(NOTHING, NOTHING, ORIGIN)
    assert made.project(ORIGIN) == (0.0, 0.0)


def test_it_can_be_stopped() -> None:
    d1, d2 = random_plane(ORIGIN)
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> bool:
        told.append((done, total))
        return done < 3

    assert surface(Bowl(), ORIGIN, d1, d2, 1.0, 3, NOTHING, NOTHING, progress) is None
    assert told == [(0, 9), (1, 9), (2, 9), (3, 9)]
    with pytest.raises(ValueError, match="width"):
        surface(Bowl(), ORIGIN, d1, d2, 0.0, 3, NOTHING, NOTHING)
