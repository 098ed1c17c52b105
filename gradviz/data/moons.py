"""Two half circles that no straight line separates: the usual first data set for a small network."""

import numpy as np

from .dataset import Dataset


def two_moons(n: int = 200, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Points on two interleaving half circles, class 0 the upper one, class 1 the lower one.

    upper: (cos t, sin t),   lower: (1 − cos t, ½ − sin t),   t in [0, π],   plus noise · N(0, 1)

    Shapes: inputs float32 (n, 2), targets int64 (n,), in random order. The same seed gives the same points.
    Errors: `ValueError` when `n` is below 2 or `noise` is negative.
    """
    if n < 2:
        raise ValueError(f"two_moons: n must be 2 or more, not {n}")
    if not noise >= 0:
        raise ValueError(f"two_moons: noise must be 0 or more, not {noise}")
    rng = np.random.RandomState(seed)  # its numbers never change between versions of numpy
    upper = n // 2
    angle = np.concatenate([np.linspace(0, np.pi, upper), np.linspace(0, np.pi, n - upper)])
    targets = (np.arange(n) >= upper).astype(np.int64)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points[targets == 1] = [1.0, 0.5] - points[targets == 1]
    points += noise * rng.standard_normal(points.shape)
    order = rng.permutation(n)
    return Dataset("two moons", points[order].astype(np.float32), targets[order], ("upper", "lower"))
