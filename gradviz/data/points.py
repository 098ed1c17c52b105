"""Small made-up data sets that one can draw: circles, spirals, XOR and a noisy sine."""

import numpy as np
from numpy.typing import NDArray

from .dataset import Dataset


def circles(n: int = 400, noise: float = 0.06, seed: int = 0) -> Dataset:
    """Two circles with one centre, class 0 of radius 1, class 1 of radius ½.

    Shapes: inputs float32 (n, 2), targets int64 (n,). Errors: `ValueError` when n < 2 or noise < 0.
    """
    random, targets = _start("circles", n, noise, seed)
    angle = random.uniform(0, 2 * np.pi, n)
    radius = np.where(targets == 0, 1.0, 0.5)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return _finish("circles", points, noise, random, targets, ("outer", "inner"))


def spirals(n: int = 400, noise: float = 0.03, seed: int = 0) -> Dataset:
    """Two interleaving spirals: (r cos φ, r sin φ) with φ = 3π r, the second turned by π.

    Shapes: inputs float32 (n, 2), targets int64 (n,). Errors: `ValueError` when n < 2 or noise < 0.
    """
    random, targets = _start("spirals", n, noise, seed)
    radius = np.sqrt(random.uniform(0.02, 1.0, n))
    angle = 3 * np.pi * radius + np.pi * targets
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return _finish("spirals", points, noise, random, targets, ("first", "second"))


def xor(n: int = 400, noise: float = 0.0, seed: int = 0) -> Dataset:
    """Points in [-1, 1]²; class 1 where exactly one coordinate is positive.

    Shapes: inputs float32 (n, 2), targets int64 (n,). Errors: `ValueError` when n < 2 or noise < 0.
    """
    random, _ = _start("xor", n, noise, seed)
    points = random.uniform(-1, 1, (n, 2))
    targets = ((points[:, 0] > 0) != (points[:, 1] > 0)).astype(np.int64)
    return _finish("xor", points, noise, random, targets, ("equal signs", "different signs"))


def sine(n: int = 400, noise: float = 0.05, seed: int = 0) -> Dataset:
    """A regression: y = sin x plus noise, x in [-π, π].

    Shapes: inputs float32 (n, 1), targets float32 (n, 1). Errors: `ValueError` when n < 2 or noise < 0.
    """
    random, _ = _start("sine", n, noise, seed)
    x = random.uniform(-np.pi, np.pi, (n, 1))
    y = np.sin(x) + noise * random.standard_normal((n, 1))
    return Dataset("sine", x.astype(np.float32), y.astype(np.float32), ())


def _start(name: str, n: int, noise: float, seed: int) -> tuple[np.random.RandomState, NDArray[np.int64]]:
    if n < 2:
        raise ValueError(f"{name}: n must be 2 or more, not {n}")
    if not noise >= 0:
        raise ValueError(f"{name}: noise must be 0 or more, not {noise}")
    random = np.random.RandomState(seed)  # its numbers never change between versions of numpy
    return random, random.permutation(np.arange(n) % 2).astype(np.int64)


def _finish(
    name: str,
    points: NDArray[np.float64],
    noise: float,
    random: np.random.RandomState,
    targets: NDArray[np.int64],
    classes: tuple[str, ...],
) -> Dataset:
    points = points + noise * random.standard_normal(points.shape)
    return Dataset(name, points.astype(np.float32), targets, classes)
